//! The connections of a worker, and which stream has its place on which.

use std::collections::BTreeMap;
use std::future::Future as _;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use h2::RecvStream;
use h2::client::ResponseFuture;
use mio::Registry;

use super::asking;
use super::ends;
use super::link::Link;
use super::waking::{Ready, Whom, waker};
use crate::clock;
use crate::end::{Doing, End};
use crate::plan::{Multiplexing, Plan};
use crate::stream::{READS_A_TURN, Stream, Turn};
use crate::tally::Tally;

/// All connections, and the lanes on them: a stream has the lane of its own place.
pub(crate) struct Mux {
    plan: Multiplexing,
    ready: Ready,
    links: Vec<Link>,
    /// Places of connections that are over.
    free: Vec<usize>,
    /// Connections with room, by where they lead.
    roomy: BTreeMap<SocketAddr, Vec<usize>>,
    lanes: Vec<Lane>,
}

/// What a stream has of its connection.
#[derive(Default)]
struct Lane {
    link: Option<usize>,
    flow: Flow,
    waker: Option<Waker>,
    /// What a slow reader has been given and not read.
    held: Bytes,
}

#[derive(Default)]
enum Flow {
    /// There is nothing, or the connection is not there yet.
    #[default]
    None,
    Answer(ResponseFuture),
    Body(RecvStream),
}

impl Mux {
    pub(crate) fn new(plan: Multiplexing) -> Self {
        Self {
            plan,
            ready: Ready::default(),
            links: Vec::new(),
            free: Vec::new(),
            roomy: BTreeMap::new(),
            lanes: Vec::new(),
        }
    }

    /// Those that have something to do.
    pub(crate) fn take_ready(&self) -> Vec<Whom> {
        self.ready.take()
    }

    /// Whether nobody has.
    pub(crate) fn is_idle(&self) -> bool {
        self.ready.is_empty()
    }

    /// Gives a stream a place on a connection, and opens one where none has room.
    pub(crate) fn enter(
        &mut self,
        index: usize,
        stream: &Stream,
        plan: &Plan,
        registry: &Registry,
        tally: &mut Tally,
    ) -> Result<(), End> {
        let (number, intended_ns) = (stream.number(), stream.intended_ns());
        let target = plan.target(number);
        let link = match target.and_then(|target| self.with_room(target)) {
            Some(link) => link,
            None => self.open(number, intended_ns, plan, registry, tally)?,
        };
        if self.lanes.len() <= index {
            self.lanes.resize_with(index + 1, Lane::default);
        }
        if let (Some(lane), Some(own)) = (self.lanes.get_mut(index), self.links.get_mut(link)) {
            let waker = waker(Whom::Stream(index), &self.ready);
            *lane = Lane { link: Some(link), waker: Some(waker), ..Lane::default() };
            own.waiting.push_back(index);
            own.used += 1;
            own.waker.wake_by_ref();
        }
        Ok(())
    }

    /// A connection that leads there and has room.
    fn with_room(&mut self, target: SocketAddr) -> Option<usize> {
        let roomy = self.roomy.get_mut(&target)?;
        while let Some(index) = roomy.last().copied() {
            match self.links.get_mut(index) {
                Some(link) if link.used < link.limit(self.plan) => return Some(index),
                Some(link) => link.listed = false,
                None => {}
            }
            roomy.pop();
        }
        None
    }

    fn open(
        &mut self,
        number: u64,
        intended_ns: u64,
        plan: &Plan,
        registry: &Registry,
        tally: &mut Tally,
    ) -> Result<usize, End> {
        let index = self.free.pop().unwrap_or(self.links.len());
        tally.sockets.started += 1;
        let dialled = Link::dial(number, intended_ns, index, plan, registry, &self.ready);
        let link = dialled.inspect_err(|_| {
            tally.sockets.failed += 1;
            if index < self.links.len() {
                self.free.push(index);
            }
        })?;
        match self.links.get_mut(index) {
            Some(place) => *place = link,
            None => self.links.push(link),
        }
        self.list(index);
        Ok(index)
    }

