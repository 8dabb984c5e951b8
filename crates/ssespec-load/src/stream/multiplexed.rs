//! A stream that has no connection of its own.

use std::borrow::Cow;

use super::{Phase, Stream, dismissal};
use crate::body::Body;
use crate::clock;
use crate::end::End;
use crate::head::{self, Framing};
use crate::latency::Metric;
use crate::plan::Plan;
use crate::tally::Tally;

impl Stream {
    /// What it asks for, as HTTP/1.1 would write it.
    pub(crate) fn request<'a>(&self, plan: &'a Plan) -> Cow<'a, str> {
        plan.request_after(self.watch.number, self.parser.last_event_id())
    }

    /// It has been asked for.
    pub(crate) fn asked(&mut self, now: u64) {
        self.watch.mark_ns = now;
        self.phase = Phase::Head(Vec::new());
    }

    /// The head of the response has come.
    pub(crate) fn answered(
        &mut self,
        head: &http::response::Parts,
        now: u64,
        tally: &mut Tally,
    ) -> Result<(), End> {
        head::judge_parts(head).map_err(|fault| dismissal(fault, self.watch.lost_ns))?;
        tally.streams.opened += 1;
        tally.latencies.record_ns(Metric::Headers, now.saturating_sub(self.watch.mark_ns));
        // The frames say where it ends.
        self.phase = Phase::Body(Body::new(Framing::UntilClose));
        Ok(())
    }

    /// What it means that the server has ended the body.
    ///
    /// # Errors
    /// When it ended before the event that was waited for.
    pub(crate) fn closed_in_order(&mut self, plan: &Plan, tally: &mut Tally) -> Result<End, End> {
        let complete = self.watch.is_complete(clock::now_ns(), true, plan, tally)?;
        Ok(if complete { End::Completed } else { End::Ended })
    }
}
