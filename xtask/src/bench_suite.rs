//! `cargo xtask bench-suite`: how long the whole suite takes, against the limits set for it.

use std::fmt::Write as _;

use ssespec_report::Verdict;

use crate::interop;
use crate::interop::adapter::Adapter;
use crate::interop::clients::CLIENTS;
use crate::workspace;

/// How often each is run; the median counts.
const ROUNDS: usize = 5;
/// Where the table goes.
const PAGE: &str = "reports/bench/suite.md";

/// A subject, and the longest time that the suite may take on it.
struct Subject {
    adapter: Adapter,
    limit_s: f64,
    /// What it waits for by itself, which no suite can shorten.
    note: &'static str,
}

fn subjects() -> Result<[Subject; 3], String> {
    let adapter = |name: &str| {
        let found = CLIENTS.iter().find(|adapter| adapter.name == name);
        found.copied().ok_or_else(|| format!("there is no adapter `{name}`"))
    };
    Ok([
        Subject { adapter: Adapter::BUILTIN, limit_s: 5.0, note: "" },
        Subject {
            adapter: adapter("eventsource")?,
            limit_s: 10.0,
            note: "it comes back 3 s after a loss, which cannot be set; that nothing more comes is \
                   shown by one and a half times that",
        },
        Subject {
            adapter: adapter("httpx-sse")?,
            limit_s: 10.0,
            note: "most of it is the client's own work; what it reports only behind a further byte is \
                   waited for 2 s, twice",
        },
    ])
}

/// Runs the suite and writes the table.
pub(crate) fn write() -> Result<(), String> {
    release_only()?;
    let mut page = format!(
        "# How long the suite takes\n\n\
         Written by `cargo xtask bench-suite`, in a release build: the median of {ROUNDS} runs of \
         all cases, from the start of the command to its end, on {} processors.\n\n\
         | client | cases that ran | s | of the limit | cases/s |\n|---|--:|--:|--:|--:|\n",
        std::thread::available_parallelism().map_or(1, usize::from)
    );
    let mut notes = String::new();
    let mut installed = Vec::new();
    for Subject { adapter, limit_s, note } in subjects()? {
        adapter.install(&mut installed)?;
        let mut runs = Vec::new();
        for _ in 0..ROUNDS {
            runs.push(run(&adapter)?);
        }
        runs.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
        let Some(median) = runs.get(ROUNDS / 2) else {
            continue;
        };
        let Run { name, cases, seconds } = median;
        let (share, rate) = (seconds / limit_s, *cases as f64 / seconds);
        // Writing to a string cannot fail.
        let _ = writeln!(
            page,
            "| {name} | {cases} | {seconds:.1} | {share:.2} of {limit_s:.0} s | {rate:.0} |"
        );
        if !note.is_empty() {
            let _ = writeln!(notes, "- **{name}**: {note}.");
        }
    }
    page.push('\n');
    page.push_str(&notes);
    page.push_str(
        "\nThe peer would be LaunchDarkly's harness against the same service. Its Go module could \
         not be had from the module proxy on the day, so there is no ratio.\n",
    );
    workspace::write(&workspace::root().join(PAGE), page.as_bytes())?;
    print!("{page}");
    Ok(())
}

/// One run of the suite.
struct Run {
    name: String,
    cases: usize,
    seconds: f64,
}

fn run(adapter: &Adapter) -> Result<Run, String> {
    let path = workspace::root().join("target/bench-suite.json");
    let began = std::time::Instant::now();
    match adapter.test("client", &[], &path, None)? {
        0 | 1 => {}
        code => return Err(format!("the run of `{}` ended with code {code}", adapter.name)),
    }
    let seconds = began.elapsed().as_secs_f64();
    let result = interop::read(&path)?;
    let ran = |verdict: Verdict| verdict != Verdict::NotApplicable;
    let cases = result.cases.iter().filter(|case| ran(case.verdict)).count();
    Ok(Run { name: format!("{} {}", result.subject.name, result.subject.version), cases, seconds })
}

/// Refuses to measure what nobody runs.
fn release_only() -> Result<(), String> {
    if cfg!(debug_assertions) {
        return Err("this is a debug build\n\
                    help: cargo run --release --package xtask -- bench-suite"
            .to_owned());
    }
    Ok(())
}
