//! Thresholds: `ttfe.p99 > 200ms`, `lost > 0`, `errors > 1%`.

use std::str::FromStr;

use crate::arrivals;
use crate::duration;
use crate::latency::Metric;
use crate::tally::Tally;
pub(crate) use ssespec_report::quantity::Microseconds;

/// A condition under which a run has failed.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    text: String,
    what: What,
    comparison: Comparison,
    limit: f64,
    share: bool,
}

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq)]
enum What {
    Time(Metric, Statistic),
    Counter(Counter),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Statistic {
    Quantile(f64),
    Min,
    Mean,
    Max,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counter {
    Errors,
    Ended,
    Opened,
    Events,
    Lost,
    Duplicated,
    Reordered,
    Violations,
    Skipped,
    Tokens,
    Completed,
    Good,
    PayloadFaults,
    Published,
    PublishErrors,
    Replayed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// What a run came to by one threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// What was measured, for people.
    pub measured: String,
    /// Whether the run has failed by it.
    pub breached: bool,
}

const COUNTERS: [(&str, Counter); 16] = [
    ("errors", Counter::Errors),
    ("ended", Counter::Ended),
    ("opened", Counter::Opened),
    ("events", Counter::Events),
    ("lost", Counter::Lost),
    ("duplicated", Counter::Duplicated),
    ("reordered", Counter::Reordered),
    ("violations", Counter::Violations),
    ("skipped", Counter::Skipped),
    ("tokens", Counter::Tokens),
    ("completed", Counter::Completed),
    ("good", Counter::Good),
    ("payload-faults", Counter::PayloadFaults),
    ("published", Counter::Published),
    ("publish-errors", Counter::PublishErrors),
    ("replayed", Counter::Replayed),
];

/// What holds where the user says nothing.
pub const DEFAULTS: [&str; 4] = ["errors > 0", "lost > 0", "duplicated > 0", "reordered > 0"];

impl FromStr for Threshold {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = "write it as `METRIC.STATISTIC > TIME` or `COUNTER > NUMBER`, such as \
                    `ttfe.p99 > 200ms` or `lost > 0`";
        let (name, comparison, limit) = split(text).ok_or_else(|| form.to_owned())?;
        let what = what(name)?;
        let (limit, share) = match what {
            What::Time(..) => (microseconds(limit)?, false),
            What::Counter(counter) => count(counter, limit)?,
        };
        Ok(Self { text: text.trim().to_owned(), what, comparison, limit, share })
    }
}

/// The two sides of a comparison.
pub(crate) fn split(text: &str) -> Option<(&str, Comparison, &str)> {
    let (name, rest) = text.split_at(text.find(['<', '>'])?);
    let signs = [
        (">=", Comparison::GreaterOrEqual),
        ("<=", Comparison::LessOrEqual),
        (">", Comparison::Greater),
        ("<", Comparison::Less),
    ];
    signs.into_iter().find_map(|(sign, comparison)| {
        Some((name.trim(), comparison, rest.strip_prefix(sign)?.trim()))
    })
}

fn what(name: &str) -> Result<What, String> {
    if let Some((_, counter)) = COUNTERS.iter().find(|(own, _)| *own == name) {
        return Ok(What::Counter(*counter));
    }
    // The statistic may itself have a dot: `p99.9`.
    for (dot, _) in name.match_indices('.') {
        let (metric, statistic) = (name.get(..dot), name.get(dot + 1..).unwrap_or_default());
        if let Some(metric) = metric.and_then(Metric::from_name)
            && let Some(statistic) = Statistic::from_name(statistic)
        {
            return Ok(What::Time(metric, statistic));
        }
    }
    let metrics: Vec<_> = Metric::ALL.iter().map(|metric| metric.name()).collect();
    let counters: Vec<_> = COUNTERS.iter().map(|(name, _)| *name).collect();
    Err(format!(
        "there is no `{name}`; there are {}, each with `.p50`, `.p99.9`, `.min`, `.mean` or \
         `.max`, and {}",
        metrics.join(", "),
        counters.join(", ")
    ))
}

impl Statistic {
    /// This statistic of some values in their order; 0 where there are none.
    pub(crate) fn of_sorted(self, values: &[u32]) -> f64 {
        let count = values.len();
        let at = |place: f64| {
            // The smallest value that a share of all does not exceed.
            let place = arrivals::whole(place.ceil()).clamp(1, count.max(1) as u64);
            let index = usize::try_from(place - 1).unwrap_or(usize::MAX);
            values.get(index).copied().map_or(0.0, f64::from)
        };
        match self {
            Self::Min => at(1.0),
            Self::Max => at(count as f64),
            Self::Mean => values.iter().copied().map(f64::from).sum::<f64>() / count.max(1) as f64,
            Self::Quantile(quantile) => at(quantile * count as f64),
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "min" => Some(Self::Min),
            "mean" => Some(Self::Mean),
            "max" => Some(Self::Max),
            _ => {
                let percent: f64 = name.strip_prefix('p')?.parse().ok()?;
                (0.0..=100.0).contains(&percent).then_some(Self::Quantile(percent / 100.0))
            }
        }
    }
}

pub(crate) fn microseconds(text: &str) -> Result<f64, String> {
    Ok(duration::parse(text)?.as_secs_f64() * 1e6)
}

fn count(counter: Counter, text: &str) -> Result<(f64, bool), String> {
    let wrong = || format!("`{text}` is neither a number nor a share such as `1%`");
    let (number, share) = match text.strip_suffix('%') {
        Some(number) => (number.trim(), true),
        None => (text, false),
    };
    let number: f64 = number.parse().map_err(|_| wrong())?;
    if !number.is_finite() || number < 0.0 {
        return Err(wrong());
    }
    if share && matches!(counter, Counter::Events | Counter::Tokens) {
        return Err("this is a share of nothing; give a number".to_owned());
    }
    Ok((number, share))
}

impl Threshold {
    /// What the user wrote.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The metric and the quantile that it rests on, and how many values that takes to mean
    /// anything.
    pub(crate) fn quantile(&self) -> Option<(Metric, f64)> {
        match self.what {
            What::Time(metric, Statistic::Quantile(quantile)) => Some((metric, quantile)),
            _ => None,
        }
    }

