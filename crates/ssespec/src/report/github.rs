//! What GitHub Actions asks for by its environment.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use ssespec_report::outcome::FailOn;
use ssespec_report::{RunResult, annotation, markdown};

use crate::cli::{CommonArgs, FormatArg};
use crate::output;

/// Appends the summary of a run to the page of the CI step, and annotates what failed.
///
/// Annotations are lines on stdout, as the runner documents it; where stdout is for a machine there
/// are none.
pub(crate) fn tell_github(result: &RunResult, args: &CommonArgs, fail_on: FailOn) {
    append_summary(|| markdown::run_to_markdown(result, fail_on));
    let is_github = std::env::var_os("GITHUB_ACTIONS").is_some_and(|it| it == "true");
    if is_github && !is_machine_output(args) {
        // That nobody reads stdout changes no result.
        let _ = output::print(&annotation::github_annotations(result, fail_on));
    }
}

/// Appends text to the file that `GITHUB_STEP_SUMMARY` names, if it names one.
///
/// Nobody asked for it on the command line, so that it could not be written is said and fails
/// nothing.
pub(super) fn append_summary(text: impl FnOnce() -> String) {
    let Some(path) = variable("GITHUB_STEP_SUMMARY") else {
        return;
    };
    let file = OpenOptions::new().append(true).create(true).open(&path);
    // A blank line parts it from what other commands of the step have written.
    let written = file.and_then(|mut file| file.write_all(format!("\n{}\n", text()).as_bytes()));
    if let Err(error) = written {
        let path = Path::new(&path).display();
        output::say(&format!("warning: failed to append to `{path}`: {error}"));
    }
}

fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

fn is_machine_output(args: &CommonArgs) -> bool {
    let stdout = ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].map(Path::new);
    args.format == FormatArg::Json
        || args.report.iter().any(|target| stdout.contains(&target.path.as_path()))
}
