//! What is kept of the events of one stream, and what each new one adds.

use std::mem;

use ssespec_parser::{Event, Item};

use crate::clock;
use crate::delivery::{Arrival, Delivery, Range, fingerprint, leading_number};
use crate::end::End;
use crate::latency::Metric;
use crate::plan::{Ids, Plan};
use crate::reading::{PayloadFault, Reading, sequence};
use crate::talk::{Since, Talk};
use crate::tally::{DeliveryCounts, Tally};

/// What is kept of the events of one stream.
#[derive(Debug)]
pub(crate) struct Watch {
    pub(crate) has_events: bool,
    /// The event that ends the stream has come.
    complete: bool,
    pub(crate) number: u64,
    /// When the predecessor was lost; 0 where there is none.
    pub(crate) lost_ns: u64,
    /// When the last event before the loss came; 0 where there was none.
    last_ns: u64,
    /// The reconnection time that the server has set.
    pub(crate) retry_ms: Option<u32>,
    pub(crate) intended_ns: u64,
    pub(crate) started_ns: u64,
    /// When the request was written, and then when the last event came.
    pub(crate) mark_ns: u64,
    pub(crate) delivery: Delivery,
    /// Only where streams are answers.
    talk: Option<Box<Talk>>,
}

impl Watch {
    pub(crate) fn new(number: u64, intended_ns: u64, plan: &Plan) -> Self {
        let delivery = match plan.ids {
            Ids::From(first) => Delivery::from_first(first),
            Ids::Consecutive | Ids::Opaque => Delivery::default(),
        };
        Self {
            has_events: false,
            complete: false,
            number,
            lost_ns: 0,
            last_ns: 0,
            retry_ms: None,
            intended_ns,
            started_ns: clock::now_ns(),
            mark_ns: 0,
            delivery,
            talk: plan.reading.is_talk().then(Box::default),
        }
    }

    /// The stream is lost now, and will come back.
    pub(crate) fn lose(&mut self) {
        self.lost_ns = clock::now_ns();
        self.last_ns = if self.has_events { self.mark_ns } else { 0 };
    }

    /// Whether the stream has come to the end that was asked for; `ended` where the server has
    /// ended it.
    ///
    /// # Errors
    /// When the server ended it before.
    pub(crate) fn is_complete(
        &mut self,
        now: u64,
        ended: bool,
        plan: &Plan,
        tally: &mut Tally,
    ) -> Result<bool, End> {
        let Some(talk) = &mut self.talk else {
            return Ok(false);
        };
        match &plan.reading.until {
            Some(until) if ended && !self.complete => {
                let message = format!("the server ended the stream before `{until}`");
                return Err(End::failed("closed.before-until", message));
            }
            Some(_) if self.complete => {}
            None if ended => {}
            _ => return Ok(false),
        }
        let since = Since { started_ns: self.started_ns, intended_ns: self.intended_ns };
        talk.complete(now, since, &plan.reading, tally);
        Ok(true)
    }

    /// Something has come.
    #[inline]
    pub(crate) fn item(&mut self, item: &Item<'_>, now: u64, plan: &Plan, tally: &mut Tally) {
        match item {
            Item::Event(event) => self.event(event, now, plan, tally),
            Item::Comment(_) => tally.traffic.comments += 1,
            Item::Retry(retry) => {
                tally.traffic.retries += 1;
                self.retry_ms = Some(u32::try_from(retry.milliseconds).unwrap_or(u32::MAX));
            }
            Item::Violation(violation) => tally
                .violations
                .count(violation.rule, || format!("stream {}: {violation}", self.number)),
            _ => {}
        }
    }

    #[inline]
    fn event(&mut self, event: &Event<'_>, now: u64, plan: &Plan, tally: &mut Tally) {
        tally.traffic.events += 1;
        if plan.is_slow(self.number) {
            // How late it is says nothing of the server.
            self.mark_ns = now;
            return self.deliver(event, plan, tally);
        }
        let latencies = &mut tally.latencies;
        if mem::replace(&mut self.has_events, true) {
            latencies.record_ns(Metric::Gap, now.saturating_sub(self.mark_ns));
        } else {
            self.first(now, plan, tally);
        }
        self.mark_ns = now;
        if plan.scheduled
            && let Some(due_ns) = due(event.data)
        {
            tally.latencies.record_ns(Metric::Lag, now.saturating_sub(due_ns));
            self.replayed(due_ns, tally);
        }
        if self.talk.is_some() {
            self.talk(event, now, &plan.reading, tally);
        }
        if plan.reading.is_payload() && !self.complete {
            self.payload(event, now, plan, tally);
        }
        self.deliver(event, plan, tally);
    }

    /// Counts an event that is older than the connection by which it came, after a loss.
    #[inline]
    fn replayed(&self, sent_ns: u64, tally: &mut Tally) {
        if self.last_ns != 0 && sent_ns < self.started_ns {
            tally.delivery.replayed += 1;
        }
    }

