//! The result of a load run: the JSON contract.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ssespec_report::outcome::ExitCode;

use crate::budget::Budget;
use crate::client::ClientSummary;
use crate::hazard::Hazard;
use crate::host::Host;
use crate::latency::{Latency, Metric};
use crate::publish::PublishCounts;
use crate::talk::TalkCounts;
use crate::tally::{
    DeliveryCounts, Health, Occurrences, SocketCounts, StreamCounts, Tally, Traffic,
};
use crate::threshold::Threshold;

/// The version of the result's schema.
pub const SCHEMA_VERSION: u32 = ssespec_report::load::LOAD_SCHEMA_VERSION;

/// The result of a load run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LoadResult {
    /// The version of this schema.
    pub schema_version: u32,
    /// What wrote it.
    pub tool: Tool,
    /// The command that makes the run again, for a shell; empty where no command made it. Values of
    /// headers that grant access are left out.
    #[serde(default)]
    pub command: String,
    /// The machine of the generator, and of the built-in server.
    #[serde(default)]
    pub machine: Option<Host>,
    /// The URL of the stream, or `builtin` and its path.
    pub url: String,
    /// When the run started, as RFC 3339 writes it.
    pub started: String,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// Whether it was interrupted, so that it is partial.
    pub interrupted: bool,
    /// What was asked for.
    pub workload: WorkloadSummary,
    /// What it was reckoned to take.
    pub budget: Option<Budget>,
    /// Streams that were open at the end, and at most.
    pub held: Held,
    /// What became of the streams.
    pub streams: StreamCounts,
    /// What became of the connections, where HTTP/2 lets streams share them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sockets: Option<Sockets>,
    /// What came over them.
    pub traffic: Traffic,
    /// What became of events.
    pub delivery: DeliveryCounts,
    /// Breaches of the format, by rule.
    pub violations: Occurrences,
    /// Streams that failed, by cause.
    pub errors: Occurrences,
    /// Payloads that had not what was promised, by cause.
    #[serde(default)]
    pub payload_faults: Occurrences,
    /// What became of messages, where some were published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publishing: Option<PublishCounts>,
    /// What became of answers, where streams are such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub talk: Option<TalkSummary>,
    /// Times, by metric; those that have no value are left out.
    pub latencies: BTreeMap<String, Times>,
    /// How the generator itself did.
    pub health: Health,
    /// The clients under load, where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientSummary>,
    /// What makes the measurement doubtful.
    pub hazards: Vec<HazardEntry>,
    /// The thresholds, and what the run came to by them.
    pub thresholds: Vec<ThresholdEntry>,
    /// The run second by second; where it is longer than 600 s, in at most 600 intervals of 2, 4, 8
    /// or more seconds.
    pub seconds: Vec<Second>,
    /// What kept the run from starting, or from judging anything.
    pub error: Option<RunError>,
    /// The exit code, and why.
    pub outcome: Outcome,
}

/// A program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct WorkloadSummary {
    /// Streams to be held, or to be open at most.
    pub streams: u64,
    /// How many of them one connection of HTTP/2 has at most: as many as were asked for, or as the
    /// server takes; left out where HTTP/1.1 is spoken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub streams_per_connection: Option<u64>,
    /// How they arrive, where they are not all started and held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrivals: Option<String>,
    /// How long each stays open, where that is not for the whole run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifetime: Option<String>,
    /// The time over which they are started, in milliseconds.
    pub ramp_ms: u64,
    /// The time for which they are held after that, in milliseconds.
    pub hold_ms: u64,
}

/// What became of connections that streams share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sockets {
    /// The counts.
    #[serde(flatten)]
    pub counts: SocketCounts,
    /// Those that were open at the end of the run.
    pub at_end: u64,
    /// Those that were open at most, at the end of any second.
    pub peak: u64,
}

