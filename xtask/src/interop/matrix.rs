//! The table over the results of real clients, or servers.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ssespec_report::quantity::plural;
use ssespec_report::{RunResult, Verdict};

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

/// The page, from the results by the stems of their files.
pub(crate) fn render(role: &str, results: &[(String, RunResult)]) -> String {
    let mut page = head(role);
    for (stem, result) in results {
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
    for (_, result) in results {
        page.push_str(&breaches(result));
    }
    page
}

/// The rules that a subject breaks, those with the most cases first.
fn breaches(result: &RunResult) -> String {
    let mut rules: BTreeMap<&str, (usize, &str, &str, &str)> = BTreeMap::new();
    for case in &result.cases {
        if matches!(case.verdict, Verdict::Fail | Verdict::Warn) {
            let entry = (0, case.verdict.name(), case.id.as_str(), case.title.as_str());
            rules.entry(&case.rule).or_insert(entry).0 += 1;
        }
    }
    if rules.is_empty() {
        return String::new();
    }
    let mut rules: Vec<_> = rules.into_iter().collect();
    rules.sort_by_key(|(rule, (count, ..))| (std::cmp::Reverse(*count), *rule));
    let mut text = format!(
        "\n## {} {}\n\n| rule | | cases | such as | which wants |\n|---|---|--:|---|---|\n",
        result.subject.name, result.subject.version
    );
    for (rule, (count, verdict, id, title)) in rules {
        let _ = writeln!(text, "| `{rule}` | {verdict} | {count} | `{id}` | {} |", cell(title));
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
