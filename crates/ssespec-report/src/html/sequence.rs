//! A timeline as the rows of a sequence diagram: who told whom what, and when.

use serde::Serialize;

use crate::model::{Direction, TimelineEntry};

/// The height of a row, in pixels.
const ROW: u32 = 22;
/// Where the first row stands.
const TOP: u32 = 44;
/// Where the lifelines stand.
const MOCK: u32 = 120;
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

/// The diagram.
#[derive(Debug, Serialize)]
pub(super) struct Sequence {
    rows: Vec<Row>,
    height: u32,
    width: usize,
}

/// Lays out a timeline.
pub(super) fn rows(timeline: &[TimelineEntry]) -> Sequence {
    let rows: Vec<Row> = timeline.iter().zip((TOP..).step_by(ROW as usize)).map(row).collect();
    let height = rows.last().map_or(TOP, |row| row.y) + ROW;
    let longest = rows.iter().map(|row| row.label.chars().count()).max().unwrap_or_default();
    Sequence { rows, height, width: HARNESS as usize + 30 + longest * 8 }
}

fn row((entry, y): (&TimelineEntry, u32)) -> Row {
    let (from, to, class) = match entry.direction {
        Direction::ToSubject => (MOCK, SUBJECT, "to-subject"),
        Direction::FromSubject => (SUBJECT, MOCK, "from-subject"),
        Direction::Command => (HARNESS, SUBJECT, "command"),
        Direction::Report => (SUBJECT, HARNESS, "report"),
        Direction::Note => (MOCK, MOCK, "note"),
    };
    let connection = match entry.connection {
        0 => String::new(),
        number => format!("{number}: "),
    };
    let mut title = format!("{connection}{}", entry.what);
    if !entry.bytes.is_empty() {
        title.push_str(&format!("  {}", entry.bytes));
    }
    let label = match title.char_indices().nth(LABEL_CHARS) {
        Some((end, _)) => format!("{}…", title.get(..end).unwrap_or_default()),
        None => title.clone(),
    };
    Row { y, from, to, class, moment: moment(entry.at_us), label, title }
}

/// A moment in milliseconds.
fn moment(micros: u64) -> String {
    format!("{}.{:03} ms", micros / 1000, micros % 1000)
}
