//! One stream: connect, ask, judge the head, check every event.

use std::io::{ErrorKind, Read as _, Write as _};
use std::mem;

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use ssespec_parser::{Event, Item, Parser};

use crate::body::{Body, Progress};
use crate::clock;
use crate::delivery::{Arrival, Delivery, Range, fingerprint};
use crate::dial::{dial, reset_on_close};
use crate::end::{Doing, End};
use crate::head;
use crate::latency::Metric;
use crate::plan::{Ids, Plan};
use crate::tally::Tally;

/// How often one stream is read before others have their turn.
const READS_A_TURN: usize = 16;

/// A stream, with all that it keeps while it is idle.
#[derive(Debug)]
pub(crate) struct Stream {
    socket: Option<TcpStream>,
    phase: Phase,
    has_events: bool,
    number: u64,
    /// When the predecessor was lost; 0 where there is none.
    lost_ns: u64,
    /// The reconnection time that the server has set.
    retry_ms: Option<u32>,
    intended_ns: u64,
    started_ns: u64,
    /// When the request was written, and then when the last event came.
    mark_ns: u64,
    delivery: Delivery,
    parser: Parser,
}

#[derive(Debug)]
enum Phase {
    Connecting,
    /// So many bytes of the request are written.
    Asking(usize),
    /// What has come of the head.
    Head(Vec<u8>),
    Body(Body),
    /// Until it is time to come back.
    Away,
    Over,
}

/// Whether a stream has been read empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    Empty,
    /// There may be more; nothing will tell.
    More,
}

impl Stream {
    /// Begins to connect.
    pub(crate) fn start(number: u64, intended_ns: u64, plan: &Plan) -> Self {
        let delivery = match plan.ids {
            Ids::From(first) => Delivery::from_first(first),
            Ids::Consecutive | Ids::Opaque => Delivery::default(),
        };
        Self {
            socket: None,
            phase: Phase::Connecting,
            has_events: false,
            number,
            lost_ns: 0,
            retry_ms: None,
            intended_ns,
            started_ns: clock::now_ns(),
            mark_ns: 0,
            delivery,
            parser: Parser::new().report_violations(true),
        }
    }

    /// Comes back after a loss.
    pub(crate) fn restart(&mut self, intended_ns: u64) {
        self.phase = Phase::Connecting;
        self.has_events = false;
        self.intended_ns = intended_ns;
        self.started_ns = clock::now_ns();
    }

    /// When a stream that is away comes back.
    pub(crate) fn back_ns(&self, plan: &Plan) -> Option<u64> {
        let reconnect = plan.reconnect.filter(|_| matches!(self.phase, Phase::Away))?;
        let retry_ms = self.retry_ms.map_or(reconnect.retry_ms, u64::from);
        Some(clock::now_ns().saturating_add(retry_ms.saturating_mul(1_000_000)))
    }

    /// Opens the socket; its events come with this token.
    pub(crate) fn dial(
        &mut self,
        plan: &Plan,
        registry: &Registry,
        token: Token,
    ) -> Result<(), End> {
        let connecting = |error| End::io(Doing::Connecting, &error);
        let Some(target) = plan.target(self.number) else {
            return Err(End::failed("connect.other", "there is no target"));
        };
        let mut socket = dial(target, plan.source(self.number)).map_err(connecting)?;
        registry
            .register(&mut socket, token, Interest::READABLE | Interest::WRITABLE)
            .map_err(connecting)?;
        self.socket = Some(socket);
        Ok(())
    }

