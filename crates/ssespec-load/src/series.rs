//! The run over time, in a bounded number of intervals whatever its length.

use std::collections::BTreeMap;

use crate::latency::{Latency, Metric};
use crate::result::Second;
use crate::tally::Tally;

/// Intervals that are kept, at most.
const INTERVALS: usize = 600;

/// The run over time. Intervals are of one second; where there are too many, each two become one,
/// with the percentiles that both together have.
#[derive(Debug)]
pub(crate) struct Series {
    limit: usize,
    length_s: u64,
    intervals: Vec<Interval>,
}

/// One interval, with its times in the encoding that is short where they are few.
#[derive(Debug)]
struct Interval {
    counts: Second,
    times: BTreeMap<Metric, Vec<u8>>,
}

impl Default for Series {
    fn default() -> Self {
        Self { limit: INTERVALS, length_s: 1, intervals: Vec::new() }
    }
}

impl Series {
    /// Takes a second, later than those before it.
    pub(crate) fn push(&mut self, second: &Second, tally: &Tally) {
        let times = Metric::ALL.into_iter().filter_map(|metric| {
            let latency = tally.latencies.of(metric);
            (latency.count() > 0).then_some((metric, latency.to_v2().ok()?))
        });
        self.add(Interval { counts: second.clone(), times: times.collect() });
        if self.intervals.len() > self.limit {
            self.length_s *= 2;
            for interval in std::mem::take(&mut self.intervals) {
                self.add(interval);
            }
        }
    }

    fn add(&mut self, mut interval: Interval) {
        let start = interval.counts.second / self.length_s * self.length_s;
        if let Some(last) = self.intervals.last_mut().filter(|last| last.counts.second == start) {
            last.merge(interval);
            return;
        }
        interval.counts.length_s += interval.counts.second - start;
        interval.counts.second = start;
        self.intervals.push(interval);
    }

    /// All intervals, in order.
    pub(crate) fn finish(self) -> Vec<Second> {
        self.intervals.into_iter().map(|interval| interval.counts).collect()
    }
}

impl Interval {
    fn merge(&mut self, later: Self) {
        let (mine, theirs) = (&mut self.counts, later.counts);
        mine.length_s = theirs.second + theirs.length_s - mine.second;
        mine.open = theirs.open;
        mine.started += theirs.started;
        mine.failed += theirs.failed;
        mine.events += theirs.events;
        for (metric, theirs) in later.times {
            let Ok(mut both) = Latency::from_v2(&theirs) else { continue };
            if let Some(Ok(mine)) = self.times.get(&metric).map(|bytes| Latency::from_v2(bytes)) {
                both.merge(&mine);
            }
            mine.tell(metric, &both);
            if let Ok(bytes) = both.to_v2() {
                self.times.insert(metric, bytes);
            }
        }
    }
}

impl Second {
    /// Tells the times of a metric, if there are any.
    pub(crate) fn tell(&mut self, metric: Metric, latency: &Latency) {
        let name = || metric.name().to_owned();
        if let (Some(p50), Some(p99), Some(max)) =
            (latency.quantile_us(0.5), latency.quantile_us(0.99), latency.max_us())
        {
            self.p50_us.insert(name(), p50);
            self.p99_us.insert(name(), p99);
            self.max_us.insert(name(), max);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A run in which second `n` has `n` events, each with a gap of as many milliseconds.
    fn run(seconds: u64, limit: usize) -> Vec<Second> {
        let mut series = Series { limit, ..Series::default() };
        for second in 0..seconds {
            let mut tally = Tally::default();
            for _ in 0..second {
                tally.latencies.record_ns(Metric::Gap, second * 1_000_000);
            }
            let mut row = Second { second, open: second, events: second, ..Second::default() };
            row.tell(Metric::Gap, tally.latencies.of(Metric::Gap));
            series.push(&row, &tally);
        }
        series.finish()
    }

    #[test]
    fn a_short_run_is_told_second_by_second() {
        let seconds = run(12, 12);
        assert_eq!(seconds.len(), 12);
        assert!(seconds.iter().all(|it| it.length_s == 1 && it.events == it.second));
    }

    #[test]
    fn a_long_run_is_told_in_as_many_intervals() {
        for (length, width, count) in [(13, 2, 7), (24, 2, 12), (25, 4, 7), (97, 16, 7)] {
            let seconds = run(length, 12);
            assert_eq!(seconds.len(), count, "{length}");
            assert!(seconds.iter().rev().skip(1).all(|it| it.length_s == width), "{length}");
            assert_eq!(seconds.iter().map(|it| it.length_s).sum::<u64>(), length);
            // Nothing is lost, and what was open is what was open at the end of each.
            let events: u64 = seconds.iter().map(|it| it.events).sum();
            assert_eq!(events, (0..length).sum::<u64>());
            assert!(seconds.iter().all(|it| it.open == it.second + it.length_s - 1));
        }
    }

    #[test]
    fn percentiles_of_an_interval_are_those_of_all_its_values() {
        let seconds = run(25, 12);
        let last = seconds.iter().find(|it| it.second == 20).unwrap();
        // 20 ms twenty times, 21 ms once more than that, and so on to 23 ms.
        let within = |us: u64, ms: u64| us.abs_diff(ms * 1000) < 100;
        assert!(within(last.p50_us["gap"], 22), "{last:?}");
        assert!(within(last.p99_us["gap"], 23), "{last:?}");
        assert_eq!((last.length_s, last.events), (4, 20 + 21 + 22 + 23));
    }
}