/// What became of answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TalkSummary {
    /// The counts.
    #[serde(flatten)]
    pub counts: TalkCounts,
    /// Tokens a second, over the whole run and all streams.
    pub tokens_per_s: f64,
    /// Answers a second.
    pub completed_per_s: f64,
    /// Good answers a second: the goodput.
    pub good_per_s: f64,
    /// When an answer was good.
    pub slo: Option<String>,
}

/// How many streams were held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Held {
    /// At the end of the run.
    pub at_end: u64,
    /// At most, at the end of any second.
    pub peak: u64,
}

/// What a histogram says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Times {
    /// How many values.
    pub count: u64,
    /// The shortest, in microseconds.
    pub min_us: u64,
    /// The mean, in microseconds.
    pub mean_us: f64,
    /// What half of all did not exceed, in microseconds.
    pub p50_us: u64,
    /// What 90 % did not exceed, in microseconds.
    pub p90_us: u64,
    /// What 99 % did not exceed, in microseconds.
    pub p99_us: u64,
    /// What 99.9 % did not exceed, in microseconds.
    pub p99_9_us: u64,
    /// What 99.99 % did not exceed, in microseconds.
    pub p99_99_us: u64,
    /// The longest, in microseconds.
    pub max_us: u64,
    /// The whole histogram: V2 of `HdrHistogram`, in base64; values in microseconds.
    #[schemars(with = "String")]
    pub histogram: Latency,
}

impl Times {
    /// What a histogram says; `None` where it is empty.
    pub(crate) fn of(latency: &Latency) -> Option<Self> {
        Some(Self {
            count: latency.count(),
            min_us: latency.min_us()?,
            mean_us: (latency.mean_us()? * 10.0).round() / 10.0,
            p50_us: latency.quantile_us(0.5)?,
            p90_us: latency.quantile_us(0.9)?,
            p99_us: latency.quantile_us(0.99)?,
            p99_9_us: latency.quantile_us(0.999)?,
            p99_99_us: latency.quantile_us(0.9999)?,
            max_us: latency.max_us()?,
            histogram: latency.clone(),
        })
    }
}

/// A hazard, with its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HazardEntry {
    /// Which.
    pub hazard: Hazard,
    /// Whether the result is not to be trusted because of it.
    pub fatal: bool,
    /// What was seen.
    pub seen: String,
    /// Why it matters.
    pub why: String,
    /// What to try.
    pub help: String,
}

impl From<Hazard> for HazardEntry {
    fn from(hazard: Hazard) -> Self {
        Self {
            fatal: hazard.is_fatal(),
            seen: hazard.seen(),
            why: hazard.why().to_owned(),
            help: hazard.help().to_owned(),
            hazard,
        }
    }
}

/// A threshold, and what the run came to by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ThresholdEntry {
    /// The condition under which the run has failed.
    pub fail: String,
    /// What was measured.
    pub measured: String,
    /// Whether it has failed by it.
    pub breached: bool,
}

/// One second of the run, or an interval of several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Second {
    /// Which, from 0; of an interval the first.
    pub second: u64,
    /// How many seconds it covers.
    #[serde(default = "one")]
    pub length_s: u64,
    /// Streams open at its end.
    pub open: u64,
    /// Streams that the plan wanted open at its end, were none lost; `None` where there is no plan.
    #[serde(default)]
    pub planned: Option<u64>,
    /// Streams started in it.
    pub started: u64,
    /// Streams that failed in it.
    pub failed: u64,
    /// Events dispatched in it.
    pub events: u64,
    /// Times of this second, by metric: the median, in microseconds.
    #[serde(default)]
    pub p50_us: BTreeMap<String, u64>,
    /// Times of this second, by metric: the 99th percentile, in microseconds.
    pub p99_us: BTreeMap<String, u64>,
    /// Times of this second, by metric: the longest, in microseconds.
    pub max_us: BTreeMap<String, u64>,
}

