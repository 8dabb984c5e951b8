//! Streams over HTTP/2, many on a connection.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use ssespec_load::latency::Metric;
use ssespec_load::{
    Address, LoadResult, Machine, Multiplexing, PrepareError, Reconnect, Request, Run, Slowness,
    Storm, Subject, Trusted, Workload,
};
use ssespec_net::TestCa;

use crate::place::{Server, Then, builtin, run, run_until, workload};

fn over_http2(workload: Workload, streams_per_connection: u64) -> Workload {
    Workload { http2: Some(Multiplexing { streams_per_connection }), ..workload }
}

#[track_caller]
fn nothing_is_wrong(result: &LoadResult) {
    assert!(result.errors.0.is_empty(), "{:?}", result.errors);
    let delivery = &result.delivery;
    assert_eq!((delivery.lost, delivery.duplicated, delivery.reordered), (0, 0, 0));
}

#[test]
fn streams_share_connections() {
    for target in ["/load/stream?rate=50", "/load/broadcast?rate=50"] {
        let asked = over_http2(workload(builtin(target, Vec::new()), 250), 100);
        let result = run_until(asked, |progress| progress.total_events >= 2500);
        nothing_is_wrong(&result);
        assert_eq!((result.streams.opened, result.streams.connected), (250, 3));
        let sockets = result.sockets.unwrap();
        assert_eq!((sockets.counts.opened, sockets.peak, sockets.at_end), (3, 3, 3));
        assert_eq!(result.times(Metric::Headers).unwrap().count, 250);
        assert_eq!(result.times(Metric::Connect).unwrap().count, 3);
        assert_eq!(result.times(Metric::Lag).unwrap().count, result.traffic.events);
        assert!(result.traffic.wire_bytes > result.traffic.body_bytes);
    }
}

#[test]
fn streams_end_when_the_server_ends_them() {
    let target = "/load/stream?rate=1000&count=20&size=30000";
    let result = run(over_http2(workload(builtin(target, Vec::new()), 30), 10));
    nothing_is_wrong(&result);
    assert_eq!((result.streams.ended, result.traffic.events), (30, 600));
    assert_eq!(result.traffic.body_bytes, 600 * 30_000);
}

#[test]
fn who_comes_back_says_after_which_event() {
    for target in ["/load/stream?rate=20", "/load/broadcast?rate=20"] {
        let mut asked = over_http2(workload(builtin(target, Vec::new()), 100), 30);
        asked.reconnect = Some(Reconnect { retry_ms: 1 });
        let storm =
            |second: u64| Storm { at_ns: second * 1_000_000_000, per_mille: 300, jitter_ns: 0 };
        asked.storms = (1..300).map(storm).collect();
        let result = run_until(asked, |progress| progress.reconnected >= 60);
        nothing_is_wrong(&result);
        // The connections stay.
        assert_eq!(result.sockets.unwrap().counts.opened, 4);
    }
}

#[test]
fn answers_are_asked_for_with_a_body() {
    let mut request = Request::default();
    request.method("POST").unwrap();
    request.body("{\"stream\":true}".to_owned()).unwrap();
    let target = "/load/llm?tokens=5&ttft=1ms&itl=1ms";
    let mut asked = over_http2(workload(builtin(target, Vec::new()), 8), 4);
    asked.request = request;
    asked.reading.until = Some("[DONE]".parse().unwrap());
    let result = run_until(asked, |progress| progress.tally.talk.completed >= 30);
    assert!(result.errors.0.is_empty(), "{:?}", result.errors);
    assert!(result.talk.unwrap().counts.tokens >= 150);
    assert_eq!(result.sockets.unwrap().counts.opened, 2);
}

