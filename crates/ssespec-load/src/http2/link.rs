//! One connection of HTTP/2, from the call to connect to its end.

use std::collections::VecDeque;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use h2::client::{Builder, Connection, SendRequest};
use mio::{Interest, Registry, Token};

use super::carrier::{Account, Carrier};
use super::ends;
use super::waking::{Ready, Whom, waker};
use crate::clock;
use crate::dial::{dial, reset_on_close};
use crate::end::{Doing, End};
use crate::latency::Metric;
use crate::pipe::Pipe;
use crate::plan::{Multiplexing, Plan};
use crate::tally::Tally;

/// The window of a stream, where the plan sets none: as much as a socket would hold.
const WINDOW_BYTES: u32 = 256 * 1024;
/// The largest window that there is.
const LARGEST_WINDOW: u64 = (1 << 31) - 1;
/// Small frames that may wait to be read, by what h2 reckons them at. It is the streams that read
/// slowly which have many, and they are not to cost the others their connection.
const FRAME_BUDGET: usize = 1 << 30;

type Spoken = (SendRequest<Bytes>, Connection<Carrier, Bytes>);
type Greeting = Pin<Box<dyn Future<Output = Result<Spoken, h2::Error>>>>;

/// A connection.
pub(super) struct Link {
    phase: Phase,
    account: Rc<Account>,
    pub(super) waker: Waker,
    pub(super) target: SocketAddr,
    intended_ns: u64,
    started_ns: u64,
    mark_ns: u64,
    /// Places of streams that wait to be asked for.
    pub(super) waiting: VecDeque<usize>,
    /// Streams that have a place on it, those that wait among them.
    pub(super) used: usize,
    /// Whether it is among those that have room.
    pub(super) listed: bool,
    /// Whether the settings of the server have come.
    settled: bool,
}

enum Phase {
    Connecting(Pipe),
    ShakingHands(Pipe),
    Greeting(Greeting),
    Open(Box<Spoken>),
    /// No new stream is taken, and those that it has go on.
    Leaving(Box<Spoken>),
    Over,
}

impl Link {
    /// Begins to connect, for the sake of the stream with this number.
    pub(super) fn dial(
        number: u64,
        intended_ns: u64,
        index: usize,
        plan: &Plan,
        registry: &Registry,
        ready: &Ready,
    ) -> Result<Self, End> {
        let connecting = |error| End::io(Doing::Connecting, &error);
        let target = plan.target(number);
        let target = target.ok_or_else(|| End::failed("connect.other", "there is no target"))?;
        let started_ns = clock::now_ns();
        // Connections take turns, not the streams that happen to be the first of one.
        let turn = number / plan.http2.map_or(1, |it| it.streams_per_connection.max(1));
        let mut socket = dial(target, plan.source(turn), None).map_err(connecting)?;
        if plan.reset {
            // Once h2 has the socket, nobody else does.
            reset_on_close(&socket);
        }
        // Requests are small, and so is what opens windows.
        let _ = socket.set_nodelay(true);
        let both = Interest::READABLE | Interest::WRITABLE;
        registry.register(&mut socket, Token(index), both).map_err(connecting)?;
        Ok(Self {
            phase: Phase::Connecting(Pipe::new(socket, &plan.prepared_tls)?),
            account: Rc::default(),
            waker: waker(Whom::Link(index), ready),
            target,
            intended_ns,
            started_ns,
            mark_ns: started_ns,
            waiting: VecDeque::new(),
            used: 0,
            listed: false,
            settled: false,
        })
    }

