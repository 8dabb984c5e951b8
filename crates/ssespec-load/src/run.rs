//! A load run: what is asked for, what it takes, and who does it.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use crate::address::{Address, Request};
use crate::arrivals::{Arrivals, Lifetime};
use crate::budget::{Budget, Machine, Refusal, Wanted};
use crate::coordinator::{Coordinator, Notice};
use crate::exports::IntervalLog;
use crate::latency::Metric;
use crate::launcher::Launcher;
use crate::origin::Stall;
use crate::pipe::{Tls, Trusted};
use crate::plan::{Ids, Multiplexing, Reconnect, STREAMS_PER_SOURCE, Slowness, Sources, Storm};
use crate::publish::Publish;
use crate::reach::{is_loopback_v4, reachable};
use crate::reading::Reading;
use crate::result::{LoadResult, RunError, Second, WorkloadSummary};
use crate::tally::Tally;
use crate::threshold::Threshold;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Workload {
    /// Whose streams.
    pub subject: Subject,
    /// How they are asked for.
    pub request: Request,
    /// How many are held, or may be open at most.
    pub streams: u64,
    /// How they arrive.
    pub arrivals: Arrivals,
    /// How long each stays open, where that is not for the whole run.
    pub lifetime: Option<Lifetime>,
    /// Over which time they are started, or how long all stages take.
    pub ramp: Duration,
    /// How long they are held after that.
    pub hold: Duration,
    /// How long one may take to connect and to answer.
    pub timeout: Duration,
    /// What ids say; by default consecutive numbers.
    pub ids: Option<Ids>,
    /// How many worker processes, where it is not to be worked out.
    pub workers: Option<u64>,
    /// Addresses to connect from, where the system is not to choose.
    pub sources: Vec<IpAddr>,
    /// When the run has failed.
    pub thresholds: Vec<Threshold>,
    /// How late the generator may be.
    pub loop_lag_limit: Duration,
    /// Whether the times of each second are kept, for a log of intervals.
    pub keep_log: bool,
    /// How streams that are lost come back, if they do.
    pub reconnect: Option<Reconnect>,
    /// Losses that the workers bring about.
    pub storms: Vec<Storm>,
    /// Events of one step, where the built-in server sends on `pace=step`: the next ones when all
    /// streams have the last. For benches; takes one worker and one server.
    pub lock_step: Option<u64>,
    /// HTTP/2, where that is to be spoken in place of HTTP/1.1.
    pub http2: Option<Multiplexing>,
    /// Whose certificates are accepted, where the URL is one with `https`.
    pub trust: Trusted,
    /// Whether TLS sessions are resumed.
    pub resume: bool,
    /// Streams that are read slowly.
    pub slow: Option<Slowness>,
    /// The receive buffer of each socket in bytes, where the system is not to choose.
    pub receive_buffer: Option<u64>,
    /// What is published meanwhile.
    pub publish: Option<Publish>,
    /// What is read out of events.
    pub reading: Reading,
    /// What `{credential}` stands for: one a stream, and again from the first.
    pub credentials: Vec<String>,
}

/// Whose streams.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// Those of a server.
    Url(Address),
    /// Those of the built-in server.
    Builtin {
        /// Path and query; see [`origin`](crate::origin).
        target: String,
        /// When it stands still.
        stalls: Vec<Stall>,
    },
    /// A client: the built-in server serves, and adapter processes, as many as there are workers,
    /// hold the streams.
    Client {
        /// The shell command that starts the adapter.
        command: String,
        /// Path and query of the streams.
        target: String,
        /// When the server stands still.
        stalls: Vec<Stall>,
    },
}

impl Subject {
    /// Path and query, with their variables.
    pub fn target(&self) -> &str {
        match self {
            Self::Url(address) => &address.target,
            Self::Builtin { target, .. } | Self::Client { target, .. } => target,
        }
    }

    /// Whether the built-in server serves.
    pub(crate) fn is_served_here(&self) -> bool {
        !matches!(self, Self::Url(_))
    }

    /// The URL, or `builtin` with its path; a client's command stands before it.
    pub fn name(&self) -> String {
        match self {
            Self::Url(address) => address.to_string(),
            Self::Builtin { target, .. } => format!("builtin{target}"),
            Self::Client { command, target, .. } => format!("{command} on builtin{target}"),
        }
    }
}

/// Why a run cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PrepareError {
    /// It does not fit this machine.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// TLS cannot be spoken: a file without certificates, or a host that is no name.
    #[error("failed to set up TLS: {0}")]
    Tls(String),
    /// The host has no address.
    #[error("failed to resolve `{host}`: {source}")]
    Resolve {
        /// The host.
        host: String,
        /// What the system said.
        source: io::Error,
    },
    /// HTTP/2 is asked for, and is not spoken.
    #[error("`{address}` does not speak HTTP/2: {seen}")]
    NotHttp2 {
        /// The server.
        address: SocketAddr,
        /// What it does in place of that.
        seen: String,
        /// Whether it was to be agreed upon by TLS.
        tls: bool,
    },
    /// Nobody accepts connections.
    #[error("failed to connect to `{address}`: {source}")]
    Unreachable {
        /// The address that was tried last.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
}

