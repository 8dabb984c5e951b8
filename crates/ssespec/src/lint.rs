//! `ssespec lint`: checks scenario files.

use ssespec_report::outcome::ExitCode;
use ssespec_scenario::{Catalogue, Severity, read_directory, render};

use crate::cli::LintArgs;
use crate::error::CliError;
use crate::output;

pub(crate) fn run(args: &LintArgs) -> Result<ExitCode, CliError> {
    let mut sources = Vec::new();
    for path in &args.paths {
        let mut found =
            read_directory(path).map_err(|(path, source)| CliError::Read { path, source })?;
        sources.append(&mut found);
    }
    if sources.is_empty() {
        return Err(CliError::Usage {
            message: "there are no scenario files".to_owned(),
            help: "scenario files end in `.toml`".to_owned(),
        });
    }
    let (catalogue, diagnostics) = Catalogue::check(&sources);
    let source = |name: &str| {
        sources.iter().find(|source| source.name == name).map(|source| source.text.as_str())
    };
    if !diagnostics.is_empty() {
        output::say(&format!("{}\n", render(&diagnostics, source, output::colour()).trim_end()));
    }
    let errors =
        diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    let warnings = diagnostics.len() - errors;
    output::say(&format!(
        "{} in {}: {}, {}",
        count(catalogue.cases().len(), "case"),
        count(sources.len(), "file"),
        count(errors, "error"),
        count(warnings, "warning")
    ));
    Ok(if errors == 0 { ExitCode::Ok } else { ExitCode::Usage })
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
