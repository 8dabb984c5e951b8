//! Writes the reports of a run, and files whole or not at all.

use std::fs;
use std::path::Path;

use ssespec_report::outcome::FailOn;
use ssespec_report::{RunResult, json};

use super::render::render_as;
use crate::cli::{CommonArgs, FormatArg, ReportTarget};
use crate::error::CliError;
use crate::output;

/// Finds out before the run whether all that it is to write can be written at its end.
pub(crate) fn check(args: &CommonArgs) -> Result<(), CliError> {
    for path in args.report.iter().map(|target| &target.path).chain(&args.write_known) {
        check_path(path)?;
    }
    if let Some(directory) = &args.traces {
        fs::create_dir_all(directory)
            .map_err(|source| CliError::Write { path: directory.clone(), source })?;
    }
    Ok(())
}

/// Finds out whether a file can be written.
pub(crate) fn check_path(path: &Path) -> Result<(), CliError> {
    let failed = |source| CliError::Write { path: path.to_owned(), source };
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    // What stands there is left as it is; a pipe is not even opened, as its reader would see
    // the end of it.
    if path.is_file() || path.is_dir() || !path.exists() {
        let file = fs::OpenOptions::new().append(true).create(true).open(path);
        file.map_err(failed)?;
    }
    Ok(())
}

/// Writes all reports, as many as can be written; the first error is returned.
pub(crate) fn write(
    result: &RunResult,
    args: &CommonArgs,
    fail_on: FailOn,
) -> Result<(), CliError> {
    let mut outcome = Ok(());
    if args.format == FormatArg::Json {
        outcome = outcome.and(output::print(&json::to_json(result)));
    }
    for target in &args.report {
        let text = render_as(target, result, fail_on);
        outcome = outcome.and(text.and_then(|text| write_file(&target.path, &text)));
    }
    if let Some(directory) = &args.traces {
        outcome = outcome.and(write_traces(result, directory));
    }
    outcome
}

/// Writes a report that is asked for once a run is over, and says where.
pub(super) fn deliver(target: &ReportTarget, text: &str) -> Result<(), CliError> {
    if let Some(parent) = target.path.parent().filter(|it| !it.as_os_str().is_empty()) {
        fs::create_dir_all(parent)
            .map_err(|source| CliError::Write { path: target.path.clone(), source })?;
    }
    write_file(&target.path, text)?;
    output::say(&format!("report: {}", target.path.display()));
    Ok(())
}

/// Writes a file beside its place and moves it there, so that nobody reads half of it.
pub(crate) fn write_file(path: &Path, text: &str) -> Result<(), CliError> {
    let failed = |source| CliError::Write { path: path.to_owned(), source };
    let mut partial = path.as_os_str().to_owned();
    partial.push(".part");
    let is_plain = path.symlink_metadata().map_or(true, |found| found.is_file());
    if is_plain && fs::write(&partial, text).and_then(|()| fs::rename(&partial, path)).is_ok() {
        return Ok(());
    }
    // A link, a pipe or a device, such as /dev/stderr; or a directory that takes no new files.
    fs::write(path, text).map_err(failed)
}

/// Writes the timeline of each case that has one.
fn write_traces(result: &RunResult, directory: &Path) -> Result<(), CliError> {
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
