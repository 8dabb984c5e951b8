//! Escaping, shortening and wrapping of text that subjects had a hand in.

use std::fmt::Write as _;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Prose longer than this is shortened in its middle, and so is a single word.
const PROSE_CHARACTERS: usize = 1_200;
const WORD_CHARACTERS: usize = 240;
/// The columns of the longest escape, `\u{10ffff}`.
const WIDEST_UNIT: usize = 10;

/// Escapes what a terminal would obey, hide or break a line at; printable text stays as it is.
pub(crate) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0' => out.push_str("\\0"),
            c if is_invisible(c) => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

/// Whether it would steer, reorder or hide the text that it stands in.
pub(crate) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// How many columns a terminal needs for it.
pub(super) fn columns(text: &str) -> usize {
    text.width()
}

/// Pads with spaces to this many columns.
pub(super) fn pad(text: &str, to: usize) -> String {
    format!("{text}{}", " ".repeat(to.saturating_sub(columns(text))))
}

/// Cuts the end off where it does not fit, and says so with `…`.
pub(super) fn clip(text: &str, width: usize) -> String {
    // A column needs at least a byte, so short text is known to fit without measuring it.
    if text.len() <= width || (text.len() < 8 * width && columns(text) <= width) {
        return text.to_owned();
    }
    let (head, rest) = take_columns(text, width);
    if rest.is_empty() {
        return head.to_owned();
    }
    let (head, _) = take_columns(text, width.saturating_sub(1));
    format!("{head}…")
}

/// Cuts out the middle where there are more characters than this, and says how many.
pub(crate) fn clip_middle(text: &str, characters: usize) -> String {
    match cut_middle(text, characters) {
        Some((head, hidden, tail)) => format!("{head} {} {tail}", left_out(hidden)),
        None => text.to_owned(),
    }
}

/// Start, number of characters between, and end of a text of more than `characters`.
pub(crate) fn cut_middle(text: &str, characters: usize) -> Option<(&str, usize, &str)> {
    if text.len() <= characters {
        return None;
    }
    let all = text.chars().count();
    let hidden = all.checked_sub(characters).filter(|hidden| *hidden > 0)?;
    let head = characters * 2 / 3;
    let byte_at = |n: usize| text.char_indices().nth(n).map_or(text.len(), |(at, _)| at);
    let (from, to) = (byte_at(head), byte_at(head + hidden));
    Some((text.get(..from)?, hidden, text.get(to..)?))
}

/// The note that stands for characters left out.
pub(super) fn left_out(characters: usize) -> String {
    format!("[…{} characters left out…]", thousands(characters))
}

/// Splits escaped text where it fills `width` columns, never inside an escape such as `\x0a`.
pub(super) fn take_columns(text: &str, width: usize) -> (&str, &str) {
    let mut used = 0;
    let mut at = 0;
    for unit in units(text) {
        used += columns(unit);
        if used > width {
            break;
        }
        at += unit.len();
    }
    text.split_at(at)
}

/// The units of escaped text: one character, or one escape such as `\n`, `\x0a` or `\u{2028}`.
pub(super) fn units(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (unit, after) = rest.split_at(unit_len(rest)?);
        rest = after;
        Some(unit)
    })
}

fn unit_len(text: &str) -> Option<usize> {
    let mut chars = text.chars();
    let first = chars.next()?;
    if first != '\\' {
        // What has no width of its own stays with the character that it modifies.
        let marks = chars.take_while(|c| c.width() == Some(0)).map(char::len_utf8).sum::<usize>();
        return Some(first.len_utf8() + marks);
    }
    Some(match chars.next() {
        Some('x') => text.char_indices().nth(4).map_or(text.len(), |(at, _)| at),
        Some('u') if text.get(2..3) == Some("{") => {
            text.bytes().take(12).position(|b| b == b'}').map_or(3, |at| at + 1)
        }
        Some(c) => 1 + c.len_utf8(),
        None => 1,
    })
}

