//! The tables of a matrix.

use super::run::with_version;
use super::text::{code, link, plain};
use crate::matrix::{Entrant, Matrix, MatrixCase, Outcome};

/// How many cases are listed.
const LISTED: usize = 60;
/// How many implementations are named for one case.
const NAMED: usize = 6;

/// The tables of a matrix: the implementations with their counts, their failures by theme, and the
/// cases that most of them fail.
pub fn matrix_to_markdown(matrix: &Matrix) -> String {
    let mut out = ranking(matrix, |_| None);
    out.push('\n');
    out.push_str(&by_theme(matrix));
    let cases = failed_cases(matrix);
    if !cases.is_empty() {
        out.push('\n');
        out.push_str(&cases);
    }
    out
}

/// The implementations with their counts, each with a link where it has one.
pub fn ranking(matrix: &Matrix, address: impl Fn(&Entrant) -> Option<String>) -> String {
    // A proxy tells what it is, in `Via` or `Server`, and not in which language it is written.
    let kind = if matrix.role == "proxy" { "names itself" } else { "language" };
    let mut out = format!(
        "| {} | {kind} | profile | passed of judged | fail | warn | blocked | n/a | run on |\n\
         |---|---|---|--:|--:|--:|--:|--:|---|\n",
        plain(&matrix.role)
    );
    for it in &matrix.subjects {
        let (subject, counts) = (&it.subject, &it.summary);
        let name = match address(it) {
            Some(address) => format!("[{}](<{address}>)", name(it)),
            None => name(it),
        };
        let language =
            if subject.language.is_empty() { &subject.runtime } else { &subject.language };
        let date: String = it.started.chars().take(10).collect();
        out.push_str(&format!(
            "| {name}{} | {} | {} | {} of {} | {} | {} | {} | {} | {} |\n",
            if it.interrupted { ", interrupted" } else { "" },
            plain(language),
            plain(&it.profile),
            counts.pass,
            counts.scored(),
            counts.fail,
            counts.warn,
            counts.blocked,
            counts.not_applicable,
            plain(&date)
        ));
    }
    out
}

fn name(entrant: &Entrant) -> String {
    with_version(code(&entrant.label), &entrant.subject.version)
}

/// How many cases of each theme each implementation fails.
fn by_theme(matrix: &Matrix) -> String {
    let names: Vec<String> = matrix.subjects.iter().map(|it| code(&it.key)).collect();
    let mut out = format!("| theme | cases | {} |\n|---|--:|", names.join(" | "));
    out.push_str(&":-:|".repeat(names.len()));
    out.push('\n');
    for (theme, cases) in matrix.themes() {
        out.push_str(&format!("| {} | {} |", code(theme), cases.len()));
        for number in 0..matrix.subjects.len() {
            out.push_str(&format!(" {} |", cell(matrix, cases, number)));
        }
        out.push('\n');
    }
    out
}

/// What one implementation makes of a theme: how many it fails, else `✓` where any was judged.
fn cell(matrix: &Matrix, cases: &[MatrixCase], number: usize) -> String {
    let tally = matrix.tally(cases, number);
    match (tally.failed, tally.warned) {
        (0, 0) if tally.scored > 0 => "✓".to_owned(),
        (0, 0) => "–".to_owned(),
        (0, warned) => format!("{warned} !"),
        (failed, _) => format!("**{failed} ✗**"),
    }
}

/// The cases that implementations fail, those that most of them fail first.
fn failed_cases(matrix: &Matrix) -> String {
    let failing = |case| {
        let outcomes = matrix.row(case).zip(&matrix.subjects);
        let failed = outcomes.filter(|(it, _)| it.is_some_and(Outcome::is_failure));
        failed.map(|(_, subject)| subject).collect::<Vec<_>>()
    };
    let mut cases: Vec<_> = matrix.cases.iter().map(|case| (case, failing(case))).collect();
    cases.retain(|(_, failing)| !failing.is_empty());
    cases.sort_by(|(a, x), (b, y)| y.len().cmp(&x.len()).then_with(|| a.id.cmp(&b.id)));
    if cases.is_empty() {
        return String::new();
    }
    let mut out = String::from("| case | rule | which wants | failed by |\n|---|---|---|---|\n");
    for (case, failing) in cases.iter().take(LISTED) {
        let url = matrix.rules.iter().find(|rule| rule.id == case.rule).map(|rule| &rule.url);
        let mut names: Vec<String> = failing.iter().take(NAMED).map(|it| code(&it.key)).collect();
        if failing.len() > NAMED {
            names.push(format!("{} more", failing.len() - NAMED));
        }
        out.push_str(&format!(
            "| {} | {} | {} | {}: {} |\n",
            code(&case.id),
            link(&code(&case.rule), url.map_or("", String::as_str)),
            plain(&case.title),
            failing.len(),
            names.join(", ")
        ));
    }
    if cases.len() > LISTED {
        out.push_str(&format!("\n… and {} more cases.\n", cases.len() - LISTED));
    }
    out
}
