//! When streams leave: a heap that is empty where none does.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Streams that are to leave, the next one first.
#[derive(Debug, Default)]
pub(crate) struct Leaves(BinaryHeap<Reverse<Leave>>);

/// A stream that is to leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Leave {
    /// When.
    pub(crate) at_ns: u64,
    /// Its place.
    pub(crate) index: usize,
    /// Its number; another one has the place where it is gone.
    pub(crate) number: u64,
    /// What becomes of its place.
    pub(crate) how: How,
}

/// What becomes of the place of a stream that leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum How {
    /// It is free.
    Leave,
    /// Another one takes it.
    Replace,
    /// The stream is lost, and may come back to it.
    Drop,
}

impl Leaves {
    pub(crate) fn push(&mut self, leave: Leave) {
        self.0.push(Reverse(leave));
    }

    /// The next one, if its time has come; else when it comes.
    pub(crate) fn due(&mut self, now_ns: u64) -> Result<Leave, u64> {
        match self.0.peek() {
            None => Err(u64::MAX),
            Some(Reverse(leave)) if leave.at_ns > now_ns => Err(leave.at_ns),
            Some(_) => self.0.pop().map(|Reverse(leave)| leave).ok_or(u64::MAX),
        }
    }
}
