//! One turn of the loop: what sockets have is read, what does not come about is given up.

use std::io;
use std::time::Duration;

use mio::Events;

use super::{ALARM, DRAIN_NS, Reactor, WAKER};
use crate::arrivals::Arrivals;
use crate::clock;
use crate::end::End;
use crate::leaves::{How, Leave};
use crate::stream::{Stream, Turn};

impl Reactor {
    /// Waits, and serves every socket that has something.
    pub(super) fn turn(&mut self, events: &mut Events, wait: Duration) -> io::Result<()> {
        match self.poll.poll(events, Some(wait)) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            other => other?,
        }
        for index in std::mem::take(&mut self.unread) {
            // Another stream may have the place by now, and not be connected yet.
            if self.streams.get(index).is_some_and(Stream::is_connected) {
                self.serve(index, false, true, true);
            }
        }
        for event in events.iter() {
            if event.token() == ALARM || event.token() == WAKER {
                continue;
            }
            if let Some(mux) = &self.mux {
                mux.wake(event.token().0);
                continue;
            }
            let closed = event.is_read_closed() || event.is_error();
            let readable = event.is_readable() || closed;
            self.serve(event.token().0, event.is_writable() || closed, readable, closed);
        }
        self.run_links();
        Ok(())
    }

    fn serve(&mut self, index: usize, writable: bool, readable: bool, closed: bool) {
        let Some(stream) = self.streams.get_mut(index) else {
            return;
        };
        let (was_opening, was_open) = (stream.is_opening(), stream.is_open());
        if !was_opening && !was_open {
            return;
        }
        if was_open && self.plan.is_slow(stream.number()) {
            // It has its own times to read.
            return;
        }
        let mut done = Ok(Turn::Empty);
        if writable && was_opening {
            done = stream.write(&self.plan, &mut self.tally).map(|()| Turn::Empty);
        }
        if readable && done.is_ok() {
            done = stream.read(closed, &mut self.buffer, &self.plan, &mut self.tally);
        }
        self.settle(index, (was_opening, was_open), done);
    }

    /// Takes account of what reading a stream has come to, which was opening, or open, before.
    pub(super) fn settle(
        &mut self,
        index: usize,
        (was_opening, was_open): (bool, bool),
        done: Result<Turn, End>,
    ) {
        match done {
            Ok(Turn::Empty) => {}
            Ok(Turn::More) => self.unread.push(index),
            Err(end) => self.end(index, &end),
        }
        let Some(stream) = self.streams.get(index) else {
            return;
        };
        self.opening -= usize::from(was_opening && !stream.is_opening());
        self.open += usize::from(!was_open && stream.is_open());
        self.open -= usize::from(was_open && !stream.is_open());
        if !was_open && stream.is_open() && self.plan.is_slow(stream.number()) {
            self.tally.streams.slow += 1;
            self.slow.begin(index, stream.number(), &self.plan);
        }
        if let Some(lifetime) = self.plan.lifetime.filter(|_| !was_open && stream.is_open()) {
            let at_ns = clock::now_ns().saturating_add(lifetime.draw(&mut self.chance));
            let open = matches!(self.plan.arrivals, Arrivals::Rates { .. });
            let how = if open { How::Leave } else { How::Replace };
            self.leaves.push(Leave { at_ns, index, number: stream.number(), how });
        }
    }

    /// Gives up streams that do not come about.
    pub(super) fn expire(&mut self, now: u64) {
        if self.opening == 0 {
            return;
        }
        for index in 0..self.streams.len() {
            let late = |it: &&Stream| {
                it.is_opening() && now.saturating_sub(it.started_ns()) > self.plan.timeout_ns
            };
            let overdue = |stream: &Stream| {
                let in_link = self.mux.as_ref().and_then(|mux| mux.overdue(index));
                in_link.unwrap_or_else(|| stream.overdue())
            };
            if let Some(end) = self.streams.get(index).filter(late).map(overdue) {
                self.opening -= 1;
                self.end(index, &end);
            }
        }
    }

    /// Reads what has come by now, so that nothing that was delivered counts as lost.
    pub(super) fn drain(&mut self, events: &mut Events) -> io::Result<()> {
        let until_ns = clock::now_ns() + DRAIN_NS;
        while clock::now_ns() < until_ns {
            self.turn(events, Duration::ZERO)?;
            if events.is_empty() && self.is_idle() {
                break;
            }
        }
        Ok(())
    }
}
