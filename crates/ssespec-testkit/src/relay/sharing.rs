//! Responses that are given to more than one client: only defects do that.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::sync::watch;

use super::message::Head;

/// What has come of a response so far. The head of one that is waited for is empty.
#[derive(Debug, Clone, Default)]
pub(super) struct Copy {
    pub(super) head: Head,
    pub(super) body: Vec<u8>,
    pub(super) is_over: bool,
}

/// The responses by their targets.
#[derive(Debug, Default)]
pub(super) struct Shelf(Mutex<HashMap<String, Arc<watch::Sender<Copy>>>>);

impl Shelf {
    /// The response that is there for a target.
    pub(super) fn of(&self, target: &str) -> Option<watch::Receiver<Copy>> {
        Some(self.0.lock().ok()?.get(target)?.subscribe())
    }

    /// Makes room for a response.
    pub(super) fn open(&self, target: &str) -> Arc<watch::Sender<Copy>> {
        let copy = Arc::new(watch::Sender::new(Copy::default()));
        if let Ok(mut shelf) = self.0.lock() {
            shelf.insert(target.to_owned(), Arc::clone(&copy));
        }
        copy
    }

    /// Takes a response away.
    pub(super) fn close(&self, target: &str) {
        if let Ok(mut shelf) = self.0.lock() {
            shelf.remove(target);
        }
    }
}
