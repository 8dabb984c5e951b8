//! Several load runs, as Markdown.

use std::fmt::Write as _;

use serde_json::Value;

use super::read::Run;
use super::words::{of_generator, verdict};
use crate::markdown::{code, plain};
use crate::quantity::{Count, Microseconds};

/// Compares load runs: a column each, with how it ended, its streams, delivery, errors, and the
/// median and the 99th percentile of each metric.
pub fn comparison_to_markdown(runs: &[Run]) -> String {
    let mut out = format!("# {} load runs\n\n| |", runs.len());
    for run in runs {
        let _ = write!(out, " {} |", code(run.name()));
    }
    out.push_str("\n|---|");
    out.push_str(&"--:|".repeat(runs.len()));
    out.push('\n');
    let mut row = |name: &str, cell: &dyn Fn(&Run) -> String| {
        let _ = write!(out, "| {name} |");
        for run in runs {
            let _ = write!(out, " {} |", cell(run));
        }
        out.push('\n');
    };
    let count = |pointer: &'static str| {
        move |run: &Run| {
            let found = run.json.pointer(pointer).and_then(Value::as_u64);
            found.map_or_else(|| "–".to_owned(), |it| Count(it).to_string())
        }
    };
    let text = |pointer: &'static str| {
        move |run: &Run| code(run.json.pointer(pointer).and_then(Value::as_str).unwrap_or("–"))
    };
    row("ended", &|run| verdict(&run.json).0.to_owned());
    row("URL", &text("/url"));
    row("run on", &text("/started"));
    row("streams planned", &count("/workload/streams"));
    row("streams held, at most", &count("/held/peak"));
    row("events", &count("/traffic/events"));
    row("failed", &count("/streams/failed"));
    row("lost", &count("/delivery/lost"));
    row("duplicated", &count("/delivery/duplicated"));
    row("reordered", &count("/delivery/reordered"));
    let mut metrics: Vec<&String> = runs.iter().flat_map(|it| it.facts.latencies.keys()).collect();
    metrics.sort_by_key(|name| (of_generator(name), *name));
    metrics.dedup();
    for metric in metrics {
        for (word, quantile) in [("p50", 0.5), ("p99", 0.99)] {
            row(
                &format!("{} {word}", code(metric)),
                &|run| match run.facts.latencies.get(metric) {
                    Some(times) => Microseconds(times.quantile_us(quantile) as f64).to_string(),
                    None => "–".to_owned(),
                },
            );
        }
    }
    out
}

/// A table of load runs, a line each, for an index; each run with the address of its page.
pub fn runs_to_markdown(runs: &[(String, Run)]) -> String {
    let mut out =
        "| run | ended | streams held | events | lost | `ttfe` p99 | `lag` p99 | run on |\n\
                   |---|---|--:|--:|--:|--:|--:|---|\n"
            .to_owned();
    for (page, run) in runs {
        let count = |pointer| {
            let found = run.json.pointer(pointer).and_then(Value::as_u64);
            found.map_or_else(|| "–".to_owned(), |it| Count(it).to_string())
        };
        let p99 = |metric| match run.facts.latencies.get(metric) {
            Some(times) => Microseconds(times.quantile_us(0.99) as f64).to_string(),
            None => "–".to_owned(),
        };
        let started = run.json.pointer("/started").and_then(Value::as_str).unwrap_or_default();
        let _ = writeln!(
            out,
            "| [{}](<{page}>) | {} | {} | {} | {} | {} | {} | {} |",
            code(run.name()),
            verdict(&run.json).0,
            count("/held/peak"),
            count("/traffic/events"),
            count("/delivery/lost"),
            p99("ttfe"),
            p99("lag"),
            plain(started.get(..10).unwrap_or_default())
        );
    }
    out
}
