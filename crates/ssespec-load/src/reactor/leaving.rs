//! Streams that leave, or are dropped, because the plan says so.

use super::{Reactor, STARTS_A_TURN};
use crate::arrivals::whole;
use crate::clock;
use crate::end::End;
use crate::leaves::{How, Leave};
use crate::plan::Storm;
use crate::starts::Start;
use crate::stream::Stream;

impl Reactor {
    /// Lets streams leave whose time is over, and says when that of the next one is.
    pub(super) fn let_leave(&mut self, go_ns: u64) -> u64 {
        for _ in 0..STARTS_A_TURN {
            let leave = match self.leaves.due(clock::now_ns()) {
                Ok(leave) => leave,
                Err(next_ns) => return next_ns,
            };
            let Some(stream) = self.streams.get_mut(leave.index) else {
                continue;
            };
            if stream.number() != leave.number || stream.is_over() {
                continue;
            }
            if leave.how == How::Drop {
                if stream.is_open() {
                    self.open -= 1;
                    self.end(leave.index, &End::Dropped);
                }
                continue;
            }
            self.opening -= usize::from(stream.is_opening());
            self.open -= usize::from(stream.is_open());
            stream.finish(&self.plan, &mut self.tally);
            if let Some(mux) = &mut self.mux {
                mux.leave(leave.index, &mut self.tally);
            }
            self.tally.streams.left += 1;
            self.free.push(leave.index);
            let after_go = |at_ns: u64| at_ns.saturating_sub(go_ns);
            let until_ns = self.untils.remove(&leave.number).map(after_go);
            if leave.how == How::Replace {
                self.starts.replace(Start { after_ns: Some(after_go(leave.at_ns)), until_ns });
            }
        }
        0
    }

    /// Drops the streams that the plan drops by now, and says when it drops the next.
    pub(super) fn drop_streams(&mut self, go_ns: u64) -> u64 {
        let due = |storm: &Storm| go_ns.saturating_add(storm.at_ns);
        while let Some(next) = self.plan.storms.last().copied() {
            if due(&next) > clock::now_ns() {
                return due(&next);
            }
            self.plan.storms.pop();
            for index in 0..self.streams.len() {
                let taken = |it: &Stream| it.is_open() && next.takes(it.number());
                let Some(stream) = self.streams.get(index).filter(|it| taken(it)) else {
                    continue;
                };
                if next.jitter_ns > 0 {
                    let after_ns = whole(next.jitter_ns as f64 * self.chance.share());
                    let at_ns = due(&next).saturating_add(after_ns);
                    let number = stream.number();
                    self.leaves.push(Leave { at_ns, index, number, how: How::Drop });
                } else {
                    self.open -= 1;
                    self.end(index, &End::Dropped);
                }
            }
        }
        u64::MAX
    }
}
