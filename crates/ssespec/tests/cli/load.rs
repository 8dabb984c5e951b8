//! `ssespec load`: what it says, what it writes, and what it exits with.
//!
//! Nothing here is decided by how long something takes: latencies have no limit, and runs that have
//! to show something go on until it has been seen.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::process::Child;

use crate::place::{Place, Ran, finish};
use crate::processes::{signal, wait_for_end_of, wait_until};

/// Until all streams are over, or it is interrupted; not about latencies.
pub(crate) const LONG: [&str; 8] =
    ["-c", "20", "--ramp", "0s", "--duration", "10m", "--loop-lag-limit", "1h"];
/// Streams of the built-in server that end after twenty events.
pub(crate) const TWENTY: &str = "--builtin=/load/stream?rate=1000&count=20";

#[track_caller]
pub(crate) fn load(place: &Place, args: &[&str]) -> Ran {
    place.run(&[&["load"], &LONG[..], args].concat())
}

#[test]
fn the_built_in_server_passes_and_every_report_is_written() {
    let place = Place::new();
    load(
        &place,
        &[
            "--builtin=/load/stream?rate=1000&size=200&count=20",
            "--report",
            "json=load.json",
            "--report",
            "csv=load.csv",
            "--report",
            "markdown=load.md",
            "--report",
            "html=load.html",
            "--report",
            "hlog=load.hlog",
            "--report",
            "hgrm=tables",
        ],
    )
    .exits(0)
    .says("budget: 1 worker and 1 server")
    .says("20 started, 20 opened, 0 open at the end, 0 failed, 20 ended")
    .says("0 lost, 0 duplicated, 0 reordered of 400 numbered")
    .says("PASSED");
    let result = place.json("load.json");
    assert_eq!(result["outcome"]["exit_code"], 0);
    assert_eq!(result["latencies"]["lag"]["count"], 400);
    let command = result["command"].as_str().unwrap();
    assert!(command.starts_with("ssespec load -c 20"), "{command}");
    assert!(!command.contains("--report"), "{command}");
    assert!(result["machine"]["processors"].as_u64() > Some(0));
    let csv = place.read("load.csv");
    assert!(
        csv.starts_with("second,length_s,open,planned,started,failed,events,connect_raw_p50_us"),
        "{csv}"
    );
    assert!(place.read("load.md").contains("| `ttfe` |"));
    assert!(place.read("load.html").contains("<svg class=\"chart\""));
    rendered_again(&place);
    assert!(place.read("tables/lag.hgrm").contains("#[Max     ="));
    assert!(place.read("load.hlog").contains("Tag=lag,0.000,1.000,"));
}

/// What `report` makes of `load.json`.
#[track_caller]
fn rendered_again(place: &Place) {
    let reports =
        ["--report", "html=2.html", "--report", "markdown=2.md", "--report", "json=2.json"];
    place.run(&[&["report", "render", "load.json"], &reports[..]].concat()).exits(0);
    assert_eq!(place.read("2.html"), place.read("load.html"));
    assert_eq!(place.read("2.md"), place.read("load.md"));
    assert_eq!(place.read("2.json"), place.read("load.json"));
    let two = ["report", "merge", "load.json", "2.json"];
    place
        .run(&[&two[..], &["--report", "html=both.html", "--report", "markdown=both.md"]].concat())
        .exits(0)
        .says("compared 2 load runs");
    assert!(place.read("both.html").contains("2 load runs compared"));
    assert!(place.read("both.md").contains("| `load` | `2` |"));
    for (args, says) in [
        (&["report", "render", "load.json", "--report", "junit=x.xml"][..], "there is no JUnit"),
        (&["report", "merge", "load.json", "--report", "json=x.json"], "is a page"),
        (&["report", "merge", "load.json", "2.md", "--report", "html=x.html"], "is not JSON"),
    ] {
        place.run(args).exits(2).says(says);
    }
    let many = [&["report", "merge"], &["load.json"; 7][..], &["--report", "html=x.html"]].concat();
    place.run(&many).exits(2).says("help: compare at most 6");
}

