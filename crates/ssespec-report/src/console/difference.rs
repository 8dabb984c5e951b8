//! The first differing byte, with a caret under it.

use super::{
    Style,
    failure::heading,
    style::Tone,
    text::{clip, columns, thousands, units, visible},
};
use crate::model::{Difference, Spot};

/// `  expected  ` and `  observed  `.
const LABEL_COLUMNS: usize = 12;
/// What stays in view before the difference where the excerpt is wider than the screen.
const LEAD_COLUMNS: usize = 32;

pub(super) fn push_difference(out: &mut String, difference: &Difference, style: Style) {
    let at = usize::try_from(difference.at_byte).unwrap_or(usize::MAX);
    heading(
        out,
        style,
        &format!("first difference: {}, byte {}", visible(&difference.what), thousands(at)),
    );
    let caret = usize::try_from(difference.caret).unwrap_or(usize::MAX);
    let expected = Excerpt::around(&difference.expected, caret);
    let observed = Excerpt::around(&difference.observed, caret);
    let room = style.width().saturating_sub(LABEL_COLUMNS);

    out.push_str("  expected  ");
    out.push_str(&expected.line(style, Tone::Good, room));
    out.push_str("\n  observed  ");
    out.push_str(&observed.line(style, Tone::Bad, room));
    out.push('\n');

    let note = match (expected.next(), observed.next()) {
        (Some(wanted), Some(found)) => format!("`{wanted}` expected, `{found}` observed"),
        (Some(wanted), None) => format!("`{wanted}` expected, the observed data end here"),
        (None, Some(found)) => format!("the expected data end here, `{found}` observed"),
        (None, None) => format!("byte {}", thousands(at)),
    };
    // Both excerpts are equal before the caret; should they not be, it stands under the observed.
    let indent = LABEL_COLUMNS + columns(&observed.before);
    let line = format!("^ {note}");
    // A note that does not fit behind its caret goes to a line of its own.
    if indent + columns(&line) <= style.width() {
        out.push_str(&format!("{}{}\n", " ".repeat(indent), style.paint(Tone::Alert, &line)));
    } else {
        out.push_str(&format!("{}{}\n", " ".repeat(indent), style.paint(Tone::Alert, "^")));
        out.push_str(&format!("            {}\n", style.paint(Tone::Alert, &note)));
    }
}

/// A byte of a stream, with a caret under it.
pub(super) fn push_spot(out: &mut String, spot: &Spot, style: Style) {
    let at = usize::try_from(spot.at_byte).unwrap_or(usize::MAX);
    heading(out, style, &format!("in the {}, byte {}", visible(&spot.what), thousands(at)));
    let caret = usize::try_from(spot.caret).unwrap_or(usize::MAX);
    let excerpt = Excerpt::around(&spot.excerpt, caret);
    let room = style.width().saturating_sub(2);
    out.push_str(&format!("  {}\n", excerpt.line(style, Tone::Bad, room)));
    let indent = " ".repeat(2 + columns(&excerpt.before));
    let note = visible(&spot.note);
    // A note that does not fit behind its caret goes to a line of its own.
    if columns(&indent) + 2 + columns(&note) <= style.width() {
        out.push_str(&format!("{indent}{}\n", style.paint(Tone::Alert, &format!("^ {note}"))));
    } else {
        out.push_str(&format!("{indent}{}\n", style.paint(Tone::Alert, "^")));
        out.push_str(&format!("  {}\n", style.paint(Tone::Alert, &note)));
    }
}

/// An excerpt, split at the caret.
struct Excerpt {
    before: String,
    after: String,
}

impl Excerpt {
    /// Splits an escaped excerpt at a character; one that is too long loses its start.
    fn around(text: &str, caret: usize) -> Self {
        let at = text.char_indices().nth(caret).map_or(text.len(), |(at, _)| at);
        let (before, after) = text.split_at(at);
        let before = visible(before);
        let mut kept: Vec<&str> = Vec::new();
        let mut used = 0;
        let all: Vec<&str> = units(&before).collect();
        for unit in all.iter().rev() {
            used += columns(unit);
            if used > LEAD_COLUMNS && columns(&before) > LEAD_COLUMNS + 1 {
                kept.push("…");
                break;
            }
            kept.push(unit);
        }
        Self { before: kept.into_iter().rev().collect(), after: visible(after) }
    }

    /// The byte or character at the caret.
    fn next(&self) -> Option<&str> {
        units(&self.after).next()
    }

    fn line(&self, style: Style, tone: Tone, room: usize) -> String {
        let after = clip(&self.after, room.saturating_sub(columns(&self.before)));
        let first = units(&after).next().unwrap_or_default().len();
        let (first, rest) = after.split_at(first);
        format!("{}{}{rest}", self.before, style.paint(tone, first))
    }
}
