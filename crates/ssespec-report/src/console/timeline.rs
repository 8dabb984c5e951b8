//! The timed byte timeline of both directions.

use super::{
    Style,
    failure::heading,
    style::Tone,
    text::{columns, cut_middle, left_out, pad, take_columns, thousands, visible},
};
use crate::model::{Direction, TimelineEntry};

/// Entries shown of a long timeline, at its start and at its end, where the fault mostly is.
const SHOWN_HEAD: usize = 16;
const SHOWN_TAIL: usize = 24;
/// Bytes of one entry take at most this many lines.
const ENTRY_LINES: usize = 6;
/// The column of what was done is never wider.
const WHAT_COLUMNS: usize = 14;

pub(super) fn push_timeline(out: &mut String, timeline: &[TimelineEntry], style: Style) {
    if timeline.is_empty() {
        return;
    }
    heading(out, style, "timeline");
    let columns = Columns::of(timeline);
    let legend = format!(
        "{}  → to the subject, ← from it, ⇒ command, ⇐ report, ‹…› one chunk",
        columns.header()
    );
    out.push_str(&style.paint(Tone::Quiet, &legend));
    out.push('\n');
    let hidden = timeline.len().saturating_sub(SHOWN_HEAD + SHOWN_TAIL);
    // A single entry takes no more room than the note that it is missing.
    if hidden < 2 {
        for entry in timeline {
            columns.push(out, entry, style);
        }
        return;
    }
    for entry in timeline.iter().take(SHOWN_HEAD) {
        columns.push(out, entry, style);
    }
    let note = format!(
        "{}  … {} entries left out; the JSON report has them all",
        " ".repeat(columns.time),
        thousands(hidden)
    );
    out.push_str(&style.paint(Tone::Quiet, &note));
    out.push('\n');
    for entry in timeline.iter().skip(SHOWN_HEAD + hidden) {
        columns.push(out, entry, style);
    }
}

/// The widths of the columns.
struct Columns {
    time: usize,
    connection: usize,
    what: usize,
}

impl Columns {
    fn of(timeline: &[TimelineEntry]) -> Self {
        let widest = |widths: &mut dyn Iterator<Item = usize>| widths.max().unwrap_or(0);
        Self {
            time: widest(&mut timeline.iter().map(|e| time(e.at_us).len())).max(7),
            connection: widest(&mut timeline.iter().map(|e| e.connection.to_string().len())).max(4),
            what: widest(&mut timeline.iter().map(|e| columns(&visible(&e.what))))
                .clamp(4, WHAT_COLUMNS),
        }
    }

    fn header(&self) -> String {
        format!("  {:>time$}  {:>conn$}", "ms", "conn", time = self.time, conn = self.connection)
    }

    fn push(&self, out: &mut String, entry: &TimelineEntry, style: Style) {
        let connection =
            if entry.connection == 0 { String::new() } else { entry.connection.to_string() };
        let (arrow, tone) = match entry.direction {
            Direction::ToSubject => ('→', None),
            Direction::FromSubject => ('←', Some(Tone::Heading)),
            Direction::Command => ('⇒', None),
            Direction::Report => ('⇐', Some(Tone::Heading)),
            Direction::Note => ('·', Some(Tone::Quiet)),
        };
        let lead = format!(
            "  {:>time$}  {connection:>conn$}  ",
            time(entry.at_us),
            time = self.time,
            conn = self.connection
        );
        let what = format!("{arrow} {}", pad(&visible(&entry.what), self.what));
        let indent = columns(&lead) + columns(&what) + 2;
        let lines = bytes(entry, style.width().saturating_sub(indent).max(24));
        let what = tone.map_or_else(|| what.clone(), |tone| style.paint(tone, &what));
        let mut first = format!("{lead}{what}");
        if let Some(line) = lines.first() {
            first.push_str("  ");
            first.push_str(line);
        }
        out.push_str(first.trim_end());
        out.push('\n');
        for line in lines.iter().skip(1) {
            out.push_str(&format!("{}{line}\n", " ".repeat(indent)));
        }
    }
}

/// Milliseconds with the microseconds behind the point.
fn time(at_us: u64) -> String {
    format!("{}.{:03}", at_us / 1_000, at_us % 1_000)
}

/// The bytes of an entry in lines of at most `width` columns, with the edges of a chunk marked.
fn bytes(entry: &TimelineEntry, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    if !entry.bytes.is_empty() {
        let on_the_wire = matches!(entry.direction, Direction::ToSubject | Direction::FromSubject);
        let (open, close) = if on_the_wire { ("‹", "›") } else { ("", "") };
        // The head of a request or a response is read by its lines.
        let by_line = on_the_wire && entry.what != "chunk";
        let separator = if on_the_wire { "\\n" } else { "," };
        let mut push = |text: &str| {
            let mut rest = text;
            while !rest.is_empty() {
                let (line, after) = break_line(rest, width, by_line, separator);
                lines.push(line.to_owned());
                rest = after;
            }
        };
        match cut_middle(&entry.bytes, width * (ENTRY_LINES - 1)) {
            None => push(&format!("{open}{}{close}", visible(&entry.bytes))),
            Some((head, hidden, tail)) => {
                push(&format!("{open}{}", visible(head)));
                push(&left_out(hidden));
                push(&format!("{}{close}", visible(tail)));
            }
        }
    }
    if let Some(total) = entry.total_bytes {
        let total = usize::try_from(total).map_or_else(|_| total.to_string(), thousands);
        let note = format!("({total} bytes in all)");
        match lines.last_mut() {
            Some(last) if columns(last) + 1 + columns(&note) <= width => {
                *last = format!("{last} {note}");
            }
            _ => lines.push(note),
        }
    }
    lines
}

/// Takes one line off the text: as much as fits, up to a separator where one is in the right half.
fn break_line<'a>(
    text: &'a str,
    width: usize,
    by_line: bool,
    separator: &str,
) -> (&'a str, &'a str) {
    let (line, after) = take_columns(text, width);
    if line.is_empty() {
        return (text, "");
    }
    if by_line
        && let Some(end) = line.find(separator).map(|at| at + separator.len())
        && !only_an_empty_line(text.get(end..).unwrap_or_default())
    {
        return text.split_at(end);
    }
    if !after.is_empty()
        && let Some(end) = line.rfind(separator).map(|at| at + separator.len())
        && end > line.len() / 2
    {
        return text.split_at(end);
    }
    (line, after)
}

/// Whether only the empty line of a head and the edge of the chunk follow.
fn only_an_empty_line(rest: &str) -> bool {
    ["›", "\\r\\n›", "\\n›"].iter().any(|end| rest.starts_with(end))
}
