//! What changed between two runs, and with which exit code that ends.

mod samples;

use insta::assert_snapshot;
use samples::{case, hostile, mismatch, missing, not_started, pass, prose, red, run, with_status};
use ssespec_report::console::{Style, diff_summary};
use ssespec_report::diff::{ChangeKind, Diff};
use ssespec_report::markdown::diff_to_markdown;
use ssespec_report::outcome::{ExitCode, FailOn};
use ssespec_report::{CaseResult, RunResult, Status, Verdict};

const ID: &str = "t/a@h1";

/// A case with this verdict or status; none where there is no such case.
fn state(name: &str) -> Option<CaseResult> {
    let verdict = |name: &str| Verdict::ALL.into_iter().find(|it| it.name() == name);
    let failed = || case(ID, Verdict::Fail, "x", "a reason");
    Some(match name {
        "none" => return None,
        "pass" => pass(ID),
        "flaky" => with_status(pass(ID), Status::Flaky),
        "known" => with_status(failed(), Status::KnownFailure),
        name => case(ID, verdict(name)?, "x", "a reason"),
    })
}

/// The kind of the change and the exit code where this case is beside one that stays.
fn change(old: Option<CaseResult>, new: Option<CaseResult>, fail_on: FailOn) -> String {
    let result =
        |case: Option<CaseResult>| run(case.into_iter().chain([pass("t/stays@h1")]).collect());
    let (old, new) = (result(old), result(new));
    let diff = Diff::new(&old, &new, fail_on);
    let kinds: Vec<String> = diff.changes.iter().map(|it| format!("{:?}", it.kind)).collect();
    format!("{} {}", kinds.join(","), diff.exit_code().code())
}

#[test]
fn what_each_change_means() {
    for (old, new, wanted) in [
        ("pass", "pass", " 0"),
        ("pass", "fail", "Regressed 1"),
        ("pass", "known", "Regressed 1"),
        ("pass", "flaky", "Regressed 1"),
        ("pass", "error", "Regressed 1"),
        ("pass", "n/a", "Regressed 1"),
        ("pass", "blocked", "Regressed 1"),
        ("pass", "warn", "Warned 0"),
        ("pass", "observed", "Changed 0"),
        ("pass", "inconclusive", "Lost 6"),
        ("fail", "inconclusive", "Lost 6"),
        ("pass", "none", "Vanished 1"),
        ("fail", "none", "Vanished 1"),
        ("n/a", "none", "Removed 0"),
        ("warn", "fail", "Regressed 1"),
        ("fail", "pass", "Fixed 0"),
        ("fail", "warn", "Fixed 0"),
        ("known", "pass", "Fixed 0"),
        ("fail", "known", " 0"),
        ("flaky", "pass", "Fixed 0"),
        ("fail", "n/a", "Changed 0"),
        ("n/a", "pass", "Passing 0"),
        ("error", "fail", "Failing 0"),
        ("inconclusive", "pass", "Passing 0"),
        ("none", "fail", "Failing 0"),
        ("none", "pass", "Passing 0"),
        ("none", "n/a", " 0"),
    ] {
        let found = change(state(old), state(new), FailOn::Must);
        assert_eq!(found, wanted, "{old} → {new}");
    }
    assert_eq!(change(state("pass"), state("warn"), FailOn::Should), "Regressed 1");
}

#[test]
fn a_regression_weighs_more_than_a_loss() {
    let old = run(vec![pass("t/a@h1"), pass("t/b@h1")]);
    let new = run(vec![
        case("t/a@h1", Verdict::Inconclusive, "cut", "not proven"),
        case("t/b@h1", Verdict::Fail, "x", "a reason"),
    ]);
    assert_eq!(Diff::new(&old, &new, FailOn::Must).exit_code(), ExitCode::Failed);
}

#[test]
fn runs_without_a_common_case_are_not_compared() {
    let (old, new) = (run(vec![pass("t/a@h1")]), run(vec![pass("t/a@h2")]));
    assert_eq!(Diff::new(&old, &new, FailOn::Must).exit_code(), ExitCode::Empty);
    let (old, new) = (run(Vec::new()), run(Vec::new()));
    assert_eq!(Diff::new(&old, &new, FailOn::Must).exit_code(), ExitCode::Empty);
}

#[test]
fn what_is_observed_may_change() {
    let observed = |what: &str| CaseResult {
        verdict: Verdict::Observed,
        observed: vec![what.to_owned()],
        ..pass(ID)
    };
    assert_eq!(change(Some(observed("a")), Some(observed("a")), FailOn::Must), " 0");
    assert_eq!(change(Some(observed("a")), Some(observed("b")), FailOn::Must), "Changed 0");
}

/// A newer version of the red run: one fixed, one broken on two routes, some gone.
fn newer() -> RunResult {
    let mut new = red();
    "5.2.0".clone_into(&mut new.subject.version);
    new.subject.features.retain(|it| it != "feed");
    "0.2.0".clone_into(&mut new.tool.version);
    for case in &mut new.cases {
        if case.id.starts_with("line/crlf") {
            *case = pass(&case.id.clone());
        } else if case.id.starts_with("data/joined") {
            *case = CaseResult { id: case.id.clone(), route: case.route.clone(), ..missing() };
        }
    }
    new.cases.retain(|case| !case.id.starts_with("dispatch/") && !case.id.starts_with("comment/"));
    new.cases.push(CaseResult { id: "new/one@h1".to_owned(), ..mismatch() });
    new
}

#[test]
fn golden() {
    let (old, new) = (red(), newer());
    let diff = Diff::new(&old, &new, FailOn::Must);
    let style = Style::plain().with_width(80);
    assert_snapshot!("diff-console", diff_summary(&diff, style));
    assert_snapshot!("diff-markdown", diff_to_markdown(&diff));
    let same = Diff::new(&old, &old, FailOn::Must);
    assert_snapshot!("diff-same", diff_summary(&same, style));
    let empty = not_started();
    let nothing = Diff::new(&old, &empty, FailOn::Must);
    assert_snapshot!("diff-nothing", diff_summary(&nothing, style));
}

#[test]
fn what_a_subject_says_stays_text() {
    let (old, new) = (red(), hostile());
    for diff in [Diff::new(&old, &new, FailOn::Must), Diff::new(&new, &old, FailOn::Must)] {
        assert!(diff.of(ChangeKind::Vanished).count() > 0);
        for text in [diff_to_markdown(&diff), diff_summary(&diff, Style::plain())] {
            assert!(!text.contains(|c: char| c.is_control() && c != '\n'));
            assert!(!text.contains('\u{202e}'));
        }
        for line in diff_to_markdown(&diff).lines() {
            let prose = prose(line);
            assert!(!prose.contains("<img") && !prose.contains("@someone"), "{line}");
        }
    }
}
