//! The page of a matrix.

use minijinja::value::Serde;
use minijinja::{Value as View, context};
use serde::Serialize;

use super::template::{self, HtmlError};
use crate::console::is_invisible;
use crate::matrix::{Matrix, MatrixCase, Outcome, Tally, from_json};
use crate::model::{Status, Summary, Verdict};

/// Makes the page of a matrix from the JSON that [`crate::matrix::to_json`] writes. The page needs
/// nothing beside it, holds that JSON, and shows nothing that is not in it.
///
/// # Errors
///
/// When the JSON is refused; see [`from_json`].
pub fn matrix_to_html(json: &str) -> Result<String, HtmlError> {
    let matrix = from_json(json)?;
    let mut environment = template::environment(include_str!("matrix.html"))?;
    environment.add_filter("cells", |marks: &str| View::from_safe_string(cells(marks)));
    let style =
        [include_str!("base.css"), include_str!("evidence.css"), include_str!("matrix.css")];
    let script = [include_str!("panel.js"), include_str!("matrix.js")];
    let totals = Summary::total(matrix.subjects.iter().map(|it| it.summary));
    let columns = [Verdict::Fail, Verdict::Warn, Verdict::Error, Verdict::Inconclusive]
        .into_iter()
        .chain([Verdict::Blocked, Verdict::Observed, Verdict::NotApplicable])
        .filter(|verdict| *verdict == Verdict::Fail || totals.count(*verdict) > 0);
    let page = environment.get_template("page")?.render(context! {
        role => &matrix.role,
        tool => View::from(Serde(&matrix.tool)),
        subjects => View::from(Serde(&matrix.subjects)),
        columns => columns.map(Verdict::name).collect::<Vec<_>>(),
        themes => View::from(Serde(themes(&matrix))),
        count => matrix.cases.len(),
        marks => View::from(Serde(Mark::ALL.map(Legend::of))),
        style => template::trusted(&style.concat()),
        script => template::trusted(&script.concat()),
        json => template::trusted(&embedded(json)),
    })?;
    Ok(page)
}

/// How a cell is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Pass,
    Fail,
    Known,
    Flaky,
    Warn,
    Observed,
    NotApplicable,
    Blocked,
    Inconclusive,
    Error,
    Absent,
}

impl Mark {
    const ALL: [Self; 11] = [
        Self::Pass,
        Self::Fail,
        Self::Known,
        Self::Flaky,
        Self::Warn,
        Self::Observed,
        Self::NotApplicable,
        Self::Blocked,
        Self::Inconclusive,
        Self::Error,
        Self::Absent,
    ];

    fn of(outcome: Option<&Outcome>) -> Self {
        let Some(outcome) = outcome else {
            return Self::Absent;
        };
        match (outcome.verdict, outcome.status) {
            (Verdict::Fail | Verdict::Warn, Some(Status::KnownFailure)) => Self::Known,
            (Verdict::Fail | Verdict::Warn | Verdict::Pass, Some(Status::Flaky)) => Self::Flaky,
            (Verdict::Pass, _) => Self::Pass,
            (Verdict::Fail, _) => Self::Fail,
            (Verdict::Warn, _) => Self::Warn,
            (Verdict::Observed, _) => Self::Observed,
            (Verdict::NotApplicable, _) => Self::NotApplicable,
            (Verdict::Blocked, _) => Self::Blocked,
            (Verdict::Inconclusive, _) => Self::Inconclusive,
            (Verdict::Error, _) => Self::Error,
        }
    }

    /// The class of the cell, the sign in it, which tells verdicts apart without colours, and what
    /// it means.
    fn parts(self) -> (char, &'static str, &'static str) {
        match self {
            Self::Pass => ('p', "✓", "passed on every route"),
            Self::Fail => ('f', "✗", "broke a MUST"),
            Self::Known => ('k', "✗", "failed, and is listed as known"),
            Self::Flaky => ('y', "~", "failed once, passed when run again"),
            Self::Warn => ('w', "!", "broke a SHOULD"),
            Self::Observed => ('o', "○", "left open by the standard; what it does is recorded"),
            Self::NotApplicable => ('n', "–", "not applicable: the feature is not claimed"),
            Self::Blocked => ('b', "#", "blocked by another case that failed"),
            Self::Inconclusive => ('i', "?", "could not be judged"),
            Self::Error => ('e', "E", "the adapter or the set-up failed"),
            Self::Absent => ('a', "", "not in the result"),
        }
    }
}

/// A mark, for the legend.
#[derive(Debug, Serialize)]
struct Legend {
    class: char,
    sign: &'static str,
    meaning: &'static str,
}

impl Legend {
    fn of(mark: Mark) -> Self {
        let (class, sign, meaning) = mark.parts();
        Self { class, sign, meaning }
    }
}

/// The cases of one theme.
#[derive(Debug, Serialize)]
struct Theme<'m> {
    name: &'m str,
    rows: Vec<Row<'m>>,
    /// What each implementation makes of the theme.
    tallies: Vec<Tally>,
}

#[derive(Debug, Serialize)]
struct Row<'m> {
    case: &'m MatrixCase,
    /// The classes of its cells.
    marks: String,
}

fn themes(matrix: &Matrix) -> Vec<Theme<'_>> {
    let marks = |case| matrix.row(case).map(|outcome| Mark::of(outcome).parts().0).collect();
    let theme = |(name, cases)| {
        let cases: &[MatrixCase] = cases;
        Theme {
            name,
            rows: cases.iter().map(|case| Row { case, marks: marks(case) }).collect(),
            tallies: (0..matrix.subjects.len()).map(|at| matrix.tally(cases, at)).collect(),
        }
    };
    matrix.themes().into_iter().map(theme).collect()
}

/// Cells for these classes. There are tens of thousands of them, so each is as short as HTML has it.
fn cells(marks: &str) -> String {
    let mut html = String::with_capacity(marks.len() * 16);
    for class in marks.chars() {
        let sign = Mark::ALL.iter().map(|mark| mark.parts()).find(|parts| parts.0 == class);
        html.push_str(&format!("<td class={class}>{}", sign.map_or("", |parts| parts.1)));
    }
    html
}

/// JSON that cannot end the element it stands in, nor reorder the source of the page.
fn embedded(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + json.len() / 64);
    for c in json.chars() {
        if matches!(c, '<' | '>' | '&') || (is_invisible(c) && c != '\n') {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}
