//! What can go wrong before there is a result, by exit code.

use std::io;
use std::path::PathBuf;

use ssespec_parser::ParseError;
use ssespec_report::RunError;
use ssespec_report::outcome::ExitCode;

/// An error of the command itself. What goes wrong with a subject is in the result instead.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// Something on the command line cannot be used.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// How to mend it.
        help: String,
    },
    /// Scenario files were refused; the diagnostics have been printed.
    #[error("{0}")]
    Scenarios(String),
    /// A file could not be read.
    #[error("failed to read `{path}`: {source}")]
    Read {
        /// The file.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// A file could not be written.
    #[error("failed to write `{}`: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The mock could not start.
    #[error(transparent)]
    Mock(#[from] ssespec_mock::MockError),
    /// The stream that `decode` reads goes beyond the limits.
    #[error("{}", beyond_limits(.0))]
    Decode(#[from] ParseError),
    /// A bug of ours.
    #[error("{0}")]
    Bug(String),
}

impl CliError {
    /// The exit code it maps to.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage { .. } | Self::Scenarios(_) | Self::Read { .. } | Self::Write { .. } => {
                ExitCode::Usage
            }
            Self::Mock(_) => ExitCode::Subject,
            Self::Decode(_) => ExitCode::Failed,
            Self::Bug(_) => ExitCode::Bug,
        }
    }

    /// The same, as the result of a run that could not begin tells it.
    pub(crate) fn in_run(&self) -> RunError {
        let kind = match self {
            Self::Usage { .. } | Self::Read { .. } => "usage",
            Self::Scenarios(_) => "scenario",
            Self::Write { .. } => "report",
            Self::Mock(_) | Self::Decode(_) => "subject",
            Self::Bug(_) => "bug",
        };
        RunError { kind: kind.to_owned(), message: self.to_string(), help: self.help() }
    }

    /// How to mend it.
    pub(crate) fn help(&self) -> String {
        match self {
            Self::Usage { help, .. } => help.clone(),
            Self::Scenarios(_) => "docs/scenarios.md tells how scenarios are written".to_owned(),
            Self::Read { .. } => "check the path and its permissions".to_owned(),
            Self::Write { .. } => {
                "create the directory, or give a path that can be written".to_owned()
            }
            Self::Mock(_) => {
                "give another address with `--listen`, or port 0 for a free one".to_owned()
            }
            Self::Decode(_) => {
                "is it an event stream? its lines end, and blank lines end its events".to_owned()
            }
            Self::Bug(_) => "this is a bug of ssespec; please report it".to_owned(),
        }
    }
}

/// The parser's own words advise to raise a limit, which the command line cannot do.
fn beyond_limits(error: &ParseError) -> String {
    match error {
        ParseError::LineTooLong { limit_bytes, offset } => {
            format!("the line at byte {offset} is longer than {limit_bytes} bytes")
        }
        ParseError::EventTooLong { limit_bytes, offset } => {
            format!("at byte {offset} the data of one event grows past {limit_bytes} bytes")
        }
        other => other.to_string(),
    }
}
