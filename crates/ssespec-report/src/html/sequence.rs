//! A timeline as the rows of a sequence diagram: who told whom what, and when.

use serde::Serialize;

use crate::console::{byte_count, thousands};
use crate::model::{Direction, TimelineEntry};

/// The height of a row, in pixels.
const ROW: u32 = 22;
/// Where the first row stands.
const TOP: u32 = 44;
/// Where the lifelines stand: ours, the subject's, and that of what commands it.
const OURS: u32 = 120;
const SUBJECT: u32 = 270;
const HARNESS: u32 = 420;
/// How many characters of a label are shown; the rest is in its title.
const LABEL_CHARS: usize = 120;

/// One row.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    y: u32,
    /// From where to where the arrow goes; for a note both are the same.
    from: u32,
    to: u32,
    class: &'static str,
    moment: String,
    label: String,
    title: String,
}

/// Whose a lifeline is.
#[derive(Debug, Serialize)]
pub(super) struct Life {
    x: u32,
    name: &'static str,
}

/// The diagram.
#[derive(Debug, Serialize)]
pub(super) struct Sequence {
    lives: Vec<Life>,
    rows: Vec<Row>,
    height: u32,
    width: usize,
    /// Where the labels begin.
    label_x: u32,
}

/// Lays out the timeline of a subject in this role.
pub(super) fn rows(timeline: &[TimelineEntry], role: &str) -> Sequence {
    let rows: Vec<Row> = timeline.iter().zip((TOP..).step_by(ROW as usize)).map(row).collect();
    let height = rows.last().map_or(TOP, |row| row.y) + ROW;
    let longest = rows.iter().map(|row| row.label.chars().count()).max().unwrap_or_default();
    let (ours, subject) = match role {
        "client" => ("mock server", "client"),
        "server" => ("our client", "server"),
        "proxy" => ("our ends", "proxy"),
        _ => ("ssespec", "subject"),
    };
    let mut lives = vec![Life { x: OURS, name: ours }, Life { x: SUBJECT, name: subject }];
    let mut label_x = SUBJECT + 20;
    // A subject that is reached by its URL is told nothing and reports nothing.
    if timeline.iter().any(|it| matches!(it.direction, Direction::Command | Direction::Report)) {
        lives.push(Life { x: HARNESS, name: "harness" });
        label_x = HARNESS + 20;
    }
    Sequence { lives, rows, height, width: label_x as usize + 10 + longest * 8, label_x }
}

fn row((entry, y): (&TimelineEntry, u32)) -> Row {
    let (from, to, class) = match entry.direction {
        Direction::ToSubject => (OURS, SUBJECT, "to-subject"),
        Direction::FromSubject => (SUBJECT, OURS, "from-subject"),
        Direction::Command => (HARNESS, SUBJECT, "command"),
        Direction::Report => (SUBJECT, HARNESS, "report"),
        Direction::Note => (OURS, OURS, "note"),
    };
    let (label, title) = label(entry);
    Row { y, from, to, class, moment: moment(entry.at_us), label, title }
}

/// What stands beside an arrow, and all that is known of it.
fn label(entry: &TimelineEntry) -> (String, String) {
    let mut title = match entry.connection {
        0 => entry.what.clone(),
        number => format!("{number}: {}", entry.what),
    };
    if !entry.bytes.is_empty() {
        title.push_str(&format!("  {}", entry.bytes));
    }
    let head = title.char_indices().nth(LABEL_CHARS).and_then(|(end, _)| title.get(..end));
    let on_the_wire = matches!(entry.direction, Direction::ToSubject | Direction::FromSubject);
    // Only what the wire carried is escaped bytes; a report is text.
    let counted = head.filter(|_| on_the_wire).map(|_| byte_count(&entry.bytes));
    let total = entry.total_bytes.map(|total| usize::try_from(total).unwrap_or(usize::MAX));
    let note = total.or(counted).map(|total| format!(" {} bytes in all", thousands(total)));
    let label = match (head, &note) {
        (Some(head), note) => format!("{head}…{}", note.as_deref().unwrap_or_default()),
        (None, Some(note)) => format!("{title}…{note}"),
        (None, None) => title.clone(),
    };
    if let Some(note) = note.filter(|_| total.is_some()) {
        title.push('…');
        title.push_str(&note);
    }
    (label, title)
}

/// A moment in milliseconds.
fn moment(micros: u64) -> String {
    format!("{}.{:03} ms", micros / 1000, micros % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(bytes: &str, total_bytes: Option<u64>) -> TimelineEntry {
        TimelineEntry {
            at_us: 1_500,
            connection: 1,
            direction: Direction::ToSubject,
            what: "chunk".to_owned(),
            bytes: bytes.to_owned(),
            total_bytes,
        }
    }

    #[test]
    fn a_cut_label_says_how_many_bytes_there_were() {
        let ends = |entry: &TimelineEntry| {
            let (label, _) = label(entry);
            label.rsplit_once('x').map(|(_, end)| end.to_owned())
        };
        assert_eq!(ends(&chunk("xx", None)).as_deref(), Some(""));
        assert_eq!(ends(&chunk(&"x".repeat(500), None)).as_deref(), Some("… 500 bytes in all"));
        let shortened = chunk("xx", Some(1_048_593));
        assert_eq!(ends(&shortened).as_deref(), Some("… 1 048 593 bytes in all"));
        assert_eq!(label(&shortened).1, "1: chunk  xx… 1 048 593 bytes in all");
        // A report is no bytes of the wire.
        let report =
            TimelineEntry { direction: Direction::Report, ..chunk(&"x".repeat(500), None) };
        assert_eq!(ends(&report).as_deref(), Some("…"));
    }

    #[test]
    fn lifelines_are_named_by_who_stands_there() {
        let names = |role: &str, timeline: &[TimelineEntry]| {
            rows(timeline, role).lives.iter().map(|life| life.name).collect::<Vec<_>>()
        };
        assert_eq!(names("server", &[chunk("a", None)]), ["our client", "server"]);
        let report = TimelineEntry { direction: Direction::Report, ..chunk("a", None) };
        assert_eq!(names("client", &[report]), ["mock server", "client", "harness"]);
    }
}