impl PrepareError {
    /// What to do.
    pub fn help(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal.help.clone(),
            Self::Tls(_) => "give the certificates of the CA in PEM with `--cacert`".to_owned(),
            Self::Resolve { .. } => "check the host in the URL".to_owned(),
            Self::NotHttp2 { tls: true, .. } => {
                "leave `--http2` out, which speaks HTTP/1.1; or let the server offer `h2` by ALPN"
                    .to_owned()
            }
            Self::NotHttp2 { tls: false, .. } => {
                "leave `--http2` out, which speaks HTTP/1.1; or let the server take HTTP/2 without                  TLS with prior knowledge (h2c), or give an `https://` URL"
                    .to_owned()
            }
            Self::Unreachable { .. } => "start the server, or check host and port".to_owned(),
        }
    }

    /// The same, as the result of a run that could not start tells it.
    pub fn in_run(&self) -> RunError {
        let kind =
            if matches!(self, Self::Refused(_) | Self::Tls(_)) { "usage" } else { "subject" };
        RunError { kind: kind.to_owned(), message: self.to_string(), help: self.help() }
    }
}

/// How a run is going, once a second.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress<'a> {
    /// Since its start.
    pub elapsed: Duration,
    /// How long it is to take.
    pub total: Duration,
    /// Streams open.
    pub open: u64,
    /// Streams wanted.
    pub wanted: u64,
    /// Events in the last second.
    pub events: u64,
    /// Events in all.
    pub total_events: u64,
    /// Streams that failed, in all.
    pub failed: u64,
    /// Streams that came back after a loss, in all.
    pub reconnected: u64,
    /// The 99th percentile of the time to the first event, corrected, over the whole run.
    pub ttfe_p99_us: Option<u64>,
    /// The 99th percentile of the lag in the last second, where there is a schedule.
    pub lag_p99_us: Option<u64>,
    /// The processes of the workers, and of the built-in servers.
    pub worker_pids: Vec<u32>,
    /// The processes of the built-in servers.
    pub server_pids: Vec<u32>,
    /// Whether the ramp stands still.
    pub paused: bool,
    /// The last second that all workers have told of.
    pub last: Option<&'a Second>,
    /// All that was counted and measured so far.
    pub tally: &'a Tally,
}

impl<'a> Progress<'a> {
    /// How a run is going by its tally alone; what that does not tell is 0, or empty.
    pub fn of(tally: &'a Tally) -> Self {
        Self {
            elapsed: Duration::ZERO,
            total: Duration::ZERO,
            open: 0,
            wanted: 0,
            events: 0,
            total_events: tally.traffic.events,
            failed: tally.streams.failed,
            reconnected: tally.streams.reconnected,
            ttfe_p99_us: tally.latencies.of(Metric::TtfeCorrected).quantile_us(0.99),
            lag_p99_us: None,
            worker_pids: Vec::new(),
            server_pids: Vec::new(),
            paused: false,
            last: None,
            tally,
        }
    }
}

/// Ends a run before its time, from any thread. The second time it is ended by force.
#[derive(Debug, Clone)]
pub struct Interrupter(Sender<Notice>);

impl Interrupter {
    /// Ends it.
    pub fn interrupt(&self) {
        // A run that is over cannot be interrupted.
        let _ = self.0.send(Notice::Interrupt);
    }

    /// Ends it early, as if its time were over: the result counts.
    pub fn finish(&self) {
        let _ = self.0.send(Notice::Finish);
    }

    /// Lets the ramp stand still, or go on.
    pub fn pause(&self, paused: bool) {
        let _ = self.0.send(Notice::Pause(paused));
    }
}

/// A run that can start.
#[derive(Debug)]
pub struct Run {
    workload: Workload,
    budget: Budget,
    targets: Vec<SocketAddr>,
    publish_targets: Vec<SocketAddr>,
    sources: Sources,
    sender: Sender<Notice>,
    notices: Receiver<Notice>,
}

/// What is left of a run.
#[derive(Debug)]
pub struct Finished {
    /// The result.
    pub result: LoadResult,
    /// The times of each second, where they were to be kept.
    pub log: IntervalLog,
}