    /// Whether it is an event stream by now, and not over.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Body(_))
    }

    /// Whether it is on the way to become one.
    pub(crate) fn is_opening(&self) -> bool {
        matches!(self.phase, Phase::Connecting | Phase::Asking(_) | Phase::Head(_))
    }

    /// Whether the connection has come about.
    pub(crate) fn is_connected(&self) -> bool {
        !matches!(self.phase, Phase::Connecting)
    }

    /// Why it is given up when it takes too long.
    pub(crate) fn overdue(&self) -> End {
        if self.is_connected() {
            return End::failed("head.timeout", "no head in time");
        }
        End::io(Doing::Connecting, &ErrorKind::TimedOut.into())
    }

    /// Its number among those of all workers.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// When the attempt was started.
    pub(crate) fn started_ns(&self) -> u64 {
        self.started_ns
    }

    /// The socket takes bytes: the connection stands, or has failed.
    pub(crate) fn write(&mut self, plan: &Plan, tally: &mut Tally) -> Result<(), End> {
        let Some(socket) = &mut self.socket else {
            return Ok(());
        };
        if matches!(self.phase, Phase::Connecting) {
            if let Ok(Some(error)) | Err(error) = socket.take_error() {
                return Err(End::io(Doing::Connecting, &error));
            }
            if socket.peer_addr().is_err() {
                // Woken before its time.
                return Ok(());
            }
            let now = clock::now_ns();
            tally.streams.connected += 1;
            let latencies = &mut tally.latencies;
            latencies.record_ns(Metric::Connect, now - self.started_ns);
            latencies.record_ns(Metric::ConnectCorrected, now.saturating_sub(self.intended_ns));
            self.phase = Phase::Asking(0);
        }
        let request = plan.request_after(self.parser.last_event_id());
        while let Phase::Asking(sent) = &mut self.phase {
            let rest = request.as_bytes().get(*sent..).unwrap_or_default();
            if rest.is_empty() {
                self.mark_ns = clock::now_ns();
                self.phase = Phase::Head(Vec::new());
                break;
            }
            match socket.write(rest) {
                Ok(len) => *sent += len,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(End::io(Doing::Asking, &error)),
            }
        }
        Ok(())
    }

    /// Reads what has come, into a buffer that all streams share.
    ///
    /// `closed` says that the peer will send no more, so that a short read is not the last.
    pub(crate) fn read(
        &mut self,
        closed: bool,
        buffer: &mut [u8],
        plan: &Plan,
        tally: &mut Tally,
    ) -> Result<Turn, End> {
        for _ in 0..READS_A_TURN {
            let Some(socket) = &mut self.socket else {
                return Ok(Turn::Empty);
            };
            match socket.read(buffer) {
                Ok(0) => return Err(self.closed()),
                Ok(len) => {
                    let now = clock::now_ns();
                    tally.traffic.wire_bytes += len as u64;
                    let bytes = buffer.get(..len).unwrap_or_default();
                    self.take(bytes, now, plan, tally)?;
                    // The kernel tells anew of what comes after a read that found less than there
                    // was room for.
                    if len < buffer.len() && !closed {
                        return Ok(Turn::Empty);
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Turn::Empty),
                Err(error) => {
                    let doing = if self.is_open() { Doing::Reading } else { Doing::Asking };
                    return Err(End::io(doing, &error));
                }
            }
        }
        Ok(Turn::More)
    }

    /// What it means that the peer has closed.
    fn closed(&self) -> End {
        match &self.phase {
            Phase::Body(body) if body.may_end() => End::Ended,
            Phase::Body(_) => {
                End::failed("closed.mid-body", "the connection was closed within the body")
            }
            _ => End::failed("closed.before-head", "the connection was closed before the head"),
        }
    }

    fn take(&mut self, bytes: &[u8], now: u64, plan: &Plan, tally: &mut Tally) -> Result<(), End> {
        let lost_ns = self.lost_ns;
        match &mut self.phase {
            Phase::Body(_) => self.take_body(bytes, now, plan, tally),
            Phase::Head(so_far) if so_far.is_empty() => {
                if let Some(head) = judge_head(bytes, lost_ns)? {
                    return self.open(head, bytes, now, plan, tally);
                }
                so_far.extend_from_slice(bytes);
                Ok(())
            }
            Phase::Head(so_far) => {
                so_far.extend_from_slice(bytes);
                let Some(head) = judge_head(so_far, lost_ns)? else {
                    return Ok(());
                };
                let whole = mem::take(so_far);
                self.open(head, &whole, now, plan, tally)
            }
            Phase::Connecting | Phase::Asking(_) => {
                Err(End::failed("head.early", "the server spoke before it was asked"))
            }
            Phase::Away | Phase::Over => Ok(()),
        }
    }

    /// The head is complete and good.
    fn open(
        &mut self,
        head: head::Head,
        bytes: &[u8],
        now: u64,
        plan: &Plan,
        tally: &mut Tally,
    ) -> Result<(), End> {
        tally.streams.opened += 1;
        tally.latencies.record_ns(Metric::Headers, now.saturating_sub(self.mark_ns));
        self.phase = Phase::Body(Body::new(head.framing));
        self.take_body(bytes.get(head.len..).unwrap_or_default(), now, plan, tally)
    }

    fn take_body(
        &mut self,
        bytes: &[u8],
        now: u64,
        plan: &Plan,
        tally: &mut Tally,
    ) -> Result<(), End> {
        let Self {
            phase: Phase::Body(body),
            parser,
            delivery,
            has_events,
            mark_ns,
            lost_ns,
            retry_ms,
            ..
        } = self
        else {
            return Ok(());
        };
        let (number, started_ns, intended_ns) = (self.number, self.started_ns, self.intended_ns);
        let go_ns = plan.go_ns;
        let progress = body.feed(bytes, |part| {
            tally.traffic.body_bytes += part.len() as u64;
            let done = parser.feed(part, |item| match item {
                Item::Event(event) => {
                    tally.traffic.events += 1;
                    let latencies = &mut tally.latencies;
                    if mem::replace(has_events, true) {
                        latencies.record_ns(Metric::Gap, now.saturating_sub(*mark_ns));
                    } else {
                        tally.streams.with_events += 1;
                        if let lost_ns @ 1.. = mem::take(lost_ns) {
                            tally.streams.reconnected += 1;
                            latencies.record_ns(Metric::Reconnect, now.saturating_sub(lost_ns));
                        }
                        let after_us = now.saturating_sub(go_ns) / 1000;
                        let last = &mut tally.streams.last_first_event_us;
                        *last = after_us.max(*last);
                        latencies.record_ns(Metric::Ttfe, now.saturating_sub(started_ns));
                        let corrected = now.saturating_sub(intended_ns);
                        latencies.record_ns(Metric::TtfeCorrected, corrected);
                    }
                    *mark_ns = now;
                    if plan.scheduled
                        && let Some(due_ns) = due(event.data)
                    {
                        latencies.record_ns(Metric::Lag, now.saturating_sub(due_ns));
                    }
                    if plan.ids != Ids::Opaque {
                        judge(delivery, number, &event, tally);
                    }
                }
                Item::Comment(_) => tally.traffic.comments += 1,
                Item::Retry(retry) => {
                    tally.traffic.retries += 1;
                    *retry_ms = Some(u32::try_from(retry.milliseconds).unwrap_or(u32::MAX));
                }
                Item::Violation(violation) => tally
                    .violations
                    .count(violation.rule, || format!("stream {number}: {violation}")),
                _ => {}
            });
            done.map_err(End::from)
        })?;
        if progress == Progress::Done { Err(End::Ended) } else { Ok(()) }
    }

    /// Closes the stream because of this, and counts it.
    pub(crate) fn fail(&mut self, end: &End, plan: &Plan, tally: &mut Tally) {
        let number = self.number;
        match end {
            End::Ended => tally.streams.ended += 1,
            End::Dismissed => {}
            End::Dropped => tally.streams.dropped += 1,
            End::Failed { cause, message } => {
                tally.streams.failed += 1;
                tally.errors.count(cause, || format!("stream {number}: {message}"));
            }
        }
        if self.is_open() {
            // What is pending is no violation where the connection broke.
            let in_order = *end == End::Ended;
            let last_event_id = self.parser.last_event_id().to_owned();
            let _ = self.parser.finish(|item| {
                if let Item::Violation(violation) = item
                    && in_order
                {
                    let example = || format!("stream {number}: {violation}");
                    tally.violations.count(violation.rule, example);
                }
            });
            if plan.reconnect.is_some() {
                // As browsers do: it goes with the request of the successor.
                self.parser.set_last_event_id(&last_event_id);
            }
        }
        if plan.reconnect.is_none() || end.is_final() {
            return self.close(plan, tally);
        }
        if self.lost_ns == 0 {
            self.lost_ns = clock::now_ns();
        }
        self.leave(plan);
        self.phase = Phase::Away;
    }

    /// The run is over: what is open is charged, and the stream closed.
    pub(crate) fn finish(&mut self, plan: &Plan, tally: &mut Tally) {
        if self.is_opening() {
            tally.streams.unfinished += 1;
        }
        if self.is_open() && self.has_events {
            let open = clock::now_ns().saturating_sub(self.mark_ns);
            tally.latencies.record_ns(Metric::Gap, open);
        }
        self.close(plan, tally);
    }

    fn close(&mut self, plan: &Plan, tally: &mut Tally) {
        for range in self.delivery.finish() {
            tally.delivery.lose(self.number, range);
        }
        self.leave(plan);
        self.phase = Phase::Over;
    }

    fn leave(&mut self, plan: &Plan) {
        if let Some(socket) = self.socket.take()
            && plan.reset
        {
            reset_on_close(&socket);
        }
    }
}

