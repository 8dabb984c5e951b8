//! `ssespec report render`: the reports of a run that is over.

use std::path::Path;

use ssespec_report::json::ReadError;
use ssespec_report::load::is_load;
use ssespec_report::matrix::Matrix;
use ssespec_report::outcome::{ExitCode, FailOn};
use ssespec_report::{RunResult, badge, html, json, junit, markdown, matrix};

use super::files::deliver;
use super::load;
use crate::cli::{BadgeForm, RenderArgs, ReportKind, ReportTarget, badge_form};
use crate::error::CliError;

pub(crate) fn render(args: &RenderArgs) -> Result<ExitCode, CliError> {
    let text = read_text(&args.result)?;
    if is_load(&text) {
        load::render(&args.result, &text, &args.report)?;
        return Ok(ExitCode::Ok);
    }
    match json::from_json(&text) {
        Ok(result) => {
            for target in &args.report {
                deliver(target, &render_as(target, &result, args.fail_on.into())?)?;
            }
        }
        Err(other @ ReadError::OtherKind { .. }) => {
            let matrix = matrix::from_json(&text).map_err(|error| match error {
                // It is neither.
                ReadError::OtherKind { .. } => refused(&args.result, &other),
                error => refused(&args.result, &error),
            })?;
            for target in &args.report {
                deliver(target, &render_matrix_as(target.kind, &matrix)?)?;
            }
        }
        Err(error) => return Err(refused(&args.result, &error)),
    }
    Ok(ExitCode::Ok)
}

/// The text of one report of a run.
pub(super) fn render_as(
    target: &ReportTarget,
    result: &RunResult,
    fail_on: FailOn,
) -> Result<String, CliError> {
    match target.kind {
        ReportKind::Json => Ok(json::to_json(result)),
        ReportKind::Junit => junit::to_junit(result, fail_on)
            .map_err(|error| CliError::Bug(format!("failed to write JUnit: {error}"))),
        ReportKind::Html => html::to_html(&json::to_json(result)).map_err(|error| bug(&error)),
        ReportKind::Markdown => Ok(markdown::run_to_markdown(result, fail_on)),
        ReportKind::Badge => Ok(match badge_form(&target.path) {
            Some(BadgeForm::Shields) => badge::to_shields(result, fail_on),
            Some(BadgeForm::Svg) | None => badge::to_svg(result, fail_on),
        }),
    }
}

/// The text of one report of a matrix.
pub(super) fn render_matrix_as(kind: ReportKind, matrix: &Matrix) -> Result<String, CliError> {
    match kind {
        ReportKind::Json => Ok(matrix::to_json(matrix)),
        ReportKind::Markdown => Ok(markdown::matrix_to_markdown(matrix)),
        ReportKind::Html => {
            html::matrix_to_html(&matrix::to_json(matrix)).map_err(|error| bug(&error))
        }
        ReportKind::Junit | ReportKind::Badge => Err(CliError::Usage {
            message: "a matrix is over many runs, JUnit and badges are of one".to_owned(),
            help: "render the result of one run, or ask for `html`, `markdown` or `json`"
                .to_owned(),
        }),
    }
}

/// Reads a JSON result.
pub(super) fn read(path: &Path) -> Result<RunResult, CliError> {
    json::from_json(&read_text(path)?).map_err(|error| refused(path, &error))
}

pub(super) fn read_text(path: &Path) -> Result<String, CliError> {
    let shown = path.display();
    let bytes =
        std::fs::read(path).map_err(|source| CliError::Read { path: shown.to_string(), source })?;
    String::from_utf8(bytes).map_err(|error| CliError::Usage {
        message: format!(
            "failed to read `{shown}`: byte {} is not UTF-8, so it is not JSON",
            error.utf8_error().valid_up_to()
        ),
        help: "give a file that `--report json=PATH` wrote".to_owned(),
    })
}

/// Why a file is not taken, with the mend.
pub(super) fn refused(path: &Path, error: &ReadError) -> CliError {
    let error = error.to_string();
    let (message, help) = error.split_once("\nhelp: ").unwrap_or((&error, ""));
    CliError::Usage {
        message: format!("failed to read `{}`: {message}", path.display()),
        help: help.to_owned(),
    }
}

pub(super) fn bug(error: &html::HtmlError) -> CliError {
    let source = std::error::Error::source(error).map(ToString::to_string);
    CliError::Bug(format!("{error}: {}", source.unwrap_or_default()))
}
