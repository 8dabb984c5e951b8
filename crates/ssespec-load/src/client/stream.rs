//! One stream of a client, as its adapter reports it.

use std::mem;

use super::message::Report;
use crate::delivery::{Delivery, fingerprint};
use crate::latency::Metric;
use crate::plan::{Ids, Plan};
use crate::tally::Tally;
use crate::watch::{due, judge};

/// Causes that are told apart in one report; the rest are counted together.
const CAUSES: usize = 30;
/// How much of a client's message makes its cause.
const CAUSE_CHARS: usize = 60;

/// How far a stream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The client was told to open it.
    Opening,
    /// It said that it is open.
    Open,
    /// It said that it has lost it, and will come back.
    Lost,
    /// It has given up, and owes its `closed`.
    Failed,
    /// It said that it will do nothing more.
    Over,
}

/// A stream.
#[derive(Debug)]
pub(crate) struct Held {
    number: u64,
    phase: Phase,
    started_ns: u64,
    intended_ns: u64,
    /// When the last event was reported.
    mark_ns: u64,
    has_events: bool,
    /// When it was lost; 0 where it is not.
    lost_ns: u64,
    delivery: Delivery,
}

/// What a report is judged by, and where that is counted.
pub(crate) struct Place<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) expects_losses: bool,
    pub(crate) size_bytes: u64,
    pub(crate) tally: &'a mut Tally,
}

impl Held {
    /// A stream that the client is told to open now.
    pub(crate) fn start(number: u64, intended_ns: u64, now: u64, ids: Ids) -> Self {
        let delivery = match ids {
            Ids::From(first) => Delivery::from_first(first),
            Ids::Opaque | Ids::Consecutive => Delivery::default(),
        };
        Self {
            number,
            phase: Phase::Opening,
            started_ns: now,
            intended_ns,
            mark_ns: 0,
            has_events: false,
            lost_ns: 0,
            delivery,
        }
    }

    pub(crate) fn phase(&self) -> Phase {
        self.phase
    }

    pub(crate) fn started_ns(&self) -> u64 {
        self.started_ns
    }

    /// Takes what the client said of it.
    pub(crate) fn take(&mut self, report: &Report<'_>, now: u64, place: &mut Place<'_>) {
        if self.phase == Phase::Over {
            let number = self.number;
            let example = || format!("stream {number}: a report after `closed`");
            place.tally.violations.count("client.after-closed", example);
            return;
        }
        match report {
            Report::Opened => self.open(place.tally),
            Report::Event { event_type, data, id } => {
                self.open(place.tally);
                self.event(event_type, data, id, now, place);
            }
            Report::Error { fatal, message } => self.error(*fatal, message, now, place),
            Report::Closed => self.closed(place.tally),
            Report::Other => {}
        }
    }

    fn open(&mut self, tally: &mut Tally) {
        match self.phase {
            Phase::Opening => {
                tally.streams.connected += 1;
                tally.streams.opened += 1;
            }
            Phase::Lost => {}
            _ => return,
        }
        self.phase = Phase::Open;
    }

    fn event(&mut self, event_type: &str, data: &str, id: &str, now: u64, place: &mut Place<'_>) {
        let Place { plan, size_bytes, tally, .. } = place;
        tally.traffic.events += 1;
        tally.traffic.body_bytes += data.len() as u64;
        let latencies = &mut tally.latencies;
        if mem::replace(&mut self.has_events, true) {
            latencies.record_ns(Metric::Gap, now.saturating_sub(self.mark_ns));
        } else {
            tally.streams.with_events += 1;
            let after_us = now.saturating_sub(plan.go_ns) / 1000;
            let last = &mut tally.streams.last_first_event_us;
            *last = after_us.max(*last);
            latencies.record_ns(Metric::Ttfe, now.saturating_sub(self.started_ns));
            latencies.record_ns(Metric::TtfeCorrected, now.saturating_sub(self.intended_ns));
        }
        if let lost_ns @ 1.. = mem::take(&mut self.lost_ns) {
            tally.streams.reconnected += 1;
            latencies.record_ns(Metric::Reconnect, now.saturating_sub(lost_ns));
        }
        self.mark_ns = now;
        if let Some(due_ns) = due(data) {
            latencies.record_ns(Metric::Lag, now.saturating_sub(due_ns));
        }
        if is_damaged(data, id, *size_bytes) {
            let number = self.number;
            let example = || format!("stream {number}: event `{id}` with {} bytes", data.len());
            tally.violations.count("client.damaged", example);
        }
        if plan.ids != Ids::Opaque {
            let seen = fingerprint(event_type, data);
            judge(&mut self.delivery, self.number, id, seen, &mut tally.delivery);
        }
    }

