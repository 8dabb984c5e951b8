//! The result in the forms of other tools: CSV, the interval log and the percentile table of
//! `HdrHistogram`.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::serialization::{Serializer as _, V2DeflateSerializer};
use jiff::Timestamp;

use crate::gather::LogEntry;
use crate::latency::{Latency, Metric};
use crate::result::LoadResult;

/// The times of each second.
#[derive(Debug, Default)]
pub struct IntervalLog {
    pub(crate) started: Timestamp,
    pub(crate) entries: Vec<LogEntry>,
}

impl IntervalLog {
    /// The interval log of `HdrHistogram`, version 2, a tag a metric. Values are in microseconds,
    /// the column of maxima in milliseconds.
    ///
    /// # Errors
    /// When a count does not fit the encoding.
    pub fn to_hlog(&self) -> Result<String, String> {
        let start_s = self.started.as_millisecond() as f64 / 1000.0;
        let mut out = format!(
            "#[Histogram log format version 1.3]\n\
             #[StartTime: {start_s:.3} (seconds since epoch), {}]\n\
             \"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\
             \"Interval_Compressed_Histogram\"\n",
            self.started
        );
        for LogEntry { second, metric, latency } in &self.entries {
            let mut bytes = Vec::new();
            V2DeflateSerializer::new()
                .serialize(&*latency.histogram(), &mut bytes)
                .map_err(|error| error.to_string())?;
            let max_ms = latency.max_us().unwrap_or(0) as f64 / 1000.0;
            let encoded = STANDARD.encode(bytes);
            let name = metric.name();
            out.push_str(&format!("Tag={name},{second}.000,1.000,{max_ms:.3},{encoded}\n"));
        }
        Ok(out)
    }
}

/// The percentile table of `HdrHistogram`, in milliseconds, which its plotters read.
pub fn to_hgrm(latency: &Latency) -> String {
    let histogram = latency.histogram();
    let mut out = format!(
        "{:>12} {:>14} {:>10} {:>14}\n\n",
        "Value", "Percentile", "TotalCount", "1/(1-Percentile)"
    );
    let mut total = 0;
    for value in histogram.iter_quantiles(5) {
        total += value.count_since_last_iteration();
        let quantile = value.quantile_iterated_to();
        let ms = value.value_iterated_to().min(histogram.max()) as f64 / 1000.0;
        let _ = write!(out, "{ms:>12.3} {quantile:>14.12} {total:>10}");
        if quantile < 1.0 {
            let _ = write!(out, " {:>14.2}", 1.0 / (1.0 - quantile));
        }
        out.push('\n');
    }
    let mean_ms = histogram.mean() / 1000.0;
    let deviation_ms = histogram.stdev() / 1000.0;
    let max_ms = histogram.max() as f64 / 1000.0;
    let _ = writeln!(
        out,
        "#[Mean    = {mean_ms:>12.3}, StdDeviation   = {deviation_ms:>12.3}]\n\
         #[Max     = {max_ms:>12.3}, Total count    = {:>12}]\n\
         #[Buckets = {:>12}, SubBuckets     = {:>12}]",
        histogram.len(),
        23,
        2048
    );
    out
}

/// The run second by second, or by intervals where it is long, with a line of names above.
pub fn to_csv(result: &LoadResult) -> String {
    let mut out = "second,length_s,open,planned,started,failed,events".to_owned();
    for metric in Metric::ALL {
        let name = metric.name().replace(['.', '-'], "_");
        out.push_str(&format!(",{name}_p50_us,{name}_p99_us,{name}_max_us"));
    }
    out.push('\n');
    for row in &result.seconds {
        let _ = write!(
            out,
            "{},{},{},{},{},{},{}",
            row.second,
            row.length_s,
            row.open,
            row.planned.map(|it| it.to_string()).unwrap_or_default(),
            row.started,
            row.failed,
            row.events
        );
        for metric in Metric::ALL {
            let name = metric.name();
            for times in [&row.p50_us, &row.p99_us, &row.max_us] {
                let cell = times.get(name).map(ToString::to_string).unwrap_or_default();
                out.push_str(&format!(",{cell}"));
            }
        }
        out.push('\n');
    }
    out
}
