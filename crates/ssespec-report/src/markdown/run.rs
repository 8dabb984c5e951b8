//! The summary of a run, short enough for a CI page.

use super::text::{block, code, link, plain};
use crate::console::short_reason;
use crate::model::{CaseResult, RunResult, Status, Subject, Summary, Verdict};
use crate::outcome::{ExitCode, FailOn, Standing, run_outcome};
use crate::route;

/// How many cases are listed in one table.
const LISTED: usize = 20;
/// How many errors of the run are.
const ERRORS: usize = 5;

/// The summary of a run: what it came to, the counts, and what failed with its rule and the first
/// difference; at most twenty rows of a kind.
pub fn run_to_markdown(result: &RunResult, fail_on: FailOn) -> String {
    let outcome = run_outcome(result, fail_on);
    let word = match outcome.exit_code {
        ExitCode::Ok => "passed",
        ExitCode::Failed => "failed",
        ExitCode::Interrupted => "interrupted",
        _ => "not judged",
    };
    let mut out = format!("## {}: {word}\n\n", name(&result.subject));
    let reasons: Vec<String> = outcome.reasons.iter().map(|it| plain(&it.message)).collect();
    let why =
        if reasons.is_empty() { "all scored cases passed".to_owned() } else { reasons.join("; ") };
    out.push_str(&format!(
        "{why} (exit code {}). Profile {}, {} {}.\n\n",
        outcome.exit_code.code(),
        code(&result.profile),
        plain(&result.tool.name),
        plain(&result.tool.version)
    ));
    push_errors(&mut out, result);
    push_counts(&mut out, &Summary::of(&result.cases));

    let standing = |wanted: &[Standing]| {
        let cases = result.cases.iter();
        cases.filter(|case| wanted.contains(&Standing::of(case, fail_on))).collect::<Vec<_>>()
    };
    let bad = standing(&[Standing::Failed, Standing::Errored, Standing::Untrusted]);
    push_cases(&mut out, "To mend", &bad);
    push_cases(&mut out, "Breaking a SHOULD", &standing(&[Standing::Warned]));
    if let Some(case) = bad.iter().find(|case| !case.reproduce.is_empty()) {
        out.push_str("To see the first of them again:\n\n");
        out.push_str(&block(&case.reproduce));
    }
    out
}

/// The name and version of a subject. As code: names such as `@scope/package` would call somebody.
pub(super) fn name(subject: &Subject) -> String {
    let name = if subject.name.is_empty() { plain("the subject") } else { code(&subject.name) };
    with_version(name, &subject.version)
}

/// A name, which is Markdown already, with the version where there is one.
pub(super) fn with_version(name: String, version: &str) -> String {
    match plain(version).as_str() {
        "" => name,
        version => format!("{name} {version}"),
    }
}

fn push_errors(out: &mut String, result: &RunResult) {
    for error in result.errors.iter().take(ERRORS) {
        let help = if error.help.is_empty() { "" } else { "<br>" };
        out.push_str(&format!(
            "> **{}:** {}{help}{}\n\n",
            plain(&error.kind),
            plain(&error.message),
            plain(&error.help)
        ));
    }
    if result.errors.len() > ERRORS {
        out.push_str(&format!("… and {} more errors\n\n", result.errors.len() - ERRORS));
    }
}

fn push_counts(out: &mut String, counts: &Summary) {
    let mut columns: Vec<(&str, u32)> = Verdict::ALL
        .into_iter()
        .map(|verdict| (verdict.name(), counts.count(verdict)))
        .filter(|(name, count)| *count > 0 || matches!(*name, "pass" | "fail"))
        .collect();
    let statuses = [
        ("known failure", counts.known_failure),
        ("unexpected pass", counts.unexpected_pass),
        ("flaky", counts.flaky),
    ];
    columns.extend(statuses.into_iter().filter(|(_, count)| *count > 0));
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let numbers: Vec<String> = columns.iter().map(|(_, count)| count.to_string()).collect();
    out.push_str(&format!(
        "| {} |\n|{}\n| {} |\n\n",
        names.join(" | "),
        "--:|".repeat(names.len()),
        numbers.join(" | ")
    ));
}

fn push_cases(out: &mut String, title: &str, cases: &[&CaseResult]) {
    if cases.is_empty() {
        return;
    }
    let folded = route::fold(cases.iter().map(|case| (*case, ())), |case, ()| {
        (case.verdict, case.status, short_reason(case))
    });
    out.push_str(&format!("### {title}: {}\n\n", cases.len()));
    out.push_str("| case | | rule | what happened |\n|---|---|---|---|\n");
    for (id, case, ()) in folded.iter().take(LISTED) {
        out.push_str(&format!(
            "| {} | {} | {} | {} |\n",
            code(id),
            word(case),
            link(&code(&case.rule), &case.rule_url),
            happened(case)
        ));
    }
    if folded.len() > LISTED {
        out.push_str(&format!(
            "\n… and {} more; the JSON report has them all.\n",
            folded.len() - LISTED
        ));
    }
    out.push('\n');
}

fn word(case: &CaseResult) -> &'static str {
    match case.status {
        Some(Status::Flaky) => "flaky",
        Some(Status::UnexpectedPass) => "unexpected pass",
        _ => case.verdict.name(),
    }
}

/// Why, and the first difference.
fn happened(case: &CaseResult) -> String {
    let mut text = plain(&short_reason(case));
    let Some(reason) = &case.reason else {
        return text;
    };
    if let Some(it) = &reason.difference {
        text.push_str(&format!(
            "<br>{}, byte {}: {} expected, {} observed",
            plain(&it.what),
            it.at_byte,
            or_nothing(&it.expected),
            or_nothing(&it.observed)
        ));
    }
    if let Some(it) = &reason.spot {
        text.push_str(&format!(
            "<br>{}, byte {}: {} ({})",
            plain(&it.what),
            it.at_byte,
            or_nothing(&it.excerpt),
            plain(&it.note)
        ));
    }
    text
}

fn or_nothing(text: &str) -> String {
    if text.is_empty() { "nothing".to_owned() } else { code(text) }
}
