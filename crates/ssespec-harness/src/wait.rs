//! How long a subject is waited for that takes a time of its own before it comes back.

use std::time::Duration;

use ssespec_net::Countdown;
use tokio::sync::watch;

use crate::instance::Stream;
use crate::probe::DELAY_LIMIT;

/// The subject's reconnection time, once it is known.
pub(crate) type Delay = watch::Receiver<Option<Duration>>;

/// A length, and so many halves of the subject's reconnection time, which need not be known when the
/// wait begins.
#[derive(Debug, Clone)]
pub(crate) struct Wait {
    pub(crate) length: Duration,
    pub(crate) half_delays: u32,
    /// The least that these come to.
    pub(crate) at_least: Duration,
    /// What of them the length already holds.
    pub(crate) held: Duration,
    pub(crate) delay: Delay,
}

impl Wait {
    /// A wait in which no reconnection is due.
    pub(crate) fn plain(length: Duration, delay: &Delay) -> Self {
        let none = Duration::ZERO;
        Self { length, half_delays: 0, at_least: none, held: none, delay: delay.clone() }
    }

    /// The countdown of it, for a subject.
    pub(crate) fn countdown(&self, stream: &Stream) -> Countdown {
        let countdown = stream.countdown(self.length);
        if self.half_delays == 0 && self.at_least.is_zero() {
            return countdown;
        }
        let wait = self.clone();
        countdown.then(async move {
            let mut delay = wait.delay.clone();
            // Who would tell it is gone only when the run is over.
            let delay = delay.wait_for(Option::is_some).await.ok().and_then(|delay| *delay);
            wait.further(delay.unwrap_or_default())
        })
    }

    /// What comes after the length, for a reconnection time.
    fn further(&self, delay: Duration) -> Duration {
        (delay * self.half_delays / 2).saturating_sub(self.held).max(self.at_least)
    }

    /// All of it, for the longest reconnection time where it is not yet known.
    pub(crate) fn longest(&self) -> Duration {
        self.length + self.further(self.delay.borrow().unwrap_or(DELAY_LIMIT))
    }
}
