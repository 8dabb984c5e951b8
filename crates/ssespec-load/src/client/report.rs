//! What is known of the clients' processes after a run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::budget::Bytes;
use crate::result::{LoadResult, Times};
use crate::summary::{microseconds, thousands};
use crate::tally::Tally;

/// One adapter process with all that it started.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClientProcess {
    /// Its number, from 0.
    pub process: u64,
    /// The process that was started.
    pub pid: u32,
    /// The client's name, by its adapter.
    pub name: String,
    /// The client's version, by its adapter.
    pub version: String,
    /// What it runs on, by its adapter.
    pub runtime: String,
    /// Streams that were open at most.
    pub streams_peak: u64,
    /// Streams that were open at the end.
    pub streams_at_end: u64,
    /// Events that it reported.
    pub events: u64,
    /// Processes in its tree, itself included.
    pub processes: u64,
    /// Resident memory of the tree before the first stream, in bytes; shared pages count in each
    /// process.
    pub rss_before_bytes: u64,
    /// The most resident memory of the tree, in bytes.
    pub rss_peak_bytes: u64,
    /// Resident memory of the tree at the end, in bytes.
    pub rss_end_bytes: u64,
    /// Processor time of the tree until the first stream, in microseconds.
    pub cpu_before_us: u64,
    /// Processor time of the tree since then, in microseconds.
    pub cpu_us: u64,
    /// How it ended, where that was before its time.
    pub ended: Option<String>,
}

/// The clients of a run, and what they cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClientSummary {
    /// The shell command that starts the adapter.
    pub command: String,
    /// Each process.
    pub processes: Vec<ClientProcess>,
    /// Resident memory that came with the streams, in bytes a stream; `None` without a stream, or
    /// where it cannot be told.
    pub rss_per_stream_bytes: Option<u64>,
    /// Processor time of the clients, in nanoseconds an event; `None` without an event, or where it
    /// cannot be told.
    pub cpu_per_event_ns: Option<u64>,
    /// What the adapter protocol costs by itself, where it was measured.
    pub protocol: Option<ProtocolCost>,
}

/// The cost of the adapter protocol: the same streams, with an adapter that hardly reads them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProtocolCost {
    /// Streams that were held at most.
    pub streams_peak: u64,
    /// Events that were reported.
    pub events: u64,
    /// Events in a second, over whole seconds.
    pub events_per_s: f64,
    /// From the schedule to the report.
    pub lag: Option<Times>,
    /// Resident memory of the null adapter, in bytes a stream.
    pub rss_per_stream_bytes: Option<u64>,
    /// Processor time of the null adapter, in nanoseconds an event.
    pub cpu_per_event_ns: Option<u64>,
}

impl ClientSummary {
    /// The clients of a run, by what their workers told.
    pub(crate) fn of(command: &str, tally: &Tally) -> Self {
        let mut processes = tally.clients.clone();
        processes.sort_by_key(|it| it.process);
        let sum = |value: fn(&ClientProcess) -> u64| processes.iter().map(value).sum::<u64>();
        let grown = sum(|it| it.rss_peak_bytes.saturating_sub(it.rss_before_bytes));
        let known = sum(|it| it.rss_before_bytes) > 0;
        let cpu_us = sum(|it| it.cpu_us);
        Self {
            command: command.to_owned(),
            rss_per_stream_bytes: grown.checked_div(sum(|it| it.streams_peak)).filter(|_| known),
            cpu_per_event_ns: (cpu_us * 1000)
                .checked_div(sum(|it| it.events))
                .filter(|_| known && cpu_us > 0),
            processes,
            protocol: None,
        }
    }
}

impl ClientSummary {
    /// What is said of it on the screen, by name.
    pub(crate) fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts = Vec::new();
        if let Some(first) = self.processes.first() {
            let who = [&first.name, &first.version].map(String::as_str).join(" ");
            let runtime = &first.runtime;
            let runtime = if runtime.is_empty() { String::new() } else { format!(" on {runtime}") };
            facts.push((
                "client",
                format!("{}{runtime}, {}", who.trim_end(), held(&self.processes)),
            ));
            let before: u64 = self.processes.iter().map(|it| it.rss_before_bytes).sum();
            let peak: u64 = self.processes.iter().map(|it| it.rss_peak_bytes).sum();
            let text = format!("resident {} before, {} at most", Bytes(before), Bytes(peak));
            facts.push(("", text + &costs(self.rss_per_stream_bytes, self.cpu_per_event_ns)));
        }
        if let Some(protocol) = &self.protocol {
            let mut text = format!(
                "null adapter with {} streams: {:.0} events a second",
                thousands(protocol.streams_peak),
                protocol.events_per_s
            );
            if let Some(lag) = &protocol.lag {
                let [p50, p99, max] = [lag.p50_us, lag.p99_us, lag.max_us].map(microseconds);
                text.push_str(&format!(", lag p50 {p50}, p99 {p99}, max {max}"));
            }
            text += &costs(protocol.rss_per_stream_bytes, protocol.cpu_per_event_ns);
            facts.push(("protocol", text));
        }
        facts
    }
}

/// How many streams the processes held.
fn held(processes: &[ClientProcess]) -> String {
    let peaks = processes.iter().map(|it| it.streams_peak);
    let (Some(least), Some(most)) = (peaks.clone().min(), peaks.max()) else {
        return "no process".to_owned();
    };
    let range = if least == most {
        thousands(most)
    } else {
        format!("{} to {}", thousands(least), thousands(most))
    };
    match processes.len() {
        1 => format!("{range} streams held at most"),
        count => format!("{count} processes with {range} streams each held at most"),
    }
}

fn costs(rss_per_stream: Option<u64>, cpu_per_event_ns: Option<u64>) -> String {
    let mut text = String::new();
    if let Some(bytes) = rss_per_stream {
        text.push_str(&format!(", {} a stream", Bytes(bytes)));
    }
    if let Some(ns) = cpu_per_event_ns {
        text.push_str(&format!(", {:.1} µs of processor an event", ns as f64 / 1000.0));
    }
    text
}

impl ProtocolCost {
    /// What a run with the null adapter came to; `None` where it had no event.
    pub fn of(result: &LoadResult) -> Option<Self> {
        let client = result.client.as_ref()?;
        (result.traffic.events > 0).then(|| Self {
            streams_peak: client.processes.iter().map(|it| it.streams_peak).sum(),
            events: result.traffic.events,
            events_per_s: result.events_per_s(),
            lag: result.times(crate::latency::Metric::Lag).cloned(),
            rss_per_stream_bytes: client.rss_per_stream_bytes,
            cpu_per_event_ns: client.cpu_per_event_ns,
        })
    }
}
