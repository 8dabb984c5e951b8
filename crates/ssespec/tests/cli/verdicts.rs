//! How levels, profiles and repetitions bear on the result.

use crate::place::{LEVELS, Place};

fn verdict(place: &Place, more: &[&str], code: i32) -> (String, String) {
    let args = ["--format", "json"];
    let result = place.test_adapter(&[&args[..], more].concat()).exits(code).json();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    (text(&result["profile"]), text(&result["cases"][0]["verdict"]))
}

#[test]
fn the_profile_sets_the_levels() {
    let place = Place::new();
    place.write("one.toml", LEVELS);
    place.decoder("b");
    let expect = |profile: &str, verdict: &str| (profile.to_owned(), verdict.to_owned());
    assert_eq!(verdict(&place, &[], 0), expect("decoder", "warn"));
    assert_eq!(verdict(&place, &["--fail-on", "should"], 1), expect("decoder", "warn"));
    let with = |profile| ["--profile", profile];
    assert_eq!(verdict(&place, &with("eventsource"), 1), expect("eventsource", "fail"));
    // What only observes scores nothing, and green is never empty.
    assert_eq!(verdict(&place, &with("resilient"), 4), expect("resilient", "observed"));
    place.test_adapter(&["--profile", "strict"]).exits(2).says("possible values: eventsource");
}

#[test]
fn the_reference_client_passes() {
    let place = Place::new();
    let args = ["test", "client", "--builtin", "--run", "line/crlf-split-across-chunks"];
    place
        .run(&args)
        .exits(0)
        .says("ssespec reference client")
        .says("4 pass, 0 fail")
        .says("PASSED (exit code 0): all scored cases passed");
}

#[test]
fn the_demonstration_leaves_reports() {
    let place = Place::new();
    place
        .run(&["test", "--run", "line/crlf-split-across-chunks@feed"])
        .exits(0)
        .says("report: reports/self/result.json")
        .says("report: reports/self/junit.xml")
        .says("report: reports/self/report.html");
    assert_eq!(place.json("reports/self/result.json")["summary"]["pass"], 1);
    assert!(place.read("reports/self/junit.xml").contains("<testsuites"));
    assert!(place.read("reports/self/report.html").starts_with("<!doctype html>"));
}

#[test]
fn each_case_is_run_as_often_as_asked() {
    let place = Place::new();
    place.decoder("a");
    place.test_adapter(&["--repeat", "5"]).exits(0).says("1 pass, 0 fail");
    assert_eq!(place.read("fed.log").lines().count(), 5);
}

#[test]
fn a_failure_is_run_again_on_a_fresh_subject() {
    let place = Place::new();
    place.decoder("b");
    place
        .write("adapter.sh", &format!("echo started >> started.log\n{}", place.read("adapter.sh")));
    place.test_adapter(&[]).exits(1).says("run 2 times");
    assert_eq!(place.read("started.log").lines().count(), 2);
}

#[test]
fn a_failure_that_passes_when_run_again_is_flaky() {
    let place = Place::new();
    place.decoder("$data");
    // Its first process reports wrong data, the others do everything right.
    let first = "data=a; [ -e began ] || { : > began; data=b; }";
    place.write("adapter.sh", &format!("{first}\n{}", place.read("adapter.sh")));
    let result = place.test_adapter(&["--format", "json"]).exits(1).json();
    assert_eq!(result["cases"][0]["status"], "flaky");
    assert_eq!(result["summary"]["flaky"], 1);
}

#[test]
fn a_failure_says_how_it_is_run_again() {
    let place = Place::new();
    place.decoder("b");
    place.test_adapter(&["--time-scale", "2", "--profile", "decoder"]).exits(1).says(
        "ssespec test client --exec 'sh adapter.sh' --run 'demo/one-event@feed' \
         --scenarios one.toml --profile decoder --time-scale 2",
    );
}
