//! What makes a measurement doubtful: what was seen, why it matters, which option to try.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::latency::Metric;
use crate::result::Measured;
use crate::threshold::{Microseconds, Threshold};

/// Something that makes a measurement doubtful.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Hazard {
    /// A worker died; what it had not told is missing.
    WorkerLost {
        /// Its number.
        worker: u64,
        /// What is known of its end.
        how: String,
    },
    /// The built-in server died.
    ServerLost {
        /// Its number.
        server: u64,
        /// What is known of its end.
        how: String,
    },
    /// A client under load died, or broke the adapter protocol.
    ClientLost {
        /// The number of its process.
        process: u64,
        /// What is known of its end.
        how: String,
    },
    /// The generator came late to its own work.
    GeneratorLate {
        /// How late at most, for 99 of 100 ticks.
        p99_us: u64,
        /// How late at most.
        max_us: u64,
        /// What is allowed.
        limit_us: u64,
    },
    /// Streams were started later than planned.
    StartsLate {
        /// How late at most, for 99 of 100 streams.
        p99_us: u64,
        /// What is allowed.
        limit_us: u64,
    },
    /// The workers used nearly all the processor time that they can.
    GeneratorBusy {
        /// Of a processor each, in percent.
        percent: u64,
    },
    /// A quantile rests on hardly any values.
    FewValues {
        /// Of which threshold.
        threshold: String,
        /// Values there are.
        values: u64,
        /// Values that it takes.
        needed: u64,
    },
    /// Streams ended before the run did, so that fewer were held than was asked for.
    NotHeld {
        /// Streams that were open at the end.
        open: u64,
        /// Streams that were to be.
        wanted: u64,
    },
    /// Streams opened, and no event came on them.
    Silent {
        /// How many.
        streams: u64,
    },
    /// Ids are numbers, but no sequence.
    NoSequence,
    /// Attempts were under way when the run ended.
    Unfinished {
        /// How many.
        streams: u64,
    },
    /// Streams arrived for which there was no room.
    NoRoom {
        /// How many.
        streams: u64,
    },
    /// The user ended the run before its time, and kept the result.
    EndedEarly,
    /// No port was left, or no descriptor.
    OutOfPorts {
        /// Attempts that failed for it.
        attempts: u64,
    },
}

impl Hazard {
    /// Whether the result is not to be trusted.
    pub fn is_fatal(&self) -> bool {
        matches!(
            self,
            Self::WorkerLost { .. }
                | Self::ServerLost { .. }
                | Self::ClientLost { .. }
                | Self::GeneratorLate { .. }
                | Self::StartsLate { .. }
                | Self::NoRoom { .. }
                | Self::OutOfPorts { .. }
        )
    }

    /// What was seen.
    pub fn seen(&self) -> String {
        match self {
            Self::WorkerLost { worker, how } => format!("worker {worker} ended early: {how}"),
            Self::ServerLost { server, how } => {
                format!("server {server} of the built-in ones ended early: {how}")
            }
            Self::ClientLost { process, how } => {
                format!("the adapter of process {process} is lost: {how}")
            }
            Self::GeneratorLate { p99_us, max_us, limit_us } => format!(
                "the generator came up to {} late (p99 {}, allowed {})",
                time(*max_us),
                time(*p99_us),
                time(*limit_us)
            ),
            Self::StartsLate { p99_us, limit_us } => format!(
                "streams were started {} late (p99, allowed {})",
                time(*p99_us),
                time(*limit_us)
            ),
            Self::GeneratorBusy { percent } => {
                format!("the workers used {percent} % of a processor each")
            }
            Self::FewValues { threshold, values, needed } => {
                format!("`{threshold}` rests on {values} values, and takes {needed}")
            }
            Self::NotHeld { open, wanted } => {
                format!("{open} streams were open at the end, {wanted} were wanted")
            }
            Self::Silent { streams } => format!("no event came on {streams} of the open streams"),
            Self::EndedEarly => "the run was ended before its time".into(),
            Self::NoSequence => "ids are numbers, but most of them do not follow each other".into(),
            Self::Unfinished { streams } => {
                format!("{streams} streams had not come about when the run ended")
            }
            Self::NoRoom { streams } => {
                format!("{streams} streams were not started, because too many were open")
            }
            Self::OutOfPorts { attempts } => {
                format!("{attempts} streams found no port or no descriptor")
            }
        }
    }

