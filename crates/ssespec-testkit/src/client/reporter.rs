//! What the client reports of a stream (`open.announce`, `reconnect.error-event`).

use std::cell::{Cell, RefCell};

use serde_json::json;

use crate::adapter;
use crate::decode::Found;
use crate::defect::{Defect, Switch};

/// Reports on one stream.
#[derive(Debug)]
pub(crate) struct Reporter {
    stream: u64,
    switch: Switch,
    opened: Cell<bool>,
    closed: Cell<bool>,
    muted: Cell<bool>,
    /// The origin of its events.
    origin: RefCell<String>,
}

impl Reporter {
    pub(crate) fn new(stream: u64, switch: Switch) -> Self {
        let (opened, closed, muted, origin) = Default::default();
        Self { stream, switch, opened, closed, muted, origin }
    }

    fn say(&self, report: &serde_json::Value) {
        if !self.muted.get() {
            adapter::say(report);
        }
    }

    /// Nothing is said from now on.
    pub(super) fn mute(&self) {
        self.muted.set(true);
    }

    /// Events come from there.
    pub(super) fn set_origin(&self, origin: String) {
        self.origin.replace(origin);
    }

    /// The stream is open.
    pub(super) fn opened(&self) {
        let again = self.opened.replace(true);
        let unsaid = match self.switch.0 {
            Some(Defect::NeverOpens) => true,
            Some(Defect::OpenedOnceOnly) => again,
            _ => false,
        };
        if !unsaid {
            self.say(&json!({"op": "opened", "stream": self.stream}));
        }
    }

    /// What the decoder found; whether it ends the stream.
    pub(crate) fn found(&self, found: Vec<Found>) -> Option<&'static str> {
        for found in found {
            match found {
                Found::Event(event) => {
                    if self.switch.has(Defect::OpensAtEachEvent) {
                        self.opened();
                    }
                    self.say(&json!({
                        "op": "event",
                        "stream": self.stream,
                        "type": event.kind,
                        "data": event.data,
                        "id": event.id,
                        "origin": *self.origin.borrow(),
                    }));
                }
                Found::Comment(text) => {
                    self.say(&json!({"op": "comment", "stream": self.stream, "text": text}));
                }
                Found::Retry(ms) => {
                    self.say(&json!({"op": "retry", "stream": self.stream, "ms": ms}));
                }
                Found::Fatal(why) => return Some(why),
            }
        }
        None
    }

    fn error(&self, fatal: bool, message: &str) {
        self.say(&json!({
            "op": "error", "stream": self.stream, "fatal": fatal, "message": message
        }));
    }

    /// The connection was lost, and the client reconnects.
    pub(super) fn lost(&self, message: &str) {
        let (times, fatal) = match self.switch.0 {
            Some(Defect::LossNotReported) => (0, false),
            Some(Defect::LossReportedTwice) => (2, false),
            Some(Defect::LossReportedAsFatal) => (1, true),
            _ => (1, false),
        };
        (0..times).for_each(|_| self.error(fatal, message));
    }

    /// The stream has failed for good.
    pub(crate) fn failed(&self, message: &str) {
        let (times, fatal) = match self.switch.0 {
            Some(Defect::FailureNotReported) => (0, true),
            Some(Defect::FailureReportedTwice) => (2, true),
            Some(Defect::FailureReportedAsPassing) => (1, false),
            _ => (1, true),
        };
        (0..times).for_each(|_| self.error(fatal, message));
    }

    /// Nothing more is done on this stream; said once.
    pub(crate) fn closed(&self) {
        if !self.closed.replace(true) {
            self.say(&json!({"op": "closed", "stream": self.stream}));
        }
    }
}
