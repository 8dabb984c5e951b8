//! What CI is told: summaries, annotations, badges.

use crate::place::{Place, Ran, finish};

const TEST: &[&str] = &["test", "client", "--exec", "sh adapter.sh", "--scenarios", "one.toml"];

/// Runs the tests as in a step of GitHub Actions.
fn in_actions(place: &Place, more: &[&str]) -> Ran {
    let mut command = place.ssespec(&[TEST, more].concat());
    command.env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", "summary.md");
    finish(command.spawn().unwrap())
}

#[test]
fn the_summary_is_appended_to_the_page_of_the_step() {
    let place = Place::new();
    place.write("summary.md", "before");
    place.decoder("a");
    let ran = in_actions(&place, &[]).exits(0);
    assert_eq!(ran.stdout, "");
    let once = place.read("summary.md");
    assert!(once.starts_with("before\n## `fake`: passed\n"), "{once}");
    place.decoder("b");
    in_actions(&place, &[]).exits(1);
    let twice = place.read("summary.md");
    assert!(twice.starts_with(&once) && twice.contains("## `fake`: failed"), "{twice}");
    assert!(twice.contains("| `demo/one-event@feed` | fail |"), "{twice}");
}

#[test]
fn failures_are_annotated_on_stdout_unless_a_machine_reads_it() {
    let place = Place::new();
    place.decoder("b");
    let ran = in_actions(&place, &[]).exits(1);
    assert!(ran.stdout.starts_with("::error title=demo/one-event@feed (fail)::"), "{ran}");
    assert_eq!(ran.stdout.lines().count(), 1, "{ran}");
    let result = in_actions(&place, &["--format", "json"]).exits(1).json();
    assert_eq!(result["summary"]["fail"], 1);
    let result = in_actions(&place, &["--report", "json=/dev/stdout"]).exits(1).json();
    assert_eq!(result["summary"]["fail"], 1);
    // Elsewhere than on GitHub there are none.
    assert_eq!(place.test_adapter(&[]).exits(1).stdout, "");
}

#[test]
fn a_run_that_could_not_begin_is_told_too() {
    let place = Place::new();
    place.decoder("a");
    let ran = in_actions(&place, &["--run", "nope/nope"]).exits(2);
    assert!(ran.stdout.starts_with("::error title=ssespec%3A usage::"), "{ran}");
    assert!(place.read("summary.md").contains("> **usage:**"));
}

#[test]
fn a_summary_that_cannot_be_written_fails_nothing() {
    let place = Place::new();
    place.decoder("a");
    let mut command = place.ssespec(TEST);
    command.env("GITHUB_STEP_SUMMARY", "no/such/directory/summary.md");
    finish(command.spawn().unwrap()).exits(0).says("warning: failed to append to");
}

#[test]
fn a_diff_is_appended_too() {
    let place = Place::new();
    place.decoder("a");
    place.test_adapter(&["--report", "json=r.json"]).exits(0);
    let mut command = place.ssespec(&["report", "diff", "r.json", "r.json"]);
    command.env("GITHUB_STEP_SUMMARY", "summary.md");
    finish(command.spawn().unwrap()).exits(0);
    assert!(place.read("summary.md").contains("## `fake`: no regression"));
}

#[test]
fn badges_are_as_their_path_ends() {
    let place = Place::new();
    place.decoder("a");
    place
        .test_adapter(&[
            "--report",
            "badge=b.svg",
            "--report",
            "badge=b.json",
            "--report",
            "markdown=s.md",
        ])
        .exits(0);
    assert!(place.read("b.svg").starts_with("<svg "));
    assert_eq!(place.json("b.json")["message"], "1 passed");
    assert_eq!(place.json("b.json")["schemaVersion"], 1);
    assert!(place.read("s.md").starts_with("## `fake`: passed"));
    place
        .test_adapter(&["--report", "badge=b.png"])
        .exits(2)
        .says("write it as `badge=NAME.svg`, or `badge=NAME.json` for Shields");
}
