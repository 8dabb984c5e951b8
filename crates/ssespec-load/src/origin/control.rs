//! What the loop of the built-in server is told from other threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use mio::Waker;

/// Tells a server things, from any thread.
#[derive(Debug, Clone)]
pub(crate) struct Control {
    pub(super) stopped: Arc<AtomicBool>,
    /// When the run starts; 0 while it is not known.
    pub(super) go_ns: Arc<AtomicU64>,
    pub(super) waker: Arc<Waker>,
}

impl Control {
    pub(crate) fn go(&self, at_ns: u64) {
        self.go_ns.store(at_ns, Ordering::Relaxed);
        // What cannot be woken wakes by itself, each half second.
        let _ = self.waker.wake();
    }

    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        let _ = self.waker.wake();
    }
}
