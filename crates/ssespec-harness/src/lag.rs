//! How late the harness itself runs. A verdict that rests on waiting is not believed when we were
//! the slow ones.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::task::AbortHandle;

const TICK: Duration = Duration::from_millis(20);
/// Lags below this are the ordinary jitter of a timer.
const NOTABLE: Duration = Duration::from_millis(50);

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

    /// The sum of the notable lags since an instant.
    pub(crate) fn since(&self, began: Instant) -> Duration {
        let Ok(lags) = self.lags.lock() else {
            return Duration::ZERO;
        };
        lags.iter().filter(|(at, _)| *at >= began).map(|(_, lag)| *lag).sum()
    }
}

impl Drop for LagMonitor {
    fn drop(&mut self) {
        self.task.abort();
    }
}
