//! Ctrl-C and the polite kill: a partial report is written, and nobody is left behind.

use crate::place::{Place, Ran, decoder_lines, finish};
use crate::processes::{pid_in, signal, wait_for_end_of};

/// A second case, on which the adapter below gets stuck.
const TWO_CASES: &str = r"
[[case]]
id = 'demo/first'
rule = 'dispatch.blank'
title = 'One event is one event'
routes = ['feed', 'h1']
stream = ['data: a\n\n']
expect = [{ event = { data = 'a' } }]

[[case]]
id = 'demo/second'
rule = 'dispatch.blank'
title = 'One event is one event'
routes = ['feed', 'h1']
stream = ['data: b\n\n']
expect = [{ event = { data = 'b' } }]
";

/// Holds out against everything but SIGKILL, in a child of its own as well.
const STUBBORN: &str = r#"trap '' INT TERM HUP PIPE
sh -c 'trap "" INT TERM HUP PIPE; echo $$ > child.pid; while :; do sleep 1; done' &
echo $$ > pid
while :; do sleep 1; done
"#;

/// Interrupts a run of an adapter that has answered one case and is stuck on the next.
fn interrupt(name: &str) -> (Place, Ran) {
    let place = Place::new();
    place.write("one.toml", TWO_CASES);
    let lines = decoder_lines("a", "echo \"{\\\"op\\\":\\\"closed\\\",\\\"stream\\\":$n}\"");
    // `data: b` as it is fed.
    place.write("stubborn.sh", STUBBORN);
    place.adapter(
        &lines.replace("case $line in", "case $line in\n *ZGF0YTogYgoK*) . ./stubborn.sh ;;"),
    );
    let args = ["test", "client", "--exec", "sh adapter.sh", "--scenarios", "one.toml", "-j", "1"];
    let more = ["--report", "json=r.json", "--report", "junit=r.xml", "--time-scale", "100"];
    let child = place.ssespec(&[&args[..], &more].concat()).spawn().unwrap();
    let pids = [pid_in(&place.path("pid")), pid_in(&place.path("child.pid"))];
    assert!(signal(child.id(), name));
    let ran = finish(child).exits(130).says("INTERRUPTED (exit code 130)");
    pids.into_iter().for_each(wait_for_end_of);
    (place, ran)
}

fn check_reports(place: &Place) {
    let result = place.json("r.json");
    assert_eq!(result["interrupted"], true);
    let cases = result["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 1, "{cases:?}");
    assert_eq!(cases[0]["id"], "demo/first@feed");
    assert_eq!(cases[0]["verdict"], "pass");
    let junit = place.read("r.xml");
    assert!(junit.contains("type=\"interrupted\""), "{junit}");
    assert!(junit.trim_end().ends_with("</testsuites>"), "{junit}");
}

#[test]
fn an_interrupt_leaves_a_partial_report_and_no_process() {
    let (place, ran) = interrupt("INT");
    ran.says("the cases that had not run are missing from this report");
    check_reports(&place);
}

#[test]
fn a_polite_kill_is_an_interrupt() {
    check_reports(&interrupt("TERM").0);
}

#[test]
fn an_interrupt_before_the_hello_leaves_no_process() {
    let place = Place::new();
    place.write("adapter.sh", STUBBORN);
    let args = ["test", "client", "--exec", "sh adapter.sh", "--scenarios", "one.toml"];
    let child = place.ssespec(&[&args[..], &["--report", "json=r.json"]].concat()).spawn().unwrap();
    let pids = [pid_in(&place.path("pid")), pid_in(&place.path("child.pid"))];
    assert!(signal(child.id(), "INT"));
    finish(child).exits(130);
    pids.into_iter().for_each(wait_for_end_of);
    assert_eq!(place.json("r.json")["interrupted"], true);
}

#[test]
fn an_interrupt_ends_the_processes_of_each_case() {
    let place = Place::new();
    place.write("client.sh", STUBBORN);
    let args = ["test", "client", "--scenarios", "one.toml", "--each", "sh client.sh {url}"];
    let more = ["--report", "json=r.json", "--time-scale", "100"];
    let child = place.ssespec(&[&args[..], &more].concat()).spawn().unwrap();
    let pids = [pid_in(&place.path("pid")), pid_in(&place.path("child.pid"))];
    assert!(signal(child.id(), "INT"));
    finish(child).exits(130);
    pids.into_iter().for_each(wait_for_end_of);
    assert_eq!(place.json("r.json")["interrupted"], true);
}
