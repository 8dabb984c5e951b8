//! Clients under load: the built-in server serves, and adapter processes hold the streams.
//!
//! A worker drives one adapter by the adapter protocol: it has it open its share of the streams,
//! and judges what the adapter reports as a worker judges what it reads from sockets. Every event
//! of the built-in server tells when it was due, so that the lag is the time from there to the
//! instant at which the read that brought the client's report has returned. It holds the cost of
//! the protocol itself, which a run with [`null_adapter`] shows.

mod adapter;
mod driver;
mod message;
mod null;
mod report;
mod stream;
mod usage;

pub(crate) use driver::Driver;
pub use null::null_adapter;
pub use report::{ClientProcess, ClientSummary, ProtocolCost};
use serde::{Deserialize, Serialize};

use crate::hazard::Hazard;
use crate::run::{Subject, Workload};
use crate::tally::Tally;

/// What a worker that drives a client has to know beyond its share of the streams.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientPlan {
    /// The shell command that starts the adapter.
    pub command: String,
    /// Path and query of the streams.
    pub target: String,
    /// The first reconnection time that the client is told, in milliseconds.
    pub reconnect_ms: Option<u64>,
    /// Whether the server ends or cuts streams, so that a client that loses one is not at fault.
    pub expects_losses: bool,
    /// The size of each event in bytes, as `size` asks for; a client that delivers less or more
    /// has damaged it.
    pub size_bytes: u64,
}

/// The value of a numeric parameter of a target, or what stands for it where it is left out.
pub(crate) fn parameter(target: &str, name: &str, default: u64) -> u64 {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let mut values = query.split('&').filter_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    values.next_back().and_then(|value| value.parse().ok()).unwrap_or(default)
}

impl Workload {
    /// What a worker has to know of the client that it drives, where there is one.
    pub(crate) fn client_plan(&self) -> Option<ClientPlan> {
        let Subject::Client { command, target, .. } = &self.subject else {
            return None;
        };
        Some(ClientPlan {
            command: command.clone(),
            target: target.clone(),
            reconnect_ms: self.reconnect.map(|reconnect| reconnect.retry_ms),
            expects_losses: !self.storms.is_empty() || parameter(target, "count", 0) > 0,
            size_bytes: parameter(target, "size", 100),
        })
    }
}

impl Subject {
    /// What it means that a worker cannot go on.
    pub(crate) fn loss_of_worker(&self) -> fn(u64, String) -> Hazard {
        match self {
            Self::Client { .. } => |process, how| Hazard::ClientLost { process, how },
            Self::Url(_) | Self::Builtin { .. } => |worker, how| Hazard::WorkerLost { worker, how },
        }
    }

    /// What the clients came to, where there are any.
    pub(crate) fn client_summary(&self, tally: &Tally) -> Option<ClientSummary> {
        match self {
            Self::Client { command, .. } => Some(ClientSummary::of(command, tally)),
            Self::Url(_) | Self::Builtin { .. } => None,
        }
    }
}
