//! What a case expects, and whether a subject could break it.

use std::collections::BTreeSet;

use super::Findings;
use crate::place::Place;
use crate::{Case, Expectation, Feature, Level, Outcome, Rule};

/// Most numbered events that a case expects: each is kept for the report.
const MAX_EVENTS: u32 = 200_000;

pub(super) fn lint(
    case: &Case,
    place: &Place<'_>,
    rule: Option<&Rule>,
    findings: &mut Findings<'_>,
) {
    if !case.expect.is_empty() && !case.outcomes.is_empty() {
        findings.error(
            place.key("outcomes").key_span(),
            "the case has both `expect` and `outcomes`",
            "",
            "keep `expect` where there is one right answer, `outcomes` where there are several",
        );
    }
    if let Some(rule) = rule {
        lint_level(case, place, rule, findings);
    }
    lint_outcomes(case, place, findings);
    lint_reports(case, &case.expect, &place.key("expect"), findings);
    for (n, outcome) in case.outcomes.iter().enumerate() {
        let place = place.key("outcomes").item(n).key("expect");
        lint_reports(case, &outcome.expect, &place, findings);
    }
}

fn lint_level(case: &Case, place: &Place<'_>, rule: &Rule, findings: &mut Findings<'_>) {
    let only_observed =
        rule.level == Level::Info && rule.levels.values().all(|it| *it == Level::Info);
    if only_observed && case.outcomes.is_empty() {
        findings.error(
            place.key("rule").span(),
            format!("nothing can break `{}`: its level is `info`", rule.id),
            "",
            "name what subjects may do in `outcomes`, or cite a rule that can be broken",
        );
    }
}

fn lint_outcomes(case: &Case, place: &Place<'_>, findings: &mut Findings<'_>) {
    for (n, outcome) in case.outcomes.iter().enumerate() {
        let place = place.key("outcomes").item(n);
        if outcome.name.trim().is_empty() {
            findings.error(
                place.key("name").span(),
                "the outcome has no name",
                "",
                "say in a word or two what the subject does: the report shows it",
            );
            continue;
        }
        let same = |other: &&Outcome| {
            other.expect == outcome.expect
                && other.last_header == outcome.last_header
                && other.last_without == outcome.last_without
                && other.last_target == outcome.last_target
                && other.last_origin == outcome.last_origin
        };
        let earlier = || case.outcomes.iter().take(n);
        if earlier().any(|other| other.name == outcome.name) {
            findings.error(
                place.key("name").span(),
                format!("two outcomes are named `{}`", outcome.name),
                "",
                "give each its own name",
            );
        } else if let Some(other) = earlier().find(same) {
            findings.error(
                place.key("name").span(),
                format!("`{}` and `{}` cannot be told apart", other.name, outcome.name),
                "",
                "let `expect`, or what is said of the last request, differ",
            );
        }
    }
}

fn lint_reports(
    case: &Case,
    expect: &[Expectation],
    place: &Place<'_>,
    findings: &mut Findings<'_>,
) {
    for (n, report) in expect.iter().enumerate() {
        if let Expectation::Events { times, .. } = report
            && !(1..=MAX_EVENTS).contains(times)
        {
            findings.error(
                place.item(n).key("events").key("times").span(),
                format!("{times} events cannot be compared"),
                "",
                format!("expect 1 to {MAX_EVENTS}, or leave `events` out"),
            );
        }
    }
    for (n, pair) in expect.windows(2).enumerate() {
        let [report, next] = pair else { continue };
        let is_closed = |it: &Expectation| matches!(it, Expectation::Closed {});
        let gave_up = matches!(report, Expectation::Error { fatal: Some(true) });
        if is_closed(report) {
            findings.error(
                place.item(n + 1).span(),
                "nothing can be reported after `closed`",
                "",
                "make `closed` the last report",
            );
        } else if gave_up && !is_closed(next) {
            findings.error(
                place.item(n + 1).span(),
                "after a fatal error only `closed` can follow",
                "",
                "leave it out, or let the error be `fatal = false`",
            );
        }
    }
    lint_claims(case, expect, place, findings);
}

/// A subject that does not claim `comments` is not asked about comments; where nothing else is
/// expected, the case would pass without having looked at anything.
fn lint_claims(
    case: &Case,
    expect: &[Expectation],
    place: &Place<'_>,
    findings: &mut Findings<'_>,
) {
    let needs = case.needs();
    let unclaimed = |report: &Expectation| {
        let feature = match report {
            Expectation::Comment(_) => Feature::Comments,
            Expectation::Retry(_) => Feature::Retry,
            _ => return None,
        };
        (!needs.contains(&feature)).then_some(feature)
    };
    let missing: Option<BTreeSet<Feature>> = expect.iter().map(unclaimed).collect();
    let missing = missing.unwrap_or_default();
    if !missing.is_empty() {
        let names: Vec<_> = missing.iter().map(|it| format!("\"{}\"", it.name())).collect();
        findings.warning(
            place.key_span(),
            "a subject that does not report these passes unseen",
            "not compared where it is not claimed",
            format!("add `needs = [{}]`, so that the case is n/a there", names.join(", ")),
        );
    }
}
