//! `cargo xtask interop`: real clients, servers and proxies, installed and run.

pub(crate) mod adapter;
pub(crate) mod clients;
mod matrix;
mod proxies;
pub(crate) mod servers;

use std::path::Path;

use ssespec_harness::Known;
use ssespec_report::RunResult;
use ssespec_report::json::from_json;

use crate::generate::Generated;
use crate::{reports, workspace};
use adapter::Adapter;
use matrix::Published;

/// The exit code of a run that the harness itself does not trust.
const UNTRUSTED: i32 = 6;

/// What is tested, and where its results are kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    role: &'static str,
    reports: &'static str,
    adapters: &'static [Adapter],
    unpublished: &'static [&'static str],
}

/// Real clients.
pub(crate) const CLIENTS: Kind = Kind {
    role: "client",
    reports: "reports/clients",
    adapters: clients::CLIENTS,
    unpublished: clients::UNPUBLISHED,
};

/// Real servers and server libraries.
pub(crate) const SERVERS: Kind = Kind {
    role: "server",
    reports: "reports/servers",
    adapters: servers::SERVERS,
    unpublished: servers::UNPUBLISHED,
};

/// Real proxies.
pub(crate) const PROXIES: Kind = Kind {
    role: "proxy",
    reports: "reports/proxies",
    adapters: proxies::PROXIES,
    unpublished: &[],
};

/// Runs the named adapters, or all, and writes their results and the table over all results.
pub(crate) fn report(kind: &Kind, names: &[&str]) -> Result<(), String> {
    let reports = kind.reports;
    let mut installed = Vec::new();
    for adapter in adapters(kind, names)? {
        adapter.install(&mut installed)?;
        let path = workspace::root().join(reports).join(format!("{}.json", adapter.name));
        // A failing subject is a result, and goes into the table; a run that judged nothing is not.
        match adapter.test(kind.role, kind.unpublished, &path, None)? {
            0 | 1 => println!("wrote {reports}/{}.json", adapter.name),
            code => return Err(format!("the run of `{}` ended with code {code}", adapter.name)),
        }
    }
    for file in generate()? {
        workspace::write(&workspace::root().join(&file.path), &file.contents)?;
        println!("wrote {}", file.path);
    }
    reports::write()
}

/// Runs the named adapters, or all, against what is known of them. New failures and stale entries
/// fail; without a file of known failures, failing cases are accepted.
pub(crate) fn check(kind: &Kind, names: &[&str]) -> Result<(), String> {
    let reports = kind.reports;
    let (mut wrong, mut installed) = (Vec::new(), Vec::new());
    for adapter in adapters(kind, names)? {
        adapter.install(&mut installed)?;
        let root = workspace::root();
        let known = root.join(reports).join(format!("{}.known.toml", adapter.name));
        let known = known.is_file().then_some(known);
        let path = root.join("target/interop").join(format!("{}.json", adapter.name));
        let mut code = adapter.test(kind.role, &[], &path, known.as_deref())?;
        if code == UNTRUSTED {
            // The machine was too busy to judge, which says nothing about the subject.
            code = adapter.test(kind.role, &[], &path, known.as_deref())?;
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
        "{}\nhelp: see above what failed; what is rightly so belongs into {reports}/NAME.known.toml",
        wrong.join("\n")
    ))
}

/// The tables over all results.
pub(crate) fn generate() -> Result<Vec<Generated>, String> {
    let tables: Result<Vec<_>, String> = [CLIENTS, SERVERS, PROXIES].iter().map(table).collect();
    Ok(tables?.into_iter().flatten().collect())
}

/// The table over the results of a kind, if there are any.
fn table(kind: &Kind) -> Result<Option<Generated>, String> {
    let directory = workspace::root().join(kind.reports);
    if !directory.is_dir() {
        return Ok(None);
    }
    let mut results = Vec::new();
    for path in workspace::files(&directory)? {
        if path.extension().is_some_and(|extension| extension == "json") {
            let (result, stem) = (read(&path)?, file_stem(&path));
            let known = known(&path.with_file_name(format!("{stem}.known.toml")))?;
            results.push(Published { stem, result, known });
        }
    }
    if results.is_empty() {
        return Ok(None);
    }
    let contents = matrix::render(kind.role, &results).into_bytes();
    Ok(Some(Generated { path: format!("{}/README.md", kind.reports), contents }))
}

/// What is known of failures, from a file, if there is one.
fn known(path: &Path) -> Result<Known, String> {
    if !path.is_file() {
        return Ok(Known::default());
    }
    let wrong = |error: &dyn std::fmt::Display| format!("`{}`: {error}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
    Known::parse(&text).map_err(|error| wrong(&error))
}

fn file_stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

pub(crate) fn read(path: &Path) -> Result<RunResult, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("failed to read `{}`: {error}", path.display()))?;
    from_json(&text).map_err(|error| format!("failed to read `{}`: {error}", path.display()))
}

fn adapters(kind: &Kind, names: &[&str]) -> Result<Vec<&'static Adapter>, String> {
    if names.is_empty() {
        return Ok(kind.adapters.iter().collect());
    }
    names
        .iter()
        .map(|name| {
            kind.adapters.iter().find(|adapter| adapter.name == *name).ok_or_else(|| {
                let known: Vec<&str> = kind.adapters.iter().map(|adapter| adapter.name).collect();
                format!("there is no adapter `{name}`\nhelp: there are {}", known.join(", "))
            })
        })
        .collect()
}
