//! Those who watch a load run: a live view or lines of progress for people, metrics for machines.

use ssespec_load::metrics::Exporter;
use ssespec_load::summary::{microseconds, thousands};
use ssespec_load::{Interrupter, Progress, Workload};

use crate::error::CliError;
use crate::live::Live;
use crate::load_args::LoadArgs;
use crate::output;

/// Progress lines of one run, at most.
const PROGRESS_LINES: u64 = 30;

/// All who watch one run.
pub(crate) struct Watch {
    exporter: Option<Exporter>,
    live: Option<Live>,
    /// Seconds from line to line.
    every_s: u64,
    was_full: bool,
}

impl Watch {
    /// Begins to watch.
    ///
    /// # Errors
    /// When nothing can listen where the metrics are to be served.
    pub(crate) fn start(
        args: &LoadArgs,
        workload: &Workload,
        interrupter: Interrupter,
    ) -> Result<Self, CliError> {
        let exporter = args.metrics.map(|address| {
            Exporter::bind(address).map_err(|error| CliError::Usage {
                message: format!("failed to serve metrics at `{address}`: {error}"),
                help: "give another address with `--metrics`, or port 0 for a free one".to_owned(),
            })
        });
        let exporter = exporter.transpose()?;
        if let Some(exporter) = &exporter {
            output::say(&format!("metrics: http://{}/metrics", exporter.address()));
        }
        let total = workload.ramp + workload.hold;
        let wants_live = !args.no_live && output::is_terminal();
        Ok(Self {
            exporter,
            // Where there is no such terminal, lines do.
            live: wants_live.then(|| Live::start(workload, interrupter).ok()).flatten(),
            every_s: (total.as_secs() / PROGRESS_LINES).max(1),
            was_full: false,
        })
    }

    /// Shows how it is going.
    pub(crate) fn see(&mut self, progress: &Progress<'_>) {
        if let Some(exporter) = &self.exporter {
            exporter.publish(progress);
        }
        if let Some(live) = &self.live {
            return live.see(progress);
        }
        let is_full = progress.open >= progress.wanted;
        let is_due = progress.elapsed.as_secs().is_multiple_of(self.every_s);
        if is_due || (is_full && !self.was_full) {
            output::say(&line(progress));
        }
        self.was_full |= is_full;
    }
}

fn line(progress: &Progress<'_>) -> String {
    let mut line = format!(
        "{:>4} s  {} of {} streams open  {} events/s",
        progress.elapsed.as_secs(),
        thousands(progress.open),
        thousands(progress.wanted),
        thousands(progress.events)
    );
    for (name, us) in [("ttfe p99", progress.ttfe_p99_us), ("lag p99", progress.lag_p99_us)] {
        if let Some(us) = us {
            line.push_str(&format!("  {name} {}", microseconds(us)));
        }
    }
    if progress.failed > 0 {
        line.push_str(&format!("  {} failed", thousands(progress.failed)));
    }
    line
}
