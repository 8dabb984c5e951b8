//! `cargo xtask reports`: the pages and tables over the committed results.

use ssespec_report::html::{
    IndexLinks, IndexLoad, IndexSection, index_to_html, load_to_html, matrix_to_html, to_html,
};
use ssespec_report::load::{Run, runs_to_markdown};
use ssespec_report::markdown::{matrix_to_markdown, plain};
use ssespec_report::matrix::{Matrix, merge, to_json};
use ssespec_report::quantity::plural;
use ssespec_report::{RunResult, Tool, picture};

use crate::generate::Generated;
use crate::{interop, load, workspace};

const DIRECTORY: &str = "reports";
/// The result of the reference client, and its page.
const REFERENCE: &str = "reports/reference/result.json";
const REFERENCE_PAGE: &str = "reference/report.html";
/// Load runs, in [`DIRECTORY`].
const LOAD: &str = "load";
/// Their tables, in [`DIRECTORY`].
const LOAD_TABLES: &str = "load/README.md";
/// The kind of implementations whose matrix is the picture.
const PICTURED: &str = "clients";
/// The picture in the README of the project.
const PICTURE: &str = "assets/matrix.svg";
/// What was tested, and where its results are.
const SECTIONS: &[(&str, &str)] =
    &[("Clients", "clients"), ("Servers", "servers"), ("Proxies", "proxies")];

const HEAD: &str = "\
# Reports

What ssespec found in real implementations. Made by `cargo xtask reports` from the JSON results
beside it; do not edit.

Open [index.html](index.html) in a browser, from a checkout: forges show the source of a page, not
the page. In the matrix each cell opens what was expected, what came, and the command to see it
again. Its tables follow. How to read them is told in [reports](../docs/reports.md), and what the
verdicts mean in [verdicts](../docs/verdicts.md). [The report on the reference
client](reference/report.html) is what a report on one client looks like; its result is written by
`ssespec test client --builtin --report json=reports/reference/result.json`.
";

/// Writes what is made from the results.
pub(crate) fn write() -> Result<(), String> {
    for file in generate()? {
        workspace::write(&workspace::root().join(&file.path), &file.contents)?;
        println!("wrote {}", file.path);
    }
    Ok(())
}

/// The matrix of each kind of implementation, the index over them, their tables and the picture.
pub(crate) fn generate() -> Result<Vec<Generated>, String> {
    let tool = tool();
    let mut matrices: Vec<(&str, &str, Matrix)> = Vec::new();
    for (title, directory) in SECTIONS {
        let results = results(&format!("{DIRECTORY}/{directory}"))?;
        if !results.is_empty() {
            let matrix = merge(tool.clone(), &results)
                .map_err(|error| format!("failed to merge {DIRECTORY}/{directory}: {error}"))?;
            matrices.push((title, directory, matrix));
        }
    }
    let mut files = Vec::new();
    let mut readme = HEAD.to_owned();
    let mut sections = Vec::new();
    for (title, directory, matrix) in &matrices {
        let page = format!("{directory}/matrix.html");
        let html = matrix_to_html(&to_json(matrix)).map_err(|error| failed(&error))?;
        files.push(file(&format!("{DIRECTORY}/{page}"), html));
        readme.push_str(&format!(
            "\n## {title}\n\n{} {}, {} cases: [the matrix]({page}), [the results]({directory}).\n\n{}",
            matrix.subjects.len(),
            plain(&plural(&matrix.role)),
            matrix.cases.len(),
            matrix_to_markdown(matrix)
        ));
        sections.push(IndexSection {
            title: (*title).to_owned(),
            page,
            results: format!("{directory}/"),
            matrix,
        });
    }
    let loads = loads(&mut files)?;
    if !loads.is_empty() {
        let runs: Vec<(String, Run)> =
            loads.iter().map(|it| (it.page.clone(), it.run.clone())).collect();
        readme.push_str(&format!(
            "\n## Load\n\n[Servers and clients in tables]({LOAD_TABLES}).\n\n{}",
            runs_to_markdown(&runs)
        ));
    }
    files.extend(load::generate()?);
    if let Some((_, _, matrix)) = matrices.iter().find(|(_, name, _)| *name == PICTURED) {
        files.push(file(PICTURE, picture::to_svg(matrix)));
    }
    let json = std::fs::read_to_string(workspace::root().join(REFERENCE))
        .map_err(|error| format!("failed to read {REFERENCE}: {error}"))?;
    let page = to_html(&json).map_err(|error| failed(&error))?;
    files.push(file(&format!("{DIRECTORY}/{REFERENCE_PAGE}"), page));
    let links = IndexLinks { reference: Some(REFERENCE_PAGE), load_tables: Some(LOAD_TABLES) };
    files.push(file(
        &format!("{DIRECTORY}/index.html"),
        index_to_html(&tool, &sections, &loads, links).map_err(|error| failed(&error))?,
    ));
    files.push(file(&format!("{DIRECTORY}/README.md"), readme));
    Ok(files)
}

/// The load runs, each with its page.
fn loads(files: &mut Vec<Generated>) -> Result<Vec<IndexLoad>, String> {
    let mut loads = Vec::new();
    for path in workspace::files(&workspace::root().join(DIRECTORY).join(LOAD))? {
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let refused = |error: &dyn std::fmt::Display| format!("failed to read `{name}`: {error}");
        let json = std::fs::read_to_string(&path).map_err(|error| refused(&error))?;
        let run = Run::read(&name, &json).map_err(|error| refused(&error))?;
        let page = format!("{LOAD}/{}.html", name.trim_end_matches(".json"));
        let html = load_to_html(&json).map_err(|error| failed(&error))?;
        files.push(file(&format!("{DIRECTORY}/{page}"), html));
        loads.push(IndexLoad { page, result: format!("{LOAD}/{name}"), run });
    }
    Ok(loads)
}

/// The results of a directory, with the names of their files.
pub(crate) fn results(directory: &str) -> Result<Vec<(String, RunResult)>, String> {
    let mut results = Vec::new();
    for path in workspace::files(&workspace::root().join(directory))? {
        if path.extension().is_some_and(|extension| extension == "json") {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            results.push((name, interop::read(&path)?));
        }
    }
    Ok(results)
}

/// Who merges.
pub(crate) fn tool() -> Tool {
    Tool { name: "ssespec".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
}

fn file(path: &str, text: String) -> Generated {
    Generated { path: path.to_owned(), contents: text.into_bytes() }
}

fn failed(error: &ssespec_report::html::HtmlError) -> String {
    let source = std::error::Error::source(error).map(ToString::to_string);
    format!("{error}: {}", source.unwrap_or_default())
}
