//! What a process and all that it started take of the machine.

use std::collections::BTreeSet;
use std::fs;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often it is looked at.
const EVERY: Duration = Duration::from_millis(500);

/// What a tree of processes takes; all 0 where it cannot be told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) processes: u64,
    pub(crate) rss_bytes: u64,
    /// The most that was seen.
    pub(crate) rss_peak_bytes: u64,
    pub(crate) cpu_us: u64,
}

/// A process of the kernel's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Row {
    pid: u32,
    parent: u32,
    group: u32,
    ticks: u64,
    pages: u64,
}

impl Usage {
    /// What this process, its group, and all of their descendants take now.
    pub(crate) fn of(pid: u32) -> Self {
        let rows: Vec<Row> = fs::read_dir("/proc")
            .into_iter()
            .flatten()
            .filter_map(|entry| {
                let name = entry.ok()?.file_name();
                let pid = name.to_str()?.parse().ok()?;
                row(pid, &fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
            })
            .collect();
        let (mut processes, mut ticks, mut pages) = (0, 0, 0);
        for row in tree(pid, &rows) {
            processes += 1;
            ticks += row.ticks;
            pages += row.pages;
        }
        let rss_bytes = pages * rustix::param::page_size() as u64;
        let cpu_us = ticks * 1_000_000 / rustix::param::clock_ticks_per_second().max(1);
        Self { processes, rss_bytes, rss_peak_bytes: rss_bytes, cpu_us }
    }

    /// Takes a later look; what has ended since took its time all the same.
    fn update(&mut self, later: Self) {
        self.processes = self.processes.max(later.processes);
        self.cpu_us = self.cpu_us.max(later.cpu_us);
        if later.processes > 0 {
            self.rss_bytes = later.rss_bytes;
            self.rss_peak_bytes = self.rss_peak_bytes.max(later.rss_bytes);
        }
    }
}

/// Reads a line of `/proc/PID/stat`; the name in it may hold anything.
fn row(pid: u32, stat: &str) -> Option<Row> {
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
    let number = |place: usize| fields.get(place)?.trim().parse::<u64>().ok();
    let small = |place: usize| u32::try_from(number(place)?).ok();
    // The first field here is the third of the line. Ended children that were waited for count.
    let ticks = (11..15).filter_map(number).sum();
    Some(Row { pid, parent: small(1)?, group: small(2)?, ticks, pages: number(21)? })
}

fn tree(pid: u32, rows: &[Row]) -> Vec<Row> {
    let mut inside: BTreeSet<u32> =
        rows.iter().filter(|row| row.pid == pid || row.group == pid).map(|row| row.pid).collect();
    loop {
        let before = inside.len();
        inside.extend(
            rows.iter()
                .filter(|row| inside.contains(&row.parent))
                .map(|row| row.pid)
                .collect::<Vec<_>>(),
        );
        if inside.len() == before {
            break;
        }
    }
    rows.iter().filter(|row| inside.contains(&row.pid)).copied().collect()
}

/// Looks at a tree of processes again and again, in a thread of its own: the table is long, and
/// what is measured must not wait for it.
#[derive(Debug)]
pub(crate) struct Sampler {
    pid: u32,
    seen: Arc<Mutex<Usage>>,
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sampler {
    /// Looks for the first time before it returns.
    pub(crate) fn start(pid: u32) -> std::io::Result<Self> {
        let seen = Arc::new(Mutex::new(Usage::of(pid)));
        let (stop, stopped) = channel::<()>();
        let shared = Arc::clone(&seen);
        let thread = std::thread::Builder::new().spawn(move || {
            while stopped.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                let now = Usage::of(pid);
                shared.lock().unwrap_or_else(PoisonError::into_inner).update(now);
            }
        })?;
        Ok(Self { pid, seen, stop: Some(stop), thread: Some(thread) })
    }

    /// What was seen by now.
    pub(crate) fn seen(&self) -> Usage {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks once more.
    pub(crate) fn look(&self) -> Usage {
        let now = Usage::of(self.pid);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.update(now);
        *seen
    }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_line_is_read_whatever_the_name() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194560 1 0 0 0 10 20 3 4 20 0 1 0 99 1000 250 1 1";
        let expected = Row { pid: 7, parent: 1, group: 7, ticks: 37, pages: 250 };
        assert_eq!(row(7, stat), Some(expected));
        assert_eq!(row(7, "7 (a"), None);
    }

    #[test]
    fn a_tree_is_the_group_and_all_descendants() {
        let row = |pid, parent, group| Row { pid, parent, group, ticks: 0, pages: 0 };
        // 12 left the group, and 13 is its child; 14 lost its parent; 20 is a stranger.
        let rows =
            [row(13, 12, 12), row(10, 1, 10), row(12, 10, 12), row(14, 1, 10), row(20, 1, 20)];
        let pids: Vec<u32> = tree(10, &rows).into_iter().map(|row| row.pid).collect();
        assert_eq!(pids, [13, 10, 12, 14]);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_takes_memory() {
        let usage = Usage::of(std::process::id());
        assert!(usage.processes >= 1 && usage.rss_bytes > 0, "{usage:?}");
    }
}
