//! How late the harness itself runs. A verdict that rests on waiting is not believed when we were
//! the slow ones.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::task::AbortHandle;

const TICK: Duration = Duration::from_millis(20);
/// Lags below this are the ordinary jitter of a timer.
const NOTABLE: Duration = Duration::from_millis(50);

/// How late the harness was in a span of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Lag {
    /// All notable lags together.
    pub(crate) total: Duration,
    /// The longest of them.
    pub(crate) longest: Duration,
}

/// Measures how late timers fire, until it is dropped.
#[derive(Debug)]
pub(crate) struct LagMonitor {
    lags: Arc<Mutex<Vec<(Instant, Duration)>>>,
    task: AbortHandle,
}

impl LagMonitor {
    pub(crate) fn start() -> Self {
        let lags: Arc<Mutex<Vec<(Instant, Duration)>>> = Arc::default();
        let log = Arc::clone(&lags);
        let task = tokio::spawn(async move {
            loop {
                let due = Instant::now() + TICK;
                tokio::time::sleep_until(due.into()).await;
                let lag = due.elapsed();
                if lag > NOTABLE
                    && let Ok(mut log) = log.lock()
                {
                    log.push((due, lag));
                }
            }
        });
        Self { lags, task: task.abort_handle() }
    }

    /// The notable lags since an instant.
    pub(crate) fn since(&self, began: Instant) -> Lag {
        self.between(began, Instant::now())
    }

    /// The notable lags that touch a span of time.
    pub(crate) fn between(&self, from: Instant, to: Instant) -> Lag {
        let Ok(lags) = self.lags.lock() else {
            return Lag::default();
        };
        let touching = || {
            let within = lags.iter().filter(|(due, lag)| *due <= to && *due + *lag >= from);
            within.map(|(_, lag)| *lag)
        };
        Lag { total: touching().sum(), longest: touching().max().unwrap_or_default() }
    }
}

impl Drop for LagMonitor {
    fn drop(&mut self) {
        self.task.abort();
    }
}
