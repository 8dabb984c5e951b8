//! The one clock of a run: nanoseconds that all processes of one machine count alike.

use rustix::time::{ClockId, Timespec, clock_gettime};

/// Nanoseconds since a moment that is the same for all processes of this machine.
///
/// [`std::time::Instant`] measures the same but keeps its number to itself, and here one process
/// writes an instant that another compares with its own.
pub fn now_ns() -> u64 {
    nanoseconds(clock_gettime(ClockId::Monotonic))
}

/// What is to be added to [`now_ns`] for nanoseconds since 1970, as of now.
pub(crate) fn wall_ns() -> u64 {
    nanoseconds(clock_gettime(ClockId::Realtime)).saturating_sub(now_ns())
}

/// The processor time that this process has used.
pub fn cpu_ns() -> u64 {
    nanoseconds(clock_gettime(ClockId::ProcessCPUTime))
}

fn nanoseconds(time: Timespec) -> u64 {
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    seconds * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_does_not_go_back() {
        let earlier = now_ns();
        assert!(earlier > 0);
        assert!(now_ns() >= earlier);
    }
}