impl Default for Second {
    fn default() -> Self {
        Self {
            second: 0,
            length_s: one(),
            open: 0,
            planned: None,
            started: 0,
            failed: 0,
            events: 0,
            p50_us: BTreeMap::new(),
            p99_us: BTreeMap::new(),
            max_us: BTreeMap::new(),
        }
    }
}

fn one() -> u64 {
    1
}

/// What kept a run from judging anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunError {
    /// `usage`, `subject` or `bug`.
    pub kind: String,
    /// What.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// How the run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Outcome {
    /// The code that the process exits with.
    pub exit_code: u8,
    /// All that speaks for a code other than 0, the one that decides first.
    pub reasons: Vec<String>,
}

/// What hazards and the outcome are judged by.
#[derive(Debug)]
pub(crate) struct Measured<'a> {
    pub(crate) tally: &'a Tally,
    pub(crate) thresholds: &'a [Threshold],
    pub(crate) lost: &'a [Hazard],
    pub(crate) interrupted: bool,
    pub(crate) finished_early: bool,
    pub(crate) open: u64,
    pub(crate) wanted: u64,
    pub(crate) loop_lag_limit_us: u64,
}

/// Judges a run.
///
/// Where several codes hold, the first of these decides: 70, 130, 2, 3, 6, 1.
pub(crate) fn outcome(result: &LoadResult) -> Outcome {
    let mut reasons: Vec<(ExitCode, String)> = Vec::new();
    if let Some(error) = &result.error {
        let code = match error.kind.as_str() {
            "usage" => ExitCode::Usage,
            "bug" => ExitCode::Bug,
            _ => ExitCode::Subject,
        };
        reasons.push((code, error.message.clone()));
    }
    if result.interrupted {
        reasons.push((ExitCode::Interrupted, "the run was interrupted".to_owned()));
    }
    if result.error.is_none() && result.streams.opened == 0 && !result.interrupted {
        reasons.push((ExitCode::Subject, "no stream came about".to_owned()));
    }
    let fatal = result.hazards.iter().filter(|hazard| hazard.fatal);
    reasons.extend(fatal.map(|hazard| (ExitCode::Untrusted, hazard.seen.clone())));
    let breached = result.thresholds.iter().filter(|threshold| threshold.breached);
    reasons.extend(breached.map(|threshold| {
        let message = format!("`{}`: it is {}", threshold.fail, threshold.measured);
        (ExitCode::Failed, message)
    }));
    let rank = |code: &ExitCode| match code {
        ExitCode::Bug => 0,
        ExitCode::Interrupted => 1,
        ExitCode::Usage => 2,
        ExitCode::Subject => 3,
        ExitCode::Untrusted => 4,
        _ => 5,
    };
    reasons.sort_by_key(|(code, _)| rank(code));
    Outcome {
        exit_code: reasons.first().map_or(ExitCode::Ok, |(code, _)| *code).code(),
        reasons: reasons.into_iter().map(|(_, message)| message).collect(),
    }
}

impl LoadResult {
    /// The exit code.
    pub fn exit_code(&self) -> ExitCode {
        let code = self.outcome.exit_code;
        ExitCode::ALL.into_iter().find(|it| it.code() == code).unwrap_or(ExitCode::Bug)
    }

    /// Events a second over the seconds that are told of.
    pub fn events_per_s(&self) -> f64 {
        let seconds: u64 = self.seconds.iter().map(|it| it.length_s).sum();
        self.traffic.events as f64 / seconds.max(1) as f64
    }

    /// The times of a metric.
    pub fn times(&self, metric: Metric) -> Option<&Times> {
        self.latencies.get(metric.name())
    }

    /// The result as indented JSON with a line end after it.
    ///
    /// # Errors
    /// When a histogram cannot be encoded.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|json| json + "\n")
    }
}

/// The JSON Schema of the result.
pub fn load_result_schema() -> Value {
    let mut schema = schemars::schema_for!(LoadResult).to_value();
    if let Some(version) = schema.pointer_mut("/properties/schema_version") {
        version["const"] = SCHEMA_VERSION.into();
    }
    schema
}
