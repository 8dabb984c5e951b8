//! Readers that go away, as `head` does, end nothing in a panic.

use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use crate::place::{Place, finish};

/// Closes stdout after its first line; gives the exit code and stderr.
#[track_caller]
fn first_line_of(args: &[&str]) {
    let place = Place::new();
    let mut child = place.ssespec(args).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    drop(stdout);
    let ran = finish(child).exits(0);
    assert!(!line.is_empty(), "{ran}");
    assert!(!ran.stderr.contains("panicked"), "{ran}");
}

#[test]
fn stdout_may_be_closed_early() {
    first_line_of(&["list"]);
    first_line_of(&["list", "--rules", "--format", "json"]);
    first_line_of(&["explain", "line/crlf-split-across-chunks"]);
    first_line_of(&["completions", "zsh"]);
    first_line_of(&["--help"]);
    first_line_of(&["test", "client", "--builtin", "--run", "line/*@feed", "--format", "json"]);
}

#[test]
fn stderr_may_be_closed_early() {
    let place = Place::new();
    place.decoder("b");
    let args = ["test", "client", "--exec", "sh adapter.sh", "--scenarios", "one.toml"];
    let mut child = place.ssespec(&args).spawn().unwrap();
    drop(child.stderr.take());
    finish(child).exits(1);
    let mut child = place.ssespec(&["lint", "one.toml"]).spawn().unwrap();
    drop(child.stderr.take());
    finish(child).exits(0);
    let mut child = place.ssespec(&["explain", "no-such-case"]).spawn().unwrap();
    drop(child.stderr.take());
    finish(child).exits(2);
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_said_and_is_not_green() {
    let place = Place::new();
    let full = || Stdio::from(OpenOptions::new().write(true).open("/dev/full").unwrap());
    let test = ["test", "client", "--builtin", "--scenarios", "one.toml", "--format", "json"];
    for args in [&["list"][..], &test] {
        let child = place.ssespec(args).stdout(full()).spawn().unwrap();
        finish(child).exits(2).says("error: failed to write `stdout`: No space left on device");
    }
    // A log that cannot be written changes no verdict.
    let child = place.ssespec(&test).stderr(full()).spawn().unwrap();
    assert_eq!(finish(child).exits(0).json()["summary"]["fail"], 0);
}
