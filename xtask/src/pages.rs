//! `cargo xtask check-pages`: each kind of page, opened in a headless Chromium and tried out.
//!
//! A copy of the page gets a script that uses it as a reader would and writes what it found into
//! the document, which Chromium prints. So nothing is needed but the browser.

mod bench;
mod browser;
mod load;
mod sample;

use std::fs;
use std::path::Path;
use std::time::Instant;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use ssespec_report::html::{
    IndexLinks, IndexLoad, IndexSection, index_to_html, load_to_html, loads_to_html,
    matrix_to_html, to_html,
};
use ssespec_report::{Verdict, json, matrix};

use crate::{reports, workspace};
pub(crate) use bench::bench;
use browser::{Browser, View};

/// What the script of a page needs before anything else runs: it collects errors.
const PRELUDE: &str = include_str!("../pages/prelude.js");
/// Measures a matrix.
const MEASURE: &str = include_str!("../pages/measure.js");

/// A page, and the script that tries it out.
struct Page {
    name: &'static str,
    html: String,
    script: &'static str,
    /// What follows `#` when it is opened.
    fragment: String,
    /// Whether it is measured, too.
    is_measured: bool,
}

/// What a script found.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Found {
    /// What is not as it should be.
    wrong: Vec<String>,
    /// How much was checked.
    checks: u32,
}

