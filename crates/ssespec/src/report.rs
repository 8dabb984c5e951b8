//! Writes the reports of a run.

use std::fs;
use std::path::Path;

use ssespec_report::outcome::FailOn;
use ssespec_report::{RunResult, json, junit};

use crate::cli::{ReportKind, ReportTarget};
use crate::error::CliError;

/// Finds out before the run whether the reports can be written at its end.
pub(crate) fn check(targets: &[ReportTarget]) -> Result<(), CliError> {
    for target in targets {
        let failed = |source| CliError::Write { path: target.path.clone(), source };
        if let Some(parent) = target.path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        let file = fs::OpenOptions::new().append(true).create(true).open(&target.path);
        file.map_err(failed)?;
    }
    Ok(())
}

/// Writes all reports.
pub(crate) fn write(
    result: &RunResult,
    targets: &[ReportTarget],
    fail_on: FailOn,
) -> Result<(), CliError> {
    for target in targets {
        let text = match target.kind {
            ReportKind::Json => json::to_json(result),
            ReportKind::Junit => junit::to_junit(result, fail_on)
                .map_err(|error| CliError::Bug(format!("failed to write JUnit: {error}")))?,
        };
        write_file(&target.path, &text)?;
    }
    Ok(())
}

/// Writes a file beside its place and moves it there, so that nobody reads half of it.
pub(crate) fn write_file(path: &Path, text: &str) -> Result<(), CliError> {
    let failed = |source| CliError::Write { path: path.to_owned(), source };
    let mut partial = path.as_os_str().to_owned();
    partial.push(".part");
    if path.exists() && !path.is_file() {
        // A pipe or a device, such as /dev/stderr, takes the text itself.
        return fs::write(path, text).map_err(failed);
    }
    fs::write(&partial, text).and_then(|()| fs::rename(&partial, path)).map_err(failed)
}

/// Writes the timeline of each case that has one.
pub(crate) fn write_traces(result: &RunResult, directory: &Path) -> Result<(), CliError> {
    let failed = |source| CliError::Write { path: directory.to_owned(), source };
    fs::create_dir_all(directory).map_err(failed)?;
    for case in result.cases.iter().filter(|case| case.evidence.is_some()) {
        let path = directory.join(format!("{}.json", case.id.replace('/', "_")));
        let mut text = serde_json::to_string_pretty(case)
            .map_err(|error| CliError::Bug(format!("failed to write a trace: {error}")))?;
        text.push('\n');
        write_file(&path, &text)?;
    }
    Ok(())
}