impl Run {
    /// Finds the server and works out what the run takes.
    ///
    /// # Errors
    /// When there is no server, or the machine has not what the run takes.
    pub fn prepare(mut workload: Workload, machine: Machine) -> Result<Self, PrepareError> {
        let tls = workload.tls().map(|tls| tls.prepare().map_err(PrepareError::Tls)).transpose()?;
        let targets = match &workload.subject {
            Subject::Url(address) => {
                let tls = tls.unwrap_or_default();
                reachable(address, workload.http2.as_mut().map(|http2| (http2, &tls)))?
            }
            Subject::Builtin { .. } | Subject::Client { .. } => Vec::new(),
        };
        let publish_to = workload.publish.as_ref().and_then(|publish| publish.address.as_ref());
        let publish_targets = publish_to.map(|it| reachable(it, None)).transpose()?;
        let publish_targets = publish_targets.unwrap_or_default();
        let builtin = workload.subject.is_served_here();
        let is_client = matches!(workload.subject, Subject::Client { .. });
        let near = targets.iter().all(|target| is_loopback_v4(target.ip()));
        let sources = if !workload.sources.is_empty() {
            Sources::Listed(workload.sources.clone())
        } else if near && !is_client {
            Sources::Loopback(STREAMS_PER_SOURCE)
        } else {
            Sources::System
        };
        let budget = Budget::plan(
            Wanted {
                streams: workload.streams,
                tls: workload.tls().is_some(),
                streams_per_socket: workload.http2.map(|it| it.streams_per_connection),
                workers: workload.workers.or(is_client.then_some(1)),
                builtin,
                targets: targets.len() as u64,
                sources: match &sources {
                    Sources::Loopback(_) => None,
                    Sources::System => Some(1),
                    Sources::Listed(listed) => Some(listed.len() as u64),
                },
            },
            machine,
        )?;
        if workload.lock_step.is_some() && (budget.workers, budget.servers) != (1, 1) {
            return Err(PrepareError::Refused(Refusal {
                message: "lock-step takes one worker and one built-in server".to_owned(),
                help: "use fewer streams".to_owned(),
            }));
        }
        let (sender, notices) = channel();
        Ok(Self { workload, budget, targets, publish_targets, sources, sender, notices })
    }

    /// What it takes.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// What ends it early.
    pub fn interrupter(&self) -> Interrupter {
        Interrupter(self.sender.clone())
    }

    /// Runs it; `observe` is told once a second how it goes.
    ///
    /// Whatever goes wrong is in the result.
    pub fn run(self, launcher: &Launcher, observe: &mut dyn FnMut(&Progress<'_>)) -> Finished {
        let Self { workload, budget, targets, publish_targets, sources, sender, notices } = self;
        let coordinator = Coordinator::new(workload, budget, sources, sender, notices);
        coordinator.run(launcher, targets, &publish_targets, observe)
    }
}

impl Workload {
    /// A thousand streams of this subject, for a minute after a ramp of ten seconds.
    pub fn new(subject: Subject) -> Self {
        Self {
            subject,
            request: Request::default(),
            streams: 1000,
            arrivals: Arrivals::Held,
            lifetime: None,
            ramp: Duration::from_secs(10),
            hold: Duration::from_mins(1),
            timeout: Duration::from_secs(30),
            ids: None,
            workers: None,
            sources: Vec::new(),
            thresholds: Vec::new(),
            loop_lag_limit: Duration::from_millis(100),
            keep_log: false,
            reconnect: None,
            storms: Vec::new(),
            lock_step: None,
            http2: None,
            trust: Trusted::System,
            resume: false,
            slow: None,
            receive_buffer: None,
            publish: None,
            reading: Reading::default(),
            credentials: Vec::new(),
        }
    }

    /// TLS, where the server speaks it.
    pub(crate) fn tls(&self) -> Option<Tls> {
        match &self.subject {
            Subject::Url(address) if address.tls => {
                let (name, trust) = (address.host.clone(), self.trust.clone());
                Some(Tls { name, trust, http2: self.http2.is_some(), resume: self.resume })
            }
            _ => None,
        }
    }

    /// Streams that are to be open at the end of the run; 0 where that is not planned.
    pub(crate) fn wanted_at_end(&self) -> u64 {
        self.planned(Duration::MAX).unwrap_or(0)
    }

    /// Streams that are to be open so long after the start, were none lost; none where that is not
    /// planned.
    pub(crate) fn planned(&self, after: Duration) -> Option<u64> {
        if self.lifetime.is_some() || self.reading.is_talk() {
            return None;
        }
        match &self.arrivals {
            Arrivals::Held => Some(between(0, self.streams, after, self.ramp)),
            Arrivals::Levels { stages } => {
                let mut left = after;
                let mut level = 0;
                for stage in stages {
                    let over = Duration::from_nanos(stage.over_ns);
                    if left < over {
                        return Some(between(level, stage.level, left, over));
                    }
                    left -= over;
                    level = stage.level;
                }
                Some(level)
            }
            Arrivals::Rates { .. } => None,
        }
    }

    /// What was asked for, as the result tells it.
    pub(crate) fn summary(&self) -> WorkloadSummary {
        let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let held = self.arrivals == Arrivals::Held;
        WorkloadSummary {
            streams: self.streams,
            streams_per_connection: self.http2.map(|http2| http2.streams_per_connection),
            arrivals: (!held).then(|| self.arrivals.to_string()),
            lifetime: self.lifetime.map(|lifetime| lifetime.to_string()),
            ramp_ms: ms(self.ramp),
            hold_ms: ms(self.hold),
        }
    }
}

/// The level so long after the start of a straight line that takes `over`.
fn between(from: u64, to: u64, after: Duration, over: Duration) -> u64 {
    if after >= over {
        return to;
    }
    let way = u128::from(from.abs_diff(to)) * after.as_nanos() / over.as_nanos();
    let way = u64::try_from(way).unwrap_or(u64::MAX);
    if to >= from { from.saturating_add(way) } else { from.saturating_sub(way) }
}