/// How many bytes an escaped text stands for.
pub(crate) fn byte_count(escaped: &str) -> usize {
    let of_unit = |unit: &str| match unit.strip_prefix('\\') {
        None => unit.len(),
        Some(code) => match code.strip_prefix("u{").and_then(|code| code.strip_suffix('}')) {
            Some(code) => u32::from_str_radix(code, 16)
                .ok()
                .and_then(char::from_u32)
                .map_or(unit.len(), char::len_utf8),
            None => 1,
        },
    };
    units(escaped).map(of_unit).sum()
}

/// Breaks prose into lines of at most `width` columns; a wider word is broken, a URL is not.
pub(super) fn wrap(prose: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    // Words first: of one huge word both ends are worth seeing, and the rest of the sentence.
    let clip_words = |line: &str| {
        let words = line.split_whitespace().map(|word| clip_middle(word, WORD_CHARACTERS));
        words.collect::<Vec<_>>().join(" ")
    };
    let prose = prose.lines().map(clip_words).collect::<Vec<_>>().join("\n");
    for paragraph in clip_middle(&prose, PROSE_CHARACTERS).lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace().map(visible) {
            if !line.is_empty() && columns(&line) + 1 + columns(&word) > width {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&word);
            while columns(&line) > width && !line.contains("://") {
                let (head, rest) = take_columns(&line, width.max(WIDEST_UNIT));
                if rest.is_empty() {
                    break;
                }
                let rest = rest.to_owned();
                lines.push(head.to_owned());
                line = rest;
            }
        }
        if !line.is_empty() {
            lines.push(line);
        }
    }
    lines
}

/// Wraps prose and indents it: the first line with `first`, the others with as many spaces.
pub(super) fn push_prose(out: &mut String, first: &str, prose: &str, width: usize) {
    let indent = columns(first);
    for (n, line) in wrap(prose, width.saturating_sub(indent)).iter().enumerate() {
        if n == 0 {
            out.push_str(first);
        } else {
            out.push_str(&" ".repeat(indent));
        }
        out.push_str(line);
        out.push('\n');
    }
}

/// A number with its thousands apart: `14 680 064`.
pub(crate) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_escaped() {
        assert_eq!(visible("a\u{1b}[31mb\u{202e}\u{9b}"), r"a\u{1b}[31mb\u{202e}\u{9b}");
        assert_eq!(visible("é 漢 😀"), "é 漢 😀");
    }

    #[test]
    fn escapes_stay_whole() {
        let text = r"a\n\x0a\u{2028}e漢";
        let all: Vec<_> = units(text).collect();
        assert_eq!(all, ["a", r"\n", r"\x0a", r"\u{2028}", "e", "漢"]);
        assert_eq!(take_columns(text, 6), (r"a\n", r"\x0a\u{2028}e漢"));
        assert_eq!(units(r"\").collect::<Vec<_>>(), [r"\"]);
        assert_eq!(units(r"\u{12").collect::<Vec<_>>(), [r"\u{", "1", "2"]);
    }

    #[test]
    fn an_escape_stands_for_its_bytes() {
        assert_eq!(byte_count(r"a\n\x0a\u{2028}e漢\\"), 1 + 1 + 1 + 3 + 1 + 3 + 1);
        assert_eq!(byte_count(""), 0);
    }

    #[test]
    fn long_text_says_what_was_left_out() {
        assert_eq!(clip("abcdef", 4), "abc…");
        assert_eq!(clip("漢漢漢", 6), "漢漢漢");
        assert_eq!(clip("漢漢漢", 5), "漢漢…");
        let long = "x".repeat(14_000_000);
        assert_eq!(clip_middle(&long, 30).replace('x', ""), " […13 999 970 characters left out…] ");
    }

    #[test]
    fn prose_wraps_at_words_and_keeps_urls_whole() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(
            wrap("see https://example.org/a/b now", 8),
            ["see", "https://example.org/a/b", "now"]
        );
        assert_eq!(wrap(r"a 0123456789\n01", 12), ["a", r"0123456789\n", "01"]);
    }
}
