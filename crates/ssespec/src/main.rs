//! The `ssespec` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    ssespec::run(std::env::args_os())
}
