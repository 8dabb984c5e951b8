//! What CI pages show: summaries, badges and annotations, as golden files.

mod samples;

use insta::assert_snapshot;
use samples::{case, hostile, not_started, pass, prose, red, run, server, with_status};
use ssespec_report::annotation::github_annotations;
use ssespec_report::badge::{to_shields, to_svg};
use ssespec_report::markdown::run_to_markdown;
use ssespec_report::outcome::FailOn;
use ssespec_report::{RunResult, Status, Verdict};

fn green() -> RunResult {
    run((0..412).map(|n| pass(&format!("data/case-{n}@h1"))).collect())
}

/// Two hundred failures, each of its own.
fn many() -> RunResult {
    let message = |n| format!("event {n} has the data `{}`", "y".repeat(5_000));
    run((0..200).map(|n| case(&format!("t/a-{n}@h1"), Verdict::Fail, "x", &message(n))).collect())
}

#[test]
fn summary_of_a_red_run() {
    assert_snapshot!("markdown-red", run_to_markdown(&red(), FailOn::Must));
}

#[test]
fn summary_of_a_server() {
    assert_snapshot!("markdown-server", run_to_markdown(&server(), FailOn::Must));
}

#[test]
fn summary_of_a_green_run() {
    assert_snapshot!("markdown-green", run_to_markdown(&green(), FailOn::Must));
}

#[test]
fn summary_of_a_subject_that_did_not_start() {
    assert_snapshot!("markdown-not-started", run_to_markdown(&not_started(), FailOn::Must));
}

#[test]
fn many_failures_are_capped() {
    let text = run_to_markdown(&many(), FailOn::Must);
    assert!(text.contains("… and 180 more; the JSON report has them all."), "{text}");
    assert!(text.len() < 20_000, "{} bytes", text.len());
}

#[test]
fn what_a_subject_says_stays_text() {
    let text = run_to_markdown(&hostile(), FailOn::Must);
    // Outside of code there is no markup, nobody is called, and each row is a line.
    let (text, command) = text.split_once("```sh\n").unwrap();
    assert_eq!(command.lines().filter(|line| line.starts_with("```")).count(), 1);
    for line in text.lines() {
        let prose = prose(line);
        assert!(!prose.contains("<img") && !prose.contains("<script"), "{line}");
        assert!(!prose.contains("@someone"), "{line}");
    }
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    for row in rows {
        let bars = row.replace("\\|", "").matches('|').count();
        assert_eq!(bars, 5, "{row}");
    }
    assert!(!text.contains(|c: char| c.is_control() && c != '\n'));
}

#[test]
fn annotations() {
    assert_snapshot!("annotations-red", github_annotations(&red(), FailOn::Must));
    assert_snapshot!("annotations-not-started", github_annotations(&not_started(), FailOn::Must));
    assert_eq!(github_annotations(&green(), FailOn::Must), "");
    let many = github_annotations(&many(), FailOn::Must);
    assert_eq!(many.lines().count(), 10);
    assert!(many.contains("191 more"), "{many}");
}

#[test]
fn what_a_subject_says_commands_no_runner() {
    let text = github_annotations(&hostile(), FailOn::Must);
    for line in text.lines() {
        assert!(
            line.starts_with("::error title=") || line.starts_with("::warning title="),
            "{line}"
        );
        // The title ends where it does: `::` is written otherwise inside of it.
        let rest = line.split_once("title=").unwrap().1;
        assert!(rest.split_once("::").unwrap().0.len() > 10, "{line}");
        assert!(!rest.split_once("::").unwrap().0.contains([':', ',']), "{line}");
    }
    assert!(!text.contains(['\r', '\u{1b}', '\0', '\u{202e}']));
}

#[test]
fn badges() {
    let known =
        with_status(case("t/b@h1", Verdict::Fail, "x", "event 1 is missing"), Status::KnownFailure);
    let inconclusive = case("t/b@h1", Verdict::Inconclusive, "cut", "not proven");
    let mut interrupted = green();
    interrupted.interrupted = true;
    let all = [
        red(),
        green(),
        run(vec![pass("t/a@h1"), known]),
        run(vec![pass("t/a@h1"), inconclusive]),
        interrupted,
        not_started(),
        run(Vec::new()),
    ];
    let shields: String = all.iter().map(|it| to_shields(it, FailOn::Must)).collect();
    assert_snapshot!("badge-shields", shields);
    assert_snapshot!("badge-red", to_svg(&red(), FailOn::Must));
    assert_snapshot!("badge-green", to_svg(&green(), FailOn::Must));
    // Nothing that a subject says is in it.
    assert!(!to_svg(&hostile(), FailOn::Must).contains("script"));
}
