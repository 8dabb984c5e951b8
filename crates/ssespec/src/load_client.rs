//! `ssespec load --client`: the built-in server serves, and a client is under load.

use std::path::Path;
use std::time::Duration;

use clap::Args;
use ssespec_load::client::ProtocolCost;
use ssespec_load::{Finished, Launcher, Machine, Run, Subject, Workload};

use crate::error::CliError;
use crate::load::listen_to_signals;
use crate::load_args::time;
use crate::output;

/// What fails a run with a client beyond what fails one with a server.
pub(crate) const CLIENT_DEFAULTS: [&str; 2] = ["violations > 0", "opened < 100%"];
/// The streams of the null adapter are opened within this time.
const NULL_RAMP: Duration = Duration::from_secs(2);

#[derive(Debug, Args)]
pub(crate) struct ClientArgs {
    /// Put a client under load in place of a server: the shell command of its adapter. The built-in
    /// server serves; `--builtin=TARGET` sets what.
    #[arg(
        long,
        value_name = "CMD",
        conflicts_with_all = ["url", "headers", "method", "body", "sources", "workers"]
    )]
    pub(crate) client: Option<String>,
    /// Adapter processes that share the streams [default: 1].
    #[arg(long, value_name = "N", requires = "client",
          value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub(crate) processes: Option<u64>,
    /// How long the adapter protocol is measured by itself after the run, with an adapter that
    /// hardly does anything; 0s for not at all.
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = time)]
    pub(crate) null_adapter: Duration,
}

/// Measures what the adapter protocol costs by itself, after a run with a client, and adds it to the
/// result.
///
/// # Errors
/// When there is no runtime for signals.
pub(crate) fn with_protocol_cost(
    args: &ClientArgs,
    workload: &Workload,
    mut finished: Finished,
    program: &Path,
    launcher: &Launcher,
) -> Result<Finished, CliError> {
    let result = &mut finished.result;
    let (Some(summary), Subject::Client { target, .. }) = (&mut result.client, &workload.subject)
    else {
        return Ok(finished);
    };
    // After an interrupt nobody waits for more, and a run that broke has no sum to compare.
    let broken = result.error.is_some() || result.streams.opened == 0;
    if args.null_adapter.is_zero() || result.interrupted || broken {
        return Ok(finished);
    }
    let null = Workload {
        subject: Subject::Client {
            command: format!("exec {} load-null-adapter", quoted(program)),
            target: target.clone(),
            stalls: Vec::new(),
        },
        ramp: workload.ramp.min(NULL_RAMP),
        hold: args.null_adapter,
        storms: Vec::new(),
        reconnect: None,
        thresholds: Vec::new(),
        keep_log: false,
        ..workload.clone()
    };
    output::say("measuring the adapter protocol by itself, with a null adapter");
    let Ok(run) = Run::prepare(null, Machine::this()) else {
        return Ok(finished);
    };
    let _signals = listen_to_signals(run.interrupter())?;
    let measured = run.run(launcher, &mut |_| {}).result;
    if !measured.interrupted {
        summary.protocol = ProtocolCost::of(&measured);
    }
    Ok(finished)
}

/// A path as one word of a shell.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_one_word() {
        assert_eq!(quoted(Path::new("/a b/it's")), r"'/a b/it'\''s'");
    }
}
