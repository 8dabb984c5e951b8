//! What is found out about a subject before cases that rest on it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ssespec_mock::{Happening, Mock, Run, Script};
use ssespec_scenario::{Chunk, Connection, Piece, Route, Step, Wire};

use crate::instance::{Death, Instance};
use crate::protocol::{Command, Open, Report};

/// The longest first reconnection time that is waited for.
pub(crate) const DELAY_LIMIT: Duration = Duration::from_secs(15);
/// How long a first event over TLS may take.
const TRUST_LIMIT: Duration = Duration::from_secs(10);

fn connection(steps: Vec<Step>) -> Connection {
    Connection { steps, ..Connection::default() }
}

/// The subject's own reconnection time, where it cannot be set: a stream that ends at once, and
/// how long it takes to come back.
pub(crate) async fn delay(
    mock: &Mock,
    instance: &Arc<Instance>,
    reconnect_ms: Option<u64>,
) -> Duration {
    let end = connection(vec![Step::End { trailers: None, unfinished: false }]);
    let hold = connection(vec![Step::Hold {}]);
    let run = mock.mount(Script::new(vec![end, hold]));
    let stream = instance.stream();
    let mut open = Open::plain(stream.number(), run.url(Route::H1));
    "reconnection time".clone_into(&mut open.tag);
    // Who cannot be told, or does not listen, takes its own.
    open.reconnect_ms = reconnect_ms;
    stream.command(Command::Open(open));
    let began = Instant::now();
    let mut delay = DELAY_LIMIT;
    while began.elapsed() < DELAY_LIMIT && instance.death().is_none() {
        if let [first, second, ..] = requests(&run).as_slice() {
            delay = second.saturating_sub(*first);
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    stream.command(Command::Close { stream: stream.number() });
    delay
}

fn requests(run: &Run) -> Vec<Duration> {
    let journal = run.journal();
    let times = journal.iter().filter_map(|entry| match entry.what {
        Happening::Request { .. } => Some(entry.at),
        _ => None,
    });
    times.collect()
}

/// Whether the subject opens a stream over TLS with the run's certificate.
///
/// # Errors
/// What it said instead, so that its cases over TLS end in `error`, not in a verdict.
pub(crate) async fn trust(mock: &Mock, instance: &Arc<Instance>) -> Result<(), Death> {
    let event = Step::Send(Chunk(vec![Piece::Bytes(Wire(b"data: trusted\n\n".to_vec()))]));
    let run = mock.mount(Script::new(vec![connection(vec![event, Step::Hold {}])]));
    let mut stream = instance.stream();
    stream.command(Command::Open(Open::plain(stream.number(), run.url(Route::H2))));
    let mut said = "nothing".to_owned();
    let deadline = tokio::time::Instant::now() + TRUST_LIMIT;
    let outcome = loop {
        match tokio::time::timeout_at(deadline, stream.next()).await {
            Ok(Ok(received)) => match received.report {
                Report::Event { .. } => break Ok(()),
                Report::Error { message, .. } => said = format!("`{message}`"),
                Report::Closed => break Err(()),
                _ => {}
            },
            Ok(Err(death)) => return Err(death),
            Err(_) => break Err(()),
        }
    };
    stream.command(Command::Close { stream: stream.number() });
    outcome.map_err(|()| Death {
        message: format!("the subject opened no stream over TLS; it said {said}"),
        help: "trust the CA in SSESPEC_CA_FILE (also NODE_EXTRA_CA_CERTS, SSL_CERT_FILE), or do \
               not claim `tls`"
            .to_owned(),
    })
}
