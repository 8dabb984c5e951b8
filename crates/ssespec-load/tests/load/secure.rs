//! Streams over TLS.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use ssespec_load::latency::Metric;
use ssespec_load::{Address, Machine, PrepareError, Reconnect, Run, Subject, Trusted, Workload};
use ssespec_net::{Flaw, TestCa};

use crate::place::{CHUNKED, run, run_until, workload};

/// A server that answers each connection with these pieces, each one record, and then closes or
/// holds.
fn serving(config: Arc<ServerConfig>, pieces: Vec<String>, holds: bool) -> Subject {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let (config, pieces) = (Arc::clone(&config), pieces.clone());
            std::thread::spawn(move || {
                let connection = ServerConnection::new(config).unwrap();
                let mut stream = StreamOwned::new(connection, socket.unwrap());
                let mut request = Vec::new();
                let mut buffer = [0; 4096];
                while !request.windows(4).any(|window| window == b"\r\n\r\n") {
                    match stream.read(&mut buffer) {
                        Ok(0) | Err(_) => return,
                        Ok(len) => request.extend_from_slice(&buffer[..len]),
                    }
                }
                for piece in pieces {
                    // A client that has seen enough may leave first.
                    let _ = stream.write_all(piece.as_bytes());
                    let _ = stream.flush();
                }
                if holds {
                    while stream.read(&mut buffer).is_ok_and(|len| len > 0) {}
                }
                stream.conn.send_close_notify();
                let _ = stream.flush();
            });
        }
    });
    Subject::Url(Address::parse(&format!("https://localhost:{port}/events")).unwrap())
}

fn trusting(ca: &TestCa, subject: Subject, streams: u64) -> Workload {
    Workload { trust: Trusted::Roots(ca.pem().to_owned()), ..workload(subject, streams) }
}

#[test]
fn streams_are_read_whole_over_tls() {
    let ca = TestCa::generate().unwrap();
    let config = ca.server_config(&["http/1.1"]).unwrap();
    // More than one record, more than one read, and more in one turn than a buffer holds.
    let data = "x".repeat(40_000);
    let events: Vec<String> = (1..=8)
        .map(|id| format!("{:x}\r\nid: {id}\ndata: {data}\n\n\r\n", data.len() + 14))
        .collect();
    let end = "0\r\n\r\n".to_owned();
    let mut pieces = vec![CHUNKED.to_owned()];
    pieces.extend(events);
    let result = run_until(
        trusting(&ca, serving(Arc::clone(&config), pieces.clone(), true), 5),
        |progress| progress.total_events >= 40,
    );
    assert!(result.errors.0.is_empty(), "{:?}", result.errors);
    assert_eq!((result.traffic.events, result.delivery.lost), (40, 0));
    assert_eq!(result.times(Metric::Tls).unwrap().count, 5);
    pieces.push(end);
    let result = run(trusting(&ca, serving(config, pieces, false), 5));
    assert!(result.errors.0.is_empty(), "{:?}", result.errors);
    assert_eq!((result.traffic.events, result.streams.ended), (40, 5));
}

#[test]
fn sessions_are_resumed_where_that_is_asked_for() {
    let ca = TestCa::generate().unwrap();
    let config = ca.server_config(&["http/1.1"]).unwrap();
    let pieces = vec![format!("{CHUNKED}9\r\ndata: a\n\n\r\n0\r\n\r\n")];
    let subject = serving(config, pieces, false);
    for resume in [false, true] {
        let mut asked = Workload { resume, ..trusting(&ca, subject.clone(), 1) };
        asked.reconnect = Some(Reconnect { retry_ms: 1 });
        let result = run_until(asked, |progress| progress.tally.streams.connected >= 5);
        assert!(result.errors.0.is_empty(), "{:?}", result.errors);
        assert_eq!(result.streams.resumed > 0, resume);
    }
}

#[test]
fn certificates_that_nobody_should_accept_are_refused() {
    let ca = TestCa::generate().unwrap();
    let pieces = vec![format!("{CHUNKED}9\r\ndata: a\n\n\r\n0\r\n\r\n")];
    for flaw in [Flaw::Untrusted, Flaw::Misnamed, Flaw::Expired] {
        let config = ca.flawed_config(flaw).unwrap();
        let result = run(trusting(&ca, serving(config.clone(), pieces.clone(), false), 2));
        assert_eq!(result.errors.0["tls.certificate"].count, 2, "{:?}", result.errors);
        assert_eq!(result.outcome.exit_code, 3);
        let anyone = Workload {
            trust: Trusted::Anyone,
            ..workload(serving(config, pieces.clone(), false), 2)
        };
        assert_eq!(run(anyone).traffic.events, 2);
    }
}

#[test]
fn what_speaks_no_tls_is_said_to() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            let _ = socket.read(&mut [0; 1024]);
            let _ = socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let subject = Subject::Url(Address::parse(&format!("https://{address}/")).unwrap());
    let anyone = Workload { trust: Trusted::Anyone, ..workload(subject.clone(), 2) };
    let result = run(anyone);
    assert_eq!(result.errors.0["tls.handshake"].count, 2, "{:?}", result.errors);
    let wrong = Workload { trust: Trusted::Roots("no pem".to_owned()), ..workload(subject, 2) };
    let error = Run::prepare(wrong, Machine::this()).unwrap_err();
    assert!(matches!(error, PrepareError::Tls(_)), "{error}");
}
