//! An answer that comes token by token: time to the first, times between, and whether it was good.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::latency::Metric;
use crate::reading::Reading;
use crate::slo::{Answer, Slo};
use crate::tally::Tally;

/// Times between tokens that are kept of one answer; of a longer one the first count.
const KEPT_ITLS: usize = 1 << 16;

/// What became of answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TalkCounts {
    /// Events that were tokens.
    pub tokens: u64,
    /// Answers that came to their end.
    pub completed: u64,
    /// Those of them that kept to the service level objective.
    pub good: u64,
}

impl TalkCounts {
    pub(crate) fn merge(&mut self, other: &Self) {
        self.tokens += other.tokens;
        self.completed += other.completed;
        self.good += other.good;
    }
}

/// An answer under way.
#[derive(Debug, Default)]
pub(crate) struct Talk {
    /// When the first token came, and the last; 0 before.
    first_ns: u64,
    last_ns: u64,
    itls_us: Vec<u32>,
}

/// From when an answer counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Since {
    pub(crate) started_ns: u64,
    pub(crate) intended_ns: u64,
}

impl Talk {
    /// A token has come.
    pub(crate) fn token(&mut self, now: u64, since: Since, reading: &Reading, tally: &mut Tally) {
        tally.talk.tokens += 1;
        let latencies = &mut tally.latencies;
        if self.first_ns == 0 {
            self.first_ns = now;
            latencies.record_ns(Metric::Ttft, now.saturating_sub(since.started_ns));
            latencies.record_ns(Metric::TtftCorrected, now.saturating_sub(since.intended_ns));
        } else {
            let itl_ns = now.saturating_sub(self.last_ns);
            latencies.record_ns(Metric::Itl, itl_ns);
            let kept = reading.slo.as_ref().is_some_and(Slo::needs_itls);
            if kept && self.itls_us.len() < KEPT_ITLS {
                self.itls_us.push(u32::try_from((itl_ns + 500) / 1000).unwrap_or(u32::MAX));
            }
        }
        self.last_ns = now;
    }

    /// The answer is whole.
    pub(crate) fn complete(
        &mut self,
        now: u64,
        since: Since,
        reading: &Reading,
        tally: &mut Tally,
    ) {
        tally.talk.completed += 1;
        let latencies = &mut tally.latencies;
        latencies.record_ns(Metric::Duration, now.saturating_sub(since.started_ns));
        let after_us = |ns: u64| ns.saturating_sub(since.intended_ns) as f64 / 1000.0;
        latencies.record_ns(Metric::DurationCorrected, now.saturating_sub(since.intended_ns));
        self.itls_us.sort_unstable();
        let answer = Answer {
            first: (self.first_ns != 0).then(|| after_us(self.first_ns)),
            whole: after_us(now),
            between: &self.itls_us,
        };
        if reading.slo.as_ref().is_some_and(|slo| slo.is_kept(&answer)) {
            tally.talk.good += 1;
        }
    }
}