#[test]
fn streams_share_connections_over_http2() {
    let place = Place::new();
    let shared = ["--http2", "--streams-per-connection", "8"];
    load(&place, &[&[TWENTY, "--report", "json=load.json"], &shared[..]].concat())
        .exits(0)
        .says("20 started, 20 opened, 0 open at the end, 0 failed, 20 ended")
        .says("HTTP/2, at most 8 streams each: 3 opened, ")
        .says("PASSED");
    assert_eq!(place.json("load.json")["sockets"]["opened"], 3);
    let page = ["report", "render", "load.json", "--report", "html=load.html"];
    place.run(&page).exits(0);
    assert!(place.read("load.html").contains("sockets of HTTP/2"));
}

#[test]
fn a_server_without_http2_is_told_of() {
    let place = Place::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            let _ = socket.read(&mut [0; 1024]);
            let _ = socket.write_all(b"HTTP/1.1 505 HTTP Version Not Supported\r\n\r\n");
        }
    });
    load(&place, &[&url, "--http2"])
        .exits(3)
        .says("does not speak HTTP/2: it answers `HTTP/1.1 505 HTTP Version Not Supported`")
        .says("help: leave `--http2` out");
}

#[test]
fn several_workers_and_servers_give_one_result() {
    let place = Place::new();
    let args = [TWENTY, "--workers", "3", "--format", "json"];
    let result = load(&place, &args).exits(0).json();
    assert_eq!(result["budget"]["workers"], 3);
    assert_eq!(result["streams"]["opened"], 20);
    assert_eq!(result["latencies"]["ttfe"]["count"], 20);
}

#[test]
fn a_breach_is_exit_code_1() {
    let place = Place::new();
    let flawed = "--builtin=/load/stream?rate=1000&loses=50&count=200";
    load(&place, &[flawed])
        .exits(1)
        .says("fails where")
        .says("lost > 0 BREACHED")
        .says("first lost: stream")
        .says("FAILED (exit code 1): `lost > 0`");
    load(&place, &[TWENTY, "--fail", "ttfe.min < 1h"]).exits(1).says("BREACHED");
    load(&place, &[TWENTY, "--fail", "ttfe.p99 > 1h"]).exits(0);
    // Nothing was measured, and that is not green.
    let silent = ["load", "-c", "1", "--ramp", "0s", "--duration", "2s", "--loop-lag-limit", "1h"];
    place
        .run(&[&silent[..], &["--builtin=/load/stream?rate=0", "--fail", "ttfe.p99 > 1h"]].concat())
        .exits(1)
        .says("it is nothing");
}

#[test]
fn a_late_generator_is_not_to_be_trusted() {
    // No loop comes within no time at all.
    let place = Place::new();
    let args = ["load", "-c", "2", "--ramp", "0s", "--duration", "1s", "--builtin"];
    place
        .run(&[&args[..], &["--loop-lag-limit", "0s", "--fail", "events < 1000000"]].concat())
        .exits(6)
        .says("NOT TO BE TRUSTED (exit code 6): the generator came up to")
        .says("help: use fewer streams");
}

#[test]
fn what_cannot_be_used_is_exit_code_2() {
    let place = Place::new();
    place.run(&["load"]).exits(2).says("<URL>");
    for (args, says) in [
        (&["localhost:1/x"][..], "help: give the whole URL of the stream"),
        (&["https://localhost:1/x", "--cacert", "missing.pem"], "failed to read `missing.pem`"),
        (&["--builtin", "--publish", "https://localhost:1/x"], "publishers do not speak TLS"),
        (&["http://localhost:1/", "-H", "x"], "is not `Name: value`"),
        (&["--builtin=/load/streem"], "there are /load/stream, /load/broadcast and /load/llm"),
        (&[TWENTY, "--streams-per-connection", "10"], "--http2"),
        (&[TWENTY, "--http2", "-H", "Connection: close"], "`connection` is one that HTTP/2"),
        (&["--builtin=/load/stream?rate=x"], "`rate` cannot be `x`"),
        (&["--builtin", "--fail", "tfe.p99 > 1s"], "there is no `tfe.p99`"),
        (&["--builtin", "--fail", "ttfe.p99 > 5"], "write it with its unit"),
        (&["--builtin", "--report", "pdf=x"], "`pdf` is no kind of report"),
        (&["--builtin", "--stall", "1s"], "`1s@10s`"),
        (&["--builtin", "--report", "json=/dev/null/x"], "failed to write"),
    ] {
        load(&place, args).exits(2).says(says);
    }
}

