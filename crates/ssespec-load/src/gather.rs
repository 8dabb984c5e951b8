//! Putting together what workers report: over the whole run, and second by second.

use std::collections::BTreeMap;

use crate::latency::{Latency, Metric};
use crate::origin::OriginReport;
use crate::result::Second;
use crate::series::Series;
use crate::tally::{SocketCounts, Tally};

/// Reports of all workers.
#[derive(Debug)]
pub(crate) struct Gathering {
    total: Tally,
    workers: Vec<Progress>,
    /// Seconds that not all workers have told of.
    pending: BTreeMap<u64, Tally>,
    last: Option<Second>,
    series: Series,
    log: Option<Vec<LogEntry>>,
    peak: u64,
    /// Connections of HTTP/2, by the seconds that all have told of, and at most.
    sockets: SocketCounts,
    peak_sockets: u64,
}

/// How far a worker is.
#[derive(Debug, Clone, Copy, Default)]
struct Progress {
    /// The next second that it will tell of; `None` where it will tell no more.
    next: Option<u64>,
    open: u64,
}

/// The times of one metric in one second.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LogEntry {
    pub(crate) second: u64,
    pub(crate) metric: Metric,
    pub(crate) latency: Latency,
}

/// All that was put together.
#[derive(Debug)]
pub(crate) struct Gathered {
    pub(crate) total: Tally,
    pub(crate) seconds: Vec<Second>,
    pub(crate) log: Vec<LogEntry>,
    /// Streams open in the end, and at most.
    pub(crate) open: u64,
    pub(crate) peak: u64,
    /// Connections of HTTP/2 that were open at most.
    pub(crate) peak_sockets: u64,
}

impl Gathering {
    /// With the times of each second where `log` asks for them.
    pub(crate) fn new(workers: usize, log: bool) -> Self {
        Self {
            total: Tally::default(),
            workers: vec![Progress { next: Some(0), open: 0 }; workers],
            pending: BTreeMap::new(),
            last: None,
            series: Series::default(),
            log: log.then(Vec::new),
            peak: 0,
            sockets: SocketCounts::default(),
            peak_sockets: 0,
        }
    }

    /// Takes the report of a worker; says which seconds are complete by it.
    pub(crate) fn add(&mut self, worker: usize, index: u64, open: u64, tally: &Tally) -> bool {
        self.total.merge(tally);
        if let Some(progress) = self.workers.get_mut(worker) {
            *progress = Progress { next: Some(index + 1), open };
        }
        self.pending.entry(index).or_default().merge(tally);
        self.settle()
    }

    /// A worker tells no more. What it has told is kept; whether it was to tell more is `broken`.
    pub(crate) fn end(&mut self, worker: usize, broken: bool) -> bool {
        if let Some(progress) = self.workers.get_mut(worker) {
            progress.next = None;
            if broken {
                progress.open = 0;
            }
        }
        self.settle()
    }

    /// Streams that are open, by the last reports.
    pub(crate) fn open(&self) -> u64 {
        self.workers.iter().map(|worker| worker.open).sum()
    }

    /// All that was told so far.
    pub(crate) fn total(&self) -> &Tally {
        &self.total
    }

    /// The last second that all have told of.
    pub(crate) fn last(&self) -> Option<&Second> {
        self.last.as_ref()
    }

    fn settle(&mut self) -> bool {
        let told = self.workers.iter().filter_map(|worker| worker.next).min().unwrap_or(u64::MAX);
        let mut settled = false;
        while let Some(entry) = self.pending.first_entry().filter(|entry| *entry.key() < told) {
            let (index, tally) = entry.remove_entry();
            self.settle_second(index, &tally);
            settled = true;
        }
        settled
    }

    fn settle_second(&mut self, second: u64, tally: &Tally) {
        let open = self.open();
        self.peak = self.peak.max(open);
        self.sockets.merge(&tally.sockets);
        self.peak_sockets = self.peak_sockets.max(self.sockets.open());
        let mut row = Second {
            second,
            open,
            started: tally.streams.started,
            failed: tally.streams.failed,
            events: tally.traffic.events,
            ..Second::default()
        };
        for metric in Metric::ALL {
            let latency = tally.latencies.of(metric);
            row.tell(metric, latency);
            if let Some(log) = self.log.as_mut().filter(|_| latency.count() > 0) {
                log.push(LogEntry { second, metric, latency: latency.clone() });
            }
        }
        self.series.push(&row, tally);
        self.last = Some(row);
    }

    /// Adds what the built-in server did.
    pub(crate) fn add_origin(&mut self, report: &OriginReport) {
        self.total.latencies.of_mut(Metric::Emission).merge(&report.emission);
        self.total.streams.dropped += report.cut;
    }

    /// The end.
    pub(crate) fn finish(mut self) -> Gathered {
        for worker in 0..self.workers.len() {
            self.end(worker, false);
        }
        let open = self.open();
        Gathered {
            open,
            peak: self.peak.max(open),
            peak_sockets: self.peak_sockets,
            total: self.total,
            seconds: self.series.finish(),
            log: self.log.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(events: u64) -> Tally {
        let mut tally = Tally::default();
        tally.traffic.events = events;
        tally.latencies.record_ns(Metric::Gap, events * 1000);
        tally
    }

    #[test]
    fn a_second_is_told_when_all_have_told_it() {
        let mut gathering = Gathering::new(2, true);
        assert!(!gathering.add(0, 0, 5, &tally(1)));
        assert!(!gathering.add(0, 1, 5, &tally(2)));
        assert!(gathering.add(1, 0, 4, &tally(10)));
        assert_eq!(gathering.last().map(|second| (second.open, second.events)), Some((9, 11)));
        // The second worker dies; what it has told stays.
        assert!(gathering.end(1, true));
        assert_eq!(gathering.last().map(|second| (second.open, second.events)), Some((5, 2)));
        let gathered = gathering.finish();
        assert_eq!(gathered.total.traffic.events, 13);
        assert_eq!((gathered.open, gathered.peak), (5, 9));
        assert_eq!(gathered.log.len(), 2);
    }
}
