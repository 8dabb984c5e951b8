//! Streams over connections that they share.

use super::Reactor;
use crate::end::End;
use crate::http2::{Mux, Whom};
use crate::stream::{Stream, Turn};

/// How often the list of those that have something to do is worked off before sockets have their
/// turn.
const ROUNDS_A_TURN: usize = 8;

impl Reactor {
    /// Whether nothing is left to be read that no event will tell of.
    pub(super) fn is_idle(&self) -> bool {
        self.unread.is_empty() && self.mux.as_ref().is_none_or(Mux::is_idle)
    }

    /// Lets connections and streams go on that have something to do.
    pub(super) fn run_links(&mut self) {
        for _ in 0..ROUNDS_A_TURN {
            let Some(mux) = &self.mux else {
                return;
            };
            let ready = mux.take_ready();
            if ready.is_empty() {
                return;
            }
            for whom in ready {
                match whom {
                    Whom::Link(link) => self.run_link(link),
                    Whom::Stream(index) => self.read_shared(index),
                }
            }
        }
    }

    fn run_link(&mut self, link: usize) {
        let Some(mux) = &mut self.mux else {
            return;
        };
        let (failed, elsewhere) = mux.go_on(link, &mut self.streams, &self.plan, &mut self.tally);
        for (index, end) in failed {
            self.opening -= usize::from(self.streams.get(index).is_some_and(Stream::is_opening));
            self.end(index, &end);
        }
        for index in elsewhere {
            self.opening -= 1;
            self.dial(index);
        }
    }

    fn read_shared(&mut self, index: usize) {
        let (Some(mux), Some(stream)) = (&mut self.mux, self.streams.get_mut(index)) else {
            return;
        };
        let was = (stream.is_opening(), stream.is_open());
        let slow = was.1 && self.plan.is_slow(stream.number());
        if was == (false, false) || slow {
            return;
        }
        let done = mux.read(index, stream, &self.plan, &mut self.tally);
        self.settle(index, was, done);
    }

    /// Reads a little of a slow stream.
    pub(super) fn sip(&mut self, index: usize, len: usize) -> Result<Turn, End> {
        let Some(stream) = self.streams.get_mut(index) else {
            return Ok(Turn::Empty);
        };
        if let Some(mux) = &mut self.mux {
            return mux.sip(index, len, stream, &self.plan, &mut self.tally);
        }
        let len = len.min(self.buffer.len());
        let buffer = self.buffer.get_mut(..len).unwrap_or_default();
        stream.sip(buffer, &self.plan, &mut self.tally)
    }
}
