//! The `ssespec` command: one file a subcommand, one list of exit codes.
//!
//! ```
//! let code = ssespec::run(["ssespec", "--version"]);
//! assert_eq!(code, std::process::ExitCode::SUCCESS);
//! ```
//!
//! What it deliberately does not do: it decides nothing that a library could; it reads arguments,
//! prints, and turns results into exit codes.

#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the binary is what prints")]

mod cli;
mod decode;
mod error;
mod explain;
mod lint;
mod list;
mod live;
mod load;
mod load_args;
mod load_client;
mod load_connection_args;
mod load_workload_args;
mod mock;
mod output;
mod proxy;
mod proxy_args;
mod report;
mod scenarios;
mod server;
mod shell;
mod signal;
mod test;
mod watch;
mod workload;
mod workload_schema;

use std::ffi::OsString;
use std::process::ExitCode as ProcessExitCode;

use clap::{CommandFactory as _, Parser as _};
use ssespec_report::outcome::ExitCode;

use crate::cli::{Cli, ReportCommand, Subcommand};
use crate::error::CliError;
pub use crate::workload_schema::workload_schema;

/// The command-line definition, for completions and man pages.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Runs the command with these arguments, the program's name first.
pub fn run<A: Into<OsString> + Clone>(args: impl IntoIterator<Item = A>) -> ProcessExitCode {
    let args: Vec<OsString> = args.into_iter().map(Into::into).collect();
    let cli = match Cli::try_parse_from(&args) {
        Ok(cli) => cli,
        Err(error) => return refused(&error),
    };
    let cli = match workload::read(&args, &cli) {
        Ok(None) => cli,
        Ok(Some(args)) => match Cli::try_parse_from(args) {
            Ok(cli) => cli,
            Err(error) => return refused(&error),
        },
        Err(error) => return failed(&error),
    };
    match dispatch(cli, &args) {
        Ok(code) => code.into(),
        Err(error) => failed(&error),
    }
}

fn refused(error: &clap::Error) -> ProcessExitCode {
    // clap words and places its messages itself; a broken pipe here has no reader.
    let _ = error.print();
    if error.use_stderr() { ExitCode::Usage.into() } else { ExitCode::Ok.into() }
}

fn failed(error: &CliError) -> ProcessExitCode {
    output::error(error);
    error.exit_code().into()
}

fn dispatch(cli: Cli, given: &[OsString]) -> Result<ExitCode, CliError> {
    match cli.subcommand {
        Subcommand::Test(args) => test::run(*args),
        Subcommand::Mock(args) => mock::run(&args),
        Subcommand::Load(args) => load::run(&args, &shell::again(given)),
        Subcommand::LoadWorker => {
            load::help(ssespec_load::work(std::io::stdin(), std::io::stdout()))
        }
        Subcommand::LoadServer => {
            load::help(ssespec_load::origin::serve(std::io::stdin(), std::io::stdout()))
        }
        Subcommand::LoadNullAdapter => {
            load::help(ssespec_load::client::null_adapter(std::io::stdin(), std::io::stdout()))
        }
        Subcommand::Decode(args) => decode::run(&args),
        Subcommand::List(args) => list::run(&args),
        Subcommand::Explain(args) => explain::run(&args),
        Subcommand::Lint(args) => lint::run(&args),
        Subcommand::Report(args) => match args.command {
            ReportCommand::Render(args) => report::render(&args),
            ReportCommand::Merge(args) => report::merge(&args),
            ReportCommand::Diff(args) => report::diff(&args),
        },
        Subcommand::Completions { shell } => {
            // In memory first: the generator panics where its reader has gone.
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut command(), "ssespec", &mut script);
            output::print(&String::from_utf8_lossy(&script))?;
            Ok(ExitCode::Ok)
        }
    }
}
