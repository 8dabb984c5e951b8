//! Streams that are lost come back as browsers do, and what they missed is found.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;

use ssespec_load::latency::Metric;
use ssespec_load::{Address, Reconnect, Storm, Subject, Workload};

use crate::place::{HEAD, Server, Then, builtin, run, run_until, workload};

/// A server that sends one event a connection, after the last event id plus so many, and closes.
fn one_by_one(step: u64) -> Subject {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = BufReader::new(socket.unwrap());
            let mut last: u64 = 0;
            let mut asked = false;
            let mut line = String::new();
            while socket.read_line(&mut line).is_ok_and(|len| len > 2) {
                asked = true;
                if let Some(id) = line.strip_prefix("Last-Event-ID: ") {
                    last = id.trim().parse().unwrap();
                }
                line.clear();
            }
            if asked {
                let id = last + step;
                let answer = format!("{HEAD}retry: 1\nid: {id}\ndata: {id}\n\n");
                socket.into_inner().write_all(answer.as_bytes()).unwrap();
            }
        }
    });
    Subject::Url(Address::parse(&format!("http://{address}/")).unwrap())
}

fn coming_back(workload: Workload) -> Workload {
    Workload { reconnect: Some(Reconnect { retry_ms: 1 }), ..workload }
}

#[test]
fn the_last_event_id_goes_with_each_attempt() {
    let asked = coming_back(workload(one_by_one(1), 2));
    let result = run_until(asked, |progress| progress.total_events >= 10);
    let delivery = &result.delivery;
    assert_eq!((delivery.lost, delivery.duplicated, delivery.reordered), (0, 0, 0));
    // Both streams but for the first attempt of each.
    assert_eq!(result.streams.reconnected, result.traffic.events - 2);
    let reconnects = result.times(Metric::Reconnect).unwrap();
    assert_eq!(reconnects.count, result.streams.reconnected);
}

#[test]
fn a_server_that_does_not_replay_is_caught() {
    let asked = coming_back(workload(one_by_one(4), 1));
    let result = run_until(asked, |progress| progress.total_events >= 10);
    // Three ids are skipped each time.
    assert_eq!(result.delivery.lost, 3 * result.streams.reconnected);
    let server = Server::answering(&format!("{HEAD}retry: 1\nid: 1\ndata: a\n\n"), Then::Close);
    let asked = coming_back(workload(server.subject(), 1));
    let result = run_until(asked, |progress| progress.total_events >= 10);
    assert_eq!(result.delivery.duplicated, result.streams.reconnected);
}

#[test]
fn a_response_that_is_no_event_stream_is_the_end() {
    let server = Server::answering("HTTP/1.1 503 Busy\r\n\r\n", Then::Close);
    let result = run(coming_back(workload(server.subject(), 3)));
    assert_eq!(result.streams.started, 3);
    assert_eq!(result.errors.0["status.503"].count, 3);
}

#[test]
fn a_server_with_no_more_to_say_ends_the_run() {
    let target = "/load/stream?rate=1000&count=10";
    let result = run(coming_back(workload(builtin(target, Vec::new()), 3)));
    assert!(result.errors.0.is_empty(), "{:?}", result.errors);
    assert_eq!((result.streams.started, result.streams.ended), (6, 3));
    assert_eq!((result.traffic.events, result.delivery.duplicated), (30, 0));
}

#[test]
fn a_storm_is_weathered_without_a_loss() {
    for target in ["/load/broadcast?rate=20", "/load/stream?rate=20"] {
        let mut asked = coming_back(workload(builtin(target, Vec::new()), 200));
        // One each second, so that some find streams open however slow the machine is.
        let storm =
            |second: u64| Storm { at_ns: second * 1_000_000_000, per_mille: 200, jitter_ns: 0 };
        asked.storms = (1..300).map(storm).collect();
        let result = run_until(asked, |progress| progress.reconnected >= 40);
        let streams = &result.streams;
        assert!(streams.dropped >= streams.reconnected, "{streams:?}");
        assert!(streams.started <= 200 + streams.dropped, "{streams:?}");
        let delivery = &result.delivery;
        assert_eq!((delivery.lost, delivery.duplicated, delivery.reordered), (0, 0, 0));
        assert!(result.errors.0.is_empty(), "{:?}", result.errors);
    }
}

#[test]
fn what_was_missed_is_replayed_and_the_gap_is_measured() {
    let asked = workload(builtin("/load/broadcast?rate=100", Vec::new()), 20);
    let storm = |second: u64| Storm {
        at_ns: second * 1_000_000_000,
        per_mille: 500,
        jitter_ns: 300_000_000,
    };
    let asked = Workload {
        reconnect: Some(Reconnect { retry_ms: 200 }),
        storms: (1..300).map(storm).collect(),
        ..asked
    };
    let result = run_until(asked, |progress| progress.reconnected >= 10);
    // 20 events are due while a stream is away.
    assert!(result.delivery.replayed >= 10 * 19, "{:?}", result.delivery);
    let blackout = result.times(Metric::Blackout).unwrap();
    assert!(blackout.count <= result.streams.reconnected && blackout.min_us >= 190_000);
    assert_eq!((result.delivery.lost, result.delivery.duplicated), (0, 0));
}
