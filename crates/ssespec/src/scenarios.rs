//! The scenarios of a command: the built-in ones, or a user's.

use std::path::Path;

use ssespec_scenario::{Catalogue, read_directory};

use crate::error::CliError;
use crate::output;

/// Loads them; all that is wrong with them is printed.
pub(crate) fn load(path: Option<&Path>) -> Result<Catalogue, CliError> {
    let Some(path) = path else {
        return Ok(Catalogue::builtin().clone());
    };
    let sources = read_directory(path).map_err(|(path, source)| CliError::Read { path, source })?;
    if sources.is_empty() {
        return Err(CliError::Usage {
            message: format!("`{}` holds no scenario files", path.display()),
            help: "scenario files end in `.toml`".to_owned(),
        });
    }
    Catalogue::from_sources(&sources).map_err(|failure| {
        output::say(failure.render(output::colour()).trim_end());
        CliError::Scenarios(failure.to_string())
    })
}

/// Reads patterns, those of an `@FILE` among them: one a line, `#` begins a comment.
pub(crate) fn patterns(given: &[String]) -> Result<Vec<String>, CliError> {
    let mut patterns = Vec::new();
    for pattern in given {
        let Some(path) = pattern.strip_prefix('@') else {
            patterns.push(pattern.clone());
            continue;
        };
        let text = std::fs::read_to_string(path)
            .map_err(|source| CliError::Read { path: path.to_owned(), source })?;
        let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
        patterns.extend(lines.filter(|line| !line.is_empty()).map(str::to_owned));
    }
    Ok(patterns)
}