#[test]
fn a_run_that_does_not_fit_is_refused_before_it_starts() {
    let place = Place::new();
    let many = ["load", "-c", "99000000", "--workers", "1", "--builtin"];
    place
        .run(&[&many[..], &["--report", "json=load.json"]].concat())
        .exits(2)
        .says("99000000 streams in 1 worker need 99000064 descriptors each")
        .says("help: use `--workers");
    assert_eq!(place.json("load.json")["error"]["kind"], "usage");
}

#[test]
fn a_server_that_is_not_there_is_exit_code_3() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let place = Place::new();
    load(&place, &[&format!("http://{address}/"), "--report", "json=load.json"])
        .exits(3)
        .says(&format!("failed to connect to `{address}`"))
        .says("help: start the server, or check host and port");
    let result = place.json("load.json");
    assert_eq!(result["outcome"]["exit_code"], 3);
    assert_eq!(result["error"]["kind"], "subject");
}

/// A server that answers every other stream with 503, and the rest with one event and the end.
fn busy_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut asked = 0;
        for socket in listener.incoming() {
            let mut socket = BufReader::new(socket.unwrap());
            let mut line = String::new();
            while socket.read_line(&mut line).is_ok_and(|len| len > 2) {
                line.clear();
            }
            if line.is_empty() {
                // The connection that shows whether anybody is there.
                continue;
            }
            asked += 1;
            let mut socket = socket.into_inner();
            let answer = if asked % 2 == 0 {
                "HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n"
            } else {
                "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\nid: 1\ndata: a\n\n"
            };
            socket.write_all(answer.as_bytes()).unwrap();
        }
    });
    format!("http://{address}/events")
}

#[test]
fn failures_are_counted_by_cause_with_one_example() {
    let place = Place::new();
    let url = busy_server();
    let result = load(&place, &[&url, "--report", "json=load.json"]);
    let result = result.exits(1).says("status.503").says("503 where 200 was due");
    assert_eq!(result.stderr.matches("where 200 was due").count(), 1, "{result}");
    let errors = &place.json("load.json")["errors"];
    assert_eq!(errors["status.503"]["count"], 10, "{errors}");
    let half = load(&place, &[&url, "--fail", "errors > 60%"]);
    half.exits(0).says("50.000%");
}

#[test]
fn lost_streams_come_back_where_they_are_to() {
    let place = Place::new();
    let result = load(&place, &[TWENTY, "--reconnect=1ms", "--format", "json"]).exits(0).json();
    // Each comes back once, with the last event id, and is told that there is no more.
    assert_eq!(result["streams"]["started"], 40);
    assert_eq!(result["delivery"]["duplicated"], 0);
    load(&place, &[TWENTY, "--drop", "20%@1s"]).exits(2).says("--reconnect");
    load(&place, &[TWENTY, "--reconnect", "--drop", "0%@1s"]).exits(2).says("no share");
}

/// A long run that has events, and its helpers' processes.
fn started(place: &Place, args: &[&str]) -> (Child, BufReader<std::process::ChildStderr>, String) {
    let args = [&["load"], &LONG[..], args].concat();
    let mut child = place.ssespec(&args).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("20 of 20 streams open") {
        let len = stderr.read_line(&mut said).unwrap();
        assert!(len > 0, "it ended: {said}");
    }
    (child, stderr, said)
}