    /// Puts a connection among those that have room.
    fn list(&mut self, index: usize) {
        if let Some(link) = self.links.get_mut(index).filter(|link| !link.listed) {
            link.listed = true;
            self.roomy.entry(link.target).or_default().push(index);
        }
    }

    /// The socket of a connection has something, or takes something.
    pub(crate) fn wake(&self, index: usize) {
        if let Some(link) = self.links.get(index) {
            link.waker.wake_by_ref();
        }
    }

    /// Lets a connection go on; the streams that fail with it, and those that are to go elsewhere,
    /// by their places.
    pub(crate) fn go_on(
        &mut self,
        index: usize,
        streams: &mut [Stream],
        plan: &Plan,
        tally: &mut Tally,
    ) -> (Vec<(usize, End)>, Vec<usize>) {
        let Some(link) = self.links.get_mut(index).filter(|link| !link.is_over()) else {
            return (Vec::new(), Vec::new());
        };
        let mut failed = Vec::new();
        if let Err(end) = link.poll(plan, tally) {
            failed.extend(link.waiting.drain(..).map(|stream| (stream, end.clone())));
            self.retire(index);
            return (failed, Vec::new());
        }
        while let Some(stream) = link.waiting.front().copied() {
            let Some(sender) = link.sender(self.plan) else {
                break;
            };
            let place = streams.get_mut(stream).zip(self.lanes.get_mut(stream));
            let asked = place.map(|(stream, lane)| {
                let wire = stream.request(plan);
                let (request, body) = asking::request(&wire, plan.tls.is_some())?;
                let sent = sender.send_request(request, body.is_empty());
                let (answer, mut sending) =
                    sent.map_err(|it| End::failed("http2.request", it.to_string()))?;
                if !body.is_empty() {
                    let sent = sending.send_data(body, true);
                    sent.map_err(|it| End::failed("http2.request", it.to_string()))?;
                }
                lane.flow = Flow::Answer(answer);
                stream.asked(clock::now_ns());
                // So that it says whom to wake.
                if let Some(waker) = &lane.waker {
                    waker.wake_by_ref();
                }
                Ok::<(), End>(())
            });
            link.waiting.pop_front();
            if let Some(Err(end)) = asked {
                failed.push((stream, end));
            }
        }
        let mut elsewhere = Vec::new();
        while link.is_crowded(self.plan)
            && let Some(stream) = link.waiting.pop_back()
        {
            elsewhere.push(stream);
            link.used -= 1;
        }
        for stream in &elsewhere {
            if let Some(lane) = self.lanes.get_mut(*stream) {
                *lane = Lane::default();
            }
        }
        (failed, elsewhere)
    }

    /// Reads what has come for a stream.
    pub(crate) fn read(
        &mut self,
        index: usize,
        stream: &mut Stream,
        plan: &Plan,
        tally: &mut Tally,
    ) -> Result<Turn, End> {
        let Some(Lane { link, flow, waker: Some(waker), .. }) = self.lanes.get_mut(index) else {
            return Ok(Turn::Empty);
        };
        let link = link.and_then(|link| self.links.get(link));
        let failed = |error: &h2::Error, doing: Doing| match link {
            Some(link) => ends::of(error, link.account(), doing),
            None => ends::closed(doing),
        };
        let mut context = Context::from_waker(waker);
        if let Flow::Answer(answer) = flow {
            let Poll::Ready(answered) = Pin::new(answer).poll(&mut context) else {
                return Ok(Turn::Empty);
            };
            let answer = answered.map_err(|error| failed(&error, Doing::Asking))?;
            let (head, body) = answer.into_parts();
            *flow = Flow::Body(body);
            stream.answered(&head, clock::now_ns(), tally)?;
            if plan.is_slow(stream.number()) {
                // It has its own times to read.
                return Ok(Turn::Empty);
            }
        }
        let Flow::Body(body) = flow else {
            return Ok(Turn::Empty);
        };
        for _ in 0..READS_A_TURN {
            match body.poll_data(&mut context) {
                Poll::Pending => return Ok(Turn::Empty),
                Poll::Ready(Some(Ok(bytes))) => {
                    stream.take_body(&bytes, clock::now_ns(), plan, tally)?;
                    // One that is over needs no window.
                    let _ = body.flow_control().release_capacity(bytes.len());
                }
                Poll::Ready(Some(Err(error))) => return Err(failed(&error, Doing::Reading)),
                Poll::Ready(None) => return Err(stream.closed_in_order(plan, tally)?),
            }
        }
        waker.wake_by_ref();
        Ok(Turn::Empty)
    }

