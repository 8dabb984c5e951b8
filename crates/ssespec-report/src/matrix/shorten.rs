//! What is left of evidence in a matrix, so that a file over many implementations stays small.

use crate::console::{byte_count, clip_middle, cut_middle};
use crate::model::{Difference, Direction, Evidence, Reason, Spot, TimelineEntry};

/// Entries of a timeline that are kept at its start and at its end, where the fault mostly is.
const HEAD: usize = 16;
const TAIL: usize = 24;
/// Characters that are kept of the bytes of one entry, and of a line of what was reported.
const BYTES: usize = 400;
const LINE: usize = 400;
/// Lines of what was expected or observed.
const LINES: usize = 24;
/// Characters of a sentence.
const SENTENCE: usize = 1_200;

pub(super) fn shorten_lines(lines: &[String]) -> Vec<String> {
    let mut kept: Vec<String> = lines.iter().take(LINES).map(|it| clip_middle(it, LINE)).collect();
    if lines.len() > LINES {
        kept.push(format!("… and {} more", lines.len() - LINES));
    }
    kept
}

pub(super) fn shorten_reason(reason: &Reason) -> Reason {
    Reason {
        kind: reason.kind.clone(),
        message: clip_middle(&reason.message, SENTENCE),
        help: clip_middle(&reason.help, SENTENCE),
        // The harness keeps excerpts short.
        difference: reason.difference.as_ref().map(|it| Difference {
            expected: clip_end(&it.expected),
            observed: clip_end(&it.observed),
            ..it.clone()
        }),
        spot: reason.spot.as_ref().map(|it| Spot { excerpt: clip_end(&it.excerpt), ..it.clone() }),
    }
}

/// The start alone, so that a caret under it stays where it is.
fn clip_end(text: &str) -> String {
    match text.char_indices().nth(LINE) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

pub(super) fn shorten_evidence(evidence: &Evidence) -> Evidence {
    let timeline = &evidence.timeline;
    let hidden = timeline.len().saturating_sub(HEAD + TAIL);
    let mut kept: Vec<TimelineEntry> = timeline.iter().take(HEAD).map(shorten_entry).collect();
    // A single entry takes no more room than the note that it is missing.
    let tail = if hidden > 1 { HEAD + hidden } else { HEAD };
    if hidden > 1 {
        kept.push(TimelineEntry {
            at_us: timeline.get(HEAD).map_or(0, |entry| entry.at_us),
            connection: 0,
            direction: Direction::Note,
            what: format!("… {hidden} entries left out; the result of the run has them all"),
            bytes: String::new(),
            total_bytes: None,
        });
    }
    kept.extend(timeline.iter().skip(tail).map(shorten_entry));
    Evidence {
        runs: evidence.runs,
        variant: evidence.variant.clone(),
        request: evidence.request.clone(),
        timeline: kept,
    }
}

fn shorten_entry(entry: &TimelineEntry) -> TimelineEntry {
    let Some((head, hidden, tail)) = cut_middle(&entry.bytes, BYTES) else {
        return entry.clone();
    };
    let total = u64::try_from(byte_count(&entry.bytes)).unwrap_or(u64::MAX);
    TimelineEntry {
        bytes: format!("{head} […{hidden} characters left out…] {tail}"),
        total_bytes: entry.total_bytes.or(Some(total)),
        ..entry.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(bytes: &str) -> TimelineEntry {
        TimelineEntry {
            at_us: 7,
            connection: 1,
            direction: Direction::ToSubject,
            what: "chunk".to_owned(),
            bytes: bytes.to_owned(),
            total_bytes: None,
        }
    }

    fn evidence(entries: usize) -> Evidence {
        Evidence {
            runs: 2,
            variant: String::new(),
            request: String::new(),
            timeline: (0..entries).map(|n| entry(&n.to_string())).collect(),
        }
    }

    #[test]
    fn long_timelines_keep_both_ends_and_say_so() {
        for kept in [0, 1, 40, 41] {
            assert_eq!(shorten_evidence(&evidence(kept)), evidence(kept));
        }
        let short = shorten_evidence(&evidence(100)).timeline;
        assert_eq!(short.len(), 41);
        assert_eq!(short[15].bytes, "15");
        assert!(short[16].what.starts_with("… 60 entries left out"));
        assert_eq!(short[17].bytes, "76");
    }

    #[test]
    fn long_bytes_say_how_many_there_were() {
        let short = shorten_entry(&entry(&r"\n".repeat(1_000)));
        assert!(short.bytes.chars().count() < 450);
        assert_eq!(short.total_bytes, Some(1_000));
    }
}
