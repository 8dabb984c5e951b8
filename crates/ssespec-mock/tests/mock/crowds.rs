//! Many clients, slow ones, and the end of the mock under all of them.

use ssespec_mock::Happening;
use ssespec_scenario::Step;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

use crate::fixture::{
    HEAD, answer, connection, get, mock, read_exactly, rest, script, send, visit, wait_for, within,
};

/// More than the buffers of both sockets hold.
const BULK_BYTES: usize = 64 << 20;

#[tokio::test]
async fn a_client_that_never_reads_keeps_nobody_waiting_and_goes_with_its_run() {
    let mock = mock().await;
    let bulk = vec![b'x'; BULK_BYTES];
    let run = mock.mount(script(vec![send(&bulk), Step::Hold {}]));
    let mut stuck = visit(&mock, &run).await;
    read_exactly(&mut stuck, HEAD).await;
    wait_for(&run, |what| matches!(what, Happening::Chunk { .. })).await;
    for _ in 0..5 {
        let other = mock.mount(script(vec![send(b"data: a\n\n")]));
        let (bytes, end) = rest(&mut visit(&mock, &other).await).await;
        assert!(bytes.ends_with(b"9\r\ndata: a\n\n\r\n0\r\n\r\n"));
        assert!(end.is_ok());
    }
    // The write is still stuck; the end of the run ends it.
    drop(run);
    let (bytes, _) = rest(&mut stuck).await;
    assert!(bytes.len() < BULK_BYTES, "{} bytes came", bytes.len());
}

#[tokio::test]
async fn crowds_of_idle_connections_leave_it_responsive() {
    let mock = mock().await;
    let mut idle = Vec::new();
    for _ in 0..crowd() {
        idle.push(connection(&mock, b"").await);
    }
    let page = within(answer(&mock, &get("/"))).await;
    assert!(page.starts_with("HTTP/1.1 200 OK"), "{page}");
    // And when they leave all at once.
    drop(idle);
    let page = within(answer(&mock, &get("/"))).await;
    assert!(page.starts_with("HTTP/1.1 200 OK"), "{page}");
}

#[tokio::test]
async fn streams_side_by_side_do_not_mix() {
    let mock = mock().await;
    let mut visits = Vec::new();
    for number in 0..crowd().min(200) {
        let run = mock.mount(script(vec![
            send(format!("data: {number}").as_bytes()),
            send(b"\n\n"),
            Step::End { trailers: None, unfinished: false },
        ]));
        visits.push((number, visit(&mock, &run).await, run));
    }
    for (number, mut stream, run) in visits.into_iter().rev() {
        let text = format!("data: {number}");
        let body = format!("{:x}\r\n{text}\r\n2\r\n\n\n\r\n0\r\n\r\n", text.len());
        let (bytes, _) = rest(&mut stream).await;
        assert_eq!(String::from_utf8_lossy(&bytes), format!("{HEAD}{body}"));
        drop(run);
    }
}

#[tokio::test]
async fn its_end_ends_all_its_connections() {
    let mock = mock().await;
    let run = mock.mount(script(vec![send(b"data: a\n\n"), Step::Hold {}]));
    let mut held = visit(&mock, &run).await;
    read_exactly(&mut held, HEAD).await;
    read_exactly(&mut held, "9\r\ndata: a\n\n\r\n").await;
    let mut idle = connection(&mock, b"").await;
    let mut half = connection(&mock, b"GET /").await;
    // Until all have been accepted.
    answer(&mock, &get("/")).await;
    let address = mock.address();
    drop(mock);
    for stream in [&mut held, &mut idle, &mut half] {
        let mut byte = [0];
        let end = within(stream.read(&mut byte)).await;
        assert!(!matches!(end, Ok(1..)), "{end:?}");
    }
    // The port is free again: nobody listens there.
    within(async { while TcpStream::connect(address).await.is_ok() {} }).await;
}

#[tokio::test]
async fn the_end_of_a_run_ends_its_connections_alone() {
    let mock = mock().await;
    let run = mock.mount(script(vec![send(b"data: a\n\n"), Step::Hold {}]));
    let other = mock.mount(script(vec![Step::Hold {}]));
    let mut stream = visit(&mock, &run).await;
    let mut spared = visit(&mock, &other).await;
    read_exactly(&mut stream, HEAD).await;
    read_exactly(&mut spared, HEAD).await;
    let url = run.url(ssespec_scenario::Route::H1);
    drop(run);
    let (bytes, _) = rest(&mut stream).await;
    assert!(bytes.is_empty() || bytes == b"9\r\ndata: a\n\n\r\n");
    // Its path is forgotten.
    let target = format!("/{}", url.splitn(4, '/').nth(3).unwrap());
    assert!(answer(&mock, &get(&target)).await.starts_with("HTTP/1.1 404 "));
    drop(other);
    assert!(rest(&mut spared).await.0.is_empty());
}

/// As many connections as the limit of open files leaves room for, both ends being ours.
fn crowd() -> usize {
    let limit = std::process::Command::new("sh").args(["-c", "ulimit -n"]).output();
    let limit = limit.ok().and_then(|output| String::from_utf8(output.stdout).ok());
    let limit = limit.and_then(|text| text.trim().parse::<usize>().ok()).unwrap_or(2000);
    (limit.saturating_sub(150) / 3).min(2000)
}
