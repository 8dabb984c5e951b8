//! What a worker is to do: its share of a run.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::address::RequestTemplate;
use crate::arrivals::{Arrivals, Lifetime, whole};
use crate::client::ClientPlan;
use crate::duration;
use crate::pipe::{PreparedTls, Tls};
use crate::publish::PublishPlan;
use crate::reading::Reading;
use crate::template::Values;

/// The share of one worker. Streams are numbered over all workers; this one has each `workers`-th.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The number of this worker, from 0.
    pub worker: u64,
    /// How many workers there are.
    pub workers: u64,
    /// How many streams all of them hold, or may hold at most.
    pub streams: u64,
    /// How they arrive.
    #[serde(default)]
    pub arrivals: Arrivals,
    /// How long each stays open, where that is not for the whole run.
    #[serde(default)]
    pub lifetime: Option<Lifetime>,
    /// Where to connect to; the streams take turns.
    pub targets: Vec<SocketAddr>,
    /// The request, head and body, as it is sent; empty where it is not the same for all streams.
    pub request: String,
    /// The request where each stream has its own.
    #[serde(default)]
    pub template: Option<Box<RequestTemplate>>,
    /// What `{credential}` stands for, by the number of the stream.
    #[serde(default)]
    pub credentials: Vec<String>,
    /// From where to connect.
    pub sources: Sources,
    /// Over which time the streams are started, in nanoseconds; 0 for as fast as it goes.
    pub ramp_ns: u64,
    /// How long they are held after that, in nanoseconds.
    pub hold_ns: u64,
    /// How long a stream may take to connect and to answer, in nanoseconds.
    pub timeout_ns: u64,
    /// What ids say.
    pub ids: Ids,
    /// Whether events tell when they were due, as those of the built-in server do.
    pub scheduled: bool,
    /// Whether connections are reset in place of closed, which leaves no port waiting.
    pub reset: bool,
    /// How streams that are lost come back.
    pub reconnect: Option<Reconnect>,
    /// Losses that the workers bring about themselves.
    pub storms: Vec<Storm>,
    /// Events of one step on each stream, where the built-in server sends in lock-step: the next
    /// ones when all streams of this worker have the last.
    pub lock_step: Option<u64>,
    /// TLS, where it is spoken.
    #[serde(default)]
    pub tls: Option<Tls>,
    /// The same, as streams use it.
    #[serde(skip)]
    pub prepared_tls: PreparedTls,
    /// HTTP/2, where that is spoken in place of HTTP/1.1.
    #[serde(default)]
    pub http2: Option<Multiplexing>,
    /// Streams that are read slowly.
    #[serde(default)]
    pub slow: Option<Slowness>,
    /// The receive buffer of each socket in bytes, or with HTTP/2 the window of each stream, where
    /// the system is not to choose.
    #[serde(default)]
    pub receive_buffer: Option<u64>,
    /// What is published meanwhile.
    #[serde(default)]
    pub publish: Option<PublishPlan>,
    /// What is read out of events.
    #[serde(default)]
    pub reading: Reading,
    /// What is to be added to [`now_ns`](crate::clock::now_ns) for nanoseconds since 1970.
    #[serde(skip)]
    pub wall_ns: u64,
    /// What holds the streams, where that is not the worker itself.
    #[serde(default)]
    pub client: Option<ClientPlan>,
    /// When the run started, by [`now_ns`](crate::clock::now_ns); 0 before.
    #[serde(skip)]
    pub go_ns: u64,
}

/// Many streams on one connection, as HTTP/2 has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Multiplexing {
    /// How many streams a connection has at most; the server may take fewer.
    pub streams_per_connection: u64,
}

/// How streams that are lost come back: after the reconnection time, with the last event id, as
/// browsers do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconnect {
    /// The reconnection time in milliseconds where the server sets none.
    pub retry_ms: u64,
}

/// A loss that the workers bring about: so many of a thousand streams are dropped at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Storm {
    /// When, after the start of the run, in nanoseconds.
    pub at_ns: u64,
    /// Of a thousand streams.
    pub per_mille: u64,
    /// Over which time they are spread by chance, in nanoseconds; 0 for all at once.
    #[serde(default)]
    pub jitter_ns: u64,
}

/// Streams that are read slowly. Their times are the fault of the plan, so they are in no latency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slowness {
    /// Of a thousand streams.
    pub per_mille: u64,
    /// How.
    pub pace: Pace,
}

/// How slowly a stream is read once it is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pace {
    /// So many bytes a second.
    Bytes(u64),
    /// All that has come, after each pause of so many nanoseconds.
    Pause(u64),
    /// Never.
    Never,
}