#[test]
fn slow_streams_hold_up_no_others() {
    for pace in ["never", "pause=50ms", "2000B/s"] {
        let slow: Slowness = format!("50%:{pace}").parse().unwrap();
        let asked = Workload {
            slow: Some(slow),
            receive_buffer: Some(4096),
            ..over_http2(workload(builtin("/load/stream?rate=200", Vec::new()), 10), 10)
        };
        let result = run_until(asked, |progress| {
            progress.open == 10
                && progress.total_events >= 1000
                && progress.elapsed > Duration::from_secs(2)
        });
        nothing_is_wrong(&result);
        assert_eq!(result.streams.slow, 5, "{pace}");
        let timed = result.times(Metric::Lag).unwrap().count;
        let slowly = result.traffic.events - timed;
        assert!(if pace == "never" { slowly == 0 } else { slowly > 5 }, "{pace}: {slowly}");
        assert!(timed >= 500, "{pace}: {timed}");
    }
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
/// `:status: 200` and `content-type: text/event-stream`.
const HEAD: &[u8] = b"\x88\x0f\x10\x11text/event-stream";
const EVENT: &[u8] = b"id: 1\ndata: a\n\n";

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let len = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = vec![len[1], len[2], len[3], kind, flags];
    frame.extend_from_slice(&stream.to_be_bytes());
    frame.extend_from_slice(payload);
    frame
}

/// What a server does with a request: what it writes, and whether it then closes.
type Answer = fn(u32) -> (Vec<u8>, bool);

/// A server that speaks just enough, frame by frame.
fn speak(mut socket: impl Read + Write, settings: &[u8], answer: Answer) -> Option<()> {
    socket.read_exact(&mut [0; 24]).ok()?;
    socket.write_all(&frame(SETTINGS, 0, 0, settings)).ok()?;
    loop {
        let mut head = [0; 9];
        socket.read_exact(&mut head).ok()?;
        let len = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        socket.read_exact(&mut vec![0; len as usize]).ok()?;
        match (head[3], head[4]) {
            (SETTINGS, 0) => socket.write_all(&frame(SETTINGS, 1, 0, &[])).ok()?,
            (HEADERS, _) => {
                let (bytes, closes) = answer(stream);
                socket.write_all(&bytes).ok()?;
                if closes {
                    return Some(());
                }
            }
            _ => {}
        }
    }
}

fn serving(settings: &'static [u8], answer: Answer) -> Subject {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            std::thread::spawn(move || speak(socket.unwrap(), settings, answer));
        }
    });
    url("http", address)
}

fn url(scheme: &str, address: SocketAddr) -> Subject {
    let port = address.port();
    Subject::Url(Address::parse(&format!("{scheme}://localhost:{port}/events")).unwrap())
}

fn event(stream: u32) -> (Vec<u8>, bool) {
    let bytes = [frame(HEADERS, 4, stream, HEAD), frame(DATA, 0, stream, EVENT)];
    (bytes.concat(), false)
}

#[test]
fn no_more_streams_are_asked_for_than_the_server_takes() {
    // SETTINGS_MAX_CONCURRENT_STREAMS is 2.
    let subject = serving(&[0, 3, 0, 0, 0, 2], event);
    let asked = over_http2(workload(subject, 5), 100);
    let result = run_until(asked, |progress| progress.total_events >= 5);
    nothing_is_wrong(&result);
    assert_eq!(result.workload.streams_per_connection, Some(2));
    assert_eq!(result.sockets.unwrap().peak, 3);
}

/// Runs three streams that fail, and checks the cause of it.
#[track_caller]
fn check(answer: Answer, cause: &str) -> LoadResult {
    let result = run(over_http2(workload(serving(&[], answer), 3), 1));
    let errors = &result.errors.0;
    assert_eq!(errors.keys().collect::<Vec<_>>(), [cause], "{errors:?}");
    assert_eq!(errors[cause].count, 3);
    result
}

#[test]
fn ends_have_causes() {
    let result = check(
        |stream| ([event(stream).0, frame(RST_STREAM, 0, stream, &[0, 0, 0, 2])].concat(), false),
        "rst-stream.internal-error",
    );
    assert_eq!(result.traffic.events, 3);
    check(
        |stream| (frame(RST_STREAM, 0, stream, &[0, 0, 0, 7]), false),
        "rst-stream.refused-stream",
    );
    check(
        |stream| {
            let code = [0, 0, 0, 0, 0, 0, 0, 11];
            ([event(stream).0, frame(GOAWAY, 0, 0, &code)].concat(), true)
        },
        "goaway.enhance-your-calm",
    );
    let result = check(|stream| (event(stream).0, true), "closed.mid-body");
    assert_eq!(result.sockets.unwrap().counts.ended, 3);
    check(|_| (Vec::new(), true), "closed.before-head");
    // `:status: 404`.
    check(|stream| (frame(HEADERS, 5, stream, b"\x8d"), false), "status.404");
    check(|stream| (frame(HEADERS, 5, stream, b"\x88"), false), "media-type");
    // DATA before any head.
    check(|stream| (frame(DATA, 0, stream, EVENT), false), "http2.protocol-error");
}

