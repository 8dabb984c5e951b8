//! What a run came to: its result, made of the tally of all workers.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::host::Host;
use crate::latency::Metric;
use crate::result::{
    Held, LoadResult, Outcome, RunError, SCHEMA_VERSION, Sockets, TalkSummary, ThresholdEntry,
    Times, Tool, outcome,
};
use crate::run::Workload;
use crate::tally::Tally;
use crate::threshold::Threshold;

impl LoadResult {
    /// The result of a run that could not start.
    pub fn not_started(workload: &Workload, error: RunError) -> Self {
        let mut result = result_of(workload, Timestamp::now(), Duration::ZERO, &Tally::default());
        result.error = Some(error);
        result.outcome = outcome(&result);
        result
    }
}

pub(crate) fn judged(workload: &Workload, tally: &Tally) -> Vec<ThresholdEntry> {
    let entry = |threshold: &Threshold| {
        let judgement = threshold.judge(tally);
        ThresholdEntry {
            fail: threshold.text().to_owned(),
            measured: judgement.measured,
            breached: judgement.breached,
        }
    };
    workload.thresholds.iter().map(entry).collect()
}

pub(crate) fn result_of(
    workload: &Workload,
    started: Timestamp,
    took: Duration,
    tally: &Tally,
) -> LoadResult {
    let times =
        |metric: Metric| Some((metric.name().to_owned(), Times::of(tally.latencies.of(metric))?));
    LoadResult {
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: "ssespec".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        command: String::new(),
        machine: Some(Host::this()),
        url: workload.subject.name(),
        started: started.to_string(),
        duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        interrupted: false,
        workload: workload.summary(),
        budget: None,
        held: Held::default(),
        streams: tally.streams,
        sockets: workload.http2.map(|_| {
            let counts = tally.sockets;
            Sockets { counts, at_end: counts.open(), peak: 0 }
        }),
        traffic: tally.traffic,
        delivery: tally.delivery.clone(),
        violations: tally.violations.clone(),
        errors: tally.errors.clone(),
        payload_faults: tally.payload_faults.clone(),
        publishing: workload.publish.as_ref().map(|_| tally.publishing),
        talk: None,
        latencies: Metric::ALL.into_iter().filter_map(times).collect::<BTreeMap<_, _>>(),
        health: tally.health,
        client: workload.subject.client_summary(tally),
        hazards: Vec::new(),
        thresholds: Vec::new(),
        seconds: Vec::new(),
        error: None,
        outcome: Outcome { exit_code: 0, reasons: Vec::new() },
    }
}

/// What became of answers, where streams are such.
pub(crate) fn talk_of(workload: &Workload, tally: &Tally, workers: u64) -> Option<TalkSummary> {
    let run_s = tally.health.wall_us as f64 / 1e6 / workers.max(1) as f64;
    let a_second = |count: u64| {
        if run_s > 0.0 { (count as f64 / run_s * 100.0).round() / 100.0 } else { 0.0 }
    };
    workload.reading.is_talk().then(|| TalkSummary {
        counts: tally.talk,
        tokens_per_s: a_second(tally.talk.tokens),
        completed_per_s: a_second(tally.talk.completed),
        good_per_s: a_second(tally.talk.good),
        slo: workload.reading.slo.as_ref().map(ToString::to_string),
    })
}
