//! Waiting for something that may not come, on a machine that may stand still.

use std::time::{Duration, Instant};

/// The longest time that is waited at once. Of each such step no more counts than twice what it
/// should have taken: timers are always a little late.
const STEP: Duration = Duration::from_millis(50);
/// A countdown is given up as starved after so many times its length.
const LIMIT: u32 = 4;

/// A length of time in which we ran. What we stood still for does not count, since the subject may
/// have stood still as well.
#[derive(Debug)]
pub struct Countdown {
    left: Duration,
    counted_to: Instant,
    limit: Instant,
}

/// How a countdown ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// The time is up.
    Elapsed,
    /// The machine stood still for most of it.
    Starved,
}

impl Countdown {
    /// A wait that begins now.
    pub fn of(length: Duration) -> Self {
        let now = Instant::now();
        Self { left: length, counted_to: now, limit: now + length * LIMIT }
    }

    /// The same, with an end that nothing prolongs.
    pub fn before(mut self, end: Instant) -> Self {
        self.left = self.left.min(end.saturating_duration_since(self.counted_to));
        self
    }

    /// Waits until it is over. A call that is dropped loses nothing.
    pub async fn over(&mut self) -> Over {
        while !self.left.is_zero() {
            let step = self.left.min(STEP);
            tokio::time::sleep_until((self.counted_to + step).into()).await;
            let now = Instant::now();
            self.left = self.left.saturating_sub((now - self.counted_to).min(step * 2));
            self.counted_to = now;
            if self.counted_to >= self.limit && !self.left.is_zero() {
                return Over::Starved;
            }
        }
        Over::Elapsed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        runtime.expect("a runtime starts").block_on(future)
    }

    #[test]
    fn time_in_which_the_machine_stood_still_does_not_count() {
        block_on(async {
            let began = Instant::now();
            let mut countdown = Countdown::of(Duration::from_secs(1));
            std::thread::sleep(Duration::from_millis(400));
            assert_eq!(countdown.over().await, Over::Elapsed);
            // The first step was over long ago, and counts twice.
            assert!(began.elapsed() >= Duration::from_millis(1300));
        });
    }

    #[test]
    fn a_machine_that_stands_still_for_most_of_the_time() {
        block_on(async {
            let mut countdown = Countdown::of(Duration::from_millis(200));
            std::thread::sleep(Duration::from_millis(900));
            assert_eq!(countdown.over().await, Over::Starved);
        });
    }
}