    /// What has come by it.
    pub(super) fn account(&self) -> &Account {
        &self.account
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Over)
    }

    /// Whether the server has shown that it speaks HTTP/2.
    pub(super) fn is_settled(&self) -> bool {
        self.settled
    }

    /// Gives it up before it has come about, because nobody waits for it any more.
    pub(super) fn give_up(&mut self, tally: &mut Tally) {
        tally.sockets.failed += 1;
        self.phase = Phase::Over;
    }

    /// Whether it stands, so that what is slow is the server.
    pub(super) fn is_connected(&self) -> bool {
        !matches!(self.phase, Phase::Connecting(_))
    }

    /// How many streams it may have: as many as the plan says, and as the server takes.
    pub(super) fn limit(&self, plan: Multiplexing) -> usize {
        let asked = usize::try_from(plan.streams_per_connection).unwrap_or(usize::MAX);
        match &self.phase {
            Phase::Open(spoken) => match spoken.0.current_max_send_streams() {
                // Its settings have not come.
                0 => asked,
                taken => asked.min(taken),
            },
            Phase::Leaving(_) | Phase::Over => 0,
            _ => asked,
        }
    }

    /// Goes on, as far as it goes; its end is an error, in order or not.
    pub(super) fn poll(&mut self, plan: &Plan, tally: &mut Tally) -> Result<(), End> {
        let went = self.go_on(plan, tally);
        tally.traffic.wire_bytes += self.account.take_bytes();
        if went.is_err() {
            let (stood, sockets) = (self.settled, &mut tally.sockets);
            *(if stood { &mut sockets.ended } else { &mut sockets.failed }) += 1;
            self.phase = Phase::Over;
        }
        went
    }

    fn go_on(&mut self, plan: &Plan, tally: &mut Tally) -> Result<(), End> {
        if let Phase::Connecting(pipe) = &self.phase {
            if !pipe.is_connected()? {
                return Ok(());
            }
            let now = clock::now_ns();
            tally.streams.connected += 1;
            let latencies = &mut tally.latencies;
            latencies.record_ns(Metric::Connect, now.saturating_sub(self.started_ns));
            latencies.record_ns(Metric::ConnectCorrected, now.saturating_sub(self.intended_ns));
            self.mark_ns = now;
            self.advance(|pipe| Ok(Phase::ShakingHands(pipe)))?;
        }
        if let Phase::ShakingHands(pipe) = &mut self.phase {
            if !pipe.shake_hands()? {
                return Ok(());
            }
            if pipe.is_tls() {
                if !pipe.has_agreed_on(b"h2") {
                    return Err(ends::unspoken("it did not choose `h2` by ALPN"));
                }
                let took_ns = clock::now_ns().saturating_sub(self.mark_ns);
                tally.latencies.record_ns(Metric::Tls, took_ns);
                tally.streams.resumed += u64::from(pipe.is_resumed());
            }
            let (windows, account) = (windows(plan), &mut self.account);
            let Phase::ShakingHands(pipe) = std::mem::replace(&mut self.phase, Phase::Over) else {
                return Ok(());
            };
            let (carrier, own) = Carrier::new(pipe, Vec::new());
            *account = own;
            let greeting = async move { windows.handshake(carrier).await };
            self.phase = Phase::Greeting(Box::pin(greeting));
        }
        let mut context = Context::from_waker(&self.waker);
        if let Phase::Greeting(greeting) = &mut self.phase {
            let Poll::Ready(greeted) = greeting.as_mut().poll(&mut context) else {
                return Ok(());
            };
            let spoken = greeted.map_err(|it| ends::of(&it, &self.account, Doing::Asking))?;
            self.phase = Phase::Open(Box::new(spoken));
        }
        let (Phase::Open(spoken) | Phase::Leaving(spoken)) = &mut self.phase else {
            return Ok(());
        };
        let polled = Pin::new(&mut spoken.1).poll(&mut context);
        if !self.settled && spoken.0.current_max_send_streams() > 0 {
            self.settled = true;
            tally.sockets.opened += 1;
        }
        match polled {
            Poll::Pending => Ok(()),
            Poll::Ready(Ok(())) => Err(ends::closed(Doing::Asking)),
            Poll::Ready(Err(error)) => Err(ends::of(&error, &self.account, Doing::Asking)),
        }
    }

    fn advance(&mut self, next: impl FnOnce(Pipe) -> Result<Phase, End>) -> Result<(), End> {
        if let Phase::Connecting(pipe) = std::mem::replace(&mut self.phase, Phase::Over) {
            self.phase = next(pipe)?;
        }
        Ok(())
    }

    /// What takes the request of a stream, when one may be asked for now.
    ///
    /// The server may have said that it takes no more; those that have a place here already are to
    /// go elsewhere then.
    pub(super) fn sender(&mut self, plan: Multiplexing) -> Option<&mut SendRequest<Bytes>> {
        let asked = self.used - self.waiting.len();
        if asked >= self.limit(plan) {
            return None;
        }
        let Phase::Open(spoken) = &mut self.phase else {
            return None;
        };
        if spoken.0.current_max_send_streams() == 0 {
            return None;
        }
        match spoken.0.poll_ready(&mut Context::from_waker(&self.waker)) {
            Poll::Ready(Ok(())) => {}
            Poll::Pending => return None,
            Poll::Ready(Err(_)) => {
                if let Phase::Open(spoken) = std::mem::replace(&mut self.phase, Phase::Over) {
                    self.phase = Phase::Leaving(spoken);
                }
                return None;
            }
        }
        match &mut self.phase {
            Phase::Open(spoken) => Some(&mut spoken.0),
            _ => None,
        }
    }

    /// Whether streams that wait here wait in vain: the server has set a limit below them.
    pub(super) fn is_crowded(&self, plan: Multiplexing) -> bool {
        self.used > self.limit(plan)
    }
}

/// What the client says of itself: windows so large that no stream waits for another.
fn windows(plan: &Plan) -> Builder {
    let stream = plan.receive_buffer.map_or(u64::from(WINDOW_BYTES), |it| it.min(LARGEST_WINDOW));
    let streams = plan.http2.map_or(1, |it| it.streams_per_connection);
    let all = stream.saturating_mul(streams).clamp(65_535, LARGEST_WINDOW);
    let size = |bytes: u64| u32::try_from(bytes).unwrap_or(WINDOW_BYTES);
    let mut builder = Builder::new();
    builder
        .initial_window_size(size(stream))
        .initial_connection_window_size(size(all))
        .enable_push(false)
        // None is asked for before the server has said how many it takes.
        .initial_max_send_streams(0)
        .max_local_error_reset_streams(None)
        .data_frame_budget(FRAME_BUDGET);
    builder
}