    /// Judges the delivery of an event by its id.
    #[inline]
    fn deliver(&mut self, event: &Event<'_>, plan: &Plan, tally: &mut Tally) {
        if plan.ids != Ids::Opaque && plan.reading.sequence.is_none() {
            let seen = fingerprint(event.event_type, event.data);
            let id = event.last_event_id;
            judge(&mut self.delivery, self.number, id, seen, &mut tally.delivery);
        }
    }

    /// The first event has come.
    fn first(&mut self, now: u64, plan: &Plan, tally: &mut Tally) {
        tally.streams.with_events += 1;
        let latencies = &mut tally.latencies;
        if let lost_ns @ 1.. = mem::take(&mut self.lost_ns) {
            tally.streams.reconnected += 1;
            latencies.record_ns(Metric::Reconnect, now.saturating_sub(lost_ns));
            if self.last_ns != 0 {
                latencies.record_ns(Metric::Blackout, now.saturating_sub(self.last_ns));
            }
        }
        let after_us = now.saturating_sub(plan.go_ns) / 1000;
        let last = &mut tally.streams.last_first_event_us;
        *last = after_us.max(*last);
        latencies.record_ns(Metric::Ttfe, now.saturating_sub(self.started_ns));
        latencies.record_ns(Metric::TtfeCorrected, now.saturating_sub(self.intended_ns));
    }

    /// The event is part of an answer.
    fn talk(&mut self, event: &Event<'_>, now: u64, reading: &Reading, tally: &mut Tally) {
        if reading.until.as_ref().is_some_and(|until| until.matches(event)) {
            self.complete = true;
            return;
        }
        let is_token = reading.first_event.as_ref().is_none_or(|first| first.matches(event));
        if let Some(talk) = self.talk.as_mut().filter(|_| is_token) {
            let since = Since { started_ns: self.started_ns, intended_ns: self.intended_ns };
            talk.token(now, since, reading, tally);
        }
    }

    /// Reads what the payload says of itself.
    fn payload(&mut self, event: &Event<'_>, now: u64, plan: &Plan, tally: &mut Tally) {
        let number = self.number;
        let fault = |fault: &PayloadFault, tally: &mut Tally| {
            tally
                .payload_faults
                .count(fault.cause, || format!("stream {number}: {}", fault.message));
        };
        if let Some(timestamp) = &plan.reading.timestamp {
            match timestamp.read(event.data) {
                Ok(sent_ns) => {
                    let wall_ns = plan.wall_ns.saturating_add(now);
                    if sent_ns > wall_ns {
                        let ahead_us = (sent_ns - wall_ns) / 1000;
                        let message = format!("sent {ahead_us} µs after it came, by its timestamp");
                        fault(&PayloadFault { cause: "timestamp.ahead", message }, tally);
                    }
                    tally.latencies.record_ns(Metric::E2e, wall_ns.saturating_sub(sent_ns));
                    if !plan.scheduled {
                        self.replayed(sent_ns.saturating_sub(plan.wall_ns), tally);
                    }
                }
                Err(why) => fault(&why, tally),
            }
        }
        if let Some(pointer) = &plan.reading.sequence {
            match sequence(pointer, event.data) {
                // Each event has a number of its own, so the content does not matter.
                Ok(id) => judge(&mut self.delivery, number, &id, 0, &mut tally.delivery),
                Err(why) => fault(&why, tally),
            }
        }
    }
}

/// Judges the id of an event.
#[inline]
pub(crate) fn judge(
    delivery: &mut Delivery,
    number: u64,
    id: &str,
    seen: u64,
    counts: &mut DeliveryCounts,
) {
    let lost = |range: Range| counts.lose(number, range);
    let arrival = delivery.observe(id, seen, lost);
    match arrival {
        Arrival::InOrder | Arrival::AfterHole(_) => {}
        Arrival::Duplicated => counts.duplicated += 1,
        Arrival::Reordered => counts.reordered += 1,
        Arrival::Unnumbered => {
            counts.unnumbered += 1;
            return;
        }
        Arrival::Unjudged => counts.unjudged += 1,
    }
    counts.numbered += 1;
}

/// When the schedule of the built-in server says that an event was due: the number after `@`, or
/// the first member of an object.
#[inline]
pub(crate) fn due(data: &str) -> Option<u64> {
    let data = data.as_bytes();
    let text = data.strip_prefix(b"@").or_else(|| data.strip_prefix(b"{\"due_ns\":"))?;
    let (due_ns, len) = leading_number(text)?;
    matches!(text.get(len), None | Some(b' ' | b',')).then_some(due_ns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_tell_when_they_were_due() {
        assert_eq!(due("@123 xxx"), Some(123));
        assert_eq!(due("@123"), Some(123));
        assert_eq!(due("{\"due_ns\":7,\"seq\":1}"), Some(7));
        assert_eq!(due("123"), None);
        assert_eq!(due("@x"), None);
    }
}