    fn error(&mut self, fatal: bool, message: &str, now: u64, place: &mut Place<'_>) {
        let tally = &mut *place.tally;
        let number = self.number;
        let kind = if fatal { "gave-up" } else { "lost" };
        let mut cause = cause(kind, message);
        if tally.errors.0.len() >= CAUSES && !tally.errors.0.contains_key(&cause) {
            cause = format!("{kind}: other");
        }
        tally.errors.count(&cause, || format!("stream {number}: {message}"));
        if fatal {
            if self.phase != Phase::Failed {
                tally.streams.failed += 1;
            }
            self.phase = Phase::Failed;
            return;
        }
        // One that tries to open it again and again has lost it once.
        if self.lost_ns == 0 && self.phase == Phase::Open {
            self.lost_ns = now;
            self.phase = Phase::Lost;
            tally.streams.failed += u64::from(!place.expects_losses);
        }
    }

    fn closed(&mut self, tally: &mut Tally) {
        match self.phase {
            Phase::Opening => {
                let number = self.number;
                tally.streams.failed += 1;
                tally.errors.count("closed.before-open", || {
                    format!("stream {number}: closed before it was open, and no error was told")
                });
            }
            Phase::Open | Phase::Lost => tally.streams.ended += 1,
            Phase::Failed | Phase::Over => {}
        }
        self.phase = Phase::Over;
        self.settle(tally);
    }

    /// It has not come about in time.
    pub(crate) fn give_up(&mut self, tally: &mut Tally) {
        let number = self.number;
        tally.streams.failed += 1;
        tally.errors.count("open.timeout", || {
            format!("stream {number}: the client did not say that it is open")
        });
        self.phase = Phase::Failed;
    }

    /// The run is over: what is open is charged.
    pub(crate) fn finish(&mut self, now: u64, tally: &mut Tally) {
        if self.phase == Phase::Opening {
            tally.streams.unfinished += 1;
        }
        if matches!(self.phase, Phase::Open | Phase::Lost) && self.has_events {
            tally.latencies.record_ns(Metric::Gap, now.saturating_sub(self.mark_ns));
        }
        self.settle(tally);
    }

    /// What is missing now is lost.
    fn settle(&mut self, tally: &mut Tally) {
        for range in self.delivery.finish() {
            tally.delivery.lose(self.number, range);
        }
    }
}

/// What a client's message comes to without what is different each time, such as ports.
fn cause(kind: &str, message: &str) -> String {
    if message.is_empty() {
        return kind.to_owned();
    }
    let mut cause = format!("{kind}: ");
    let mut in_number = false;
    for c in message.chars().take(CAUSE_CHARS) {
        let is_digit = c.is_ascii_digit();
        if is_digit && !in_number {
            cause.push('#');
        } else if c.is_control() {
            cause.push(' ');
        } else if !is_digit {
            cause.push(c);
        }
        in_number = is_digit;
    }
    cause
}

/// Whether an event is not as long as the built-in server made it, or what pads it is not whole.
fn is_damaged(data: &str, id: &str, size_bytes: u64) -> bool {
    if id.is_empty() || !data.starts_with('@') {
        return false;
    }
    let (core, padding) = data.split_once(' ').unwrap_or((data, ""));
    let around = ("id: ".len() + id.len() + "\ndata: ".len() + "\n\n".len()) as u64;
    let bare = around + core.len() as u64;
    let whole = around + data.len() as u64;
    // One that is long enough by itself has no padding.
    let expected = if bare < size_bytes { size_bytes } else { bare };
    whole != expected || padding.bytes().any(|byte| byte != b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_hold_no_numbers() {
        assert_eq!(
            cause("lost", "connect 127.0.0.1:4123: refused\n"),
            "lost: connect #.#.#.#:#: refused "
        );
        assert_eq!(cause("gave-up", ""), "gave-up");
        assert!(cause("lost", &"é".repeat(500)).len() < 200);
    }

    #[test]
    fn damage_shows() {
        // `id: 1`, `data: @5 ...`, with their line ends: 21 bytes.
        let whole = "@5 ....";
        assert!(!is_damaged(whole, "1", 21));
        assert!(is_damaged("@5 ...", "1", 21));
        assert!(is_damaged("@5 ..x.", "1", 21));
        assert!(!is_damaged("@12345", "1", 5));
        assert!(is_damaged("@12345 ..", "1", 5));
        // Another server's data is its own.
        assert!(!is_damaged("hello", "1", 21));
    }
}
