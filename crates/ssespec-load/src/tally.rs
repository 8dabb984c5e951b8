//! What a worker has seen, in a form that adds up: over time, over workers, over machines.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::client::ClientProcess;
use crate::delivery::Range;
use crate::latency::Latencies;
use crate::publish::PublishCounts;
use crate::talk::TalkCounts;

/// How many ranges of lost ids are kept as examples.
const LOST_EXAMPLES: usize = 50;

/// All that was counted and measured.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// What became of the streams.
    pub streams: StreamCounts,
    /// What became of the connections of HTTP/2, which streams share.
    #[serde(default)]
    pub sockets: SocketCounts,
    /// What came over them.
    pub traffic: Traffic,
    /// What became of numbered events.
    pub delivery: DeliveryCounts,
    /// Breaches of the format, by rule.
    pub violations: Occurrences,
    /// Streams that failed, by cause.
    pub errors: Occurrences,
    /// What became of answers, where streams are such.
    #[serde(default)]
    pub talk: TalkCounts,
    /// What became of messages, where some are published.
    #[serde(default)]
    pub publishing: PublishCounts,
    /// Payloads that had not what was promised, by cause.
    #[serde(default)]
    pub payload_faults: Occurrences,
    /// How the generator itself did.
    pub health: Health,
    /// Times.
    pub latencies: Latencies,
    /// The clients under load; each says again and again what it has come to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clients: Vec<ClientProcess>,
}

/// What became of the streams.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StreamCounts {
    /// Attempts that were started.
    pub started: u64,
    /// Connections that came about.
    pub connected: u64,
    /// Responses that were event streams.
    pub opened: u64,
    /// Streams on which at least one event came.
    pub with_events: u64,
    /// Streams that the server ended in order.
    pub ended: u64,
    /// Attempts and streams that failed; `errors` says why.
    pub failed: u64,
    /// Streams that the workers dropped because the plan said so.
    pub dropped: u64,
    /// Streams that came back after a loss and had an event.
    pub reconnected: u64,
    /// Attempts that were still under way when the run ended, or when it was their time to leave.
    pub unfinished: u64,
    /// Streams that left because the plan said so.
    #[serde(default)]
    pub left: u64,
    /// Streams that were read slowly because the plan said so.
    #[serde(default)]
    pub slow: u64,
    /// Handshakes of TLS that resumed a session.
    #[serde(default)]
    pub resumed: u64,
    /// Arrivals for which there was no room.
    #[serde(default)]
    pub skipped: u64,
    /// When the last stream to have a first event had it, in microseconds after the start.
    pub last_first_event_us: u64,
}

/// What became of the connections that streams share.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SocketCounts {
    /// Connections that were begun.
    pub started: u64,
    /// Those that came about, and on which HTTP/2 was spoken.
    pub opened: u64,
    /// Those that did not.
    pub failed: u64,
    /// Those that came about and ended before the run did, by whatever side.
    pub ended: u64,
}

impl SocketCounts {
    /// Adds all of another.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.started += other.started;
        self.opened += other.opened;
        self.failed += other.failed;
        self.ended += other.ended;
    }

    /// How many are open.
    pub fn open(&self) -> u64 {
        self.opened.saturating_sub(self.ended)
    }
}

/// What came over the streams.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Traffic {
    /// Events dispatched.
    pub events: u64,
    /// Comments, such as heartbeats.
    pub comments: u64,
    /// Reconnection times set.
    pub retries: u64,
    /// Bytes of bodies, without the framing of HTTP.
    pub body_bytes: u64,
    /// Bytes read from sockets.
    pub wire_bytes: u64,
}

/// What became of events, by their ids.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeliveryCounts {
    /// Events that were judged.
    pub numbered: u64,
    /// Ids that never came.
    pub lost: u64,
    /// Events that came again.
    pub duplicated: u64,
    /// Events that came after a later one.
    pub reordered: u64,
    /// Events without a number of their own; they are not judged.
    pub unnumbered: u64,
    /// Events on streams that came back which were due, or sent by their timestamp, before.
    #[serde(default)]
    pub replayed: u64,
    /// Events so late that it is not known any more whether they had come.
    pub unjudged: u64,
    /// The first ranges that were lost.
    pub lost_examples: Vec<LostRange>,
}

/// Ids that one stream never saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LostRange {
    /// The number of the stream, from 0.
    pub stream: u64,
    /// The ids.
    #[serde(flatten)]
    pub range: Range,
}

impl DeliveryCounts {
    /// Counts a range that will not come any more.
    pub fn lose(&mut self, stream: u64, range: Range) {
        self.lost = self.lost.saturating_add(range.count());
        if self.lost_examples.len() < LOST_EXAMPLES {
            self.lost_examples.push(LostRange { stream, range });
        }
    }
}

