//! The JUnit report, as CI servers read it.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::{
    console::{Style, failure_block, short_reason, visible},
    model::{CaseResult, RunResult, Status, Verdict},
    outcome::{FailOn, Standing},
};

/// The suite that holds what went wrong outside a single case.
const RUN_SUITE: &str = "ssespec";

/// Why a JUnit report could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JunitError {
    /// The XML writer refused it.
    #[error("the XML writer refused the report: {0}")]
    Xml(#[from] quick_junit::SerializeError),
}

/// Writes a run as JUnit XML: one suite for each theme, one test for each case.
///
/// | in the run | in JUnit |
/// |---|---|
/// | `fail`, `flaky`, `unexpected-pass`; `warn` with [`FailOn::Should`] | `failure` |
/// | `error`, `inconclusive`; each error of the run | `error` |
/// | `n/a`, `blocked`, a known failure | `skipped` |
/// | `pass` | passed |
/// | `observed`; `warn` with [`FailOn::Must`] | passed, with what was seen in `system-out` |
///
/// The file is red exactly when [`run_outcome`](crate::outcome::run_outcome) is not 0: errors of
/// the run, an interruption, and a run in which nothing was scored are tests of the suite
/// `ssespec`. Characters that XML cannot hold are written as escapes such as `\u{1b}`.
///
/// # Errors
///
/// When the XML writer refuses the report, which no known result makes it do.
pub fn to_junit(result: &RunResult, fail_on: FailOn) -> Result<String, JunitError> {
    let mut suites: Vec<TestSuite> = Vec::new();
    for case in &result.cases {
        let theme = theme(&case.id);
        let test = test_case(case, &class(&result.suite, &theme), fail_on);
        if let Some(suite) = suites.iter_mut().find(|suite| suite.name.as_str() == theme) {
            suite.add_test_case(test);
        } else {
            let mut suite = TestSuite::new(theme);
            suite.add_test_case(test);
            suites.push(suite);
        }
    }
    let run_tests = run_tests(result);
    if !run_tests.is_empty() {
        let mut suite = TestSuite::new(RUN_SUITE);
        suite.add_test_cases(run_tests);
        suites.insert(0, suite);
    }

    let mut report = Report::new(format!("ssespec {}", xml_text(&result.suite)));
    report.set_time(Duration::from_millis(result.duration_ms));
    report.timestamp = result.started.parse().ok();
    for mut suite in suites {
        suite.timestamp = report.timestamp;
        suite.time = Some(suite.test_cases.iter().filter_map(|test| test.time).sum());
        suite.add_properties(properties(result));
        report.add_test_suite(suite);
    }
    Ok(report.to_string()?)
}

fn test_case(case: &CaseResult, class: &str, fail_on: FailOn) -> TestCase {
    let standing = Standing::of(case, fail_on);
    let status = match standing {
        Standing::Good | Standing::Warned => TestCaseStatus::success(),
        Standing::Failed => non_success(case, NonSuccessKind::Failure),
        Standing::Errored | Standing::Untrusted => non_success(case, NonSuccessKind::Error),
        Standing::Known => skipped(&format!("known failure: {}", short_reason(case))),
        Standing::Skipped => skipped(&format!("{}: {}", case.verdict.name(), short_reason(case))),
    };
    let mut test = TestCase::new(xml_text(&case.id), status);
    test.set_classname(class);
    test.set_time(Duration::from_millis(case.duration_ms));
    let worth_reading = standing == Standing::Warned || case.verdict == Verdict::Observed;
    if worth_reading && !matches!(test.status, TestCaseStatus::NonSuccess { .. }) {
        test.set_system_out(xml_text(&failure_block(case, Style::plain())));
    }
    test
}

fn non_success(case: &CaseResult, kind: NonSuccessKind) -> TestCaseStatus {
    let ty = match (case.status, &case.reason) {
        (Some(Status::Flaky), _) => "flaky",
        (Some(Status::UnexpectedPass), _) => "unexpected-pass",
        (_, Some(reason)) => reason.kind.as_str(),
        (_, None) => case.verdict.name(),
    };
    let mut status = TestCaseStatus::non_success(kind);
    status
        .set_message(xml_text(&short_reason(case)))
        .set_type(xml_text(ty))
        .set_description(xml_text(&failure_block(case, Style::plain())));
    status
}

fn skipped(message: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(xml_text(message));
    status
}

/// What speaks against the run as a whole, so that the file is never empty and green.
fn run_tests(result: &RunResult) -> Vec<TestCase> {
    let class = class(&result.suite, "run");
    let error = |name: &str, message: &str, help: &str| {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        let description =
            if help.is_empty() { message.to_owned() } else { format!("{message}\nhelp: {help}") };
        status
            .set_message(xml_text(&visible(message)))
            .set_type(xml_text(name))
            .set_description(xml_text(&description));
        let mut test = TestCase::new(xml_text(name), status);
        test.set_classname(class.as_str()).set_time(Duration::ZERO);
        test
    };
    let mut tests = Vec::new();
    if result.interrupted {
        tests.push(error(
            "interrupted",
            "the run was interrupted, the cases that had not run are missing",
            "run it again to the end",
        ));
    }
    for (n, run_error) in result.errors.iter().enumerate() {
        let seen = result.errors.iter().take(n).filter(|e| e.kind == run_error.kind).count();
        let name = if seen == 0 {
            run_error.kind.clone()
        } else {
            format!("{}-{}", run_error.kind, seen + 1)
        };
        tests.push(error(&name, &run_error.message, &run_error.help));
    }
    if !result.cases.iter().any(|case| case.verdict.is_scored()) {
        tests.push(error(
            "nothing-scored",
            "no case was scored: none passed, failed or warned",
            "see the errors and skipped cases; widen --run, or claim the features that are there",
        ));
    }
    tests
}

fn properties(result: &RunResult) -> Vec<(String, String)> {
    let subject = &result.subject;
    [
        ("subject.role", &subject.role),
        ("subject.name", &subject.name),
        ("subject.version", &subject.version),
        ("subject.language", &subject.language),
        ("subject.runtime", &subject.runtime),
        ("profile", &result.profile),
        ("ssespec.version", &result.tool.version),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .map(|(name, value)| (name.to_owned(), xml_text(value)))
    .collect()
}

/// The part of an id before `/`, after which the scenario file is named too.
fn theme(id: &str) -> String {
    let whole = id.split('@').next().unwrap_or(id);
    xml_text(whole.split('/').next().unwrap_or(whole))
}

/// `ssespec.<suite>.<theme>`; dots part packages, so names have none of their own.
fn class(suite: &str, theme: &str) -> String {
    let part = |name: &str| {
        let name = name.trim_matches(['.', '/']);
        name.replace(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '_'), "_")
    };
    format!("ssespec.{}.{}", part(suite), part(theme))
}

/// Escapes what XML 1.0 cannot hold, and what `quick-junit` would drop; line ends inside stay.
fn xml_text(text: &str) -> String {
    let lines: Vec<_> = text.trim().lines().map(visible).collect();
    lines.join("\n")
}
