//! One stream: connect, ask, judge the head, check every event.

use std::io::ErrorKind;
use std::mem;

use mio::{Interest, Registry, Token};
use ssespec_parser::{Item, Parser};

use crate::body::{Body, Progress};
use crate::clock;
use crate::dial::{dial, reset_on_close};
use crate::end::{Doing, End};
use crate::head;
use crate::latency::Metric;
use crate::pipe::Pipe;
use crate::plan::Plan;
use crate::tally::Tally;
use crate::watch::Watch;

mod multiplexed;

/// How often one stream is read before others have their turn.
pub(crate) const READS_A_TURN: usize = 16;

/// A stream, with all that it keeps while it is idle.
#[derive(Debug)]
pub(crate) struct Stream {
    pipe: Option<Pipe>,
    phase: Phase,
    watch: Watch,
    parser: Parser,
}

#[derive(Debug)]
enum Phase {
    Connecting,
    /// TLS is being agreed upon.
    ShakingHands,
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
        Self {
            pipe: None,
            phase: Phase::Connecting,
            watch: Watch::new(number, intended_ns, plan),
            parser: Parser::new().report_violations(true),
        }
    }

    /// Comes back after a loss.
    pub(crate) fn restart(&mut self, intended_ns: u64) {
        self.phase = Phase::Connecting;
        self.watch.has_events = false;
        self.watch.intended_ns = intended_ns;
        self.watch.started_ns = clock::now_ns();
    }

    /// When a stream that is away comes back.
    pub(crate) fn back_ns(&self, plan: &Plan) -> Option<u64> {
        let reconnect = plan.reconnect.filter(|_| matches!(self.phase, Phase::Away))?;
        let retry_ms = self.watch.retry_ms.map_or(reconnect.retry_ms, u64::from);
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
        let Some(target) = plan.target(self.watch.number) else {
            return Err(End::failed("connect.other", "there is no target"));
        };
        let mut socket = dial(target, plan.source(self.watch.number), plan.receive_buffer)
            .map_err(connecting)?;
        registry
            .register(&mut socket, token, Interest::READABLE | Interest::WRITABLE)
            .map_err(connecting)?;
        self.pipe = Some(Pipe::new(socket, &plan.prepared_tls)?);
        Ok(())
    }

    /// Whether it is an event stream by now, and not over.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Body(_))
    }

    /// Whether it is on the way to become one.
    pub(crate) fn is_opening(&self) -> bool {
        matches!(
            self.phase,
            Phase::Connecting | Phase::ShakingHands | Phase::Asking(_) | Phase::Head(_)
        )
    }

    /// Whether it is to come back.
    pub(crate) fn is_away(&self) -> bool {
        matches!(self.phase, Phase::Away)
    }

    /// Whether it will never be open again.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Over)
    }

    /// Whether the connection has come about.
    pub(crate) fn is_connected(&self) -> bool {
        !matches!(self.phase, Phase::Connecting)
    }

    /// Why it is given up when it takes too long.
    pub(crate) fn overdue(&self) -> End {
        if matches!(self.phase, Phase::ShakingHands) {
            return End::failed("tls.timeout", "no handshake in time");
        }
        if self.is_connected() {
            return End::failed("head.timeout", "no head in time");
        }
        End::io(Doing::Connecting, &ErrorKind::TimedOut.into())
    }

    /// Its number among those of all workers.
    pub(crate) fn number(&self) -> u64 {
        self.watch.number
    }

    /// When the plan wanted the attempt to be started.
    pub(crate) fn intended_ns(&self) -> u64 {
        self.watch.intended_ns
    }

    /// When the attempt was started.
    pub(crate) fn started_ns(&self) -> u64 {
        self.watch.started_ns
    }

    /// The socket takes bytes: the connection stands, or has failed.
    pub(crate) fn write(&mut self, plan: &Plan, tally: &mut Tally) -> Result<(), End> {
        let Some(pipe) = &mut self.pipe else {
            return Ok(());
        };
        if matches!(self.phase, Phase::Connecting) {
            let now = clock::now_ns();
            if pipe.is_tls() {
                if !pipe.is_connected()? {
                    return Ok(());
                }
                self.phase = Phase::ShakingHands;
            } else {
                // A socket that takes the request is connected; one that has failed says why. To
                // ask it first would be two calls more for each stream.
                let request = plan.request_after(self.watch.number, self.parser.last_event_id());
                match pipe.write(request.as_bytes()) {
                    Ok(len) => self.phase = Phase::Asking(len),
                    Err(error) if is_not_yet(&error) => return Ok(()),
                    Err(error) => return Err(End::io(Doing::Connecting, &error)),
                }
            }
            tally.streams.connected += 1;
            let latencies = &mut tally.latencies;
            latencies.record_ns(Metric::Connect, now - self.watch.started_ns);
            latencies
                .record_ns(Metric::ConnectCorrected, now.saturating_sub(self.watch.intended_ns));
            self.watch.mark_ns = now;
        }
        if matches!(self.phase, Phase::ShakingHands) {
            if !pipe.shake_hands()? {
                return Ok(());
            }
            let took_ns = clock::now_ns().saturating_sub(self.watch.mark_ns);
            tally.latencies.record_ns(Metric::Tls, took_ns);
            tally.streams.resumed += u64::from(pipe.is_resumed());
            self.phase = Phase::Asking(0);
        }
        pipe.flush().map_err(|error| End::io(Doing::Asking, &error))?;
        if !matches!(self.phase, Phase::Asking(_)) {
            return Ok(());
        }
        let request = plan.request_after(self.watch.number, self.parser.last_event_id());
        while let Phase::Asking(sent) = &mut self.phase {
            let rest = request.as_bytes().get(*sent..).unwrap_or_default();
            if rest.is_empty() {
                self.watch.mark_ns = clock::now_ns();
                self.phase = Phase::Head(Vec::new());
                break;
            }
            match pipe.write(rest) {
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
        if matches!(self.phase, Phase::ShakingHands) {
            self.write(plan, tally)?;
            if matches!(self.phase, Phase::ShakingHands) {
                return Ok(Turn::Empty);
            }
        }
        for _ in 0..READS_A_TURN {
            let Some(pipe) = &mut self.pipe else {
                return Ok(Turn::Empty);
            };
            let tells = !pipe.is_tls() && !closed;
            match pipe.read(buffer) {
                Ok(0) => {
                    let (end, now) = (self.closed(), clock::now_ns());
                    let ended = end == End::Ended;
                    return Err(if ended && self.watch.is_complete(now, true, plan, tally)? {
                        End::Completed
                    } else {
                        end
                    });
                }
                Ok(len) => {
                    let now = clock::now_ns();
                    tally.traffic.wire_bytes += len as u64;
                    let bytes = buffer.get(..len).unwrap_or_default();
                    self.take(bytes, now, plan, tally)?;
                    // The kernel tells anew of what comes after a read that found less than there
                    // was room for.
                    if len < buffer.len() && tells {
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

    /// Reads once, as a slow consumer does, into a buffer as small as what it takes.
    pub(crate) fn sip(
        &mut self,
        buffer: &mut [u8],
        plan: &Plan,
        tally: &mut Tally,
    ) -> Result<Turn, End> {
        let Some(pipe) = &mut self.pipe else {
            return Ok(Turn::Empty);
        };
        match pipe.read(buffer) {
            Ok(0) => Err(self.closed()),
            Ok(len) => {
                tally.traffic.wire_bytes += len as u64;
                let bytes = buffer.get(..len).unwrap_or_default();
                self.take(bytes, clock::now_ns(), plan, tally)?;
                Ok(if len == buffer.len() { Turn::More } else { Turn::Empty })
            }
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) =>
            {
                Ok(Turn::Empty)
            }
            Err(error) => Err(End::io(Doing::Reading, &error)),
        }
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
        let lost_ns = self.watch.lost_ns;
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
            Phase::Connecting | Phase::ShakingHands | Phase::Asking(_) => {
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
        tally.latencies.record_ns(Metric::Headers, now.saturating_sub(self.watch.mark_ns));
        self.phase = Phase::Body(Body::new(head.framing));
        self.take_body(bytes.get(head.len..).unwrap_or_default(), now, plan, tally)
    }

    /// Takes bytes of the body as they came.
    pub(crate) fn take_body(
        &mut self,
        bytes: &[u8],
        now: u64,
        plan: &Plan,
        tally: &mut Tally,
    ) -> Result<(), End> {
        let Self { phase: Phase::Body(body), parser, watch, .. } = self else {
            return Ok(());
        };
        let progress = body.feed(bytes, |part| {
            tally.traffic.body_bytes += part.len() as u64;
            let done = parser.feed(part, |item| watch.item(&item, now, plan, tally));
            done.map_err(End::from)
        })?;
        if watch.is_complete(now, progress == Progress::Done, plan, tally)? {
            return Err(End::Completed);
        }
        if progress == Progress::Done { Err(End::Ended) } else { Ok(()) }
    }

    /// Closes the stream because of this, and counts it.
    pub(crate) fn fail(&mut self, end: &End, plan: &Plan, tally: &mut Tally) {
        let number = self.watch.number;
        match end {
            End::Ended => tally.streams.ended += 1,
            End::Completed | End::Dismissed => {}
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
        if self.watch.lost_ns == 0 {
            self.watch.lose();
        }
        self.leave(plan);
        self.phase = Phase::Away;
    }

    /// The run is over: what is open is charged, and the stream closed.
    pub(crate) fn finish(&mut self, plan: &Plan, tally: &mut Tally) {
        if self.is_opening() {
            tally.streams.unfinished += 1;
        }
        let counts = !plan.is_slow(self.watch.number);
        if self.is_open() && self.watch.has_events && counts {
            let open = clock::now_ns().saturating_sub(self.watch.mark_ns);
            tally.latencies.record_ns(Metric::Gap, open);
        }
        self.close(plan, tally);
    }

    fn close(&mut self, plan: &Plan, tally: &mut Tally) {
        for range in self.watch.delivery.finish() {
            tally.delivery.lose(self.watch.number, range);
        }
        self.leave(plan);
        self.phase = Phase::Over;
    }

    fn leave(&mut self, plan: &Plan) {
        if let Some(pipe) = self.pipe.take()
            && plan.reset
        {
            reset_on_close(pipe.socket());
        }
    }
}

/// Whether a connection is still on its way: the system was early, or a signal came.
fn is_not_yet(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::NotConnected | ErrorKind::Interrupted)
}

/// Judges the head of a response; 204 is no fault where a lost stream comes back.
fn judge_head(bytes: &[u8], lost_ns: u64) -> Result<Option<head::Head>, End> {
    head::judge(bytes).map_err(|fault| dismissal(fault, lost_ns))
}

fn dismissal(fault: head::Fault, lost_ns: u64) -> End {
    match fault {
        head::Fault::Status(204, _) if lost_ns > 0 => End::Dismissed,
        fault => fault.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_stream_is_small() {
        // The target is 1,024 bytes with all that the allocator and the kernel's table add.
        assert!(size_of::<Stream>() <= 512, "{}", size_of::<Stream>());
    }
}
