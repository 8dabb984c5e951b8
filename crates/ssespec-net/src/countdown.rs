//! Waiting for something that may not come, on a machine that may stand still.

use std::fmt;
use std::pin::Pin;
use std::time::{Duration, Instant};

/// The longest time that is waited at once. Of each such step no more counts than twice what it
/// should have taken: timers are always a little late.
const STEP: Duration = Duration::from_millis(50);
/// A countdown is given up as starved after so many times its length.
const LIMIT: u32 = 4;

/// Waits of the subject that are shorter count: nothing is prolonged by them.
const NOTABLE: Duration = Duration::from_millis(20);

/// A length of time in which we ran, and the subject could. What we stood still for does not count,
/// since the subject may have stood still as well, and neither does what kept the subject from
/// running.
pub struct Countdown {
    left: Duration,
    counted_to: Instant,
    limit: Instant,
    end: Option<Instant>,
    excuse: Option<Excuse>,
    further: Option<Pin<Box<dyn Future<Output = Duration> + Send>>>,
}

/// For how long a subject was kept from running, since some beginning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hindrance {
    /// All of it.
    pub total: Duration,
    /// What the total was when the subject had last caught up: it had run freely for so long that
    /// whatever it was late with is done.
    pub overcome: Duration,
}

/// What does not count of a subject's time.
struct Excuse {
    clock: Box<dyn Fn() -> Hindrance + Send + Sync>,
    counted_to: Duration,
    /// Whether what is left is there for a hindrance.
    prolongs: bool,
}

impl fmt::Debug for Countdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Countdown").field("left", &self.left).finish_non_exhaustive()
    }
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
        let limit = now + length * LIMIT;
        Self { left: length, counted_to: now, limit, end: None, excuse: None, further: None }
    }

    /// The same, and then for a length that may not be known yet. It counts from the end of the
    /// first length, whenever it becomes known.
    pub fn then(mut self, further: impl Future<Output = Duration> + Send + 'static) -> Self {
        self.further = Some(Box::pin(further));
        self
    }

    /// The same. What the subject is kept from running from now on, as the clock tells, does not
    /// count, unless it has caught up by the end.
    pub fn excusing(mut self, clock: impl Fn() -> Hindrance + Send + Sync + 'static) -> Self {
        let counted_to = clock().total;
        self.excuse = Some(Excuse { clock: Box::new(clock), counted_to, prolongs: false });
        self
    }

    /// The same, with an end that nothing prolongs.
    pub fn before(mut self, end: Instant) -> Self {
        self.left = self.left.min(end.saturating_duration_since(self.counted_to));
        self.end = Some(end);
        self
    }

    /// Waits until it is over. A call that is dropped loses nothing.
    pub async fn over(&mut self) -> Over {
        while !self.left.is_zero() || self.goes_on().await {
            let step = self.left.min(STEP);
            tokio::time::sleep_until((self.counted_to + step).into()).await;
            let now = Instant::now();
            self.left = self.left.saturating_sub((now - self.counted_to).min(step * 2));
            self.counted_to = now;
            if self.left.is_zero() || self.has_caught_up() {
                self.left = self.excused();
            }
            if self.counted_to >= self.limit && !self.left.is_zero() {
                return Over::Starved;
            }
        }
        Over::Elapsed
    }

    /// Whether a further length is to be waited for.
    async fn goes_on(&mut self) -> bool {
        let Some(further) = &mut self.further else { return false };
        let length = further.as_mut().await;
        self.further = None;
        let now = Instant::now();
        let room = self.end.map_or(length, |end| end.saturating_duration_since(self.counted_to));
        // What it took to learn the length is a part of it.
        self.left = length.min(room).saturating_sub(now - self.counted_to);
        self.counted_to = now;
        self.limit = self.limit.max(now) + self.left * LIMIT;
        !self.left.is_zero()
    }

    /// How long the subject was kept from running since this was last asked, and has not caught up
    /// with.
    fn excused(&mut self) -> Duration {
        let Some(excuse) = &mut self.excuse else { return Duration::ZERO };
        let now = (excuse.clock)();
        let waited = now.total.saturating_sub(now.overcome.max(excuse.counted_to));
        excuse.prolongs = waited >= NOTABLE;
        if !excuse.prolongs {
            return Duration::ZERO;
        }
        excuse.counted_to = now.total;
        waited
    }

    /// Whether the subject has caught up with what the time was prolonged for.
    fn has_caught_up(&self) -> bool {
        let excuse = self.excuse.as_ref().filter(|excuse| excuse.prolongs);
        excuse.is_some_and(|excuse| (excuse.clock)().overcome >= excuse.counted_to)
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
    fn time_in_which_the_subject_was_kept_from_running_does_not_count() {
        use std::sync::atomic::{AtomicU64, Ordering};
        block_on(async {
            let began = Instant::now();
            let asked = AtomicU64::new(0);
            // Nothing when it begins, and half a second once it would be over.
            let clock = move || {
                let total = u64::from(asked.fetch_add(1, Ordering::Relaxed) > 0) * 500;
                Hindrance { total: Duration::from_millis(total), ..Hindrance::default() }
            };
            let mut countdown = Countdown::of(Duration::from_millis(500)).excusing(clock);
            assert_eq!(countdown.over().await, Over::Elapsed);
            assert!(began.elapsed() >= Duration::from_secs(1));
        });
    }

    #[test]
    fn a_subject_that_has_caught_up_is_waited_for_no_longer() {
        let hour = Duration::from_hours(1);
        // Kept from running for an hour, and caught up before the end, or while it is prolonged.
        for caught_up_after in [Duration::from_millis(50), Duration::from_millis(400)] {
            block_on(async {
                let began = Instant::now();
                let clock = move || {
                    let elapsed = began.elapsed();
                    let after = |at: Duration| if elapsed > at { hour } else { Duration::ZERO };
                    let total = after(Duration::from_millis(20));
                    Hindrance { total, overcome: after(caught_up_after) }
                };
                let mut countdown = Countdown::of(Duration::from_millis(200)).excusing(clock);
                assert_eq!(countdown.over().await, Over::Elapsed);
                assert!(began.elapsed() >= caught_up_after);
            });
        }
    }

    #[test]
    fn what_it_takes_to_learn_a_further_length_is_a_part_of_it() {
        block_on(async {
            let began = Instant::now();
            let mut countdown = Countdown::of(Duration::from_millis(100)).then(async {
                tokio::time::sleep(Duration::from_millis(300)).await;
                Duration::from_millis(600)
            });
            let first = tokio::time::timeout(Duration::from_millis(200), countdown.over()).await;
            assert!(first.is_err(), "a call that is dropped loses nothing");
            assert_eq!(countdown.over().await, Over::Elapsed);
            assert!(began.elapsed() >= Duration::from_millis(690));
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
