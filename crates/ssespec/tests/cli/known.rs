//! Known failures: what they excuse, and how the file itself can be wrong.

use crate::place::{LEVELS, Place};

const ENTRY: &str = "['demo/one-event@feed']\nreason = 'reports b'\nissue = 'them/theirs#1'\n";

/// A decoder that fails the case.
fn failing() -> Place {
    let place = Place::new();
    place.decoder("b");
    place
}

const JSON: [&str; 2] = ["--report", "json=r.json"];

#[test]
fn a_failure_that_is_known_is_excused() {
    let place = failing();
    place.test_adapter(&[]).exits(1).says("FAILED (exit code 1): 1 case failed");
    for entry in [ENTRY, "['demo/one-event']\nreason = 'on every route'\nexpires = 9999-12-31\n"] {
        place.write("known.toml", entry);
        place.test_adapter(&[&["--known", "known.toml"][..], &JSON].concat()).exits(0);
        let result = place.json("r.json");
        assert_eq!(result["cases"][0]["verdict"], "fail");
        assert_eq!(result["cases"][0]["status"], "known-failure");
        assert_eq!(result["summary"]["fail"], 1);
        assert_eq!(result["summary"]["known_failure"], 1);
    }
}

#[test]
fn a_known_failure_that_passes_fails_the_run() {
    let place = Place::new();
    place.decoder("a");
    place.write("known.toml", ENTRY);
    place
        .test_adapter(&[&["--known", "known.toml"][..], &JSON].concat())
        .exits(1)
        .says("passed, but listed as known failures: delete the entries");
    assert_eq!(place.json("r.json")["cases"][0]["status"], "unexpected-pass");
}

#[test]
fn an_error_is_never_excused() {
    let place = Place::new();
    place.adapter("read -r line; exit 1");
    place.write("known.toml", ENTRY);
    place.test_adapter(&["--known", "known.toml"]).exits(3);
}

#[test]
fn an_entry_for_no_case_is_stale() {
    let place = Place::new();
    place.decoder("a");
    for id in ["demo/gone", "demo/one-event@h3"] {
        place.write("known.toml", &format!("['{id}']\nreason = 'x'\n"));
        place
            .test_adapter(&["--known", "known.toml"])
            .exits(5)
            .says(&format!("error (known-failures): the known failure `{id}` is no case"))
            .says("help: remove it, or mend its id")
            .says("NOT PASSED (exit code 5)");
    }
}

#[test]
fn an_entry_for_a_case_that_is_not_run_is_left_alone() {
    let place = Place::new();
    place.decoder("a");
    place.write("known.toml", "['demo/one-event@h1']\nreason = 'x'\n");
    place.test_adapter(&["--known", "known.toml"]).exits(0);
}

#[test]
fn an_entry_that_has_expired_excuses_nothing() {
    let place = Place::new();
    place.decoder("a");
    for date in ["2020-02-29", "'2020-02-29'"] {
        place.write("known.toml", &format!("{ENTRY}expires = {date}\n"));
        place
            .test_adapter(&["--known", "known.toml"])
            .exits(5)
            .says("the known failure `demo/one-event@feed` has expired: reports b")
            .says("help: mend the failure, or set a later `expires`");
    }
    // The failure itself is worse than the stale entry.
    place.decoder("b");
    place.test_adapter(&["--known", "known.toml"]).exits(1).says("has expired");
}

#[test]
fn a_file_that_is_wrong_is_an_error_before_the_run() {
    let place = failing();
    let wrong = [
        ("['demo/one-event']\n", "missing field `reason`"),
        ("['demo/one-event']\nreason = ' '\n", "has an empty `reason`; say why it fails"),
        ("['demo/one-event'\nreason = 'x'\n", "TOML parse error at line 1, column"),
        ("['demo/one-event']\nreasn = 'x'\n", "unknown field `reasn`"),
        (
            "['demo/one-event']\nreason = 'x'\nexpires = 'soon'\n",
            "`expires` must be a date, as 2027-01-31, not `soon`",
        ),
        (
            "['demo/one-event']\nreason = 'x'\nexpires = 2027-01-31T00:00:00Z\n",
            "`expires` must be a date",
        ),
    ];
    for (text, message) in wrong {
        place.write("known.toml", text);
        place
            .test_adapter(&["--known", "known.toml"])
            .exits(2)
            .says("error: the known-failures file `known.toml` is wrong:")
            .says(message)
            .says("help: write a table per case id");
    }
    place.test_adapter(&["--known", "missing.toml"]).exits(2).says("failed to read `missing.toml`");
    assert!(!place.path("fed.log").exists(), "the adapter was started");
}

#[test]
fn what_is_written_is_read_again() {
    let place = failing();
    place.test_adapter(&["--write-known", "known.toml"]).exits(1);
    let written = place.read("known.toml");
    assert!(written.contains("[\"demo/one-event@feed\"]"), "{written}");
    place.test_adapter(&["--known", "known.toml"]).exits(0);
    // What people have written into it stays when it is written anew.
    place.write("known.toml", ENTRY);
    place.test_adapter(&["--known", "known.toml", "--write-known", "known.toml"]).exits(0);
    let rewritten = place.read("known.toml");
    assert!(rewritten.contains("reports b") && rewritten.contains("them/theirs#1"), "{rewritten}");
    // Nothing fails any more: nothing is known.
    place.decoder("a");
    place.test_adapter(&["--write-known", "known.toml"]).exits(0);
    assert_eq!(place.read("known.toml").trim(), "");
}

#[test]
fn a_broken_should_is_written_where_it_fails_the_run() {
    let place = failing();
    place.write("one.toml", LEVELS);
    place.test_adapter(&["--write-known", "known.toml"]).exits(0);
    assert_eq!(place.read("known.toml").trim(), "");
    place.test_adapter(&["--fail-on", "should", "--write-known", "known.toml"]).exits(1);
    place.test_adapter(&["--fail-on", "should", "--known", "known.toml"]).exits(0);
}
