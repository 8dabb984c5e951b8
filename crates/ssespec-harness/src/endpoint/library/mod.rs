//! Server libraries behind an adapter, which is told what to send (`docs/server-adapter.md`).

mod emission;
mod hello;
mod memory;
mod process;
mod reference;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ssespec_scenario::ServerFeature;
use tokio::sync::watch;

pub use emission::{Emission, EmitCommand, Retry, WireEvent};
pub(super) use emission::{body, plain_body};
pub use hello::{Announcement, ServerHello};
pub(super) use process::launch;
pub(super) use reference::{Emitted, emit, library};

/// A library that is ready to be told what to send.
#[derive(Debug)]
pub struct Library {
    /// Who it is, where it listens, and what it can do.
    pub hello: ServerHello,
    /// What its features are, by the `hello`.
    pub features: Vec<ServerFeature>,
    /// What it says while it runs.
    pub announced: Announced,
    /// How much memory it takes, in bytes, where that can be seen.
    pub memory: Memory,
}

/// Asks how much memory a library takes, in bytes.
#[derive(Clone)]
pub struct Memory(Arc<dyn Fn() -> Option<u64> + Send + Sync>);

impl Memory {
    /// One that is asked in this way.
    pub fn new(ask: impl Fn() -> Option<u64> + Send + Sync + 'static) -> Self {
        Self(Arc::new(ask))
    }

    pub(super) fn bytes(&self) -> Option<u64> {
        (self.0)()
    }
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Memory")
    }
}

/// What a library has said since it started.
#[derive(Debug, Clone)]
pub struct Announced {
    left: Arc<Mutex<Vec<u64>>>,
    changed: Arc<watch::Sender<()>>,
}

impl Default for Announced {
    fn default() -> Self {
        Self { left: Arc::default(), changed: Arc::new(watch::Sender::new(())) }
    }
}

impl Announced {
    /// Takes note of something that was said.
    pub fn hear(&self, announcement: &Announcement) {
        if let Announcement::Disconnected { request } = announcement {
            if let Ok(mut left) = self.left.lock() {
                left.push(*request);
            }
            self.changed.send_replace(());
        }
    }

    /// Whether the client of a request is said to have left, within this time.
    pub(super) async fn left(&self, request: u64, limit: Duration) -> bool {
        let mut changed = self.changed.subscribe();
        let said = async {
            loop {
                if self.left.lock().is_ok_and(|left| left.contains(&request)) {
                    return;
                }
                if changed.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        };
        tokio::time::timeout(limit, said).await.is_ok()
    }
}
