//! A picture of a matrix, themes × implementations, as an SVG that shows itself on any page.

use crate::console::visible;
use crate::matrix::{Entrant, Matrix, MatrixCase};
use crate::quantity::plural;

/// The size of a cell, in pixels.
const WIDTH: usize = 30;
const HEIGHT: usize = 20;
/// What the names of themes and of implementations take.
const LEFT: usize = 190;
const TOP: usize = 150;
/// The names lean to the right, past the last column.
const RIGHT: usize = 110;
const BOTTOM: usize = 42;
/// The legend needs this much.
const LEGEND: usize = 570;
/// How much of a name is shown.
const NAME: usize = 24;

/// Draws a matrix: one cell for each theme and implementation, with the number of cases that fail.
/// Colours follow the reader's light or dark theme.
pub fn to_svg(matrix: &Matrix) -> String {
    let themes = matrix.themes();
    let width = (LEFT + matrix.subjects.len() * WIDTH + RIGHT).max(LEGEND);
    let height = TOP + themes.len() * HEIGHT + BOTTOM;
    let title = format!(
        "{} {} × {} cases",
        matrix.subjects.len(),
        plural(&matrix.role),
        matrix.cases.len()
    );
    let title = xml(&title);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{title}\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n\
         <rect class=\"page\" width=\"{width}\" height=\"{height}\"/>\n"
    );
    for (number, entrant) in matrix.subjects.iter().enumerate() {
        let (x, y) = (LEFT + number * WIDTH + WIDTH / 2 + 4, TOP - 8);
        out.push_str(&format!(
            "<text transform=\"translate({x} {y}) rotate(-50)\">{}</text>\n",
            xml(&name(entrant))
        ));
    }
    for (number, (theme, cases)) in themes.iter().enumerate() {
        let y = TOP + number * HEIGHT;
        out.push_str(&format!(
            "<text class=\"theme\" x=\"{}\" y=\"{}\">{}</text>\n",
            LEFT - 8,
            y + 14,
            xml(theme)
        ));
        for column in 0..matrix.subjects.len() {
            out.push_str(&cell(matrix, cases, column, LEFT + column * WIDTH, y));
        }
        out.push('\n');
    }
    out.push_str(&legend(height - BOTTOM + 16));
    out.push_str("</svg>\n");
    out
}

const STYLE: &str = "\
text{font:12px system-ui,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;fill:#1c2128}\
.page{fill:#fff}.theme{text-anchor:end}.n{text-anchor:middle;font-weight:600;font-size:11px;fill:#fff}\
.p{fill:#8fd0a3}.w{fill:#e2b04a}.f{fill:#c21f32}.a{fill:#e4e8ed}\
@media(prefers-color-scheme:dark){text{fill:#e4e8ed}.page{fill:#13171c}.n{fill:#fff}\
.p{fill:#2c6e40}.w{fill:#a3781f}.f{fill:#c93447}.a{fill:#262d36}}";

fn cell(matrix: &Matrix, cases: &[MatrixCase], column: usize, x: usize, y: usize) -> String {
    let tally = matrix.tally(cases, column);
    let (class, count) = match (tally.failed, tally.warned) {
        (0, 0) if tally.scored > 0 => ("p", 0),
        (0, 0) => ("a", 0),
        (0, warned) => ("w", warned),
        (failed, _) => ("f", failed),
    };
    let (w, h) = (WIDTH - 2, HEIGHT - 2);
    let mut out = format!(
        "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"2\"/>"
    );
    if count > 0 {
        out.push_str(&format!(
            "<text class=\"n\" x=\"{}\" y=\"{}\">{count}</text>",
            x + w / 2,
            y + 13
        ));
    }
    out
}

fn legend(y: usize) -> String {
    let mut x = 12;
    let mut out = String::new();
    for (class, meaning, width) in [
        ("p", "passes", 80),
        ("f", "cases that break a MUST", 180),
        ("w", "cases that break a SHOULD", 195),
        ("a", "not claimed", 0),
    ] {
        out.push_str(&format!(
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"16\" height=\"14\" rx=\"2\"/>\
             <text x=\"{}\" y=\"{}\">{meaning}</text>\n",
            x + 22,
            y + 11
        ));
        x += width;
    }
    out
}

fn name(entrant: &Entrant) -> String {
    let name = format!("{} {}", entrant.label, entrant.subject.version);
    let name = visible(name.trim());
    match name.char_indices().nth(NAME) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default()),
        None => name,
    }
}

fn xml(text: &str) -> String {
    let text = visible(text);
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
