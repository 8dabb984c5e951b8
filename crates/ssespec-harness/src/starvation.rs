//! How long a subject has waited for a CPU. On a busy machine a slow subject is late without being
//! wrong, and we, who mostly sleep, do not notice it by our own lag.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ssespec_net::Hindrance;
use tokio::task::AbortHandle;

/// How often the processes are looked at.
const TICK: Duration = Duration::from_millis(50);
/// How often processes that are new are looked for.
const SEARCH: Duration = Duration::from_millis(500);
/// What a subject may wait from one look to the next and still run freely.
const FREELY: Duration = Duration::from_millis(5);
/// For so many looks in a row a subject has to run freely until it has caught up.
const CAUGHT_UP: u32 = 20;

/// Measures how long the processes of a group wait for a CPU, until it is dropped. Always zero
/// where the system does not tell.
#[derive(Debug, Default)]
pub(crate) struct Starvation {
    count: Arc<Count>,
    task: Option<AbortHandle>,
}

/// What was waited so far, in nanoseconds.
#[derive(Debug, Default)]
struct Count {
    total_ns: AtomicU64,
    overcome_ns: AtomicU64,
}

impl Count {
    /// Adds what was waited since the last look; `free` is how many looks in a row the subject has
    /// run freely, up to this one.
    fn add(&self, waited_ns: u64, free: &mut u32) {
        let total = self.total_ns.fetch_add(waited_ns, Ordering::AcqRel) + waited_ns;
        *free = if Duration::from_nanos(waited_ns) < FREELY { *free + 1 } else { 0 };
        if *free >= CAUGHT_UP {
            self.overcome_ns.store(total, Ordering::Release);
        }
    }

    fn hindrance(&self) -> Hindrance {
        let [overcome, total] = [&self.overcome_ns, &self.total_ns]
            .map(|count| Duration::from_nanos(count.load(Ordering::Acquire)));
        Hindrance { total, overcome }
    }
}

impl Starvation {
    /// Follows a process group. To be called within a runtime.
    pub(crate) fn of_group(group: Option<u32>) -> Self {
        let Some(group) = group.filter(|_| cfg!(target_os = "linux")) else {
            return Self::default();
        };
        let count = Arc::new(Count::default());
        let counted = Arc::clone(&count);
        let task = tokio::spawn(async move {
            let mut threads = Threads { group, searched: None, waited_ns: HashMap::new() };
            let mut free = 0;
            loop {
                counted.add(threads.longest_wait(), &mut free);
                tokio::time::sleep(TICK).await;
            }
        });
        Self { count, task: Some(task.abort_handle()) }
    }

    /// Tells at any time how long the subject has waited so far.
    pub(crate) fn clock(&self) -> impl Fn() -> Hindrance + Send + Sync + use<> {
        let count = Arc::clone(&self.count);
        move || count.hindrance()
    }
}

impl Drop for Starvation {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

/// The threads of a process group, each with the time for which it has waited.
struct Threads {
    group: u32,
    searched: Option<Instant>,
    waited_ns: HashMap<PathBuf, u64>,
}

impl Threads {
    /// What the thread that has waited longest since the last call has waited, in nanoseconds.
    fn longest_wait(&mut self) -> u64 {
        if self.searched.is_none_or(|last| last.elapsed() >= SEARCH) {
            self.searched = Some(Instant::now());
            for thread in threads(self.group) {
                let Some(now) = waited_ns(&thread) else { continue };
                self.waited_ns.entry(thread).or_insert(now);
            }
        }
        let mut longest = 0;
        self.waited_ns.retain(|thread, before| {
            let Some(now) = waited_ns(thread) else { return false };
            longest = longest.max(now.saturating_sub(*before));
            *before = now;
            true
        });
        longest
    }
}

/// How long a thread has waited for a CPU, with something to do, in nanoseconds.
fn waited_ns(thread: &PathBuf) -> Option<u64> {
    let text = fs::read_to_string(thread).ok()?;
    text.split_whitespace().nth(1)?.parse().ok()
}

/// Where the times of the threads of a process group stand.
fn threads(group: u32) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for process in processes(group) {
        let Ok(tasks) = fs::read_dir(process.join("task")) else { continue };
        all.extend(tasks.flatten().map(|task| task.path().join("schedstat")));
    }
    all
}

/// The directories of the processes of a group.
pub(crate) fn processes(group: u32) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let member = |path: &PathBuf| {
        let stat = fs::read_to_string(path.join("stat")).unwrap_or_default();
        // The name of the command stands in parentheses and may hold anything.
        let fields = stat.rsplit_once(')').map(|(_, fields)| fields).unwrap_or_default();
        fields.split_whitespace().nth(2).and_then(|it| it.parse().ok()) == Some(group)
    };
    entries.flatten().map(|entry| entry.path()).filter(member).collect()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_threads_of_a_group_are_found() {
        let own = fs::read_to_string("/proc/self/stat").expect("Linux tells");
        let fields = own.rsplit_once(')').map(|(_, fields)| fields).unwrap_or_default();
        let group = fields.split_whitespace().nth(2).and_then(|it| it.parse().ok());
        let group = group.expect("a group");
        assert!(!threads(group).is_empty());
        let mut threads = Threads { group, searched: None, waited_ns: HashMap::new() };
        threads.longest_wait();
        assert!(!threads.waited_ns.is_empty());
    }

    #[test]
    fn a_subject_that_runs_freely_for_a_second_has_caught_up() {
        let (count, mut free) = (Count::default(), 0);
        count.add(700_000_000, &mut free);
        for look in 1..CAUGHT_UP {
            count.add(1_000, &mut free);
            assert_eq!(count.hindrance().overcome, Duration::ZERO, "after look {look}");
        }
        count.add(1_000, &mut free);
        assert_eq!(count.hindrance().overcome, Duration::from_micros(700_020));
        count.add(20_000_000, &mut free);
        let Hindrance { total, overcome } = count.hindrance();
        assert_eq!(total.saturating_sub(overcome), Duration::from_millis(20));
    }

    #[test]
    fn the_longest_of_the_waits_since_the_last_look_counts() {
        let place = tempfile::tempdir().expect("a directory");
        let stand = |name: &str, waited: u64| {
            let path = place.path().join(name);
            fs::write(&path, format!("70000 {waited} 12\n")).expect("a file");
            path
        };
        let waited_ns = HashMap::from([(stand("a", 500), 500), (stand("b", 90), 90)]);
        // No process is of this group, so that nothing is added.
        let mut threads = Threads { group: u32::MAX, searched: None, waited_ns };
        assert_eq!(threads.longest_wait(), 0, "what was before counts for nothing");
        stand("a", 530);
        stand("b", 190);
        assert_eq!(threads.longest_wait(), 100);
        fs::remove_file(place.path().join("b")).expect("it is there");
        assert_eq!(threads.longest_wait(), 0, "a thread that has ended is forgotten");
        assert_eq!(threads.waited_ns.len(), 1);
    }
}
