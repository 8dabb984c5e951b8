//! What people read, as golden files. Look at them as the user whose CI is red at 2 a.m.

mod samples;

use insta::assert_snapshot;
use samples::{
    case, error, huge, mismatch, missing, not_started, pass, red, request_mismatch, run,
};
use ssespec_report::{
    RunResult, Verdict,
    console::{Style, case_line, failure_block, summary},
    outcome::FailOn,
};

const NARROW: Style = Style::plain().with_width(80);
const WIDE: Style = Style::plain().with_width(120);

#[test]
fn a_mismatch_shows_the_first_differing_byte() {
    assert_snapshot!("failure-mismatch", failure_block(&mismatch(), NARROW));
    assert_snapshot!("failure-mismatch-wide", failure_block(&mismatch(), WIDE));
}

#[test]
fn a_missing_event_shows_how_long_was_waited() {
    assert_snapshot!("failure-missing", failure_block(&missing(), NARROW));
}

#[test]
fn a_wrong_request_shows_every_connection() {
    assert_snapshot!("failure-request", failure_block(&request_mismatch(), NARROW));
}

#[test]
fn huge_data_is_shortened_and_cannot_steer_the_terminal() {
    let block = failure_block(&huge(), NARROW);
    assert!(block.len() < 12_000, "{} bytes", block.len());
    assert!(!block.contains('\u{1b}'));
    assert_snapshot!("failure-huge", block);
}

#[test]
fn a_pass_and_an_observation_can_be_shown_too() {
    assert_snapshot!("failure-of-a-pass", failure_block(&pass("data/joined@feed"), NARROW));
    let observed = red().cases.into_iter().find(|case| case.verdict == Verdict::Observed);
    assert_snapshot!("failure-of-an-observation", failure_block(&observed.unwrap(), NARROW));
}

#[test]
fn colours_only_where_asked_for() {
    let coloured = failure_block(&mismatch(), Style::coloured().with_width(80));
    assert_snapshot!("failure-coloured", coloured.replace('\u{1b}', "^["));
}

#[test]
fn summary_of_a_red_run() {
    assert_snapshot!("summary-red-80", summary(&red(), FailOn::Must, NARROW));
    assert_snapshot!("summary-red-120", summary(&red(), FailOn::Should, WIDE));
}

#[test]
fn summary_of_a_green_run() {
    let cases = (0..412).map(|n| pass(&format!("data/case-{n}@h1"))).collect();
    assert_snapshot!("summary-green", summary(&run(cases), FailOn::Must, NARROW));
}

#[test]
fn summary_of_an_interrupted_run() {
    let result = RunResult { interrupted: true, duration_ms: 83_000, ..run(vec![pass("a/b@h1")]) };
    assert_snapshot!("summary-interrupted", summary(&result, FailOn::Must, NARROW));
}

#[test]
fn summary_of_a_subject_that_did_not_start() {
    assert_snapshot!("summary-not-started", summary(&not_started(), FailOn::Must, NARROW));
}

#[test]
fn summary_of_a_stale_known_failures_file() {
    let result = RunResult {
        errors: vec![error(
            "known-failures",
            "2 entries of `known.toml` match no case: `line/crlf-spilt`, `retry/hgue`",
            "delete them, or mend their ids: did you mean `line/crlf-split-across-chunks`?",
        )],
        ..run(vec![pass("a/b@h1")])
    };
    assert_snapshot!("summary-stale", summary(&result, FailOn::Must, NARROW));
}

#[test]
fn summary_of_hundreds_of_failures() {
    let cases = (0..200)
        .map(|n| {
            case(
                &format!("a-theme-with-a-long-name/and-a-case-with-a-longer-one-{n}@h2c"),
                Verdict::Fail,
                "mismatch",
                &format!("event {n} has the data `{}`", "y".repeat(5_000)),
            )
        })
        .collect();
    let text = summary(&run(cases), FailOn::Must, NARROW);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(text.contains("… and 150 more"), "{text}");
    assert_eq!(text.lines().count(), 158, "{text}");
}

#[test]
fn one_line_for_each_case() {
    let lines: Vec<_> = red().cases.iter().map(|case| case_line(case, NARROW)).collect();
    assert_snapshot!("case-lines", lines.join("\n"));
    let line = case_line(&huge(), NARROW);
    assert!(!line.contains('\n') && line.chars().count() <= 80, "{line}");
}
