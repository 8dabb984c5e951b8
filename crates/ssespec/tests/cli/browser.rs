//! Browsers under test: what passes through the control page, and how each way in which a browser
//! can go wrong is told. The browser is a Python script, as `python3` is wherever this is built.

use std::os::unix::fs::PermissionsExt as _;

use crate::place::{Place, Ran, finish};
use crate::processes::{pid_in, signal, wait_for_end_of};

const BROWSER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../ssespec-testkit/browser/browser.py");

/// One stream of the page's own origin, and one of another.
const CASES: &str = r"
[[case]]
id = 'demo/two-events'
rule = 'dispatch.blank'
title = 'Two events are two events'
stream = ['data: a\n\n', 'event: b\ndata: b\n\n']
expect = [{ event = { data = 'a' } }, { event = { type = 'b', data = 'b' } }]

[[case]]
id = 'demo/cross-origin'
rule = 'cors.shared'
title = 'The request of another origin names the origin of the page'
open = { cross-origin = true }
connection = [
  { request = { header = { origin = '{page}' } }, steps = [{ send = 'data: a\n\n' }, { sentinel = {} }, { hold = {} }] },
]
expect = [{ event = { data = 'a' } }]
";

/// A case that is never over.
const STUCK: &str = r"
[[case]]
id = 'demo/stuck'
rule = 'dispatch.blank'
title = 'An event that never comes'
connection = [{ steps = [{ pause = '30s' }, { sentinel = {} }, { hold = {} }] }]
";

/// A place with a program `browser` that has a fault, or none.
fn place(fault: &str) -> Place {
    let place = Place::new();
    place.write("cases.toml", CASES);
    let here = place.path("");
    place.write("browser", &format!("#!/bin/sh\necho $$ > '{}/browser.pid'\nexec python3 '{BROWSER}' --fault '{fault}' \"$1\"\n", here.display()));
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(place.path("browser"), mode).unwrap();
    place
}

fn run(place: &Place, more: &[&str]) -> Ran {
    let args = ["test", "client", "--browser", "./browser", "--scenarios", "cases.toml"];
    place.run(&[&args, more].concat())
}

#[test]
fn cases_pass_through_the_page_on_both_origins() {
    let result = run(&place(""), &["--run", "demo/*", "--format", "json"]).exits(0).json();
    assert_eq!(result["subject"]["name"], "fake browser");
    let passed: Vec<&str> = result["cases"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|case| case["verdict"] == "pass")
        .map(|case| case["id"].as_str().unwrap())
        .collect();
    assert_eq!(passed, ["demo/two-events@h1", "demo/cross-origin@h1"], "{result}");
}

#[test]
fn a_browser_that_is_not_there() {
    let place = Place::new();
    place
        .run(&["test", "client", "--browser", "netscape"])
        .exits(3)
        .says("there is no browser `netscape`")
        .says("give `chromium`, `firefox`, `webkit`, or the path of a browser");
}

#[test]
fn a_browser_that_ends_at_once_is_told_with_what_it_said() {
    run(&place("ends-at-once"), &[])
        .exits(3)
        .says("the browser ended (exit status: 1)")
        .says("cannot open display");
}

#[test]
fn a_page_that_never_runs_is_given_up() {
    run(&place("no-script"), &["--time-scale", "0.1"])
        .exits(3)
        .says("the browser did not open the page within");
}

#[test]
fn a_page_that_cannot_go_on_says_why() {
    run(&place("page-fails"), &[])
        .exits(3)
        .says("the page cannot go on: EventSource is not defined");
}

#[test]
fn a_browser_that_ends_in_the_middle_is_an_error_of_the_cases() {
    let ran = run(&place("ends-later"), &["--run", "demo/two-events", "--format", "json"]).exits(3);
    let case = &ran.json()["cases"][0];
    assert_eq!(case["verdict"], "error", "{case}");
    assert!(case["reason"]["message"].as_str().unwrap().contains("the browser ended"), "{case}");
}

#[test]
fn a_module_that_is_not_there() {
    let place = place("");
    run(&place, &["--module", "none.mjs"])
        .exits(2)
        .says("there is no module `none.mjs`")
        .says("docs/browsers.md");
}

#[test]
fn an_interrupt_ends_a_browser_that_does_not_want_to() {
    let place = place("stays");
    place.write("stuck.toml", STUCK);
    let args = ["test", "client", "--browser", "./browser", "--scenarios", "stuck.toml"];
    let child = place.ssespec(&[&args[..], &["--run", "demo/stuck"]].concat()).spawn().unwrap();
    let browser = pid_in(&place.path("browser.pid"));
    assert!(signal(child.id(), "INT"));
    finish(child).exits(130);
    wait_for_end_of(browser);
}
