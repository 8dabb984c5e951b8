//! Writes the reports of a run.

use std::fs;
use std::path::Path;

use ssespec_report::outcome::{ExitCode, FailOn};
use ssespec_report::{RunResult, html, json, junit};

use crate::cli::{CommonArgs, FormatArg, RenderArgs, ReportKind};
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
        let text = render_as(target.kind, result, fail_on);
        outcome = outcome.and(text.and_then(|text| write_file(&target.path, &text)));
    }
    if let Some(directory) = &args.traces {
        outcome = outcome.and(write_traces(result, directory));
    }
    outcome
}

fn render_as(kind: ReportKind, result: &RunResult, fail_on: FailOn) -> Result<String, CliError> {
    match kind {
        ReportKind::Json => Ok(json::to_json(result)),
        ReportKind::Junit => junit::to_junit(result, fail_on)
            .map_err(|error| CliError::Bug(format!("failed to write JUnit: {error}"))),
        ReportKind::Html => html::to_html(&json::to_json(result)).map_err(|error| {
            let source = std::error::Error::source(&error).map(ToString::to_string);
            CliError::Bug(format!("{error}: {}", source.unwrap_or_default()))
        }),
    }
}

/// `ssespec report render`: the reports of a run that is over.
pub(crate) fn render(args: &RenderArgs) -> Result<ExitCode, CliError> {
    let result = read(&args.result)?;
    for target in &args.report {
        let text = render_as(target.kind, &result, args.fail_on.into())?;
        write_file(&target.path, &text)?;
        output::say(&format!("report: {}", target.path.display()));
    }
    Ok(ExitCode::Ok)
}

/// Reads a JSON result.
fn read(path: &Path) -> Result<RunResult, CliError> {
    let shown = path.display();
    let text = fs::read_to_string(path)
        .map_err(|source| CliError::Read { path: shown.to_string(), source })?;
    json::from_json(&text).map_err(|error| {
        let error = error.to_string();
        let (message, help) = error.split_once("\nhelp: ").unwrap_or((&error, ""));
        CliError::Usage {
            message: format!("failed to read `{shown}`: {message}"),
            help: help.to_owned(),
        }
    })
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