#[test]
fn metrics_are_served_while_it_runs() {
    let place = Place::new();
    let args = ["--builtin=/load/stream?rate=50", "--metrics", "127.0.0.1:0"];
    let (child, stderr, said) = started(&place, &args);
    let address = said.split("metrics: http://").nth(1).unwrap().split('/').next().unwrap();
    let mut socket = std::net::TcpStream::connect(address).unwrap();
    socket.write_all(b"GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    let mut page = String::new();
    socket.read_to_string(&mut page).unwrap();
    for line in ["ssespec_load_streams_open 20", "ssespec_load_streams_opened_total 20"] {
        assert!(page.lines().any(|it| it == line), "{line}\n{page}");
    }
    assert!(
        page.contains(r#"ssespec_load_latency_seconds{metric="lag",quantile="0.99"}"#),
        "{page}"
    );
    let taken = ["load", "--builtin", "--metrics", address];
    place.run(&taken).exits(2).says("failed to serve metrics at");
    drop(stderr);
    let mut child = child;
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The helpers of a run, of one kind.
fn helpers(child: &Child, kind: &str) -> Vec<u32> {
    let pid = child.id();
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
    let all = children.split_whitespace().map(|pid| pid.parse().unwrap());
    all.filter(|pid: &u32| {
        let line = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        line.contains(kind)
    })
    .collect()
}

fn ended(child: Child, mut stderr: BufReader<std::process::ChildStderr>, said: String) -> Ran {
    let mut ran = finish(child);
    ran.stderr = said;
    stderr.read_to_string(&mut ran.stderr).unwrap();
    ran
}

#[test]
#[cfg(target_os = "linux")]
fn a_killed_worker_is_told_and_the_others_are_kept() {
    let place = Place::new();
    let report = ["--report", "json=load.json"];
    let args = [&["--builtin=/load/stream?rate=50", "--workers", "2"], &report[..]].concat();
    let (child, stderr, said) = started(&place, &args);
    let workers = helpers(&child, "load-worker");
    assert_eq!(workers.len(), 2);
    assert!(signal(workers[0], "KILL"));
    wait_for_end_of(workers[0]);
    assert!(signal(child.id(), "INT"));
    // An interrupt counts before all, and the loss is told all the same.
    let ran = ended(child, stderr, said);
    ran.exits(130).says("ended early: ended before its time (signal: 9 (SIGKILL))");
    let result = place.json("load.json");
    let lost = &result["hazards"][0];
    assert_eq!(lost["fatal"], true, "{lost}");
    assert!(lost["hazard"]["worker-lost"].is_object(), "{lost}");
    // What both had told is kept: all streams, and the first event of each.
    assert_eq!(result["streams"]["opened"], 20);
    assert_eq!(result["held"]["peak"], 20);
}

#[test]
#[cfg(target_os = "linux")]
fn a_run_that_lost_a_worker_is_exit_code_6() {
    let place = Place::new();
    let args = ["load", "-c", "20", "--ramp", "0s", "--duration", "2s", "--loop-lag-limit", "1h"];
    let more = ["--builtin=/load/stream?rate=50", "--workers", "2", "--fail", "events < 1"];
    let child = place.ssespec(&[&args[..], &more].concat()).spawn().unwrap();
    wait_until("the workers start", || helpers(&child, "load-worker").len() == 2);
    let workers = helpers(&child, "load-worker");
    wait_until("a worker has its poll", || {
        std::fs::read_dir(format!("/proc/{}/fd", workers[1])).is_ok_and(|it| it.count() > 5)
    });
    signal(workers[1], "KILL");
    let ran = finish(child);
    // Killed before the start it is a failed set-up; after it, a result that lacks something.
    assert!(matches!(ran.code, Some(3 | 6)), "{ran}");
    ran.says("SIGKILL");
}

#[test]
#[cfg(target_os = "linux")]
fn an_interrupt_leaves_a_partial_report_and_no_process() {
    for name in ["INT", "TERM"] {
        let place = Place::new();
        let args = ["--builtin=/load/stream?rate=50", "--report", "json=load.json"];
        let (child, stderr, said) = started(&place, &args);
        let helpers = [helpers(&child, "load-worker"), helpers(&child, "load-server")].concat();
        assert_eq!(helpers.len(), 2);
        assert!(signal(child.id(), name));
        ended(child, stderr, said).exits(130).says("INTERRUPTED (exit code 130)");
        helpers.into_iter().for_each(wait_for_end_of);
        let result = place.json("load.json");
        assert_eq!(result["interrupted"], true);
        assert_eq!(result["held"]["at_end"], 20);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn helpers_do_not_outlive_a_killed_run() {
    let place = Place::new();
    let (mut child, _stderr, _) = started(&place, &["--builtin"]);
    let helpers = [helpers(&child, "load-worker"), helpers(&child, "load-server")].concat();
    assert_eq!(helpers.len(), 2);
    child.kill().unwrap();
    child.wait().unwrap();
    helpers.into_iter().for_each(wait_for_end_of);
}

#[test]
fn helpers_that_are_told_nothing_end() {
    let place = Place::new();
    for helper in ["load-worker", "load-server"] {
        place.run(&[helper]).exits(0);
        place.run_with(&[helper], b"nonsense\n".to_vec()).exits(70).says("broke off");
    }
}
