//! What the loop of the built-in server is told from other threads.

use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use mio::Waker;

/// Tells a server things, from any thread.
#[derive(Debug, Clone)]
pub(crate) struct Control {
    pub(super) stopped: Arc<AtomicBool>,
    /// When the run starts; 0 while it is not known.
    pub(super) go_ns: Arc<AtomicU64>,
    /// Connections that others have accepted.
    pub(super) given: Arc<Mutex<Vec<TcpStream>>>,
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

    /// Gives it a connection that does not block.
    pub(crate) fn give(&self, socket: TcpStream) {
        self.given.lock().unwrap_or_else(PoisonError::into_inner).push(socket);
        let _ = self.waker.wake();
    }

    /// The connections that it has been given.
    pub(super) fn take_given(&self) -> Vec<TcpStream> {
        std::mem::take(&mut *self.given.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
