//! `ssespec load --client`: the null adapter as a client that is whole, and scripts that are not.
//!
//! Nothing here is decided by how long something takes.

use crate::load::{LONG, TWENTY};
use crate::place::{Place, Ran};

fn null() -> String {
    format!("exec '{}' load-null-adapter", env!("CARGO_BIN_EXE_ssespec"))
}

#[track_caller]
fn load(place: &Place, client: &str, args: &[&str]) -> Ran {
    let client = ["load", "--client", client, "--null-adapter", "0s"];
    place.run(&[&client[..], &LONG[..], args].concat())
}

#[test]
fn all_that_a_client_reports_is_judged_and_written() {
    let place = Place::new();
    let reports = ["--report", "json=load.json", "--report", "markdown=load.md"];
    load(&place, &null(), &[&[TWENTY, "--report", "csv=load.csv"], &reports[..]].concat())
        .exits(0)
        .says("20 started, 20 opened, 0 open at the end, 0 failed, 20 ended")
        .says("0 lost, 0 duplicated, 0 reordered of 400 numbered")
        .says("client     null");
    let result = place.json("load.json");
    assert_eq!(result["latencies"]["lag"]["count"], 400);
    assert_eq!(result["latencies"]["ttfe"]["count"], 20);
    let process = &result["client"]["processes"][0];
    assert_eq!(process["events"], 400, "{process}");
    assert_eq!(process["ended"], serde_json::Value::Null, "{process}");
    if cfg!(target_os = "linux") {
        assert!(process["rss_before_bytes"].as_u64().is_some_and(|bytes| bytes > 0), "{process}");
    }
    assert!(place.read("load.md").contains("| client | null"));
    assert!(place.read("load.csv").starts_with("second,"));
}

#[test]
fn processes_share_the_streams() {
    let place = Place::new();
    let args = [TWENTY, "--processes", "3", "--format", "json"];
    let result = load(&place, &null(), &args).exits(0).json();
    let processes = result["client"]["processes"].as_array().unwrap();
    let events: Vec<_> = processes.iter().map(|it| it["events"].as_u64().unwrap()).collect();
    assert_eq!(events, [140, 140, 120]);
    assert_eq!(result["delivery"]["numbered"], 400);
}

#[test]
fn the_cost_of_the_protocol_stands_beside() {
    let place = Place::new();
    let client = null();
    let args = ["load", "--client", &client, TWENTY, "--format", "json"];
    let result = place.run(&[&args[..], &LONG[..]].concat()).exits(0).json();
    let protocol = &result["client"]["protocol"];
    assert_eq!(protocol["events"], 400, "{protocol}");
    assert_eq!(protocol["lag"]["count"], 400, "{protocol}");
}

#[test]
fn what_a_client_loses_repeats_or_reorders_is_caught() {
    let place = Place::new();
    for (flaw, counter) in [("loses", "lost"), ("repeats", "duplicated"), ("reorders", "reordered")]
    {
        let target = format!("--builtin=/load/stream?rate=1000&count=100&{flaw}=40");
        let args = [target.as_str(), "--report", "json=load.json"];
        load(&place, &null(), &args).exits(1).says(&format!("{counter} > 0 BREACHED"));
        assert_eq!(place.json("load.json")["delivery"][counter], 40, "{flaw}");
    }
}

#[test]
fn bursts_and_huge_events_arrive_whole() {
    let place = Place::new();
    for target in ["rate=1000&batch=50&count=200", "rate=100&size=300000&count=3"] {
        let target = format!("--builtin=/load/stream?{target}");
        load(&place, &null(), &[&target]).exits(0).says("0 lost");
    }
}

/// A client that delivers each event a byte short, made of the null adapter.
#[test]
fn a_damaged_event_is_a_violation() {
    let place = Place::new();
    let client = format!("{} | sed -u 's/[.]\"/\"/'", null().replace("exec ", ""));
    load(&place, &client, &[TWENTY])
        .exits(1)
        .says("client.damaged")
        .says("violations > 0 BREACHED");
}

const HELLO: &str = r#"printf '%s\n' '{"op":"hello","protocol":1,"name":"script"}'"#;

#[test]
fn streams_that_a_client_gives_up_are_counted_by_cause() {
    let place = Place::new();
    // For each stream that it is told to open.
    let client = format!(
        "{HELLO}; n=0; while read -r line; do n=$((n+1)); printf '%s\\n' \
         '{{\"op\":\"opened\",\"stream\":'$n'}}' \
         '{{\"op\":\"error\",\"stream\":'$n',\"fatal\":true,\"message\":\"port '$n' is shut\"}}' \
         '{{\"op\":\"closed\",\"stream\":'$n'}}'; done"
    );
    load(&place, &client, &[TWENTY, "--report", "json=load.json"])
        .exits(1)
        .says("errors > 0 BREACHED");
    let errors = &place.json("load.json")["errors"];
    assert_eq!(errors["gave-up: port # is shut"]["count"], 20, "{errors}");
}

#[test]
fn streams_that_a_client_does_not_open_fail_the_run() {
    let place = Place::new();
    let client = format!("{HELLO}; cat > /dev/null");
    load(&place, &client, &[TWENTY, "--timeout", "1s", "--report", "json=load.json"]).exits(3);
    let errors = &place.json("load.json")["errors"];
    assert_eq!(errors["open.timeout"]["count"], 20, "{errors}");
    // One of them opens and ends, the others never do.
    let client = format!(
        "{HELLO}; read -r line; printf '%s\\n' '{{\"op\":\"opened\",\"stream\":1}}' \
         '{{\"op\":\"closed\",\"stream\":1}}'; cat > /dev/null"
    );
    let fail = ["--fail", "opened < 100%"];
    load(&place, &client, &[&[TWENTY, "--timeout", "1s"], &fail[..]].concat())
        .exits(1)
        .says("opened < 100% BREACHED");
}

#[test]
fn an_adapter_that_dies_is_told_and_what_it_reported_is_kept() {
    let place = Place::new();
    let client = format!(
        "{HELLO}; read -r line; printf '%s\\n' '{{\"op\":\"opened\",\"stream\":1}}' \
         '{{\"op\":\"event\",\"stream\":1,\"data\":\"@1\",\"id\":\"1\"}}'; echo out of luck >&2; exit 9"
    );
    load(&place, &client, &[TWENTY, "--report", "json=load.json"])
        .exits(6)
        .says("the adapter of process 0 is lost")
        .says("exit status: 9")
        .says("out of luck");
    let result = place.json("load.json");
    assert_eq!(result["traffic"]["events"], 1);
    assert!(result["hazards"][0]["hazard"]["client-lost"].is_object());
    assert!(result["client"]["processes"][0]["ended"].is_string());
}

#[test]
fn what_is_no_adapter_is_exit_code_3() {
    let place = Place::new();
    for (client, says) in [
        ("exit 127", "exit status: 127"),
        ("echo listening on port 80", "in the line `listening on port 80`"),
        (r#"echo '{"op":"hello","protocol":2,"name":"a"}'; cat"#, "speaks version 2"),
    ] {
        load(&place, client, &[TWENTY]).exits(3).says(says);
    }
}

#[test]
fn options_that_are_not_for_clients_are_refused() {
    let place = Place::new();
    for more in [&["-H", "a: b"][..], &["--workers", "2"], &["http://localhost/"]] {
        load(&place, "true", more).exits(2).says("cannot be used with");
    }
    place.run(&["load", "--builtin", "--processes", "2"]).exits(2).says("--client");
}
