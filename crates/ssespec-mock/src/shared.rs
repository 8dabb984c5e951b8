//! What all connections of a mock share, and how a request finds its run or its page.

use std::sync::Arc;

use ssespec_net::{Intake, Request};
use tokio::sync::watch;

use crate::diversion::Diversion;
use crate::run::{Registry, RunState};
use crate::visit::Visits;
use crate::{Page, Pages};

/// What the connections share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) intake: Arc<Intake>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) pages: Pages,
    pub(crate) visits: Visits,
    pub(crate) diversion: Option<Diversion>,
    pub(crate) stopped: watch::Receiver<bool>,
}

impl Shared {
    /// The run that a request target belongs to.
    pub(crate) fn run(&self, target: &str) -> Option<Arc<RunState>> {
        if let Some(rest) = target.strip_prefix("/c/") {
            let token = rest.split(['/', '?']).next().unwrap_or_default();
            return self.registry.lock().ok()?.get(token).cloned();
        }
        self.visits.run(target, &self.stopped)
    }

    /// The page for everything else.
    pub(crate) fn page(&self, request: &Request) -> Page {
        let path = request.target.split('?').next().unwrap_or_default();
        self.pages.at(path).unwrap_or_else(|| self.visits.page(request))
    }
}
