//! A chart as SVG.

use std::fmt::Write as _;

use super::{Axis, Chart, Line};
use crate::console::visible;

/// The size of a chart, in pixels: as wide as a telephone, so that its text can be read there.
const WIDTH: f64 = 400.0;
const HEIGHT: f64 = 250.0;
/// Where the lines are.
const LEFT: f64 = 58.0;
const RIGHT: f64 = 388.0;
const TOP: f64 = 26.0;
const BOTTOM: f64 = 206.0;
/// The width of a character of a mark, at most.
const CHARACTER: f64 = 7.0;
/// Marks on one line, about.
const MARKS: usize = 6;
/// Points that are nearer than this to a line through their neighbours are left out.
const FLAT: f64 = 0.15;

/// Draws a chart. `describe` is told to those who do not see it.
pub(crate) fn to_svg(chart: &Chart, describe: &str) -> String {
    let title = xml(&chart.title);
    let mut out = format!(
        "<svg class=\"chart\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         role=\"img\" aria-label=\"{title}. {}\">\n",
        xml(describe)
    );
    horizontal(&mut out, &chart.y);
    vertical(&mut out, &chart.x);
    for line in &chart.lines {
        draw(&mut out, chart, line);
    }
    out.push_str("</svg>");
    out
}

/// The lines across, and what they stand for.
fn horizontal(out: &mut String, axis: &Axis) {
    let _ = writeln!(out, "<text class=\"axis\" x=\"2\" y=\"12\">{}</text>", xml(axis.title));
    for tick in axis.scale.ticks() {
        let y = down(axis, tick);
        let _ = writeln!(
            out,
            "<path class=\"grid\" d=\"M{LEFT} {y:.1}H{RIGHT}\"/><text class=\"end\" x=\"{}\" \
             y=\"{:.1}\">{}</text>",
            LEFT - 6.0,
            y + 4.0,
            xml(&(axis.label)(tick))
        );
    }
}

/// The marks along the bottom, those that have room.
fn vertical(out: &mut String, axis: &Axis) {
    let mut taken = f64::NEG_INFINITY;
    for tick in axis.scale.ticks() {
        let x = across(axis, tick);
        let label = (axis.label)(tick);
        let half = label.chars().count() as f64 * CHARACTER / 2.0;
        let middle = x.min(WIDTH - half);
        let _ = write!(out, "<path class=\"grid\" d=\"M{x:.1} {TOP}V{}\"/>", BOTTOM + 4.0);
        if middle - half > taken {
            let y = BOTTOM + 18.0;
            let _ = write!(
                out,
                "<text class=\"mid\" x=\"{middle:.1}\" y=\"{y}\">{}</text>",
                xml(&label)
            );
            taken = middle + half;
        }
        out.push('\n');
    }
    let _ = writeln!(
        out,
        "<text class=\"axis end\" x=\"{RIGHT}\" y=\"{}\">{}</text>",
        HEIGHT - 6.0,
        xml(axis.title)
    );
}

fn draw(out: &mut String, chart: &Chart, line: &Line) {
    let style = line.style + 1;
    let runs: Vec<Vec<(f64, f64)>> = line
        .runs
        .iter()
        .map(|run| run.iter().map(|(x, y)| (across(&chart.x, *x), down(&chart.y, *y))).collect())
        .collect();
    let mut path = String::new();
    for run in &runs {
        let run = thinned(run);
        for (number, (x, y)) in run.iter().enumerate() {
            let _ = write!(path, "{}{x:.1} {y:.1}", if number == 0 { "M" } else { "L" });
        }
        if run.len() == 1 {
            path.push_str("h.1");
        }
    }
    let _ = write!(
        out,
        "<g class=\"l{style}\"><title>{}</title><path class=\"line\" d=\"{path}\"/>",
        xml(&line.name)
    );
    let points: Vec<(f64, f64)> = runs.concat();
    let every = points.len().div_ceil(MARKS).max(1);
    // Each line is marked elsewhere, so that equal lines do not hide each other.
    let first = (line.style * every / super::LINES).min(points.len().saturating_sub(1));
    for (x, y) in points.iter().skip(first).step_by(every) {
        out.push_str(&mark(line.style, *x, *y));
    }
    out.push_str("</g>\n");
}

/// The points of a run, without those that lie on the line between their neighbours.
fn thinned(run: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut kept: Vec<(f64, f64)> = Vec::new();
    for (number, point) in run.iter().enumerate() {
        let next = run.get(number + 1);
        let is_flat = match (kept.last(), next) {
            (Some(last), Some(next)) if next.0 > last.0 => {
                let there = last.1 + (next.1 - last.1) * (point.0 - last.0) / (next.0 - last.0);
                (there - point.1).abs() < FLAT && (next.1 - last.1).abs() < FLAT
            }
            _ => false,
        };
        if !is_flat {
            kept.push(*point);
        }
    }
    kept
}

/// The mark of a style around a point.
fn mark(style: usize, x: f64, y: f64) -> String {
    let shape = match style {
        0 => return format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>"),
        1 => "m-3 -3h6v6h-6z",
        2 => "m0 -4l4 7h-8z",
        3 => "m0 -4l4 4l-4 4l-4 -4z",
        4 => "m-3 -3l6 6m0 -6l-6 6",
        _ => "m-4 0h8m-4 -4v8",
    };
    format!("<path class=\"mark\" d=\"M{x:.1} {y:.1}{shape}\"/>")
}

/// A piece of a line, for the legend.
pub(crate) fn swatch(style: usize) -> String {
    format!(
        "<svg class=\"chart swatch\" viewBox=\"0 0 36 12\" aria-hidden=\"true\"><g class=\"l{}\">\
         <path class=\"line\" d=\"M1 6H35\"/>{}</g></svg>",
        style + 1,
        mark(style, 18.0, 6.0)
    )
}

fn across(axis: &Axis, value: f64) -> f64 {
    LEFT + axis.scale.place(value) * (RIGHT - LEFT)
}

fn down(axis: &Axis, value: f64) -> f64 {
    BOTTOM - axis.scale.place(value) * (BOTTOM - TOP)
}

fn xml(text: &str) -> String {
    let text = visible(text);
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
