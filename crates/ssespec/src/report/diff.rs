//! `ssespec report diff`: what changed from one result to another.

use ssespec_report::diff::Diff;
use ssespec_report::outcome::ExitCode;
use ssespec_report::{console, markdown};

use super::files::deliver;
use super::github;
use super::render::read;
use crate::cli::DiffArgs;
use crate::error::CliError;
use crate::output;

pub(crate) fn diff(args: &DiffArgs) -> Result<ExitCode, CliError> {
    let (old, new) = (read(&args.old)?, read(&args.new)?);
    let diff = Diff::new(&old, &new, args.fail_on.into());
    output::say(console::diff_summary(&diff, output::style()).trim_end());
    for target in &args.report {
        deliver(target, &markdown::diff_to_markdown(&diff))?;
    }
    github::append_summary(|| markdown::diff_to_markdown(&diff));
    Ok(diff.exit_code())
}