    /// Why it matters.
    pub fn why(&self) -> &'static str {
        match self {
            Self::WorkerLost { .. } => "what it had not reported is missing from every number",
            Self::ClientLost { .. } => "it held its streams no longer; what it reported is kept",
            Self::ServerLost { .. } => "its streams broke for that reason alone",
            Self::GeneratorLate { .. } => {
                "every latency holds this delay, and the server is not to blame for it"
            }
            Self::StartsLate { .. } => {
                "corrected latencies count from the plan, so they hold this delay"
            }
            Self::GeneratorBusy { .. } => {
                "a little more load, and the generator is what is measured"
            }
            Self::FewValues { .. } => "one value more or less would change it",
            Self::NotHeld { .. } => "the load was less than was asked for",
            Self::Silent { .. } => "they have no latency, so they are in no percentile",
            Self::EndedEarly => "it rests on less than was asked for",
            Self::NoSequence => "what is called lost may never have been",
            Self::Unfinished { .. } => "how long they take is in no percentile",
            Self::NoRoom { .. } => "how long they would have waited is in no percentile",
            Self::OutOfPorts { .. } => "this machine was the limit, not the server",
        }
    }

    /// What to try.
    pub fn help(&self) -> &'static str {
        match self {
            Self::WorkerLost { .. } | Self::ServerLost { .. } => {
                "look into the system's log for what ended it, such as a lack of memory"
            }
            Self::ClientLost { .. } => {
                "mend the adapter, or find with fewer streams how much the client bears"
            }
            Self::GeneratorLate { .. } => {
                "use fewer streams, more processors, or a machine of its own; `--loop-lag-limit` \
                 sets what is allowed"
            }
            Self::StartsLate { .. } => "use a longer `--ramp`, or more `--workers`",
            Self::GeneratorBusy { .. } => "use more `--workers`, on a machine with more processors",
            Self::FewValues { .. } => "use a longer `--duration`, or more streams",
            Self::NotHeld { .. } => "see the causes above, or the server's log",
            Self::EndedEarly => "let it run to its end",
            Self::NoSequence => "use `--ids opaque`",
            Self::Silent { .. } | Self::Unfinished { .. } => "use a longer `--duration`",
            Self::NoRoom { .. } => "use a greater `-c`, a lower rate, or shorter lifetimes",
            Self::OutOfPorts { .. } => "use `--source` for more addresses, or fewer streams",
        }
    }

    /// All that a run gives reason for.
    pub(crate) fn of(measured: &Measured<'_>) -> Vec<Self> {
        let mut hazards = measured.lost.to_vec();
        let tally = measured.tally;
        let limit_us = measured.loop_lag_limit_us;
        let late = tally.latencies.of(Metric::LoopLag);
        if let (Some(p99_us), Some(max_us)) = (late.quantile_us(0.99), late.max_us())
            && (p99_us > limit_us || max_us > limit_us.saturating_mul(10))
        {
            hazards.push(Self::GeneratorLate { p99_us, max_us, limit_us });
        }
        let starts = tally.latencies.of(Metric::StartLag);
        if let Some(p99_us) = starts.quantile_us(0.99).filter(|us| *us > limit_us) {
            hazards.push(Self::StartsLate { p99_us, limit_us });
        }
        let attempts = ["connect.no-port", "connect.no-descriptor"]
            .into_iter()
            .filter_map(|cause| tally.errors.0.get(cause))
            .map(|occurrence| occurrence.count)
            .sum();
        if attempts > 0 {
            hazards.push(Self::OutOfPorts { attempts });
        }
        let percent = tally.health.cpu_us * 100 / tally.health.wall_us.max(1);
        if percent >= 90 {
            hazards.push(Self::GeneratorBusy { percent });
        }
        hazards.extend(measured.thresholds.iter().filter_map(|threshold| few(threshold, measured)));
        if measured.finished_early && !measured.interrupted {
            hazards.push(Self::EndedEarly);
        }
        let streams = &tally.streams;
        if !measured.interrupted {
            if measured.open < measured.wanted {
                hazards.push(Self::NotHeld { open: measured.open, wanted: measured.wanted });
            }
            if streams.unfinished > 0 {
                hazards.push(Self::Unfinished { streams: streams.unfinished });
            }
        }
        if streams.skipped > 0 {
            hazards.push(Self::NoRoom { streams: streams.skipped });
        }
        if streams.with_events > 0 && streams.opened > streams.with_events {
            hazards.push(Self::Silent { streams: streams.opened - streams.with_events });
        }
        if tally.delivery.lost > tally.delivery.numbered.max(100) {
            hazards.push(Self::NoSequence);
        }
        hazards
    }
}

/// Whether a quantile rests on fewer than ten values beyond it.
fn few(threshold: &Threshold, measured: &Measured<'_>) -> Option<Hazard> {
    let (metric, quantile) = threshold.quantile()?;
    let values = measured.tally.latencies.of(metric).count();
    let beyond = (values as f64 * (1.0 - quantile)).round();
    (values > 0 && beyond < 10.0).then(|| Hazard::FewValues {
        threshold: threshold.text().to_owned(),
        values,
        needed: needed(quantile),
    })
}

/// How many values it takes for ten to lie beyond a quantile.
fn needed(quantile: f64) -> u64 {
    let mut values = 10;
    while (values as f64 * (1.0 - quantile)).round() < 10.0 && values < 1 << 40 {
        values *= 10;
    }
    values
}

fn time(us: u64) -> Microseconds {
    Microseconds(us as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_takes_ten_values_beyond_it() {
        assert_eq!(needed(0.5), 100);
        assert_eq!(needed(0.99), 1000);
        assert_eq!(needed(0.999), 10_000);
    }
}