impl FromStr for Slowness {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = || "write it as `10%:1000B/s`, `10%:pause=5s` or `10%:never`".to_owned();
        let (share, pace) = text.split_once("%:").ok_or_else(form)?;
        let per_mille = per_mille(share)?;
        let pace = if pace == "never" {
            Pace::Never
        } else if let Some(pause) = pace.strip_prefix("pause=") {
            Pace::Pause(duration::parse_ns(pause)?)
        } else {
            let bytes = pace.strip_suffix("B/s").ok_or_else(form)?;
            Pace::Bytes(bytes.trim().parse().ok().filter(|it| *it > 0).ok_or_else(form)?)
        };
        Ok(Self { per_mille, pace })
    }
}

impl FromStr for Storm {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = || {
            "write it as `20%@30s`: of all streams, and how long after the start; `~5s` after it \
             spreads them"
                .to_owned()
        };
        let (share, at) = text.split_once("%@").ok_or_else(form)?;
        let (at, jitter) = at.split_once('~').unwrap_or((at, "0s"));
        let ns = |text| duration::parse(text).map(duration::nanoseconds);
        Ok(Self { at_ns: ns(at)?, per_mille: per_mille(share)?, jitter_ns: ns(jitter)? })
    }
}

/// Thousandths of a share that is written in percent.
fn per_mille(percent: &str) -> Result<u64, String> {
    let share = percent.parse::<f64>().ok().filter(|percent| (0.1..=100.0).contains(percent));
    let share = share.ok_or_else(|| format!("`{percent}` is no share from 0.1 to 100 %"))?;
    Ok(whole((share * 10.0).round()))
}

/// Whether a share takes this stream: spread evenly over all.
fn takes(per_mille: u64, number: u64) -> bool {
    // 617 is prime to 1000, so that each run of a thousand has exactly so many.
    number % 1000 * 617 % 1000 < per_mille
}

impl Storm {
    /// Whether it takes this stream.
    pub(crate) fn takes(self, number: u64) -> bool {
        takes(self.per_mille, number)
    }
}

/// What ids say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ids {
    /// Nothing; delivery is not judged.
    Opaque,
    /// Consecutive numbers, from that of the first event that comes.
    Consecutive,
    /// Consecutive numbers from this one.
    From(u64),
}

/// From which addresses connections are made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sources {
    /// The system chooses.
    System,
    /// Those of 127.0.0.0/8, with so many streams each and to each target.
    Loopback(u64),
    /// These; the streams take turns.
    Listed(Vec<IpAddr>),
}

/// Streams to one target from one loopback address; the search for a free port slows beyond.
pub const STREAMS_PER_SOURCE: u64 = 1000;

impl Sources {
    /// The source address of a stream.
    pub fn of(&self, stream: u64, targets: u64) -> Option<IpAddr> {
        match self {
            Self::System => None,
            Self::Loopback(streams) => {
                Some(IpAddr::V4(loopback(stream / targets.max(1) / (*streams).max(1))))
            }
            Self::Listed(listed) => {
                // Streams to one target take turns, too.
                let turn = stream / targets.max(1) % (listed.len() as u64).max(1);
                usize::try_from(turn).ok().and_then(|turn| listed.get(turn)).copied()
            }
        }
    }
}

/// The n-th address of 127.0.0.0/8 after 127.1.0.0, without those that end in 0 or 255.
fn loopback(n: u64) -> Ipv4Addr {
    let octet = |n: u64| u8::try_from(n % 254 + 1).unwrap_or(1);
    Ipv4Addr::new(127, octet(n / 254 / 254), octet(n / 254), octet(n))
}

impl Plan {
    /// Whether it can be followed at all.
    pub(crate) fn is_sound(&self) -> bool {
        self.worker < self.workers && !self.targets.is_empty()
    }

    /// How many streams this worker holds.
    pub fn own_streams(&self) -> u64 {
        let rest = self.streams.saturating_sub(self.worker);
        rest.div_ceil(self.workers.max(1))
    }

    /// The number of the worker's n-th stream among those of all.
    pub fn number(&self, own: u64) -> u64 {
        own * self.workers + self.worker
    }

    /// Whether a stream is read slowly.
    #[inline]
    pub(crate) fn is_slow(&self, number: u64) -> bool {
        self.slow.is_some_and(|slow| takes(slow.per_mille, number))
    }

    /// Where a stream connects to.
    pub fn target(&self, number: u64) -> Option<SocketAddr> {
        let turn = number % (self.targets.len() as u64).max(1);
        usize::try_from(turn).ok().and_then(|turn| self.targets.get(turn)).copied()
    }

    /// The source address of a stream.
    pub fn source(&self, number: u64) -> Option<IpAddr> {
        self.sources.of(number, self.targets.len() as u64)
    }

