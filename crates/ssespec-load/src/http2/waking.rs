//! Wakers that put what they wake on a list.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Wake, Waker};

/// What is woken, by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whom {
    /// A connection.
    Link(usize),
    /// A stream.
    Stream(usize),
}

/// Those that were woken, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ready(Arc<Mutex<Vec<Arc<Waking>>>>);

#[derive(Debug)]
struct Waking {
    whom: Whom,
    /// Whether it is on the list.
    listed: AtomicBool,
    ready: Ready,
}

/// A waker that puts this on this list.
pub(crate) fn waker(whom: Whom, ready: &Ready) -> Waker {
    Waker::from(Arc::new(Waking { whom, listed: AtomicBool::new(false), ready: ready.clone() }))
}

impl Wake for Waking {
    fn wake(self: Arc<Self>) {
        Self::wake_by_ref(&self);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.listed.swap(true, Ordering::Relaxed) {
            let mut list = self.ready.0.lock().unwrap_or_else(PoisonError::into_inner);
            list.push(Arc::clone(self));
        }
    }
}

impl Ready {
    /// Whether nobody was woken.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Those that were woken until now.
    pub(crate) fn take(&self) -> Vec<Whom> {
        let list = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let whom = |waking: Arc<Waking>| {
            waking.listed.store(false, Ordering::Relaxed);
            waking.whom
        };
        list.into_iter().map(whom).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_woken_twice_is_on_the_list_once() {
        let ready = Ready::default();
        let (link, stream) = (waker(Whom::Link(1), &ready), waker(Whom::Stream(2), &ready));
        link.wake_by_ref();
        stream.wake_by_ref();
        link.wake_by_ref();
        assert_eq!(ready.take(), [Whom::Link(1), Whom::Stream(2)]);
        assert!(ready.is_empty());
        link.wake();
        assert_eq!(ready.take(), [Whom::Link(1)]);
    }
}