/// Opens every page, or those that are named, in every view; pictures go into this directory.
pub(crate) fn check(shots: Option<&Path>, names: &[&str]) -> Result<(), String> {
    let directory = workspace::root().join("target/pages");
    fs::create_dir_all(&directory)
        .map_err(|error| format!("failed to make `{}`: {error}", directory.display()))?;
    let browser = Browser::find()?;
    let mut wrong = Vec::new();
    let pages = pages()?;
    if let Some(unknown) = names.iter().find(|name| !pages.iter().any(|it| it.name == **name)) {
        let known: Vec<&str> = pages.iter().map(|it| it.name).collect();
        return Err(format!("there is no page `{unknown}`; there are {}", known.join(", ")));
    }
    for page in pages.iter().filter(|it| names.is_empty() || names.contains(&it.name)) {
        let plain = directory.join(format!("{}.html", page.name));
        let tried = directory.join(format!("{}.check.html", page.name));
        workspace::write(&plain, page.html.as_bytes())?;
        let html = page.html.replacen("<head>", &format!("<head>\n<script>{PRELUDE}</script>"), 1);
        workspace::write(&tried, with_script(&html, page.script).as_bytes())?;
        println!("{}: {} kB", page.name, page.html.len() / 1000);
        for view in View::ALL {
            let dom = browser.dom(&tried, &page.fragment, view)?;
            let found: Found = found(&dom).ok_or_else(|| {
                format!("`{}` in {}: the script did not come to its end", page.name, view.name())
            })?;
            println!("  {}: {} checks", view.name(), found.checks);
            let place = |what: &String| format!("{} in {}: {what}", page.name, view.name());
            wrong.extend(found.wrong.iter().map(place));
            if let Some(shots) = shots {
                let path =
                    |part: &str| shots.join(format!("{}{part}-{}.png", page.name, view.name()));
                browser.shot(&plain, "", view, &path(""))?;
                if !page.fragment.is_empty() {
                    browser.shot(&plain, &page.fragment, view, &path("-linked"))?;
                }
            }
        }
        if page.is_measured {
            let measured = directory.join(format!("{}.measure.html", page.name));
            workspace::write(&measured, with_script(&page.html, MEASURE).as_bytes())?;
            let dom = browser.dom_in_real_time(&measured)?;
            let took: Vec<(String, f64)> =
                found(&dom).ok_or_else(|| format!("`{}` could not be measured", page.name))?;
            for (what, took_ms) in took {
                println!("  {what}: {took_ms:.0} ms");
            }
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(wrong.join("\n"))
}

fn pages() -> Result<Vec<Page>, String> {
    let failed = |error: ssespec_report::html::HtmlError| error.to_string();
    let results = reports::results("reports/clients")?;
    // The one with the most to show.
    let (_, run) = results
        .iter()
        .max_by_key(|(_, result)| result.summary.fail + result.summary.warn)
        .ok_or("there are no results in reports/clients")?;
    let failure = run
        .cases
        .iter()
        .find(|case| case.verdict == Verdict::Fail && case.evidence.is_some())
        .map(|case| case.id.clone())
        .ok_or("the result has no failure to open")?;
    let merged = matrix::merge(reports::tool(), &results).map_err(|error| error.to_string())?;
    let large = large()?;
    let hostile = sample::hostile()?;
    let hostile_matrix = matrix::merge(reports::tool(), &[("x.json".to_owned(), hostile.clone())])
        .map_err(|error| error.to_string())?;
    let section = |matrix| IndexSection {
        title: "Clients".to_owned(),
        page: "clients/matrix.html".to_owned(),
        results: "clients/".to_owned(),
        matrix,
    };
    let cell = |matrix: &matrix::Matrix| {
        let subject = matrix.subjects.last().map(|it| it.key.clone()).unwrap_or_default();
        let is_failed = |case: &&matrix::MatrixCase| {
            let last = case.cells.last().copied().flatten();
            matrix.outcome(last).is_some_and(matrix::Outcome::is_failure)
        };
        let case = matrix.cases.iter().find(is_failed).map(|it| it.id.clone()).unwrap_or_default();
        format!("{case}~{subject}")
    };
    let mut loads = Vec::new();
    for run in load::compared()? {
        loads.push(IndexLoad {
            page: "load/run.html".to_owned(),
            result: "load/run.json".to_owned(),
            run,
        });
    }
    let mut pages = load_pages()?;
    pages.extend([
        Page {
            name: "run",
            html: to_html(&json::to_json(run)).map_err(failed)?,
            script: include_str!("../pages/run.js"),
            fragment: failure,
            is_measured: false,
        },
        Page {
            name: "matrix",
            html: matrix_to_html(&matrix::to_json(&merged)).map_err(failed)?,
            script: include_str!("../pages/matrix.js"),
            fragment: cell(&merged),
            is_measured: false,
        },
        Page {
            name: "matrix-60x500",
            html: matrix_to_html(&matrix::to_json(&large)).map_err(failed)?,
            script: include_str!("../pages/matrix.js"),
            fragment: cell(&large),
            is_measured: true,
        },
        Page {
            name: "run-hostile",
            html: to_html(&json::to_json(&hostile)).map_err(failed)?,
            script: include_str!("../pages/hostile.js"),
            fragment: String::new(),
            is_measured: false,
        },
        Page {
            name: "matrix-hostile",
            html: matrix_to_html(&matrix::to_json(&hostile_matrix)).map_err(failed)?,
            script: include_str!("../pages/hostile.js"),
            fragment: String::new(),
            is_measured: false,
        },
        Page {
            name: "index",
            html: index_to_html(
                &reports::tool(),
                &[section(&merged)],
                &loads,
                IndexLinks::default(),
            )
            .map_err(failed)?,
            script: include_str!("../pages/index.js"),
            fragment: String::new(),
            is_measured: false,
        },
    ]);
    Ok(pages)
}

/// The pages of load runs.
fn load_pages() -> Result<Vec<Page>, String> {
    let failed = |error: ssespec_report::html::HtmlError| error.to_string();
    let page = |name, html, script| Page {
        name,
        html,
        script,
        fragment: String::new(),
        is_measured: false,
    };
    let script = include_str!("../pages/load.js");
    Ok(vec![
        page("load", load_to_html(&load::run()?).map_err(failed)?, script),
        page(
            "load-compared",
            loads_to_html(&reports::tool(), &load::compared()?).map_err(failed)?,
            script,
        ),
        page(
            "load-hostile",
            load_to_html(&load::hostile()?).map_err(failed)?,
            include_str!("../pages/hostile.js"),
        ),
    ])
}

/// A large matrix, with the time that merging and rendering it takes. Its results are written, so
/// that the command can be measured with them too.
fn large() -> Result<matrix::Matrix, String> {
    let results = sample::results()?;
    let directory = workspace::root().join("target/pages/large");
    for (name, result) in &results {
        workspace::write(&directory.join(name), json::to_json(result).as_bytes())?;
    }
    let began = Instant::now();
    let merged = matrix::merge(reports::tool(), &results).map_err(|error| error.to_string())?;
    let merging = began.elapsed();
    let merged_at = Instant::now();
    let page = matrix_to_html(&matrix::to_json(&merged)).map_err(|error| error.to_string())?;
    let build = if cfg!(debug_assertions) { "debug" } else { "release" };
    println!(
        "{} × {} in a {build} build: merged in {} ms, a page of {} kB {} ms later",
        merged.subjects.len(),
        merged.cases.len(),
        merging.as_millis(),
        page.len() / 1000,
        merged_at.elapsed().as_millis()
    );
    Ok(merged)
}

/// A page with one more script at its end.
fn with_script(html: &str, script: &str) -> String {
    match html.rsplit_once("</body>") {
        Some((before, after)) => format!("{before}<script>{script}</script>\n</body>{after}"),
        None => html.to_owned(),
    }
}

/// What a script wrote into the document.
fn found<T: DeserializeOwned>(dom: &str) -> Option<T> {
    let (_, rest) = dom.rsplit_once("<pre id=\"found\">")?;
    let (text, _) = rest.split_once("</pre>")?;
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    serde_json::from_str(&text).ok()
}
