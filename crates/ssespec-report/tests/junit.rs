//! JUnit: what CI servers read, held against the rules of the format three times: the golden file,
//! the structure read back, and, where `xmllint` is installed, the schema beside this file.

mod samples;

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus};
use samples::{case, error, huge, not_started, pass, red, run, with_status};
use ssespec_report::{
    CaseResult, RunResult, Status, Verdict,
    junit::to_junit,
    outcome::{FailOn, run_outcome},
};

/// Writes, holds the text against the rules, and reads it back.
fn report(result: &RunResult, fail_on: FailOn) -> Report {
    let xml = to_junit(result, fail_on).expect("it can be written");
    check_schema(&xml);
    let report = Report::deserialize_from_str(&xml).expect("it can be read back");
    assert!(report.to_string().expect("it can be written again") == xml, "changed: {xml}");
    check_structure(&report);
    let is_red = report.failures + report.errors > 0;
    assert_eq!(is_red, !run_outcome(result, fail_on).is_ok(), "red as the exit code is");
    assert!(report.tests > 0, "never empty");
    report
}

/// Counts add up, and every test can be found by its class and name.
fn check_structure(report: &Report) {
    let mut totals = [0; 4];
    for suite in &report.test_suites {
        let count = |wanted: fn(&TestCase) -> bool| {
            suite.test_cases.iter().filter(|test| wanted(test)).count()
        };
        let counts = [
            suite.test_cases.len(),
            count(|test| is(test, NonSuccessKind::Failure)),
            count(|test| is(test, NonSuccessKind::Error)),
            count(|test| matches!(test.status, TestCaseStatus::Skipped { .. })),
        ];
        assert_eq!(counts, [suite.tests, suite.failures, suite.errors, suite.skipped]);
        for (total, count) in totals.iter_mut().zip(counts) {
            *total += count;
        }
        let mut names = Vec::new();
        for test in &suite.test_cases {
            let class = test.classname.as_ref().expect("a class").as_str();
            assert_eq!(class.split('.').count(), 3, "{class}");
            assert!(class.starts_with("ssespec."), "{class}");
            assert!(test.time.is_some());
            assert!(!names.contains(&&test.name), "{} twice", test.name.as_str());
            names.push(&test.name);
            if let TestCaseStatus::NonSuccess { message, ty, description, .. } = &test.status {
                let message = message.as_ref().expect("a message");
                assert!(!message.contains('\n'), "{}", message.as_str());
                assert!(ty.is_some() && description.is_some());
            }
        }
    }
    assert_eq!(totals, [report.tests, report.failures, report.errors, report.skipped]);
}

fn is(test: &TestCase, wanted: NonSuccessKind) -> bool {
    matches!(&test.status, TestCaseStatus::NonSuccess { kind, .. } if *kind == wanted)
}