    /// The request of a stream, with this last event id where there is one.
    pub(crate) fn request_after(&self, number: u64, last_event_id: &str) -> Cow<'_, str> {
        let request = match &self.template {
            None => Cow::Borrowed(self.request.as_str()),
            Some(template) => {
                let line = number.checked_rem(self.credentials.len() as u64).unwrap_or(0);
                let line = usize::try_from(line).ok().and_then(|line| self.credentials.get(line));
                let credential = line.map_or("", String::as_str);
                let values = Values { own: number, credential, ..Values::default() };
                Cow::Owned(template.render(values))
            }
        };
        if last_event_id.is_empty() {
            return request;
        }
        let (head, body) = request.split_once("\r\n\r\n").unwrap_or((&request, ""));
        Cow::Owned(format!("{head}\r\nLast-Event-ID: {last_event_id}\r\n\r\n{body}"))
    }

    /// When a stream is to start, after the start of the run; `None` for as soon as it goes.
    pub fn start_ns(&self, number: u64) -> Option<u64> {
        if self.ramp_ns == 0 {
            return None;
        }
        let after = u128::from(self.ramp_ns) * u128::from(number) / u128::from(self.streams.max(1));
        u64::try_from(after).ok()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;

    use super::*;

    pub(crate) fn plan(worker: u64, workers: u64, streams: u64) -> Plan {
        Plan {
            worker,
            workers,
            streams,
            arrivals: Arrivals::Held,
            lifetime: None,
            targets: ["127.0.0.1:1", "127.0.0.1:2"].map(|it| it.parse().unwrap()).to_vec(),
            request: String::new(),
            template: None,
            credentials: Vec::new(),
            sources: Sources::Loopback(STREAMS_PER_SOURCE),
            ramp_ns: 1_000_000_000,
            hold_ns: 0,
            timeout_ns: 0,
            ids: Ids::Opaque,
            scheduled: false,
            reset: true,
            reconnect: None,
            storms: Vec::new(),
            lock_step: None,
            tls: None,
            prepared_tls: PreparedTls::default(),
            http2: None,
            slow: None,
            receive_buffer: None,
            publish: None,
            reading: Reading::default(),
            wall_ns: 0,
            client: None,
            go_ns: 0,
        }
    }

    #[test]
    fn workers_share_all_streams() {
        for (workers, streams) in [(1, 5), (3, 10), (7, 3), (4, 4)] {
            let plans = (0..workers).map(|worker| plan(worker, workers, streams));
            let mut all: Vec<u64> = plans
                .flat_map(|plan| {
                    (0..plan.own_streams()).map(move |n| plan.number(n)).collect::<Vec<_>>()
                })
                .collect();
            all.sort_unstable();
            assert_eq!(all, (0..streams).collect::<Vec<_>>());
        }
    }

    #[test]
    fn no_source_has_more_streams_to_a_target_than_it_may() {
        let plan = plan(0, 1, 10_500);
        let mut counts = BTreeMap::new();
        for n in 0..plan.streams {
            *counts.entry((plan.source(n), plan.target(n))).or_insert(0) += 1;
        }
        assert!(counts.values().all(|count| *count <= STREAMS_PER_SOURCE), "{counts:?}");
        assert_eq!(counts.len(), 12);
        let last = loopback(15_999_999);
        assert_eq!(last.octets()[0], 127);
    }

    #[test]
    fn shares_are_exact() {
        let slow = |text: &str| text.parse::<Slowness>();
        assert_eq!(slow("10%:never"), Ok(Slowness { per_mille: 100, pace: Pace::Never }));
        assert_eq!(slow("0.5%:1000B/s").map(|it| it.pace), Ok(Pace::Bytes(1000)));
        assert_eq!(slow("5%:pause=2s").map(|it| it.pace), Ok(Pace::Pause(2_000_000_000)));
        for wrong in ["10%", "10%:0B/s", "101%:never", "10:never", "10%:pause=0s", "1%:9"] {
            assert!(slow(wrong).is_err(), "{wrong}");
        }
        let storm: Storm = "20%@30s~5s".parse().unwrap();
        assert_eq!((storm.per_mille, storm.jitter_ns), (200, 5_000_000_000));
        assert_eq!((0..5000).filter(|number| storm.takes(*number)).count(), 1000);
        assert!("20%".parse::<Storm>().is_err() && "0%@1s".parse::<Storm>().is_err());
    }

    #[test]
    fn the_ramp_is_even() {
        let plan = plan(0, 1, 4);
        let starts: Vec<_> = (0..4).map(|n| plan.start_ns(n).unwrap() / 1_000_000).collect();
        assert_eq!(starts, [0, 250, 500, 750]);
    }
}
