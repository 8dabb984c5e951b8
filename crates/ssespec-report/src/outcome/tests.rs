//! The precedence of the exit codes, line by line.

use super::*;
use crate::model::{RunError, SCHEMA_VERSION, Subject, Summary, Tool};

const KNOWN: Option<Status> = Some(Status::KnownFailure);
const FLAKY: Option<Status> = Some(Status::Flaky);
const SURPRISE: Option<Status> = Some(Status::UnexpectedPass);

fn case((verdict, status): (Verdict, Option<Status>)) -> CaseResult {
    CaseResult {
        id: "a/b@h1".to_owned(),
        route: "h1".to_owned(),
        rule: "a.b".to_owned(),
        level: if verdict == Verdict::Warn { "should" } else { "must" }.to_owned(),
        rule_text: String::new(),
        rule_url: String::new(),
        title: String::new(),
        verdict,
        status,
        duration_ms: 0,
        expected: Vec::new(),
        observed: Vec::new(),
        reason: None,
        evidence: None,
        references: Vec::new(),
        reproduce: String::new(),
    }
}

fn run(cases: &[(Verdict, Option<Status>)], kinds: &[&str], interrupted: bool) -> RunResult {
    RunResult {
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: "ssespec".to_owned(), version: String::new() },
        subject: Subject::default(),
        suite: String::new(),
        profile: String::new(),
        started: String::new(),
        duration_ms: 0,
        interrupted,
        // Deliberately not of these cases: the cases decide.
        summary: Summary::default(),
        errors: kinds
            .iter()
            .map(|kind| RunError {
                kind: (*kind).to_owned(),
                message: "m".to_owned(),
                help: String::new(),
            })
            .collect(),
        cases: cases.iter().copied().map(case).collect(),
    }
}

#[test]
fn one_cause_alone() {
    use ExitCode::{Bug, Empty, Failed, Ok, StaleKnown, Subject, Untrusted, Usage};
    use Verdict::{Blocked, Error, Fail, Inconclusive, NotApplicable, Observed, Pass, Warn};
    let good = (Pass, None);
    // (cases, errors, with --fail-on must, with --fail-on should)
    let table: &[(&[_], &[&str], ExitCode, ExitCode)] = &[
        (&[good], &[], Ok, Ok),
        (&[good, (Observed, None), (NotApplicable, None), (Blocked, None)], &[], Ok, Ok),
        (&[good, (Fail, None)], &[], Failed, Failed),
        (&[good, (Fail, KNOWN)], &[], Ok, Ok),
        (&[(Fail, KNOWN)], &[], Ok, Ok),
        (&[good, (Fail, FLAKY)], &[], Failed, Failed),
        (&[good, (Pass, FLAKY)], &[], Failed, Failed),
        (&[good, (Inconclusive, FLAKY)], &[], Untrusted, Untrusted),
        (&[good, (Pass, SURPRISE)], &[], Failed, Failed),
        (&[good, (Observed, SURPRISE)], &[], Failed, Failed),
        (&[good, (Warn, None)], &[], Ok, Failed),
        (&[(Warn, None)], &[], Ok, Failed),
        (&[good, (Warn, FLAKY)], &[], Ok, Failed),
        (&[good, (Warn, KNOWN)], &[], Ok, Ok),
        (&[good, (Error, None)], &[], Subject, Subject),
        (&[good, (Error, KNOWN)], &[], Subject, Subject),
        (&[good, (Inconclusive, None)], &[], Untrusted, Untrusted),
        (&[], &[], Empty, Empty),
        (&[(NotApplicable, None)], &[], Empty, Empty),
        (&[(Observed, None)], &[], Empty, Empty),
        (&[(Blocked, None)], &[], Empty, Empty),
        (&[good], &["bug"], Bug, Bug),
        (&[good], &["usage"], Usage, Usage),
        (&[good], &["scenario"], Usage, Usage),
        (&[good], &["configuration"], Usage, Usage),
        (&[good], &["report"], Usage, Usage),
        (&[good], &["subject"], Subject, Subject),
        (&[good], &["protocol"], Subject, Subject),
        (&[good], &["added-later"], Subject, Subject),
        (&[good], &["known-failures"], StaleKnown, StaleKnown),
        (&[good], &["selection"], Empty, Empty),
    ];
    for (cases, errors, must, should) in table {
        let result = run(cases, errors, false);
        assert_eq!(run_outcome(&result, FailOn::Must).exit_code, *must, "{cases:?} {errors:?}");
        assert_eq!(run_outcome(&result, FailOn::Should).exit_code, *should, "{cases:?} {errors:?}");
        assert_eq!(
            run_outcome(&run(cases, errors, true), FailOn::Must).exit_code,
            if *must == Bug { Bug } else { ExitCode::Interrupted },
            "{cases:?} {errors:?}, interrupted"
        );
    }
}

