//! What goes wrong with streams, counted by cause with a first example.

use std::net::TcpListener;

use ssespec_load::{Address, LoadResult, Machine, PrepareError, Run, Subject};

use crate::place::{CHUNKED, HEAD, Server, Then, run, run_until, workload};

/// Runs three streams that fail, and checks the cause of it.
#[track_caller]
fn check(answer: &str, then: Then, cause: &str, message: &str) -> LoadResult {
    let server = Server::answering(answer, then);
    let result = run(workload(server.subject(), 3));
    let errors = &result.errors.0;
    assert_eq!(errors.keys().collect::<Vec<_>>(), [cause], "{errors:?}");
    assert_eq!(errors[cause].count, 3);
    assert!(errors[cause].first.contains(message), "{errors:?}");
    result
}

#[test]
fn responses_that_are_no_event_streams() {
    check("HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n", Then::Hold, "status.503", "status 503");
    check("HTTP/1.1 302 Found\r\nlocation: /b\r\n\r\n", Then::Hold, "status.302", "to `/b`");
    let html = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<html>";
    check(html, Then::Hold, "media-type", "content type `text/html`");
    check("SSH-2.0-OpenSSH\r\n\r\n", Then::Hold, "head.malformed", "malformed");
    check("", Then::Close, "closed.before-head", "before the head");
    check("HTTP/1.1 200 OK\r\n", Then::Close, "closed.before-head", "before the head");
}

#[test]
fn streams_that_break() {
    let cut = format!("{CHUNKED}9\r\ndata: a\n\n\r\nff\r\ndata: b");
    let result = check(&cut, Then::Close, "closed.mid-body", "within the body");
    assert_eq!(result.traffic.events, 3);
    let wrong = format!("{CHUNKED}9\r\ndata: a\n\n\r\nxx\r\n");
    check(&wrong, Then::Hold, "body.malformed", "chunk's size");
    let result = check(HEAD, Then::Reset, "reset", "reset");
    assert_eq!(result.streams.opened, 3);
}

#[test]
fn streams_that_end_in_order_are_no_errors() {
    let whole = format!("{CHUNKED}9\r\ndata: a\n\n\r\n0\r\n\r\n");
    for answer in [whole, format!("{HEAD}data: a\n\n")] {
        let server = Server::answering(&answer, Then::Close);
        let result = run(workload(server.subject(), 3));
        assert!(result.errors.0.is_empty(), "{:?}", result.errors);
        assert_eq!(result.streams.ended, 3);
        let hazards: Vec<_> = result.hazards.iter().map(|hazard| hazard.seen.as_str()).collect();
        assert!(hazards.iter().any(|seen| seen.contains("3 were wanted")), "{hazards:?}");
    }
}

#[test]
fn breaches_of_the_format_are_counted_by_rule() {
    let answer = format!("{HEAD}retry: x\n\nfoo: bar\ndata: a\n\n\n\ndata: \u{0}b\n\nid: a\0\n\n");
    let server = Server::answering(&answer, Then::Hold);
    let result = run_until(workload(server.subject(), 4), |progress| progress.total_events == 8);
    let counts: Vec<_> =
        result.violations.0.iter().map(|(rule, found)| (rule.as_str(), found.count)).collect();
    assert_eq!(counts, [("field.unknown", 4), ("id.nul", 4), ("retry.digits", 4)]);
    assert!(result.violations.0["retry.digits"].first.contains("stream "));
}

#[test]
fn events_without_ids_are_not_judged() {
    let answer =
        format!("{HEAD}id: 5\ndata: a\n\nevent: ping\ndata: 1\n\nid: 6\ndata: a\n\n: c\n\n");
    let server = Server::answering(&answer, Then::Hold);
    let result = run_until(workload(server.subject(), 2), |progress| progress.total_events == 6);
    let delivery = &result.delivery;
    assert_eq!((delivery.numbered, delivery.unnumbered), (4, 2));
    assert_eq!((delivery.lost, delivery.duplicated, delivery.reordered), (0, 0, 0));
    assert_eq!(result.traffic.comments, 2);
}

#[test]
fn a_server_that_is_not_there_is_found_before_the_run() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let subject = Subject::Url(Address::parse(&format!("http://{address}/")).unwrap());
    let error = Run::prepare(workload(subject.clone(), 1), Machine::this()).unwrap_err();
    assert!(matches!(error, PrepareError::Unreachable { .. }), "{error}");
    let result = LoadResult::not_started(&workload(subject, 1), error.in_run());
    assert_eq!(result.outcome.exit_code, 3);
}

#[test]
fn a_run_in_which_no_stream_came_about_is_not_green() {
    let server = Server::answering("HTTP/1.1 500 No\r\n\r\n", Then::Close);
    let result = run(workload(server.subject(), 2));
    assert_eq!(result.outcome.exit_code, 3, "{:?}", result.outcome);
}