/// How often each thing happened, with the first example.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Occurrences(pub BTreeMap<String, Occurrence>);

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Occurrence {
    /// How often.
    pub count: u64,
    /// The first one that was seen.
    pub first: String,
}

impl Occurrences {
    /// Counts one; the example is made where it is the first.
    pub fn count(&mut self, what: &str, example: impl FnOnce() -> String) {
        if let Some(occurrence) = self.0.get_mut(what) {
            occurrence.count += 1;
        } else {
            self.0.insert(what.to_owned(), Occurrence { count: 1, first: example() });
        }
    }

    /// How many in all.
    pub fn total(&self) -> u64 {
        self.0.values().map(|occurrence| occurrence.count).sum()
    }

    fn merge(&mut self, other: &Self) {
        for (what, more) in &other.0 {
            match self.0.get_mut(what) {
                Some(occurrence) => occurrence.count += more.count,
                None => {
                    self.0.insert(what.clone(), more.clone());
                }
            }
        }
    }
}

/// How the generator itself did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Health {
    /// Processor time of the workers, in microseconds.
    pub cpu_us: u64,
    /// Time that the workers' loops ran, in microseconds.
    pub wall_us: u64,
    /// Streams that were started more than 10 ms after the plan wanted them.
    pub late_starts: u64,
    /// Memory of the workers before their first stream, in bytes.
    pub memory_before_bytes: u64,
    /// The most memory of the workers, in bytes.
    pub memory_peak_bytes: u64,
}

impl Tally {
    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        let (mine, theirs) = (&mut self.streams, &other.streams);
        mine.started += theirs.started;
        mine.connected += theirs.connected;
        mine.opened += theirs.opened;
        mine.with_events += theirs.with_events;
        mine.ended += theirs.ended;
        mine.failed += theirs.failed;
        mine.dropped += theirs.dropped;
        mine.reconnected += theirs.reconnected;
        mine.unfinished += theirs.unfinished;
        mine.left += theirs.left;
        mine.skipped += theirs.skipped;
        mine.slow += theirs.slow;
        mine.resumed += theirs.resumed;
        mine.last_first_event_us = mine.last_first_event_us.max(theirs.last_first_event_us);
        self.sockets.merge(&other.sockets);
        let (mine, theirs) = (&mut self.traffic, &other.traffic);
        mine.events += theirs.events;
        mine.comments += theirs.comments;
        mine.retries += theirs.retries;
        mine.body_bytes += theirs.body_bytes;
        mine.wire_bytes += theirs.wire_bytes;
        let (mine, theirs) = (&mut self.delivery, &other.delivery);
        mine.numbered += theirs.numbered;
        mine.lost = mine.lost.saturating_add(theirs.lost);
        mine.duplicated += theirs.duplicated;
        mine.reordered += theirs.reordered;
        mine.unnumbered += theirs.unnumbered;
        mine.unjudged += theirs.unjudged;
        mine.replayed += theirs.replayed;
        let room = LOST_EXAMPLES.saturating_sub(mine.lost_examples.len());
        mine.lost_examples.extend(theirs.lost_examples.iter().take(room));
        self.violations.merge(&other.violations);
        self.errors.merge(&other.errors);
        self.talk.merge(&other.talk);
        self.publishing.merge(&other.publishing);
        self.payload_faults.merge(&other.payload_faults);
        let (mine, theirs) = (&mut self.health, &other.health);
        mine.cpu_us += theirs.cpu_us;
        mine.wall_us += theirs.wall_us;
        mine.late_starts += theirs.late_starts;
        // Each worker tells these once, in its last report.
        mine.memory_before_bytes += theirs.memory_before_bytes;
        mine.memory_peak_bytes += theirs.memory_peak_bytes;
        self.latencies.merge(&other.latencies);
        for client in &other.clients {
            match self.clients.iter_mut().find(|it| it.process == client.process) {
                Some(known) => known.clone_from(client),
                None => self.clients.push(client.clone()),
            }
        }
    }

    /// An empty one whose memory is all there, so that it is not taken while it is measured.
    pub fn resident() -> Self {
        let mut tally = Self::default();
        tally.latencies.touch();
        tally
    }

    /// Forgets all, keeping the memory of the histograms.
    pub fn clear(&mut self) {
        // Field by field: a whole new one would take the memory of all histograms for a moment,
        // and much of it would stay with the process.
        let Self {
            streams,
            sockets,
            traffic,
            delivery,
            violations,
            errors,
            talk,
            publishing,
            payload_faults,
            health,
            latencies,
            clients,
        } = self;
        *streams = StreamCounts::default();
        *sockets = SocketCounts::default();
        *traffic = Traffic::default();
        *delivery = DeliveryCounts::default();
        violations.0.clear();
        errors.0.clear();
        *talk = TalkCounts::default();
        *publishing = PublishCounts::default();
        payload_faults.0.clear();
        *health = Health::default();
        latencies.clear();
        clients.clear();
    }
}
