//! Answers that come token by token, and what events say of themselves.

use ssespec_load::latency::Metric;
use ssespec_load::{Arrivals, LoadResult, Reading, Spacing, Stage, Workload};

use crate::place::{CHUNKED, HEAD, Server, Then, builtin, run, run_until, workload};

fn reading(until: &str, slo: Option<&str>) -> Reading {
    let slo = slo.map(|slo| slo.parse().unwrap());
    Reading { until: Some(until.parse().unwrap()), slo, ..Reading::default() }
}

/// One answer after the other on each of three streams, until there were twelve.
fn twelve(subject: ssespec_load::Subject, reading: Reading) -> LoadResult {
    let asked = Workload { reading, ..workload(subject, 3) };
    run_until(asked, |progress| progress.total_events >= 12 * 5)
}

#[test]
fn answers_end_with_success_and_the_next_one_is_asked_for() {
    let subject = builtin("/load/llm?tokens=4&ttft=1ms&itl=1ms", Vec::new());
    let mut reading = reading("[DONE]", Some("ttft < 1h and itl.p99 < 1h"));
    reading.sequence = Some("/seq".parse().unwrap());
    let result = twelve(subject, reading);
    assert!(result.errors.0.is_empty(), "{:?}", result.errors);
    let talk = result.talk.as_ref().unwrap();
    assert!(talk.counts.completed >= 9, "{talk:?}");
    assert_eq!(talk.counts.good, talk.counts.completed);
    let count = |metric| result.times(metric).unwrap().count;
    assert_eq!(count(Metric::Duration), talk.counts.completed);
    assert_eq!(count(Metric::Ttft) + count(Metric::Itl), talk.counts.tokens);
    // Each token but the last is numbered and there is none lost; `[DONE]` has no number.
    assert_eq!(result.delivery.numbered, talk.counts.tokens);
    assert_eq!((result.delivery.lost, result.delivery.duplicated), (0, 0));
    assert!(result.payload_faults.0.is_empty(), "{:?}", result.payload_faults);
    assert_eq!(count(Metric::Lag), talk.counts.tokens);
}

#[test]
fn a_server_that_loses_tokens_is_caught() {
    let subject = builtin("/load/llm?tokens=4&ttft=0s&itl=1ms&loses=3", Vec::new());
    let mut reading = reading("[DONE]", None);
    reading.sequence = Some("/seq".parse().unwrap());
    let result = twelve(subject, reading);
    let completed = result.talk.as_ref().unwrap().counts.completed;
    assert!(result.delivery.lost >= completed, "{:?}", result.delivery);
}

#[test]
fn an_answer_that_breaks_off_is_a_failure() {
    for (answer, then) in [
        (format!("{HEAD}data: a\n\n"), Then::Close),
        (format!("{CHUNKED}9\r\ndata: a\n\n\r\n0\r\n\r\n"), Then::Hold),
    ] {
        let server = Server::answering(&answer, then);
        let asked =
            Workload { reading: reading("event:done", None), ..workload(server.subject(), 3) };
        let result = run(asked);
        assert_eq!(result.errors.0["closed.before-until"].count, 3);
        assert!(result.errors.0["closed.before-until"].first.contains("`event:done`"));
    }
}

#[test]
fn without_a_last_event_the_end_is_the_end() {
    let first_event = Some("/text".parse().unwrap());
    let reading =
        Reading { first_event, slo: Some("ttft < 1h".parse().unwrap()), ..Reading::default() };
    let data = "data: {\"text\":\"\"}\n\ndata: {\"text\":\"a\"}\n\ndata: {\"text\":\"b\"}\n\n";
    let server = Server::answering(&format!("{HEAD}{data}"), Then::Close);
    let result = run_until(
        Workload { reading: reading.clone(), ..workload(server.subject(), 2) },
        |progress| progress.total_events >= 12,
    );
    let counts = result.talk.as_ref().unwrap().counts;
    assert_eq!(counts.tokens, counts.completed * 2);
    assert_eq!(counts.good, counts.completed);
    // What has no first token is not good.
    let server = Server::answering(&format!("{HEAD}data: {{}}\n\n"), Then::Close);
    let arrivals = Arrivals::Rates {
        stages: vec![Stage { level: 1_000_000, over_ns: 0 }, Stage { level: 0, over_ns: 0 }],
        spacing: Spacing::Constant,
    };
    let asked = Workload { reading, arrivals, ..workload(server.subject(), 100) };
    // Nothing arrives where the last rate is 0.
    assert_eq!(run(asked).streams.started, 0);
}

#[test]
fn timestamps_and_numbers_in_payloads() {
    let data = "data: {\"t\":1,\"n\":1}\n\ndata: {\"t\":1,\"n\":3}\n\ndata: {\"n\":4}\n\ndata: x\n\n\
                data: {\"t\":9999999999999,\"n\":5}\n\ndata: {\"t\":true}\n\n";
    let server = Server::answering(&format!("{HEAD}{data}"), Then::Close);
    let reading = Reading {
        timestamp: Some("/t:ms".parse().unwrap()),
        sequence: Some("/n".parse().unwrap()),
        ..Reading::default()
    };
    let result = run(Workload { reading, ..workload(server.subject(), 2) });
    assert_eq!(result.times(Metric::E2e).unwrap().count, 2 * 3);
    // Fifty years are longer than the longest time that is told apart.
    assert_eq!(result.times(Metric::E2e).unwrap().max_us / 1_000_000, 3600);
    assert_eq!((result.delivery.numbered, result.delivery.lost), (2 * 4, 2));
    let faults: Vec<_> =
        result.payload_faults.0.iter().map(|(cause, it)| (cause.as_str(), it.count)).collect();
    let expected = [
        ("payload.not-json", 4),
        ("sequence.missing", 2),
        ("timestamp.ahead", 2),
        ("timestamp.missing", 2),
        ("timestamp.unreadable", 2),
    ];
    assert_eq!(faults, expected);
}