/// Validates with `xmllint` where it is installed; the structural check runs everywhere.
fn check_schema(xml: &str) {
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/junit.xsd");
    let Ok(mut child) = Command::new("xmllint")
        .args(["--noout", "--schema", schema, "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
    else {
        return;
    };
    child.stdin.take().expect("stdin").write_all(xml.as_bytes()).expect("xmllint reads it all");
    let output = child.wait_with_output().expect("xmllint ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn find<'a>(report: &'a Report, name: &str) -> &'a TestCase {
    let mut tests = report.test_suites.iter().flat_map(|suite| &suite.test_cases);
    tests.find(|test| test.name.as_str() == name).expect(name)
}

#[test]
fn golden() {
    let result = red();
    report(&result, FailOn::Must);
    insta::assert_snapshot!("junit-red", to_junit(&result, FailOn::Must).unwrap());
    report(&not_started(), FailOn::Must);
    insta::assert_snapshot!("junit-not-started", to_junit(&not_started(), FailOn::Must).unwrap());
}

/// How a case shows.
#[derive(Debug, PartialEq)]
enum Shown {
    Passed,
    PassedWithOutput,
    Failure,
    Error,
    Skipped,
}

fn shown(test: &TestCase) -> Shown {
    match &test.status {
        TestCaseStatus::Success { .. } if test.system_out.is_some() => Shown::PassedWithOutput,
        TestCaseStatus::Success { .. } => Shown::Passed,
        TestCaseStatus::NonSuccess { kind: NonSuccessKind::Failure, .. } => Shown::Failure,
        TestCaseStatus::NonSuccess { kind: NonSuccessKind::Error, .. } => Shown::Error,
        TestCaseStatus::Skipped { .. } => Shown::Skipped,
    }
}

#[test]
fn each_verdict_shows_as_documented() {
    let with = |verdict, status| CaseResult { status, ..case("a/b@h1", verdict, "kind", "why") };
    let should = |mut case: CaseResult| {
        case.level = "should".to_owned();
        case
    };
    let flaky = Some(Status::Flaky);
    let table = [
        (pass("a/b@h1"), Shown::Passed, Shown::Passed),
        (with(Verdict::Fail, None), Shown::Failure, Shown::Failure),
        (with(Verdict::Fail, Some(Status::KnownFailure)), Shown::Skipped, Shown::Skipped),
        (with(Verdict::Fail, flaky), Shown::Failure, Shown::Failure),
        (with(Verdict::Pass, flaky), Shown::Failure, Shown::Failure),
        (should(with(Verdict::Pass, flaky)), Shown::PassedWithOutput, Shown::Failure),
        (with(Verdict::Pass, Some(Status::UnexpectedPass)), Shown::Failure, Shown::Failure),
        (with(Verdict::Warn, None), Shown::PassedWithOutput, Shown::Failure),
        (with(Verdict::Warn, flaky), Shown::PassedWithOutput, Shown::Failure),
        (with(Verdict::Warn, Some(Status::KnownFailure)), Shown::Skipped, Shown::Skipped),
        (with(Verdict::Observed, None), Shown::PassedWithOutput, Shown::PassedWithOutput),
        (with(Verdict::NotApplicable, None), Shown::Skipped, Shown::Skipped),
        (with(Verdict::Blocked, None), Shown::Skipped, Shown::Skipped),
        (with(Verdict::Inconclusive, None), Shown::Error, Shown::Error),
        (with(Verdict::Error, None), Shown::Error, Shown::Error),
        (with(Verdict::Error, Some(Status::KnownFailure)), Shown::Error, Shown::Error),
    ];
    for (case, must, should) in table {
        let what = (case.verdict, case.status);
        let result = run(vec![case, pass("z/z@h1")]);
        assert_eq!(shown(find(&report(&result, FailOn::Must), "a/b@h1")), must, "{what:?}");
        assert_eq!(shown(find(&report(&result, FailOn::Should), "a/b@h1")), should, "{what:?}");
    }
}

#[test]
fn themes_are_suites_and_the_class_has_three_parts() {
    let result = RunResult {
        suite: "../my.scenarios/v1.2".to_owned(),
        ..run(vec![pass("a/x@h1"), pass("b/x"), pass("a/y@h1"), pass("alone@feed")])
    };
    let report = report(&result, FailOn::Must);
    let suites: Vec<_> = report.test_suites.iter().map(|s| (s.name.as_str(), s.tests)).collect();
    assert_eq!(suites, [("a", 2), ("b", 1), ("alone", 1)]);
    let class = find(&report, "a/y@h1").classname.as_ref().unwrap().as_str();
    assert_eq!(class, "ssespec.my_scenarios_v1_2.a");
}

#[test]
fn a_run_that_proves_nothing_is_red() {
    let skipped = case("a/b@h1", Verdict::NotApplicable, "feature", "`tls` is not claimed");
    for cases in [Vec::new(), vec![skipped]] {
        let report = report(&run(cases), FailOn::Must);
        assert_eq!(shown(find(&report, "nothing-scored")), Shown::Error);
    }
    let interrupted = RunResult { interrupted: true, ..run(vec![pass("a/b@h1")]) };
    assert_eq!(shown(find(&report(&interrupted, FailOn::Must), "interrupted")), Shown::Error);

    let stale = error("known-failures", "`a` matches no case", "delete it");
    let result = RunResult { errors: vec![stale.clone(), stale], ..run(vec![pass("a/b@h1")]) };
    let report = report(&result, FailOn::Must);
    assert_eq!(shown(find(&report, "known-failures")), Shown::Error);
    assert_eq!(shown(find(&report, "known-failures-2")), Shown::Error);
}

#[test]
fn what_xml_cannot_hold_is_escaped() {
    let nasty: String =
        (0..0x3000_u32).chain(0xfdd0..0x1_0010).filter_map(char::from_u32).collect();
    let mut bad = case(&format!("a/{nasty}@h1"), Verdict::Fail, &nasty, &nasty);
    bad.expected = vec![nasty.clone(), "]]> & <b> \" '".to_owned()];
    bad.title.clone_from(&nasty);
    let result = RunResult {
        suite: nasty.clone(),
        errors: vec![error("subject", &nasty, &nasty)],
        ..run(vec![bad, with_status(pass("a/c@h1"), Status::UnexpectedPass)])
    };
    let report = report(&result, FailOn::Must);
    let TestCaseStatus::NonSuccess { description, .. } =
        &report.test_suites.last().unwrap().test_cases[0].status
    else {
        panic!("it failed");
    };
    let text = description.as_ref().unwrap().as_str();
    assert!(text.contains(r"\u{1b}"), "an escape of a terminal stays readable");
    assert!(text.contains("]]> & <b> \" '"));
}

#[test]
fn huge_data_do_not_make_a_huge_file() {
    let xml = to_junit(&run(vec![huge()]), FailOn::Must).unwrap();
    assert!(xml.len() < 20_000, "{} bytes", xml.len());
    report(&run(vec![huge()]), FailOn::Must);
}
