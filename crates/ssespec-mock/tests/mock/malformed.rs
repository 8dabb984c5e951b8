//! What no client should send. The mock refuses it, and goes on.

use ssespec_mock::Mock;
use tokio::io::AsyncWriteExt as _;

use crate::fixture::{answer, connection, get, mock, rest, within};

/// Whether it still serves.
async fn check_up(mock: &Mock) {
    let page = answer(mock, &get("/")).await;
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n"), "{page}");
    assert!(page.contains("ssespec mock: GET /case/ID plays a case"), "{page}");
}

#[tokio::test]
async fn malformed_requests_are_answered_400() {
    let mock = mock().await;
    let long = "x".repeat(300 << 10);
    let cases: [(&str, String); 12] = [
        ("rubbish", "\0\u{1}\u{2}rubbish\r\n\r\n".to_owned()),
        ("no version", "GET /\r\n\r\n".to_owned()),
        ("half a request line", "GET /case".to_owned()),
        ("half a head", "GET / HTTP/1.1\r\nHost: x\r\nAccept".to_owned()),
        ("a huge header", format!("GET / HTTP/1.1\r\nX: {long}\r\n\r\n")),
        ("a huge target", format!("GET /{long} HTTP/1.1\r\n\r\n")),
        ("too many headers", format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(500))),
        ("a bad length", "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n".to_owned()),
        ("a huge length", "POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n".to_owned()),
        ("half a body", "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc".to_owned()),
        (
            "a bad chunk size",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n".to_owned(),
        ),
        (
            "a chunk longer than its size",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n".to_owned(),
        ),
    ];
    for (name, request) in cases {
        let text = answer(&mock, request.as_bytes()).await;
        assert!(text.starts_with("HTTP/1.1 400 "), "{name}: {text}");
        assert!(text.contains("request"), "{name}: {text}");
        check_up(&mock).await;
    }
}

#[tokio::test]
async fn a_client_that_falls_silent_keeps_nobody_waiting() {
    let mock = mock().await;
    let mut silent = Vec::new();
    for start in ["", "P", "PRI", "GET /ca", "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab"] {
        silent.push(connection(&mock, start.as_bytes()).await);
    }
    silent.push(connection(&mock, b"\x16\x03\x01").await);
    silent.push(connection(&mock, b"PRI * HTTP/2.0\r\n").await);
    for _ in 0..3 {
        check_up(&mock).await;
    }
}

#[tokio::test]
async fn what_begins_as_the_preface_of_http2_may_be_a_slow_request() {
    let mock = mock().await;
    let mut stream = connection(&mock, b"P").await;
    for piece in [&b"O"[..], b"S", b"T /nowhere HTTP/1.1\r\nContent-Length: 0\r\n"] {
        stream.write_all(piece).await.unwrap();
        tokio::task::yield_now().await;
    }
    stream.write_all(b"Connection: close\r\n\r\n").await.unwrap();
    let text = String::from_utf8(rest(&mut stream).await.0).unwrap();
    assert!(text.starts_with("HTTP/1.1 404 "), "{text}");
    // One that ends there is let go.
    for start in ["P", "PR", "PRI"] {
        let text = answer(&mock, start.as_bytes()).await;
        assert!(text.starts_with("HTTP/1.1 400 "), "{text}");
    }
}

#[tokio::test]
async fn rubbish_under_tls_and_http2_ends_its_connection_alone() {
    let mock = mock().await;
    let mut hello = vec![0x16, 3, 1, 0x02, 0];
    hello.resize(5 + 0x200, 0xaa);
    let mut frames = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    frames.resize(400, 0xff);
    let preface = b"PRI * HTTP/2.0\r\nHost: x\r\n\r\n".to_vec();
    let empty_record = vec![0x16, 3, 1, 0, 0];
    for bytes in [hello, frames, preface, empty_record] {
        let mut stream = connection(&mock, &bytes).await;
        // By FIN or RST, with or without a last word of its protocol.
        let _ = rest(&mut stream).await;
        check_up(&mock).await;
    }
}

#[tokio::test]
async fn requests_can_follow_each_other_on_one_connection() {
    let mock = mock().await;
    let again = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n".repeat(3);
    let mut stream = connection(&mock, &again).await;
    stream.write_all(&get("/")).await.unwrap();
    let text = String::from_utf8(rest(&mut stream).await.0).unwrap();
    assert_eq!(text.matches("HTTP/1.1 404 ").count(), 3, "{text}");
    assert_eq!(text.matches("HTTP/1.1 200 ").count(), 1, "{text}");
}

#[tokio::test]
async fn a_body_that_never_ends_is_cut_off() {
    let mock = mock().await;
    let mut stream =
        connection(&mock, b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n").await;
    let chunk = [b"10000\r\n".to_vec(), vec![b'x'; 0x10000], b"\r\n".to_vec()].concat();
    let refused = within(async {
        // 1 GiB, where 16 MiB are taken.
        for _ in 0..(1 << 14) {
            if stream.write_all(&chunk).await.is_err() {
                return true;
            }
        }
        false
    });
    assert!(refused.await, "it took all of it");
    check_up(&mock).await;
}