/// 70, 130, 2, 3 where nothing could be judged, 1, 3, 6, 5, 4: all hold, then one after the other
/// is taken away.
#[test]
fn several_causes_at_once() {
    use ExitCode::{Bug, Empty, Failed, Interrupted, StaleKnown, Subject, Untrusted, Usage};
    use Verdict::{Error, Fail, Inconclusive, Pass};
    type Cases<'a> = &'a [(Verdict, Option<Status>)];
    let all: Cases<'_> = &[(Pass, None), (Fail, None), (Error, None), (Inconclusive, None)];
    let unjudged: Cases<'_> = &[(Error, None), (Inconclusive, None)];
    let errors = ["bug", "usage", "subject", "known-failures", "selection"];
    let table: &[(ExitCode, Cases<'_>, &[&str], bool)] = &[
        (Bug, all, &errors, true),
        (Interrupted, all, &errors[1..], true),
        (Usage, all, &errors[1..], false),
        (Usage, unjudged, &errors[1..], false),
        (Subject, unjudged, &errors[2..], false),
        (Failed, all, &errors[2..], false),
        (Subject, &[(Pass, None), (Error, None), (Inconclusive, None)], &errors[3..], false),
        (Subject, &[(Pass, None), (Inconclusive, None)], &errors[2..], false),
        (Untrusted, &[(Pass, None), (Inconclusive, None)], &errors[3..], false),
        (StaleKnown, &[(Pass, None)], &errors[3..], false),
        (Empty, &[(Pass, None)], &errors[4..], false),
    ];
    for (wanted, cases, errors, interrupted) in table {
        let outcome = run_outcome(&run(cases, errors, *interrupted), FailOn::Must);
        assert_eq!(outcome.exit_code, *wanted, "{cases:?} {errors:?}");
        assert!(!outcome.is_ok());
    }
}

#[test]
fn the_reasons_say_what_decided_and_what_else_holds() {
    use Verdict::{Error, Fail, Inconclusive, Pass};
    let cases = [(Pass, None), (Fail, None), (Fail, FLAKY), (Error, None), (Inconclusive, None)];
    let result = run(&cases, &["known-failures", "known-failures", "protocol"], true);
    let outcome = run_outcome(&result, FailOn::Must);
    let reasons: Vec<_> =
        outcome.reasons.iter().map(|r| (r.exit_code.code(), r.message.as_str())).collect();
    assert_eq!(
        reasons,
        [
            (130, "the run was interrupted"),
            (1, "2 cases failed"),
            (3, "1 protocol error"),
            (3, "1 case in error"),
            (6, "1 case inconclusive"),
            (5, "2 known-failures errors"),
        ]
    );
    assert_eq!(run_outcome(&run(&[(Pass, None)], &[], false), FailOn::Must).reasons, []);
}

#[test]
fn the_numbers_are_a_contract() {
    let codes: Vec<_> = ExitCode::ALL.iter().map(|code| code.code()).collect();
    assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6, 70, 130]);
}
