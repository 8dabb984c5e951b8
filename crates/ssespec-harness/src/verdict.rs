//! From the attempts at a case to its verdict, and from the verdicts to what they explain.

use std::collections::BTreeSet;
use std::time::Duration;

use ssespec_mock::Happening;
use ssespec_report::{CaseResult, Evidence, Reason, Status, Verdict};
use ssespec_scenario::{Case, Catalogue, Level, Route, Rule};

use crate::attempt::End;
use crate::evidence::timeline;
use crate::judge::{Ruling, excess_request};
use crate::lane::Judged;
use crate::plan::Planned;
use crate::protocol::Report;
use crate::punctuality::since_close;
use crate::subject::Starter;

/// Our own lag from which a machine counts as busy: so much in total, and such a share of the time
/// that the attempt took.
const LAG_LIMIT: Duration = Duration::from_secs(1);
const LAG_SHARE: f64 = 0.2;

/// Whether nothing speaks for running it again.
pub(crate) fn is_settled(judged: &Judged) -> bool {
    matches!(judged.judgement.ruling, Ruling::Kept | Ruling::Chose(_) | Ruling::Moot(_))
}

fn blank(case: &Planned, starter: &Starter<'_>) -> CaseResult {
    let reproduce = starter.command_line(&case.id());
    unjudged(&case.case, &case.rule, case.level, case.route, reproduce)
}

/// The result of a case on a route, before anything is known of it.
pub(crate) fn unjudged(
    case: &Case,
    rule: &Rule,
    level: Level,
    route: Route,
    reproduce: String,
) -> CaseResult {
    CaseResult {
        reproduce,
        id: format!("{}@{}", case.id, route.name()),
        route: route.name().to_owned(),
        rule: rule.id.clone(),
        level: level.name().to_owned(),
        rule_text: rule.text.clone(),
        rule_url: rule.url(),
        title: case.title.clone(),
        verdict: Verdict::Pass,
        status: None,
        duration_ms: 0,
        expected: Vec::new(),
        observed: Vec::new(),
        reason: None,
        evidence: None,
        references: case.evidence.clone(),
    }
}

pub(crate) fn not_applicable(case: &Planned, starter: &Starter<'_>) -> CaseResult {
    let names: Vec<String> =
        case.missing.iter().map(|feature| format!("`{}`", feature.name())).collect();
    let reason = match case.obstacle {
        Some(obstacle) if names.is_empty() => Reason::new(
            "contract",
            obstacle,
            "an adapter can say more: `--exec`, docs/adapter-protocol.md",
        ),
        _ => Reason::new(
            "feature",
            format!("the subject does not claim {}", names.join(", ")),
            starter.subject.how_to_claim(),
        ),
    };
    CaseResult { verdict: Verdict::NotApplicable, reason: Some(reason), ..blank(case, starter) }
}

/// The verdict on a case from all its attempts. `reruns` are those of the first unsettled ones.
pub(crate) fn conclude(
    case: &Planned,
    attempts: &[Judged],
    reruns: &[Judged],
    starter: &Starter<'_>,
) -> CaseResult {
    let runs = u32::try_from(attempts.len() + reruns.len()).unwrap_or(u32::MAX);
    let duration: Duration =
        attempts.iter().chain(reruns).map(|judged| judged.attempt.duration).sum();
    // An attempt that our own lag voids is no evidence where there is a better one.
    let first_rerun = reruns
        .iter()
        .find(|judged| !is_settled(judged) && !is_void(judged))
        .or_else(|| reruns.last().filter(|judged| is_void(judged)));
    let unsettled = attempts.iter().find(|judged| !is_settled(judged));
    let shown = first_rerun.or(unsettled).or(attempts.first());
    let Some(shown) = shown else {
        return blank(case, starter);
    };
    // Failed, then passed: the subject's doing, unless we were the slow ones.
    let flaky = unsettled.is_some() && first_rerun.is_none() && !reruns.is_empty();
    // What says nothing about the subject gives way to what was seen when it was run again.
    let shown = reruns.last().filter(|_| flaky && is_excused(case, shown)).unwrap_or(shown);
    let (verdict, why) = match &shown.judgement.ruling {
        Ruling::Kept => (Verdict::Pass, None),
        Ruling::Chose(name) => (Verdict::Observed, Some(Reason::new("observed", name.clone(), ""))),
        Ruling::Moot(why) => (Verdict::NotApplicable, Some(why.clone())),
        Ruling::Open(why) => (Verdict::Inconclusive, Some(why.clone())),
        Ruling::Failed(why) => (Verdict::Error, Some(why.clone())),
        Ruling::Broke(_) if is_void(shown) => (Verdict::Inconclusive, Some(lagged(shown))),
        Ruling::Broke(why) => (breach_verdict(case.level), Some(why.clone())),
    };
    let status =
        (flaky && matches!(verdict, Verdict::Fail | Verdict::Warn)).then_some(Status::Flaky);
    let passed = verdict == Verdict::Pass;
    CaseResult {
        verdict,
        status,
        duration_ms: u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
        expected: shown.judgement.expected.clone(),
        observed: shown.judgement.observed.clone(),
        reason: why.filter(|_| !passed),
        evidence: (!passed && !matches!(verdict, Verdict::Observed | Verdict::NotApplicable)).then(
            || Evidence {
                runs,
                variant: shown.variation.to_string(),
                request: String::new(),
                timeline: timeline(&shown.attempt),
            },
        ),
        ..blank(case, starter)
    }
}

