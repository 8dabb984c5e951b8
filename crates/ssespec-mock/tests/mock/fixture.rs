//! A mock, scripts, and clients that speak bytes.

use std::io;
use std::time::Duration;

use ssespec_mock::{Entry, Happening, Mock, MockConfig, Run, Script};
use ssespec_scenario::{Chunk, Connection, Piece, Route, Step, Wire};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Far longer than anything here takes; only a hang reaches it.
const LIMIT: Duration = Duration::from_mins(2);

/// Waits for something, but not for ever.
#[track_caller]
pub(crate) fn within<T>(future: impl Future<Output = T>) -> impl Future<Output = T> {
    let caller = std::panic::Location::caller();
    async move {
        let waited = tokio::time::timeout(LIMIT, future).await;
        waited.unwrap_or_else(|_| panic!("nothing within {LIMIT:?} at {caller}"))
    }
}

pub(crate) async fn mock() -> Mock {
    Mock::start(MockConfig::default()).await.unwrap()
}

pub(crate) fn send(bytes: &[u8]) -> Step {
    Step::Send(Chunk(vec![Piece::Bytes(Wire(bytes.to_vec()))]))
}

/// One connection with these steps.
pub(crate) fn script(steps: Vec<Step>) -> Script {
    Script::new(vec![Connection { steps, ..Connection::default() }])
}

/// The head of every response that a script does not change.
pub(crate) const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
    cache-control: no-store\r\ntransfer-encoding: chunked\r\n\r\n";

/// A connection to the mock that has sent this.
pub(crate) async fn connection(mock: &Mock, bytes: &[u8]) -> TcpStream {
    let mut stream = within(TcpStream::connect(mock.address())).await.unwrap();
    // Whom the mock refuses may be cut off while it still writes.
    let _ = within(stream.write_all(bytes)).await;
    stream
}

/// The request for a target, on a connection that is closed after the response.
pub(crate) fn get(target: &str) -> Vec<u8> {
    format!("GET {target} HTTP/1.1\r\nHost: mock\r\nConnection: close\r\n\r\n").into_bytes()
}

/// A connection that has asked for a run.
pub(crate) async fn visit(mock: &Mock, run: &Run) -> TcpStream {
    let url = run.url(Route::H1);
    let target = url.splitn(4, '/').nth(3).unwrap();
    connection(mock, &get(&format!("/{target}"))).await
}

/// All that comes until the connection ends, and how it ends.
pub(crate) async fn rest(stream: &mut TcpStream) -> (Vec<u8>, io::Result<usize>) {
    let mut bytes = Vec::new();
    let end = within(stream.read_to_end(&mut bytes)).await;
    (bytes, end)
}

/// What the mock answers to these bytes, when nothing follows them.
pub(crate) async fn answer(mock: &Mock, bytes: &[u8]) -> String {
    let mut stream = connection(mock, bytes).await;
    stream.shutdown().await.unwrap();
    String::from_utf8(rest(&mut stream).await.0).unwrap()
}

/// Reads until this much has come.
pub(crate) async fn read_exactly(stream: &mut TcpStream, text: &str) {
    let mut bytes = vec![0; text.len()];
    within(stream.read_exact(&mut bytes)).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&bytes), text);
}

/// Waits until the journal holds such a happening.
pub(crate) async fn wait_for(run: &Run, is_it: impl Fn(&Happening) -> bool) {
    within(async {
        while !run.journal().iter().any(|entry| is_it(&entry.what)) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
}

/// The happenings alone, requests without what the client chose.
pub(crate) fn happenings(entries: &[Entry]) -> Vec<String> {
    let shown = |entry: &Entry| match &entry.what {
        Happening::Request { request, excess, .. } => {
            format!("{} {} excess={excess}", entry.connection, request.method)
        }
        Happening::Head(bytes) => format!("{} head {}", entry.connection, bytes.len()),
        Happening::Chunk { bytes, .. } => {
            format!("{} chunk {}", entry.connection, String::from_utf8_lossy(bytes))
        }
        other => format!("{} {other:?}", entry.connection),
    };
    entries.iter().map(shown).collect()
}