    /// Reads a little, as a slow consumer does; the window is opened by as much.
    pub(crate) fn sip(
        &mut self,
        index: usize,
        len: usize,
        stream: &mut Stream,
        plan: &Plan,
        tally: &mut Tally,
    ) -> Result<Turn, End> {
        let Some(Lane { link, flow: Flow::Body(body), waker: Some(waker), held }) =
            self.lanes.get_mut(index)
        else {
            return Ok(Turn::Empty);
        };
        let mut left = len;
        while left > 0 {
            if held.is_empty() {
                *held = match body.poll_data(&mut Context::from_waker(waker)) {
                    Poll::Pending => return Ok(Turn::Empty),
                    Poll::Ready(Some(Ok(bytes))) => bytes,
                    Poll::Ready(Some(Err(error))) => {
                        let link = link.and_then(|link| self.links.get(link));
                        return Err(match link {
                            Some(link) => ends::of(&error, link.account(), Doing::Reading),
                            None => ends::closed(Doing::Reading),
                        });
                    }
                    Poll::Ready(None) => return Err(stream.closed_in_order(plan, tally)?),
                };
                if held.is_empty() {
                    continue;
                }
            }
            let part = held.split_to(left.min(held.len()));
            left -= part.len();
            stream.take_body(&part, clock::now_ns(), plan, tally)?;
            let _ = body.flow_control().release_capacity(part.len());
        }
        Ok(Turn::More)
    }

    /// Why a stream is given up that waits for its connection; `None` where it does not.
    pub(crate) fn overdue(&self, index: usize) -> Option<End> {
        let lane = self.lanes.get(index).filter(|lane| matches!(lane.flow, Flow::None))?;
        let link = lane.link.and_then(|link| self.links.get(link))?;
        let message = "no settings of HTTP/2 in time, or none that allow a stream";
        link.is_connected().then(|| End::failed("http2.timeout", message))
    }

    /// A stream is over, or lost: what it had is given back, and the server is told where it has
    /// not said the last word.
    pub(crate) fn leave(&mut self, index: usize, tally: &mut Tally) {
        let Some(lane) = self.lanes.get_mut(index) else {
            return;
        };
        let lane = std::mem::take(lane);
        let Some((at, link)) = lane.link.and_then(|at| Some((at, self.links.get_mut(at)?))) else {
            return;
        };
        link.waiting.retain(|waiting| *waiting != index);
        link.used = link.used.saturating_sub(1);
        drop(lane);
        if link.used == 0 && !link.is_settled() && !link.is_over() {
            // Else the next ones would wait for what these have waited for in vain.
            link.give_up(tally);
        }
        if link.is_over() {
            self.retire(at);
        } else {
            // Also to let those go on that wait for its place.
            link.waker.wake_by_ref();
            self.list(at);
        }
    }

    /// Frees the place of a connection that is over, when no stream is on it any more.
    fn retire(&mut self, index: usize) {
        let Some(link) = self.links.get_mut(index).filter(|link| link.is_over()) else {
            return;
        };
        if std::mem::take(&mut link.listed)
            && let Some(roomy) = self.roomy.get_mut(&link.target)
        {
            roomy.retain(|it| *it != index);
        }
        if link.used == 0 && !self.free.contains(&index) {
            self.free.push(index);
        }
    }
}