/// Whether the attempt is no evidence against a subject that does better when it is run again.
fn is_excused(case: &Planned, judged: &Judged) -> bool {
    match judged.judgement.ruling {
        Ruling::Open(_) | Ruling::Failed(_) => true,
        Ruling::Broke(_) => {
            is_void(judged)
                || was_busy(judged)
                || was_never_asked(case, judged)
                || came_before_closed(judged)
        }
        Ruling::Kept | Ruling::Chose(_) | Ruling::Moot(_) => false,
    }
}

/// What a broken rule of this level comes to.
pub(crate) fn breach_verdict(level: Level) -> Verdict {
    match level {
        Level::Must => Verdict::Fail,
        Level::Should => Verdict::Warn,
        Level::Info => Verdict::Observed,
    }
}

/// Whether the attempt says nothing about the subject: our own lag explains a breach that rests on
/// something not coming in time, or on a client that lost its own patience with us; or a cut was
/// not carried out.
pub(crate) fn is_void(judged: &Judged) -> bool {
    match &judged.judgement.ruling {
        Ruling::Kept | Ruling::Chose(_) | Ruling::Moot(_) => false,
        Ruling::Open(_) => true,
        Ruling::Failed(_) => judged.attempt.starved && judged.attempt.end == End::Unanswered,
        Ruling::Broke(why) => match why.kind.as_str() {
            "missing" | "timeout" | "late" => judged.late || judged.attempt.starved,
            // A client whose own timer ran out while we were about to act is not to blame.
            "extra" if excess_request(&judged.attempt).is_some() => judged.late || judged.overtaken,
            _ => judged.late,
        },
    }
}

/// Whether the subject was waited for in vain on a machine that may have been too busy for it. That
/// is no breach where it passes when it runs alone.
fn was_busy(judged: &Judged) -> bool {
    let notable = LAG_LIMIT.max(judged.attempt.duration.mul_f64(LAG_SHARE));
    failed_by_waiting(judged) && judged.lag >= notable
}

/// Whether no request came at all, for what a case before may have done to the connection. Over
/// HTTP/1.1 that is so where it would not have been safe to repeat the request: a client that sends
/// it on an idle connection, which the mock ends at the same moment, has to give up (RFC 9112,
/// section 9.3.1). Over HTTP/2 cases may share a connection, and what breaks it takes any request
/// on its way with it.
fn was_never_asked(case: &Planned, judged: &Judged) -> bool {
    let method = case.case.open.method.as_deref().unwrap_or("GET");
    let attempt = &judged.attempt;
    let asked = attempt.journal.iter().any(|it| matches!(it.what, Happening::Request { .. }));
    let may_be_lost = match case.route {
        Route::H2 | Route::H2c => true,
        _ => !matches!(method, "GET" | "HEAD") && attempt.end == End::ClosedEarly,
    };
    !asked && may_be_lost
}

/// Whether a request too many came when the client had been told to close, and had not said yet that
/// it did. One that serves its streams by turns may have been busy with another one, and then found
/// its timer and our command due at once.
fn came_before_closed(judged: &Judged) -> bool {
    let attempt = &judged.attempt;
    since_close(&attempt.journal).is_some_and(|(_, asked)| {
        !attempt.reports.iter().any(|seen| seen.report == Report::Closed && seen.at <= asked)
    })
}

/// Whether the subject was waited for in vain.
pub(crate) fn failed_by_waiting(judged: &Judged) -> bool {
    matches!(judged.attempt.end, End::TimedOut | End::Unanswered) || judged.attempt.released
}

fn lagged(judged: &Judged) -> Reason {
    Reason::new(
        "lag",
        if judged.late {
            "what the case sends or commands went out later than it means to".to_owned()
        } else {
            format!("the harness itself was {} ms late in total", judged.lag.as_millis())
        },
        "run it on a machine that is less busy, or with a larger --time-scale",
    )
}

