//! `ssespec report merge`: one matrix of many results, or one page of several load runs.

use ssespec_report::load::is_load;
use ssespec_report::outcome::ExitCode;
use ssespec_report::{Tool, matrix};

use super::files::deliver;
use super::load;
use super::render::{read, read_text, render_matrix_as};
use crate::cli::MergeArgs;
use crate::error::CliError;
use crate::output;

pub(crate) fn merge(args: &MergeArgs) -> Result<ExitCode, CliError> {
    if let Some(first) = args.results.first().filter(|it| it.is_file())
        && is_load(&read_text(first)?)
    {
        return load::compare(&args.results, &args.report);
    }
    let mut results = Vec::new();
    for path in &args.results {
        // The name alone: where it lies is of no use to readers elsewhere.
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        results.push((name.into_owned(), read(path)?));
    }
    let tool = Tool { name: "ssespec".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() };
    let matrix = matrix::merge(tool, &results).map_err(|error| CliError::Usage {
        message: error.to_string(),
        help: "merge the results of clients, of servers and of proxies apart".to_owned(),
    })?;
    for target in &args.report {
        deliver(target, &render_matrix_as(target.kind, &matrix)?)?;
    }
    let count = |number: usize, noun: &str| match number {
        1 => format!("1 {noun}"),
        number => format!("{number} {noun}s"),
    };
    output::say(&format!(
        "merged {}, {}",
        count(matrix.subjects.len(), &matrix.role),
        count(matrix.cases.len(), "case")
    ));
    Ok(ExitCode::Ok)
}
