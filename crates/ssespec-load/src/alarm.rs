//! Waking a reactor at an instant, to the microsecond where the system can.

use std::io;
use std::time::Duration;

use mio::{Registry, Token};

use crate::clock;

/// One instant at which a reactor is to wake.
///
/// The time-out of a poll counts whole milliseconds, which is too coarse for a schedule that
/// others are measured by. On Linux a timer of the kernel wakes the poll instead.
#[derive(Debug)]
pub(crate) struct Alarm {
    #[cfg(target_os = "linux")]
    timer: std::os::fd::OwnedFd,
    set_ns: u64,
}

impl Alarm {
    #[cfg(target_os = "linux")]
    pub(crate) fn new(registry: &Registry, token: Token) -> io::Result<Self> {
        use std::os::fd::AsRawFd as _;

        use rustix::time::{TimerfdClockId, TimerfdFlags, timerfd_create};

        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        let mut source = mio::unix::SourceFd(&timer.as_raw_fd());
        registry.register(&mut source, token, mio::Interest::READABLE)?;
        Ok(Self { timer, set_ns: 0 })
    }

    #[cfg(not(target_os = "linux"))]
    #[expect(clippy::unnecessary_wraps, reason = "as it is where there is a timer")]
    pub(crate) fn new(_: &Registry, _: Token) -> io::Result<Self> {
        Ok(Self { set_ns: 0 })
    }

    /// How long a poll may wait so that it ends at this instant.
    pub(crate) fn wait_until(&mut self, at_ns: u64) -> Duration {
        let left = Duration::from_nanos(at_ns.saturating_sub(clock::now_ns()));
        if left.is_zero() {
            return left;
        }
        #[cfg(target_os = "linux")]
        if self.set(at_ns).is_ok() {
            // Only to be safe: the timer comes first.
            return left + Duration::from_millis(5);
        }
        left
    }

    #[cfg(target_os = "linux")]
    fn set(&mut self, at_ns: u64) -> io::Result<()> {
        use rustix::time::{Itimerspec, TimerfdTimerFlags, Timespec, timerfd_settime};

        if at_ns == self.set_ns {
            return Ok(());
        }
        let value = Timespec {
            tv_sec: i64::try_from(at_ns / 1_000_000_000).unwrap_or(i64::MAX),
            tv_nsec: i64::try_from(at_ns % 1_000_000_000).unwrap_or(0),
        };
        let once = Itimerspec { it_interval: Timespec { tv_sec: 0, tv_nsec: 0 }, it_value: value };
        timerfd_settime(&self.timer, TimerfdTimerFlags::ABSTIME, &once)?;
        self.set_ns = at_ns;
        Ok(())
    }
}
