//! The reference client: an EventSource in full, by the letter of the standard, in this process.

mod address;
mod client;
mod coding;
mod decoder;
mod fetch;

pub(crate) use address::Address;
pub(crate) use coding::Codings;
pub(crate) use fetch::{MAX_REDIRECTS, is_redirect};

use std::collections::HashMap;
use std::sync::Arc;

use ssespec_net::TestCa;
use ssespec_scenario::Feature;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_rustls::TlsConnector;

use crate::instance::{Death, Identity, Instance, Router};
use crate::protocol::{Command, Hello, PROTOCOL_VERSION, Report};
use crate::words::Words;

/// Where a stream's reports go.
#[derive(Debug, Clone)]
pub(crate) struct Reporter {
    stream: u64,
    router: Arc<Router>,
}

impl Reporter {
    pub(crate) fn report(&self, report: Report) {
        // The router refuses only numbers that were never opened, which cannot happen here.
        let _ = self.router.deliver(self.stream, report, None);
    }
}

/// How a stream is commanded.
struct Handle {
    close: oneshot::Sender<()>,
    restart: mpsc::UnboundedSender<()>,
}

/// Starts the reference client.
///
/// # Errors
/// When TLS cannot be set up.
pub(crate) fn start(ca: &TestCa) -> Result<Instance, ssespec_net::TlsError> {
    let tls = TlsConnector::from(Arc::new(ca.client_config()?));
    let (commands, mut received) = mpsc::unbounded_channel();
    let (died, death) = watch::channel(None);
    let router = Arc::new(Router::default());
    let owner = Arc::clone(&router);
    let task = tokio::spawn(async move {
        let mut streams: HashMap<u64, Handle> = HashMap::new();
        let mut decoders = HashMap::new();
        while let Some(command) = received.recv().await {
            match command {
                Command::Open(open) => {
                    let (close, closed) = oneshot::channel();
                    let (restart, restarts) = mpsc::unbounded_channel();
                    let reporter = Reporter { stream: open.stream, router: Arc::clone(&owner) };
                    streams.retain(|_, handle| !handle.close.is_closed());
                    streams.insert(open.stream, Handle { close, restart });
                    let asks = client::Asks { close: closed, restarts };
                    tokio::spawn(client::run(open, reporter, tls.clone(), asks));
                }
                Command::Feed { stream, bytes } => {
                    let reporter = Reporter { stream, router: Arc::clone(&owner) };
                    decoders
                        .entry(stream)
                        .or_insert_with(|| decoder::Decoder::new(reporter))
                        .feed(&bytes);
                }
                Command::End { stream } => {
                    if let Some(decoder) = decoders.remove(&stream) {
                        decoder.end();
                    }
                }
                Command::Restart { stream } => {
                    if let Some(handle) = streams.get(&stream) {
                        // A stream that has failed has nothing to restart.
                        let _ = handle.restart.send(());
                    }
                }
                Command::Close { stream } => {
                    match (streams.remove(&stream), decoders.remove(&stream)) {
                        (Some(handle), _) => drop(handle.close.send(())),
                        (None, Some(decoder)) => decoder.close(),
                        (None, None) => {}
                    }
                }
                Command::Exit => break,
            }
        }
        drop(streams);
        died.send_replace(Some(Death {
            message: "the client was ended".to_owned(),
            help: String::new(),
        }));
    });
    Ok(Instance::new(identity(), commands, router, death, task))
}

fn identity() -> Identity {
    // It is no browser.
    let lacks = [Feature::Credentials, Feature::Cors, Feature::UserAgent];
    let features = Feature::ALL.into_iter().filter(|feature| !lacks.contains(feature));
    let features: Vec<Feature> = features.collect();
    let hello = Hello {
        protocol: PROTOCOL_VERSION,
        name: "ssespec reference client".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        language: "Rust".to_owned(),
        runtime: "tokio, hyper".to_owned(),
        features: features.iter().map(|feature| feature.name().to_owned()).collect(),
        ..Hello::default()
    };
    Identity { hello, features, lives_on: false, words: Words::default() }
}