/// Judges the head of a response; 204 is no fault where a lost stream comes back.
fn judge_head(bytes: &[u8], lost_ns: u64) -> Result<Option<head::Head>, End> {
    head::judge(bytes).map_err(|fault| match fault {
        head::Fault::Status(204, _) if lost_ns > 0 => End::Dismissed,
        fault => fault.into(),
    })
}

/// Judges the id of an event.
#[inline]
fn judge(delivery: &mut Delivery, number: u64, event: &Event<'_>, tally: &mut Tally) {
    let counts = &mut tally.delivery;
    let seen = fingerprint(event.event_type, event.data);
    let lost = |range: Range| counts.lose(number, range);
    let arrival = delivery.observe(event.last_event_id, seen, lost);
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

/// When the schedule of the built-in server says that an event was due: the number after `@`.
pub(crate) fn due(data: &str) -> Option<u64> {
    let text = data.strip_prefix('@')?;
    text.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_stream_is_small() {
        // The target is 1,024 bytes with all that the allocator and the kernel's table add.
        assert!(size_of::<Stream>() <= 512, "{}", size_of::<Stream>());
    }

    #[test]
    fn events_tell_when_they_were_due() {
        assert_eq!(due("@123 xxx"), Some(123));
        assert_eq!(due("@123"), Some(123));
        assert_eq!(due("123"), None);
        assert_eq!(due("@x"), None);
    }
}
