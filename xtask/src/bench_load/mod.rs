//! `cargo xtask bench-load`: what the load engine holds, how fast it is, and whether it tells the
//! truth; against the limits set for it.

mod bare;
mod fanout;
mod held;
mod truth;

use std::time::Duration;

use ssespec_load::{
    Launcher, LoadResult, Machine, Progress, Run, Subject, Workload, origin::Stall,
};

pub(crate) use fanout::{bare_client, bare_server};

use crate::workspace;

/// Where the tables go.
const PAGE: &str = "reports/bench/load.md";

type Bench = fn() -> Result<String, String>;

/// Runs all benches, or those that are named, and writes the page where all were run.
pub(crate) fn write(names: &[&str]) -> Result<(), String> {
    if cfg!(debug_assertions) {
        return Err("this is a debug build\n\
                    help: cargo run --release --package xtask -- bench-load"
            .to_owned());
    }
    let all: [(&str, Bench); 3] =
        [("held", held::bench), ("fanout", fanout::bench), ("truth", truth::bench)];
    if let Some(unknown) = names.iter().find(|name| !all.iter().any(|(own, _)| own == *name)) {
        return Err(format!("there is no bench `{unknown}`; there are held, fanout and truth"));
    }
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let mut page = format!(
        "# The load engine\n\n\
         Written by `cargo run --release --package xtask -- bench-load`, on {processors} \
         processors; clients and servers share them, over loopback. Other work on the machine: a \
         load average of {} when it began.\n",
        load_average()
    );
    for (name, bench) in all {
        if names.is_empty() || names.contains(&name) {
            eprintln!("bench-load: {name}");
            let text = bench()?;
            page.push_str(&format!("\n{}\n", text.trim_end()));
        }
    }
    if names.is_empty() {
        workspace::write(&workspace::root().join(PAGE), page.as_bytes())?;
    }
    print!("{page}");
    Ok(())
}

/// Processes that wanted a processor in the last minute, on average.
fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().unwrap_or("unknown").to_owned()
}

/// This program, as workers and servers.
fn launcher() -> Result<Launcher, String> {
    let program = std::env::current_exe().map_err(|error| format!("no program: {error}"))?;
    let (worker, server) = (vec!["load-worker".to_owned()], vec!["load-server".to_owned()]);
    Ok(Launcher::Processes { program, worker, server })
}

fn workload(target: &str, streams: u64, ramp: Duration, hold: Duration) -> Workload {
    let subject = Subject::Builtin { target: target.to_owned(), stalls: Vec::new() };
    Workload { streams, ramp, hold, timeout: Duration::from_mins(1), ..Workload::new(subject) }
}

fn stalling(workload: Workload, stall: Stall) -> Workload {
    let Subject::Builtin { target, .. } = workload.subject else {
        return workload;
    };
    let subject = Subject::Builtin { target, stalls: vec![stall] };
    Workload { subject, ..workload }
}

/// Runs it; what is lost, repeated, reordered or failed is an error of the bench.
fn run(workload: Workload, observe: &mut dyn FnMut(&Progress<'_>)) -> Result<LoadResult, String> {
    let run = Run::prepare(workload, Machine::this()).map_err(|error| error.to_string())?;
    let result = run.run(&launcher()?, observe).result;
    if let Some(error) = &result.error {
        return Err(error.message.clone());
    }
    let delivery = &result.delivery;
    let wrong = delivery.lost + delivery.duplicated + delivery.reordered;
    if wrong + result.streams.failed + result.violations.total() > 0 {
        return Err(format!("{delivery:?} {:?} {:?}", result.errors, result.violations));
    }
    Ok(result)
}

/// Whether a figure reaches its target.
fn mark(reached: bool) -> &'static str {
    if reached { "met" } else { "**missed**" }
}