#[test]
fn a_connection_without_settings_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let subject = url("http", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        // The one that asks before the run is answered, all others are not.
        let mut held = Vec::new();
        for (index, socket) in listener.incoming().enumerate() {
            let mut socket = socket.unwrap();
            if index == 0 {
                socket.write_all(&frame(SETTINGS, 0, 0, &[])).unwrap();
            }
            held.push(socket);
        }
    });
    let mut asked = over_http2(workload(subject, 3), 2);
    asked.timeout = Duration::from_millis(100);
    let result = run(asked);
    assert_eq!(result.errors.0["http2.timeout"].count, 3, "{:?}", result.errors);
    let counts = result.sockets.unwrap().counts;
    assert_eq!((counts.started, counts.opened, counts.failed), (2, 0, 2));
}

#[test]
fn what_was_open_goes_on_after_a_farewell() {
    // GOAWAY with NO_ERROR and this stream as the last one, and then its end.
    let subject = serving(&[], |stream| {
        let farewell = [&stream.to_be_bytes()[..], &[0, 0, 0, 0]].concat();
        let end = frame(DATA, 1, stream, b"id: 2\ndata: b\n\n");
        ([event(stream).0, frame(GOAWAY, 0, 0, &farewell), end].concat(), false)
    });
    let mut asked = over_http2(workload(subject, 4), 1);
    asked.reconnect = Some(Reconnect { retry_ms: 1 });
    // Each comes back on a new connection, where the same ids come again.
    let result = run_until(asked, |progress| progress.reconnected >= 8);
    assert!(result.errors.0.is_empty(), "{:?}", result.errors);
    assert!(result.sockets.unwrap().counts.opened >= 12);
}

#[test]
fn a_server_without_http2_is_found_before_the_run() {
    let server = Server::answering("HTTP/1.1 400 Bad Request\r\n\r\n", Then::Close);
    let asked = over_http2(workload(server.subject(), 1), 100);
    let error = Run::prepare(asked.clone(), Machine::this()).unwrap_err();
    assert!(error.to_string().contains("it answers `HTTP/1.1 400 Bad Request`"), "{error}");
    assert!(error.help().contains("`--http2`"), "{}", error.help());
    let result = LoadResult::not_started(&asked, error.in_run());
    assert_eq!(result.outcome.exit_code, 3);
}

/// A server of HTTP/2 over TLS, if this is what it offers.
fn secure(config: Arc<ServerConfig>) -> Subject {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let stream = StreamOwned::new(connection, socket.unwrap());
            std::thread::spawn(move || speak(stream, &[], event));
        }
    });
    url("https", address)
}

#[test]
fn http2_is_agreed_upon_by_alpn() {
    let ca = TestCa::generate().unwrap();
    let trust = Trusted::Roots(ca.pem().to_owned());
    let subject = secure(ca.server_config(&["h2", "http/1.1"]).unwrap());
    let asked = Workload { trust: trust.clone(), ..over_http2(workload(subject, 6), 3) };
    let result = run_until(asked, |progress| progress.total_events >= 6);
    nothing_is_wrong(&result);
    assert_eq!(result.times(Metric::Tls).unwrap().count, 2);
    for offered in [&["http/1.1"][..], &[]] {
        let subject = secure(ca.server_config(offered).unwrap());
        let asked = Workload { trust: trust.clone(), ..over_http2(workload(subject, 6), 3) };
        let error = Run::prepare(asked, Machine::this()).unwrap_err();
        assert!(matches!(error, PrepareError::NotHttp2 { tls: true, .. }), "{error}");
    }
}
