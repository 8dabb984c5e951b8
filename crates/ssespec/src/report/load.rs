//! Reports of load runs: of one, and of several side by side.

use std::path::Path;

use ssespec_load::LoadResult;
use ssespec_load::summary::to_markdown;
use ssespec_report::load::{COMPARED, Run, comparison_to_markdown};
use ssespec_report::outcome::ExitCode;
use ssespec_report::{Tool, html};

use super::files::deliver;
use super::render::{bug, read_text, refused};
use crate::cli::{ReportKind, ReportTarget};
use crate::error::CliError;
use crate::output;

/// The page of a load run, from its JSON.
pub(crate) fn page(json: &str) -> Result<String, CliError> {
    html::load_to_html(json).map_err(|error| bug(&error))
}

/// Renders a load run that is over. `json` is what stands in the file.
pub(super) fn render(path: &Path, json: &str, targets: &[ReportTarget]) -> Result<(), CliError> {
    // Here first, as it refuses with the name of the file.
    Run::read("", json).map_err(|error| refused(path, &error))?;
    for target in targets {
        let text = match target.kind {
            ReportKind::Json => json.to_owned(),
            ReportKind::Html => page(json)?,
            ReportKind::Markdown => {
                let result: LoadResult = serde_json::from_str(json).map_err(|error| {
                    let message = format!("failed to read `{}`: {error}", path.display());
                    let help = "the file was edited, or another version wrote it; render `html`, \
                                which takes more";
                    CliError::Usage { message, help: help.to_owned() }
                })?;
                to_markdown(&result)
            }
            ReportKind::Junit | ReportKind::Badge => {
                return Err(unfit("of a load run there is no JUnit and no badge"));
            }
        };
        deliver(target, &text)?;
    }
    Ok(())
}

/// Puts load runs side by side.
pub(super) fn compare<P: AsRef<Path>>(
    paths: &[P],
    targets: &[ReportTarget],
) -> Result<ExitCode, CliError> {
    if paths.len() > COMPARED {
        return Err(CliError::Usage {
            message: format!("{} load runs are too many for one chart", paths.len()),
            help: format!("compare at most {COMPARED}"),
        });
    }
    let mut runs = Vec::new();
    for path in paths.iter().map(AsRef::as_ref) {
        // The name alone: where it lies is of no use to readers elsewhere.
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        let run = Run::read(&name, &read_text(path)?).map_err(|error| refused(path, &error))?;
        runs.push(run);
    }
    let tool = Tool { name: "ssespec".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() };
    for target in targets {
        let text = match target.kind {
            ReportKind::Html => html::loads_to_html(&tool, &runs).map_err(|error| bug(&error))?,
            ReportKind::Markdown => comparison_to_markdown(&runs),
            ReportKind::Json | ReportKind::Junit | ReportKind::Badge => {
                return Err(unfit("a comparison of load runs is a page"));
            }
        };
        deliver(target, &text)?;
    }
    output::say(&format!(
        "compared {} load run{}",
        runs.len(),
        if runs.len() == 1 { "" } else { "s" }
    ));
    Ok(ExitCode::Ok)
}

fn unfit(message: &str) -> CliError {
    let help = "ask for `html` or `markdown`".to_owned();
    CliError::Usage { message: message.to_owned(), help }
}
