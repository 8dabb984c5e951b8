//! Slow consumers: streams that are read late, little by little, or never.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{Reactor, STARTS_A_TURN};
use crate::clock;
use crate::plan::{Pace, Plan};
use crate::stream::Turn;

/// How often a stream is read that takes so many bytes a second.
const SIP_NS: u64 = 100_000_000;

/// When slow streams are read next: empty where there are none.
#[derive(Debug, Default)]
pub(super) struct Slow(BinaryHeap<Reverse<(u64, usize, u64)>>);

impl Slow {
    /// A slow stream is open now.
    pub(super) fn begin(&mut self, index: usize, number: u64, plan: &Plan) {
        if let Some(every_ns) = plan.slow.and_then(|slow| slow.pace.every_ns()) {
            let at_ns = clock::now_ns().saturating_add(every_ns);
            self.0.push(Reverse((at_ns, index, number)));
        }
    }
}

impl Pace {
    /// The time from one read to the next; `None` where there is none.
    fn every_ns(self) -> Option<u64> {
        match self {
            Self::Bytes(_) => Some(SIP_NS),
            Self::Pause(ns) => Some(ns.max(1_000_000)),
            Self::Never => None,
        }
    }

    /// How much is read at a time.
    fn sip_bytes(self) -> usize {
        match self {
            Self::Bytes(a_second) => {
                let sip = u128::from(a_second) * u128::from(SIP_NS) / 1_000_000_000;
                usize::try_from(sip).unwrap_or(usize::MAX).max(1)
            }
            Self::Pause(_) | Self::Never => usize::MAX,
        }
    }
}

impl Reactor {
    /// Reads the slow streams whose time has come, and says when that of the next one is.
    pub(super) fn read_slowly(&mut self) -> u64 {
        for _ in 0..STARTS_A_TURN {
            let Some(&Reverse((at_ns, index, number))) = self.slow.0.peek() else {
                return u64::MAX;
            };
            if at_ns > clock::now_ns() {
                return at_ns;
            }
            self.slow.0.pop();
            let Some(slow) = self.plan.slow else {
                continue;
            };
            let Some(stream) = self.streams.get(index) else {
                continue;
            };
            if stream.number() != number || !stream.is_open() {
                continue;
            }
            match self.sip(index, slow.pace.sip_bytes().min(self.buffer.len())) {
                Ok(turn) => {
                    // A pause ends with all that has come.
                    let more = turn == Turn::More && matches!(slow.pace, Pace::Pause(_));
                    let every_ns = slow.pace.every_ns().filter(|_| !more).unwrap_or(0);
                    let next_ns = clock::now_ns().saturating_add(every_ns);
                    self.slow.0.push(Reverse((next_ns, index, number)));
                }
                Err(end) => {
                    self.open -= 1;
                    self.end(index, &end);
                }
            }
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sips_are_a_tenth_of_a_second() {
        assert_eq!(
            (Pace::Bytes(1000).every_ns(), Pace::Bytes(1000).sip_bytes()),
            (Some(SIP_NS), 100)
        );
        assert_eq!(Pace::Bytes(1).sip_bytes(), 1);
        assert_eq!(Pace::Never.every_ns(), None);
    }
}
