//! Expected against observed, line by line.

use super::{
    Style,
    failure::heading,
    style::Tone,
    text::{clip, columns, take_columns, thousands, units, visible},
};
use crate::model::CaseResult;

/// Equal lines shown before and after a differing one.
const CONTEXT: usize = 3;
/// Lines shown of a long comparison, at its start and at its end.
const SHOWN_HEAD: usize = 36;
const SHOWN_TAIL: usize = 8;
/// Above this many pairs of lines the two lists are set one after the other instead.
const PAIRS: usize = 1_000_000;
/// What is kept of the common start of two long lines.
const LEAD_COLUMNS: usize = 16;
/// Only this much of a line is escaped and measured.
const LINE_BYTES: usize = 4_096;

/// One line of the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Row<'a> {
    Same(&'a str),
    Pair(&'a str, &'a str),
    Missing(&'a str),
    Extra(&'a str),
}

pub(super) fn push_comparison(out: &mut String, case: &CaseResult, style: Style) {
    let (expected, observed) = (&case.expected, &case.observed);
    match (expected.is_empty(), observed.is_empty()) {
        (true, true) => return,
        // Where the standard leaves the point open nothing is expected.
        (true, false) if case.level == "info" => {
            heading(out, style, "observed");
        }
        _ if expected == observed => heading(out, style, "expected and observed alike"),
        _ => {
            out.push('\n');
            out.push_str(&style.paint(Tone::Good, "- expected"));
            out.push_str("  ");
            out.push_str(&style.paint(Tone::Bad, "+ observed"));
            out.push('\n');
        }
    }
    let plain = expected == observed || (expected.is_empty() && case.level == "info");
    let lines = if plain {
        shorten(observed.iter().map(|line| show(style, ' ', line, style.width())).collect())
    } else {
        lines(&align(expected, observed), style)
    };
    for line in lines {
        out.push_str(&line);
        out.push('\n');
    }
    if observed.is_empty() {
        out.push_str(&mark(style, '+', "(nothing)"));
        out.push('\n');
    } else if expected.is_empty() && !plain {
        out.push_str(&mark(style, '-', "(nothing)"));
        out.push('\n');
    }
}

/// Brings equal lines of both lists together, in order; what stands between them is paired.
fn align<'a>(expected: &'a [String], observed: &'a [String]) -> Vec<Row<'a>> {
    let head = expected.iter().zip(observed).take_while(|(e, o)| e == o).count();
    let (same, expected) = expected.split_at(head);
    let (_, observed) = observed.split_at(head);
    let tail = expected.iter().rev().zip(observed.iter().rev()).take_while(|(e, o)| e == o).count();
    let (expected, same_end) = expected.split_at(expected.len() - tail);
    let (observed, _) = observed.split_at(observed.len() - tail);

    let mut rows: Vec<Row<'_>> = same.iter().map(|line| Row::Same(line)).collect();
    let (mut e, mut o) = (0, 0);
    for (next_e, next_o) in common_lines(expected, observed) {
        push_gap(&mut rows, &expected[e..next_e], &observed[o..next_o]);
        rows.push(Row::Same(&expected[next_e]));
        (e, o) = (next_e + 1, next_o + 1);
    }
    push_gap(&mut rows, &expected[e..], &observed[o..]);
    rows.extend(same_end.iter().map(|line| Row::Same(line)));
    rows
}

/// The longest common subsequence, as pairs of indices; empty where that would take too long.
fn common_lines(expected: &[String], observed: &[String]) -> Vec<(usize, usize)> {
    let (rows, columns) = (expected.len(), observed.len());
    if rows == 0 || columns == 0 || rows * columns > PAIRS {
        return Vec::new();
    }
    let at = |e: usize, o: usize| e * (columns + 1) + o;
    let mut length = vec![0_u32; (rows + 1) * (columns + 1)];
    for e in (0..rows).rev() {
        for o in (0..columns).rev() {
            length[at(e, o)] = if expected[e] == observed[o] {
                length[at(e + 1, o + 1)] + 1
            } else {
                length[at(e + 1, o)].max(length[at(e, o + 1)])
            };
        }
    }
    let (mut e, mut o, mut pairs) = (0, 0, Vec::new());
    while e < rows && o < columns {
        if expected[e] == observed[o] {
            pairs.push((e, o));
            (e, o) = (e + 1, o + 1);
        } else if length[at(e + 1, o)] >= length[at(e, o + 1)] {
            e += 1;
        } else {
            o += 1;
        }
    }
    pairs
}

fn push_gap<'a>(rows: &mut Vec<Row<'a>>, expected: &'a [String], observed: &'a [String]) {
    let paired = expected.len().min(observed.len());
    rows.extend(expected.iter().zip(observed).map(|(e, o)| Row::Pair(e, o)));
    rows.extend(expected.iter().skip(paired).map(|line| Row::Missing(line)));
    rows.extend(observed.iter().skip(paired).map(|line| Row::Extra(line)));
}

fn lines(rows: &[Row<'_>], style: Style) -> Vec<String> {
    let width = style.width();
    let mut lines = Vec::new();
    let mut at = 0;
    while let Some(row) = rows.get(at) {
        match row {
            Row::Same(_) => {
                let run = rows.iter().skip(at).take_while(|r| matches!(r, Row::Same(_))).count();
                let before = if at == 0 { 0 } else { CONTEXT };
                let after = if at + run == rows.len() { 0 } else { CONTEXT };
                let hidden = run.saturating_sub(before + after);
                for (n, row) in rows.iter().skip(at).take(run).enumerate() {
                    if let Row::Same(line) = row
                        && (hidden < 2 || n < before || n >= run - after)
                    {
                        lines.push(show(style, ' ', line, width));
                    } else if n == before {
                        lines.push(gap(style, hidden, "equal lines"));
                    }
                }
                at += run;
                continue;
            }
            Row::Pair(expected, observed) => {
                let skip = shared_lead(expected, observed, width);
                lines.push(show_from(style, '-', expected, skip, width));
                lines.push(show_from(style, '+', observed, skip, width));
            }
            Row::Missing(line) => lines.push(show(style, '-', line, width)),
            Row::Extra(line) => lines.push(show(style, '+', line, width)),
        }
        at += 1;
    }
    shorten(lines)
}

fn shorten(mut lines: Vec<String>) -> Vec<String> {
    if lines.len() > SHOWN_HEAD + SHOWN_TAIL + 1 {
        let tail = lines.split_off(lines.len() - SHOWN_TAIL);
        let hidden = lines.split_off(SHOWN_HEAD).len();
        lines.push(format!("  … {} lines left out", thousands(hidden)));
        lines.extend(tail);
    }
    lines
}

fn gap(style: Style, hidden: usize, what: &str) -> String {
    style.paint(Tone::Quiet, &format!("  … {} {what}", thousands(hidden)))
}

fn show(style: Style, sign: char, line: &str, width: usize) -> String {
    show_from(style, sign, line, 0, width)
}

/// One line, without its first `skip` bytes.
fn show_from(style: Style, sign: char, line: &str, skip: usize, width: usize) -> String {
    let rest = line.get(skip..).unwrap_or(line);
    let end = rest.floor_char_boundary(LINE_BYTES);
    let shown = visible(rest.get(..end).unwrap_or(rest));
    let lead = match skip {
        0 => String::new(),
        skip => format!("[…{} equal bytes…] ", thousands(skip)),
    };
    let mut text = clip(&format!("{lead}{shown}"), width.saturating_sub(2));
    if skip > 0 || text.ends_with('…') {
        // The length says more than the end of the line: data that are cut off are found by it.
        let dots = if text.ends_with('…') { "…" } else { "" };
        let length = format!("{dots} ({} bytes)", thousands(line.len()));
        let (head, _) = take_columns(&text, width.saturating_sub(2 + columns(&length)));
        text = format!("{head}{length}");
    }
    mark(style, sign, &text)
}

fn mark(style: Style, sign: char, text: &str) -> String {
    let tone = match sign {
        '-' => Tone::Good,
        '+' => Tone::Bad,
        _ => return format!("  {text}"),
    };
    style.paint(tone, &format!("{sign} {text}"))
}

/// How many bytes of the start of both lines to leave out, so that the difference is in view.
fn shared_lead(expected: &str, observed: &str, width: usize) -> usize {
    let shared: usize = units(expected)
        .zip(units(observed))
        .take_while(|(e, o)| e == o)
        .map(|(unit, _)| unit.len())
        .sum();
    // In view already: no more than half of the width stands before it.
    if shared <= width / 2 {
        return 0;
    }
    let lead = expected.get(..shared).unwrap_or_default();
    let kept: usize = lead.chars().rev().take(LEAD_COLUMNS).map(char::len_utf8).sum();
    shared - kept
}
