//! Streams held, memory for each, and how fast they come about.

use std::fmt::Write as _;
use std::time::Duration;

use ssespec_load::summary::thousands;

use super::{mark, run, workload};

/// How many; the last is the routine gate.
const STREAMS: [u64; 2] = [10_000, 100_000];
/// The targets.
const BYTES: u64 = 1024;
const STREAMS_PER_S: f64 = 20_000.0;

pub(crate) fn bench() -> Result<String, String> {
    let mut page = format!(
        "## Streams held\n\n\
         As fast as they go (`--ramp 0s`), each checked by the parser and for sequence, one event \
         at once and one every ten seconds after; held for 20 s. Memory is what the workers grew \
         by, without the files that they are loaded from, divided by the streams. *New streams/s* \
         counts until the first event of the last stream. *CPU* is the processor time of both ends \
         and of the kernel for one stream, from its start over two or three events to its close. \
         Targets: at most {BYTES} B, at least {} new streams/s.\n\n\
         | streams | open at the end | workers | bytes a stream | | new streams/s | | CPU, µs | events |\n\
         |--:|--:|--:|--:|---|--:|---|--:|--:|\n",
        thousands(20_000)
    );
    for streams in STREAMS {
        let asked =
            workload("/load/stream?rate=0.1", streams, Duration::ZERO, Duration::from_secs(20));
        let used_s = helpers_cpu_s();
        let result = run(asked, &mut |progress| {
            eprintln!("  {:?} {} open", progress.elapsed, progress.open);
        })?;
        let cpu_us = (helpers_cpu_s() - used_s) * 1e6 / result.held.peak.max(1) as f64;
        let health = &result.health;
        let grown = health.memory_peak_bytes.saturating_sub(health.memory_before_bytes);
        let bytes = grown / result.held.peak.max(1);
        let ramp_s = result.streams.last_first_event_us as f64 / 1e6;
        let rate = result.streams.with_events as f64 / ramp_s;
        let _ = writeln!(
            page,
            "| {} | {} | {} | {bytes} | {} | {} | {} | {cpu_us:.0} | {} |",
            thousands(streams),
            thousands(result.held.at_end),
            result.budget.map_or(0, |budget| budget.workers),
            mark(bytes <= BYTES),
            thousands(rounded(rate)),
            mark(rate >= STREAMS_PER_S),
            thousands(result.traffic.events)
        );
    }
    Ok(page)
}

/// The processor time of all helpers that have ended.
fn helpers_cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // After the name, in parentheses: the 14th and 15th field, in hundredths of a second.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(13).take(2).filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// A figure without its fraction.
pub(super) fn rounded(figure: f64) -> u64 {
    format!("{figure:.0}").parse().unwrap_or(0)
}
