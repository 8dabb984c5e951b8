//! The table over the results of real clients, or servers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use ssespec_harness::Known;
use ssespec_report::quantity::plural;
use ssespec_report::{CaseResult, RunResult, Verdict};

/// A result, and what is known of its failures.
#[derive(Debug)]
pub(crate) struct Published {
    /// Of the names of its files.
    pub(crate) stem: String,
    pub(crate) result: RunResult,
    pub(crate) known: Known,
}

fn head(role: &str) -> String {
    let withheld = match role {
        "proxy" => {
            "Each runs as its script under `adapters/proxies` has it, most of them as they come. To gather what\n\
             is forwarded is allowed, and a warning here. `cargo xtask interop proxies` runs them again.\n"
        }
        "server" => {
            "Values that could open a field of their own are left out here: who keeps a library \
             hears of such\nfindings first. `ssespec test server --exec` shows them.\n"
        }
        _ => {
            "Whether credentials go along to another origin is left out here: who keeps a client \
             hears of such\nfindings first. `ssespec test client` shows them.\n"
        }
    };
    let many = plural(role);
    format!(
        "\
# Real {many}

Made by `cargo xtask interop {many}` from the results beside it; do not edit.
What the columns mean is told in [verdicts](../../docs/verdicts.md), and what each adapter claims,
and why, in [adapters](../../adapters/README.md). A case counts once for each route, such as
`@feed` or `@h1`. Features that a {role} does not have make cases `n/a`: those speak neither for it
nor against it.
{withheld}
| {role} | version | runtime | profile | pass | fail | warn | observed | blocked | n/a | date |
|---|---|---|---|--:|--:|--:|--:|--:|--:|---|
"
    )
}

/// The page.
pub(crate) fn render(role: &str, results: &[Published]) -> String {
    let mut page = head(role);
    for Published { stem, result, .. } in results {
        let (subject, summary) = (&result.subject, &result.summary);
        let date = result.started.split('T').next().unwrap_or_default();
        let _ = writeln!(
            page,
            "| [{}]({stem}.json) | {} | {} | {} | {} | {} | {} | {} | {} | {} | {date} |",
            cell(&subject.name),
            cell(&subject.version),
            cell(if subject.runtime.is_empty() { &subject.language } else { &subject.runtime }),
            result.profile,
            summary.pass,
            summary.fail,
            summary.warn,
            summary.observed,
            summary.blocked,
            summary.not_applicable,
        );
    }
    for published in results {
        page.push_str(&breaches(published));
    }
    page
}

/// A rule that is broken.
#[derive(Debug)]
struct Breach<'r> {
    cases: usize,
    first: &'r CaseResult,
    reasons: BTreeSet<&'r str>,
}

/// The rules that a subject breaks, those with the most cases first.
fn breaches(published: &Published) -> String {
    let Published { result, known, .. } = published;
    let mut rules: BTreeMap<&str, Breach<'_>> = BTreeMap::new();
    for case in &result.cases {
        if matches!(case.verdict, Verdict::Fail | Verdict::Warn) {
            let fresh = Breach { cases: 0, first: case, reasons: BTreeSet::new() };
            let breach = rules.entry(&case.rule).or_insert(fresh);
            breach.cases += 1;
            breach.reasons.extend(known.reason(&case.id));
        }
    }
    if rules.is_empty() {
        return String::new();
    }
    let mut rules: Vec<_> = rules.into_iter().collect();
    rules.sort_by_key(|(rule, breach)| (std::cmp::Reverse(breach.cases), *rule));
    let (because, rule) = if known.is_empty() { ("", "") } else { (" because |", "---|") };
    let mut text = format!(
        "\n## {} {}\n\n| rule | | cases | such as | which wants |{because}\n|---|---|--:|---|---|{rule}\n",
        result.subject.name, result.subject.version
    );
    for (rule, Breach { cases, first, reasons: why }) in rules {
        let (verdict, id, title) = (first.verdict.name(), &first.id, cell(&first.title));
        let _ = write!(text, "| `{rule}` | {verdict} | {cases} | `{id}` | {title} |");
        if !known.is_empty() {
            let why: Vec<&str> = why.into_iter().collect();
            let _ = write!(text, " {} |", cell(&why.join("; ")));
        }
        text.push('\n');
    }
    text
}

/// Text that cannot end a table's cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\r', '\n'], " ")
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn a_bar_stays_in_its_cell() {
        assert_eq!(cell("a|b\nc"), "a\\|b c");
    }
}
