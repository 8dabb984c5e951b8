//! One run of a case: its secret path, its journal, and what the harness and the mock tell each
//! other while it plays.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Instant;

use ssespec_scenario::{AwaitCounts, Route};
use tokio::sync::{mpsc, watch};

use crate::journal::Journal;
use crate::origins::{Origin, Origins};
use crate::places::{Placement, Places};
use crate::server::OwnDoor;
use crate::{Entry, Happening, Script};

/// What the subject has reported so far on the stream; the harness keeps it current.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reports {
    /// How many reports of each kind.
    pub counts: AwaitCounts,
    /// Whether the sentinel has been reported.
    pub sentinel: bool,
    /// Whether the subject has said that it will do nothing more.
    pub closed: bool,
    /// Whether bodies are withheld: the subject has yet to be told what it is to listen to.
    pub withheld: bool,
}

/// What the mock tells the harness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Tell the subject to close the stream.
    Close,
    /// Tell the subject to drop the connection and connect again.
    Restart,
    /// All connections of the script have been played to their end, or to their `hold`.
    Played,
    /// The subject asked although the script foresees no further request.
    Excess,
    /// All that the subject is to report next has been sent; nothing more comes before it has.
    Awaiting,
    /// Something happened; whoever waits for progress may go on waiting.
    Progress,
}

/// The state of a run, shared by its connections.
#[derive(Debug)]
pub(crate) struct RunState {
    pub(crate) script: Script,
    pub(crate) sentinel: String,
    pub(crate) journal: Journal,
    pub(crate) reports: watch::Receiver<Reports>,
    /// How many responses the subject has let go.
    left: watch::Sender<u32>,
    /// What the names in braces stand for in header values.
    pub(crate) places: Places,
    /// Whether somebody reports; else nothing is awaited.
    pub(crate) watched: bool,
    pub(crate) over: watch::Receiver<bool>,
    signals: mpsc::UnboundedSender<Signal>,
    requests: AtomicU32,
}

impl RunState {
    /// A run that nobody watches: for people with curl.
    pub(crate) fn unwatched(script: Script, places: Places, over: watch::Receiver<bool>) -> Self {
        Self {
            places,
            script,
            sentinel: "ssespec: end of the case".to_owned(),
            journal: Journal::new(),
            reports: watch::channel(Reports::default()).1,
            left: watch::Sender::default(),
            watched: false,
            over,
            signals: mpsc::unbounded_channel().0,
            requests: AtomicU32::new(0),
        }
    }

    /// Notes that the subject has let a response go.
    pub(crate) fn leave(&self, number: u32, how: &'static str) {
        self.journal.add(number, Happening::Left { how });
        self.left.send_modify(|left| *left += 1);
    }

    /// How many responses the subject has let go.
    pub(crate) fn left(&self) -> watch::Receiver<u32> {
        self.left.subscribe()
    }

    /// The number of a new request, from 1.
    pub(crate) fn next_request(&self) -> u32 {
        self.requests.fetch_add(1, Ordering::AcqRel) + 1
    }

    /// Tells the harness, if there is one.
    pub(crate) fn signal(&self, signal: Signal) {
        // A run that is over has nobody to tell.
        let _ = self.signals.send(signal);
    }
}

/// The runs by their secret.
pub(crate) type Registry = Mutex<HashMap<String, Arc<RunState>>>;

/// Where a mock can be reached.
#[derive(Debug)]
pub(crate) struct Doors<'d> {
    pub(crate) origins: &'d Arc<Origins>,
    /// The listener whose TLS offers HTTP/1.1 alone.
    pub(crate) http1_over_tls: SocketAddr,
    /// The listener of this run alone, where it is to have one.
    pub(crate) own: Option<OwnDoor>,
}

/// One run of a case, as the harness holds it. Dropping it ends its connections.
#[derive(Debug)]
pub struct Run {
    token: String,
    /// Held for as long as the run is on it.
    _origin: Origin,
    _own_door: Option<OwnDoor>,
    http1_over_tls: SocketAddr,
    state: Arc<RunState>,
    reports: watch::Sender<Reports>,
    over: watch::Sender<bool>,
    signals: mpsc::UnboundedReceiver<Signal>,
    registry: Weak<Registry>,
}

impl Run {
    pub(crate) fn mount(
        script: Script,
        placement: Placement,
        doors: Doors<'_>,
        registry: &Arc<Registry>,
    ) -> Self {
        let token = secret();
        let (origin, mut places) = doors.origins.place(placement, format!("/c/{token}"));
        if let Some(own) = &doors.own {
            places.own = own.address;
        }
        let (signal_sender, signals) = mpsc::unbounded_channel();
        let (report_sender, reports) = watch::channel(Reports::default());
        let (over_sender, over) = watch::channel(false);
        let state = Arc::new(RunState {
            script,
            sentinel: format!("ssespec-sentinel-{}", token.get(..12).unwrap_or_default()),
            journal: Journal::new(),
            reports,
            left: watch::Sender::default(),
            places,
            watched: true,
            over,
            signals: signal_sender,
            requests: AtomicU32::new(0),
        });
        if let Ok(mut registry) = registry.lock() {
            registry.insert(token.clone(), Arc::clone(&state));
        }
        Self {
            token,
            _origin: origin,
            _own_door: doors.own,
            http1_over_tls: doors.http1_over_tls,
            state,
            reports: report_sender,
            over: over_sender,
            signals,
            registry: Arc::downgrade(registry),
        }
    }

    /// The URL that the subject is told. It has room for relative redirects below the secret.
    pub fn url(&self, route: Route) -> String {
        let Places { own, path, .. } = self.places();
        let (scheme, address) = match route {
            Route::H1s => ("https", self.http1_over_tls),
            Route::H2 => ("https", *own),
            Route::Feed | Route::H1 | Route::H2c => ("http", *own),
        };
        format!("{scheme}://{address}{path}/s/stream")
    }

    /// Where the URLs of the run are.
    pub fn places(&self) -> &Places {
        &self.state.places
    }

    /// The part of the path that only this run knows.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The data of the sentinel event.
    pub fn sentinel(&self) -> &str {
        &self.state.sentinel
    }

    /// Tells the mock what the subject has reported so far.
    pub fn report(&self, reports: Reports) {
        self.reports.send_replace(reports);
    }

    /// What the mock says next. `None` never comes while the run is held. Cancel safe.
    pub async fn signal(&mut self) -> Option<Signal> {
        self.signals.recv().await
    }

    /// The instant from which the journal counts.
    pub fn began(&self) -> Instant {
        self.state.journal.began()
    }

    /// What has happened so far.
    pub fn journal(&self) -> Vec<Entry> {
        self.state.journal.entries()
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.over.send_replace(true);
        if let Some(registry) = self.registry.upgrade()
            && let Ok(mut registry) = registry.lock()
        {
            registry.remove(&self.token);
        }
    }
}

/// 128 bits from the system's random source, by way of the keys of std's hasher.
pub fn secret() -> String {
    let word = || RandomState::new().build_hasher().finish();
    // The keys of one thread count up from a random start, so each word also mixes its own seed.
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u64(word());
    format!("{:016x}{:016x}", word(), hasher.finish())
}
