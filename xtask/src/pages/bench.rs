//! `cargo xtask bench-reports`: how long the largest matrix takes to be made, opened and used.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use ssespec_report::json;

use super::browser::Browser;
use super::{MEASURE, found, sample, with_script};
use crate::workspace;

/// How often each is done; the median counts.
const ROUNDS: usize = 5;
/// Where the tables go.
const PAGE: &str = "reports/bench/reports.md";
/// What merging and rendering may take.
const MERGE_LIMIT_MS: f64 = 1000.0;
/// What is done on the page and takes no longer than this is not felt as a delay.
const LAG_LIMIT_MS: f64 = 100.0;
/// What `report merge` is to do.
const MERGE: [&str; 2] = ["report", "merge"];

/// Measures `report merge` of this program, which has to be a release build, or of the one that is
/// named, and its page in Chromium; writes the tables.
pub(crate) fn bench(program: Option<&Path>) -> Result<(), String> {
    if cfg!(debug_assertions) && program.is_none() {
        return Err("this is a debug build\n\
                    help: cargo run --release --package xtask -- bench-reports, or name a release \
                    build: bench-reports --with PATH"
            .to_owned());
    }
    let browser = Browser::find()?;
    let directory = workspace::root().join("target/pages/large");
    let page = workspace::root().join("target/pages/large.html");
    let files = inputs(&directory)?;
    let mut merges = Vec::new();
    for _ in 0..ROUNDS {
        merges.push(merge(program, &files, &page)?);
    }
    let html = fs::read_to_string(&page).map_err(|error| format!("no page: {error}"))?;
    let measured = workspace::root().join("target/pages/large.measure.html");
    workspace::write(&measured, with_script(&html, MEASURE).as_bytes())?;
    let mut rounds: Vec<Vec<(String, f64)>> = Vec::new();
    for _ in 0..ROUNDS {
        let dom = browser.dom_in_real_time(&measured)?;
        rounds.push(found(&dom).ok_or("the page could not be measured")?);
    }
    let text = tables(&files, &html, median(&mut merges), &rounds);
    workspace::write(&workspace::root().join(PAGE), text.as_bytes())?;
    print!("{text}");
    Ok(())
}

/// Writes the results, and says where each is.
fn inputs(directory: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    for (name, result) in sample::results()? {
        let path = directory.join(name);
        workspace::write(&path, json::to_json(&result).as_bytes())?;
        files.push(path);
    }
    Ok(files)
}

/// One run of the command from its start to its end, in milliseconds.
fn merge(program: Option<&Path>, files: &[PathBuf], page: &Path) -> Result<f64, String> {
    let own = std::env::current_exe().map_err(|error| format!("no program: {error}"))?;
    let mut command = Command::new(program.unwrap_or(&own));
    if program.is_none() {
        command.arg("ssespec");
    }
    command.args(MERGE).args(files).arg("--report").arg(format!("html={}", page.display()));
    let began = Instant::now();
    let status = command.stdin(Stdio::null()).stderr(Stdio::null()).status();
    let took_ms = began.elapsed().as_secs_f64() * 1e3;
    match status {
        Ok(status) if status.success() => Ok(took_ms),
        Ok(status) => Err(format!("`report merge` ended with {status}")),
        Err(error) => Err(format!("failed to start `report merge`: {error}")),
    }
}

fn tables(files: &[PathBuf], html: &str, merge_ms: f64, rounds: &[Vec<(String, f64)>]) -> String {
    let mut out = format!(
        "# Reports\n\n\
         Written by `cargo run --release --package xtask -- bench-reports`: the median of {ROUNDS} \
         runs on {} processors. {} results of {} cases each, made from those of real clients; the \
         page has {} kB.\n\n\
         | | ms | limit | |\n|---|--:|--:|---|\n",
        std::thread::available_parallelism().map_or(1, usize::from),
        files.len(),
        sample::CASES,
        html.len() / 1000
    );
    let mut row = |what: &str, took_ms: f64, limit_ms: Option<f64>| {
        let limit = limit_ms.map_or_else(|| "–".to_owned(), |it| format!("{it:.0}"));
        let state = match limit_ms {
            Some(limit) if took_ms <= limit => "met",
            Some(_) => "**missed**",
            None => "",
        };
        // Writing to a string cannot fail.
        let _ = writeln!(out, "| {what} | {took_ms:.0} | {limit} | {state} |");
    };
    row("`report merge`, from its start to its end", merge_ms, Some(MERGE_LIMIT_MS));
    let names = rounds.first().map(Vec::as_slice).unwrap_or_default();
    for (at, (what, _)) in names.iter().enumerate() {
        let mut took: Vec<f64> = rounds.iter().filter_map(|it| Some(it.get(at)?.1)).collect();
        // Opening a page is waited for; what is done on it answers at once.
        let is_opening = matches!(what.as_str(), "first layout" | "from the start until here");
        let limit = if is_opening { None } else { Some(LAG_LIMIT_MS) };
        row(&format!("in Chromium: {what}"), median(&mut took), limit);
    }
    out
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