    /// Judges a run. Where nothing was measured, the run has failed: green is never empty.
    pub fn judge(&self, tally: &Tally) -> Judgement {
        match self.what {
            What::Time(metric, statistic) => {
                let latency = tally.latencies.of(metric);
                let value = match statistic {
                    Statistic::Quantile(quantile) => {
                        latency.quantile_us(quantile).map(|us| us as f64)
                    }
                    Statistic::Min => latency.min_us().map(|us| us as f64),
                    Statistic::Mean => latency.mean_us(),
                    Statistic::Max => latency.max_us().map(|us| us as f64),
                };
                match value {
                    None => Judgement { measured: "nothing".to_owned(), breached: true },
                    Some(us) => Judgement {
                        measured: Microseconds(us).to_string(),
                        breached: self.is_breached(us),
                    },
                }
            }
            What::Counter(counter) => {
                let (count, of) = counter.of(tally);
                if !self.share {
                    let breached = self.is_breached(count as f64);
                    return Judgement { measured: count.to_string(), breached };
                }
                let percent = count as f64 * 100.0 / (of as f64).max(1.0);
                Judgement {
                    measured: format!("{percent:.3}%"),
                    breached: of == 0 || self.is_breached(percent),
                }
            }
        }
    }

    fn is_breached(&self, value: f64) -> bool {
        self.comparison.holds(value, self.limit)
    }
}

impl Comparison {
    pub(crate) fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Self::Greater => value > limit,
            Self::GreaterOrEqual => value >= limit,
            Self::Less => value < limit,
            Self::LessOrEqual => value <= limit,
        }
    }
}

impl Counter {
    /// The count, and that of which it is a share.
    fn of(self, tally: &Tally) -> (u64, u64) {
        let (streams, delivery) = (&tally.streams, &tally.delivery);
        let publishing = &tally.publishing;
        let due = delivery.numbered.saturating_add(delivery.lost);
        match self {
            Self::Errors => (streams.failed, streams.started),
            Self::Ended => (streams.ended, streams.started),
            Self::Opened => (streams.opened, streams.started),
            Self::Events => (tally.traffic.events, 0),
            Self::Lost => (delivery.lost, due),
            Self::Duplicated => (delivery.duplicated, due),
            Self::Reordered => (delivery.reordered, due),
            Self::Skipped => (streams.skipped, streams.started + streams.skipped),
            Self::Tokens => (tally.talk.tokens, 0),
            Self::Completed => (tally.talk.completed, tally.talk.completed + streams.failed),
            Self::Good => (tally.talk.good, tally.talk.completed + streams.failed),
            Self::Replayed => (delivery.replayed, tally.traffic.events),
            Self::Published => (publishing.published, publishing.published + publishing.failed),
            Self::PublishErrors => (publishing.failed, publishing.published + publishing.failed),
            Self::PayloadFaults => (tally.payload_faults.total(), tally.traffic.events),
            Self::Violations => (tally.violations.total(), tally.traffic.events),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(text: &str, tally: &Tally) -> Judgement {
        text.parse::<Threshold>().unwrap().judge(tally)
    }

    #[test]
    fn times_and_counts_are_compared() {
        let mut tally = Tally::default();
        for ms in 1..=1000 {
            tally.latencies.record_ns(Metric::TtfeCorrected, ms * 1_000_000);
        }
        tally.streams.started = 200;
        tally.streams.failed = 1;
        for (text, breached) in [
            ("ttfe.p99 > 200ms", true),
            ("ttfe.p99.9>1001ms", false),
            ("ttfe.max >= 1s", true),
            ("ttfe.p50 > 1s", false),
            ("ttfe.min < 2ms", true),
            ("errors > 0", true),
            ("errors > 1%", false),
            ("events < 1", true),
            ("lost > 0", false),
            // Nothing was measured, and that is not green.
            ("ttfe.raw.p99 > 1s", true),
            ("lost > 1%", true),
        ] {
            assert_eq!(judged(text, &tally).breached, breached, "{text}");
        }
        assert_eq!(judged("ttfe.mean > 1s", &tally).measured, "500.5 ms");
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for (text, help) in [
            ("ttfe.p99", "write it as"),
            ("tfe.p99 > 1s", "there is no `tfe.p99`"),
            ("ttfe > 1s", "there is no `ttfe`"),
            ("ttfe.p101 > 1s", "there is no"),
            ("ttfe.p99 > 5", "no time"),
            ("lost > x", "neither"),
            ("lost > -1", "neither"),
            ("events < 1%", "share of nothing"),
        ] {
            let error = text.parse::<Threshold>().unwrap_err();
            assert!(error.contains(help), "{text}: {error}");
        }
        assert!(DEFAULTS.iter().all(|text| text.parse::<Threshold>().is_ok()));
    }
}