/// Failures that the failure of a more basic case explains are `blocked`.
pub(crate) fn block(cases: &mut [CaseResult], catalogue: &Catalogue) {
    let failed: BTreeSet<String> = cases
        .iter()
        .filter(|case| matches!(case.verdict, Verdict::Fail | Verdict::Warn))
        .map(|case| case.id.clone())
        .collect();
    for case in cases.iter_mut().filter(|case| failed.contains(&case.id)) {
        let (bare, route) = case.id.split_once('@').unwrap_or((&case.id, ""));
        let depends = catalogue.case(bare).map(|case| case.depends.as_slice()).unwrap_or_default();
        if let Some(base) = depends.iter().find(|base| failed.contains(&format!("{base}@{route}")))
        {
            case.verdict = Verdict::Blocked;
            case.status = None;
            case.reason = Some(Reason::new(
                "blocked",
                format!("`{base}` fails, and this case says nothing without it"),
                "mend that one first",
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    use ssespec_mock::Variation;
    use ssespec_net::TestCa;

    use super::*;
    use crate::Subject;
    use crate::attempt::{Attempt, Observation};
    use crate::judge::Judgement;
    use crate::punctuality::tests::{entry, request};
    use crate::service::OpenStreams;

    fn judged(ruling: Ruling) -> Judged {
        let judgement = Judgement { ruling, expected: Vec::new(), observed: Vec::new() };
        Judged::in_time(Attempt::without_events(End::Proven), judgement, Variation::Whole)
    }

    fn concluded(first: Judged, again: Judged) -> (Verdict, Option<Status>) {
        concluded_of("retry/empty-value", Route::H1, first, again)
    }

    fn concluded_of(
        id: &str,
        route: Route,
        first: Judged,
        again: Judged,
    ) -> (Verdict, Option<Status>) {
        let catalogue = Catalogue::builtin();
        let case = catalogue.case(id).expect("the case is built in");
        let rule = catalogue.rule(&case.rule).expect("its rule is, too");
        let planned = Planned {
            case: Arc::clone(case),
            route,
            rule: rule.clone(),
            level: Level::Must,
            missing: Vec::new(),
            obstacle: None,
            variations: vec![Variation::Whole],
        };
        let starter = Starter {
            subject: &Subject::Builtin,
            ca: &TestCa::generate().expect("a CA can be made"),
            origins: &[],
            ca_file: Path::new("ca.pem"),
            environment: Vec::new(),
            time_scale: 1.0,
            streams: &OpenStreams::default(),
            attached: AtomicBool::new(false),
        };
        let result = conclude(&planned, &[first], &[again], &starter);
        (result.verdict, result.status)
    }

    fn reason() -> Reason {
        Reason::new("mismatch", "report 1 differs in its data", "")
    }

    #[test]
    fn what_could_not_be_judged_gives_way_to_what_is_seen_again() {
        for (ruling, verdict) in [
            (Ruling::Kept, Verdict::Pass),
            (Ruling::Chose("zero".to_owned()), Verdict::Observed),
            (Ruling::Moot(reason()), Verdict::NotApplicable),
        ] {
            let open = judged(Ruling::Open(reason()));
            assert_eq!(concluded(open, judged(ruling)), (verdict, None));
        }
    }

    #[test]
    fn a_breach_that_is_not_seen_again_is_flaky() {
        let broke = judged(Ruling::Broke(reason()));
        assert_eq!(concluded(broke, judged(Ruling::Kept)), (Verdict::Fail, Some(Status::Flaky)));
    }

    #[test]
    fn a_request_that_a_broken_connection_took_along_is_no_evidence_unless_it_is_never_sent() {
        let unsent = || {
            let judgement = judged(Ruling::Broke(reason())).judgement;
            let attempt = Attempt::without_events(End::ClosedEarly);
            Judged::in_time(attempt, judgement, Variation::Whole)
        };
        let kept = || judged(Ruling::Kept);
        let get = "retry/empty-value";
        let post = "redirect/post-over-temporary-redirect";
        for (id, route) in [(post, Route::H1), (get, Route::H2), (get, Route::H2c)] {
            assert_eq!(concluded_of(id, route, unsent(), kept()), (Verdict::Pass, None));
            assert_eq!(concluded_of(id, route, unsent(), unsent()), (Verdict::Fail, None));
        }
        let flaky = (Verdict::Fail, Some(Status::Flaky));
        assert_eq!(concluded_of(get, Route::H1, unsent(), kept()), flaky);
    }

    #[test]
    fn a_request_before_closed_is_no_evidence_unless_it_is_seen_again() {
        let at = Duration::from_millis;
        let extra = |closed_at| {
            let Judged { mut attempt, judgement, variation, .. } =
                judged(Ruling::Broke(Reason::new("extra", "a request too many", "")));
            attempt.journal = vec![entry(150, Happening::CloseAsked), request(500)];
            let note = None;
            attempt.reports = vec![Observation { at: closed_at, report: Report::Closed, note }];
            Judged::in_time(attempt, judgement, variation)
        };
        let kept = || judged(Ruling::Kept);
        assert_eq!(concluded(extra(at(510)), kept()), (Verdict::Pass, None));
        assert_eq!(concluded(extra(at(510)), extra(at(510))), (Verdict::Fail, None));
        let flaky = (Verdict::Fail, Some(Status::Flaky));
        assert_eq!(concluded(extra(at(160)), kept()), flaky);
    }

    #[test]
    fn a_breach_that_is_seen_again_is_a_failure() {
        let broke = || judged(Ruling::Broke(reason()));
        assert_eq!(concluded(broke(), broke()), (Verdict::Fail, None));
    }
}
