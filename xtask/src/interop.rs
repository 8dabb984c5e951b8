//! `cargo xtask interop clients`: the adapters of real clients, installed and run.

pub(crate) mod adapter;
mod matrix;

use std::path::Path;

use ssespec_report::RunResult;
use ssespec_report::json::from_json;

use crate::generate::Generated;
use crate::workspace;
use adapter::{ADAPTERS, Adapter};

/// The exit code of a run that the harness itself does not trust.
const UNTRUSTED: i32 = 6;
/// Where the results of real clients are kept.
const REPORTS: &str = "reports/clients";

/// Runs the named adapters, or all, and writes their results and the table over all results.
pub(crate) fn report(names: &[&str]) -> Result<(), String> {
    let mut installed = Vec::new();
    for adapter in adapters(names)? {
        adapter.install(&mut installed)?;
        let path = workspace::root().join(REPORTS).join(format!("{}.json", adapter.name));
        // A failing client is a result, and goes into the table; a run that judged nothing is not.
        match adapter.test(&path, None)? {
            0 | 1 => println!("wrote {REPORTS}/{}.json", adapter.name),
            code => return Err(format!("the run of `{}` ended with code {code}", adapter.name)),
        }
    }
    for file in generate()? {
        workspace::write(&workspace::root().join(&file.path), &file.contents)?;
        println!("wrote {}", file.path);
    }
    Ok(())
}

/// Runs the named adapters, or all, against what is known of them. New failures and stale entries
/// fail; without a file of known failures, failing cases are accepted.
pub(crate) fn check(names: &[&str]) -> Result<(), String> {
    let (mut wrong, mut installed) = (Vec::new(), Vec::new());
    for adapter in adapters(names)? {
        adapter.install(&mut installed)?;
        let root = workspace::root();
        let known = root.join(REPORTS).join(format!("{}.known.toml", adapter.name));
        let known = known.is_file().then_some(known);
        let path = root.join("target/interop").join(format!("{}.json", adapter.name));
        let mut code = adapter.test(&path, known.as_deref())?;
        if code == UNTRUSTED {
            // The machine was too busy to judge, which says nothing about the client.
            code = adapter.test(&path, known.as_deref())?;
        }
        match (code, &known) {
            (0, _) | (1, None) => println!("{}: as known", adapter.name),
            (UNTRUSTED, _) => println!("{}: as known, as far as could be judged", adapter.name),
            (code, _) => wrong.push(format!("`{}` ended with code {code}", adapter.name)),
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{}\nhelp: see above what failed; what is rightly so belongs into {REPORTS}/NAME.known.toml",
        wrong.join("\n")
    ))
}

/// The table over all results, if there are any.
pub(crate) fn generate() -> Result<Vec<Generated>, String> {
    let directory = workspace::root().join(REPORTS);
    let mut results: Vec<(String, RunResult)> = Vec::new();
    for path in workspace::files(&directory)? {
        if path.extension().is_some_and(|extension| extension == "json") {
            results.push((file_stem(&path), read(&path)?));
        }
    }
    if results.is_empty() {
        return Ok(Vec::new());
    }
    let contents = matrix::render(&results).into_bytes();
    Ok(vec![Generated { path: format!("{REPORTS}/README.md"), contents }])
}

fn file_stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

pub(crate) fn read(path: &Path) -> Result<RunResult, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("failed to read `{}`: {error}", path.display()))?;
    from_json(&text).map_err(|error| format!("failed to read `{}`: {error}", path.display()))
}

fn adapters(names: &[&str]) -> Result<Vec<&'static Adapter>, String> {
    if names.is_empty() {
        return Ok(ADAPTERS.iter().collect());
    }
    names
        .iter()
        .map(|name| {
            ADAPTERS.iter().find(|adapter| adapter.name == *name).ok_or_else(|| {
                let known: Vec<&str> = ADAPTERS.iter().map(|adapter| adapter.name).collect();
                format!("there is no adapter `{name}`\nhelp: there are {}", known.join(", "))
            })
        })
        .collect()
}
