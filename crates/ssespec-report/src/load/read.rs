//! Reading the result of a load run.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer as HistogramReader;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use serde_json::Value;

use super::LOAD_SCHEMA_VERSION;
use crate::json::{LOAD_RESULT, ReadError, read_as};

/// The result of a load run.
#[derive(Debug, Clone)]
pub struct Run {
    /// The name of the file that it was read from, or another short name; may be empty.
    pub(crate) source: String,
    /// All of it.
    pub(crate) json: Value,
    /// What the charts are drawn from.
    pub(crate) facts: Facts,
}

impl Run {
    /// Reads a result that `ssespec load --report json=PATH` wrote; `source` is the name of its file.
    ///
    /// # Errors
    ///
    /// Refuses text that is cut off, that is not JSON, that is no result of a load run, and those of
    /// another [`LOAD_SCHEMA_VERSION`]; fields that it does not know are passed over.
    pub fn read(source: &str, json: &str) -> Result<Self, ReadError> {
        let value: Value = read_as(json, Some(LOAD_RESULT), LOAD_SCHEMA_VERSION)?;
        // Read from the text, so that errors have their line and column.
        let facts = serde_json::from_str(json).map_err(|source| ReadError::Shape { source })?;
        Ok(Self { source: source.to_owned(), json: value, facts })
    }

    /// A short name: that of the file without its ending, else the URL.
    pub(crate) fn name(&self) -> &str {
        let stem = self.source.strip_suffix(".json").unwrap_or(&self.source);
        if stem.is_empty() { &self.facts.url } else { stem }
    }

    /// The intervals in which the run went on; what was told after its end is a part of one.
    pub(crate) fn intervals(&self) -> &[Second] {
        let workload = &self.facts.workload;
        let end_ms = workload.ramp_ms.saturating_add(workload.hold_ms);
        let all = self.facts.seconds.as_slice();
        match all.split_last() {
            Some((last, rest)) if !rest.is_empty() && last.second * 1000 >= end_ms => rest,
            _ => all,
        }
    }
}

/// Whether a text is, or wants to be, the result of a load run.
pub fn is_load(json: &str) -> bool {
    let read = Run::read("", json);
    !matches!(
        read,
        Err(ReadError::OtherKind { .. }
            | ReadError::NotJson { .. }
            | ReadError::NotAResult
            | ReadError::Empty
            | ReadError::Truncated { .. })
    )
}

/// The part of a result that charts are drawn from.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Facts {
    pub(crate) url: String,
    #[serde(default)]
    pub(crate) workload: Workload,
    #[serde(default)]
    pub(crate) latencies: BTreeMap<String, Times>,
    #[serde(default)]
    pub(crate) seconds: Vec<Second>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Workload {
    pub(crate) ramp_ms: u64,
    pub(crate) hold_ms: u64,
}

/// The times of one metric.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Times {
    pub(crate) count: u64,
    #[serde(deserialize_with = "histogram")]
    pub(crate) histogram: Histogram<u64>,
}

impl Times {
    /// What a share of all, from 0 to 1, did not exceed, in microseconds.
    pub(crate) fn quantile_us(&self, quantile: f64) -> u64 {
        self.histogram.value_at_quantile(quantile).min(self.histogram.max())
    }
}

/// One interval.
#[derive(Debug, Clone, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the JSON names it so")]
pub(crate) struct Second {
    pub(crate) second: u64,
    #[serde(default = "one")]
    pub(crate) length_s: u64,
    pub(crate) open: u64,
    #[serde(default)]
    pub(crate) planned: Option<u64>,
    pub(crate) started: u64,
    pub(crate) failed: u64,
    pub(crate) events: u64,
    #[serde(default)]
    pub(crate) p50_us: BTreeMap<String, u64>,
    #[serde(default)]
    pub(crate) p99_us: BTreeMap<String, u64>,
    #[serde(default)]
    pub(crate) max_us: BTreeMap<String, u64>,
}

impl Second {
    /// The end of the interval, in seconds after the start.
    pub(crate) fn end(&self) -> f64 {
        self.second.saturating_add(self.length_s) as f64
    }

    /// The middle of the interval, in seconds after the start.
    pub(crate) fn middle(&self) -> f64 {
        self.second as f64 + self.length_s as f64 / 2.0
    }

    /// A count as a rate, a second.
    pub(crate) fn rate(&self, count: u64) -> f64 {
        count as f64 / self.length_s.max(1) as f64
    }
}

fn one() -> u64 {
    1
}

/// Reads the V2 encoding of `HdrHistogram` in base64.
fn histogram<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Histogram<u64>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let bytes = STANDARD.decode(text).map_err(D::Error::custom)?;
    let read = HistogramReader::new().deserialize(&mut bytes.as_slice());
    read.map_err(|error| D::Error::custom(format!("no V2 histogram: {error}")))
}
