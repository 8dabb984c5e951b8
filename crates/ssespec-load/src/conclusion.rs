//! The result of a run, from what its workers have told.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::latency::Metric;
use crate::result::{
    Held, LoadResult, Outcome, RunError, SCHEMA_VERSION, ThresholdEntry, Times, Tool, outcome,
};
use crate::run::Workload;
use crate::tally::Tally;

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
    let entry = |threshold: &crate::threshold::Threshold| {
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
        url: workload.subject.name(),
        started: started.to_string(),
        duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        interrupted: false,
        workload: workload.summary(),
        budget: None,
        held: Held::default(),
        streams: tally.streams,
        traffic: tally.traffic,
        delivery: tally.delivery.clone(),
        violations: tally.violations.clone(),
        errors: tally.errors.clone(),
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
