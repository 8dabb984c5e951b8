//! The loop of the built-in server: one thread, one poll, one write buffer for all streams.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Token, Waker};
use socket2::{Domain, Protocol, Socket, Type};

use self::carrier::Carrier;
use super::control::Control;
use super::feed::Feed;
use super::hub::Hub;
use super::serve::{OriginPlan, OriginReport, Stall};
use crate::alarm::Alarm;
use crate::clock;
use crate::http2::{Ready, Whom};
use crate::plan::Storm;

mod carrier;
mod hearing;
mod sharing;

const BUFFER_BYTES: usize = 64 * 1024;
/// Connections that wait to be accepted; the system may allow fewer.
const BACKLOG: i32 = 4096;
/// How often the loop looks around without being woken.
const LOOK_NS: u64 = 500_000_000;
/// Streams that are fed before sockets have their turn.
const FEEDS_A_TURN: usize = 128;

const LISTENER: Token = Token(usize::MAX);
const ALARM: Token = Token(usize::MAX - 1);
const WAKER: Token = Token(usize::MAX - 2);

/// A stream of the heap: when it is due, its place, and its turn there.
type Due = Reverse<(u64, usize, u32)>;

/// The built-in server.
pub(crate) struct Server {
    poll: Poll,
    listener: TcpListener,
    alarm: Alarm,
    control: Control,
    stalls: Vec<Stall>,
    cuts: Vec<Storm>,
    connections: Vec<Connection>,
    free: Vec<usize>,
    due: BinaryHeap<Due>,
    buffer: Vec<u8>,
    out: Vec<u8>,
    epoch_ns: u64,
    hub: Hub,
    /// Connections of HTTP/2, and their streams, that have something to do.
    ready: Ready,
    /// An accept failed for want of something, so that no event will tell.
    accept_again: bool,
    report: OriginReport,
}

/// A place for a connection, or for a stream of one that others share. Places are used again; `turn` tells one use from the next.
struct Connection {
    carrier: Carrier,
    turn: u32,
    state: State,
    /// What a write could not take.
    tail: Vec<u8>,
}

enum State {
    Request(Vec<u8>),
    Feed(Box<Feed>),
    Step,
    /// On a topic.
    Listen,
    /// It carries streams, which have places of their own.
    Carry,
    /// Closed when the tail is written.
    Last,
}

impl Server {
    pub(crate) fn bind(plan: &OriginPlan) -> io::Result<Self> {
        let domain = Domain::for_address(plan.listen);
        let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        socket.set_reuse_address(true)?;
        // Events are small, and each is to leave at once; on Linux connections inherit it.
        socket.set_tcp_nodelay(true)?;
        socket.bind(&plan.listen.into())?;
        socket.listen(BACKLOG)?;
        let mut listener = TcpListener::from_std(socket.into());
        let poll = Poll::new()?;
        poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
        let alarm = Alarm::new(poll.registry(), ALARM)?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKER)?);
        let control = Control { stopped: Arc::default(), go_ns: Arc::default(), waker };
        let mut stalls = plan.stalls.clone();
        stalls.sort_unstable_by_key(|stall| Reverse(stall.at_ns));
        let mut cuts = plan.cuts.clone();
        cuts.sort_unstable_by_key(|cut| Reverse(cut.at_ns));
        Ok(Self {
            poll,
            listener,
            alarm,
            control,
            stalls,
            cuts,
            connections: Vec::new(),
            free: Vec::new(),
            due: BinaryHeap::new(),
            buffer: vec![0; BUFFER_BYTES],
            out: Vec::with_capacity(2 * BUFFER_BYTES),
            epoch_ns: clock::now_ns(),
            hub: Hub::default(),
            ready: Ready::default(),
            accept_again: false,
            report: OriginReport::default(),
        })
    }

    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    pub(crate) fn control(&self) -> Control {
        self.control.clone()
    }

    pub(crate) fn run(mut self) -> io::Result<OriginReport> {
        let mut events = Events::with_capacity(1024);
        let cpu_ns = clock::cpu_ns();
        // A loop that nobody wakes looks around by itself; the instant stands until it has come, so
        // that the alarm is not set anew in each turn.
        let mut look_ns = 0;
        while !self.control.stopped.load(Ordering::Relaxed) {
            let stall_ns = self.stand_still();
            let feed_ns = self.feed_due();
            let cut_ns = self.cut();
            let now = clock::now_ns();
            if look_ns <= now {
                look_ns = now + LOOK_NS;
            }
            let wake_ns = feed_ns.min(stall_ns).min(cut_ns).min(look_ns);
            self.run_ready();
            let wait =
                if self.ready.is_empty() { self.alarm.wait_until(wake_ns) } else { Duration::ZERO };
            match self.poll.poll(&mut events, Some(wait)) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                other => other?,
            }
            if self.accept_again {
                self.accept();
            }
            for event in &events {
                match event.token() {
                    LISTENER => self.accept(),
                    ALARM | WAKER => {}
                    Token(index) if self.carries(index) => self.run_link(index),
                    Token(index) => {
                        if event.is_writable() {
                            self.flush(index);
                        }
                        if event.is_readable() || event.is_read_closed() || event.is_error() {
                            self.hear(index, event.is_read_closed() || event.is_error());
                        }
                    }
                }
            }
        }
        self.report.cpu_us = (clock::cpu_ns() - cpu_ns) / 1000;
        Ok(self.report)
    }

    /// Does nothing for as long as it is to, and says when that is next.
    fn stand_still(&mut self) -> u64 {
        let go_ns = self.control.go_ns.load(Ordering::Relaxed);
        if go_ns == 0 {
            return u64::MAX;
        }
        while let Some(Stall { at_ns, for_ns }) = self.stalls.last().copied() {
            let (from_ns, now) = (go_ns.saturating_add(at_ns), clock::now_ns());
            if now < from_ns {
                return from_ns;
            }
            let until_ns = from_ns.saturating_add(for_ns);
            std::thread::sleep(Duration::from_nanos(until_ns.saturating_sub(now)));
            self.stalls.pop();
        }
        u64::MAX
    }

    /// Cuts the streams that are to be cut by now, and says when the next are.
    fn cut(&mut self) -> u64 {
        let go_ns = self.control.go_ns.load(Ordering::Relaxed);
        while let Some(next) = self.cuts.last().copied().filter(|_| go_ns > 0) {
            let at_ns = go_ns.saturating_add(next.at_ns);
            if clock::now_ns() < at_ns {
                return at_ns;
            }
            self.cuts.pop();
            for index in 0..self.connections.len() {
                let state = self.connections.get(index).map(|connection| &connection.state);
                if matches!(state, Some(State::Feed(_))) && next.takes(index as u64) {
                    self.report.cut += 1;
                    self.close(index);
                }
            }
        }
        u64::MAX
    }

    /// Feeds streams that are due, and says when the next one is.
    fn feed_due(&mut self) -> u64 {
        for _ in 0..FEEDS_A_TURN {
            let Some(&Reverse((due_ns, index, turn))) = self.due.peek() else {
                return u64::MAX;
            };
            if due_ns > clock::now_ns() {
                return due_ns;
            }
            self.due.pop();
            if self.connections.get(index).is_some_and(|connection| connection.turn == turn) {
                self.feed(index);
            }
        }
        0
    }

    /// Sends a message to all who listen.
    fn publish(&mut self, topic: String, message: &str) {
        let is_there = |index: usize, turn: u32| {
            self.connections.get(index).is_some_and(|it| it.turn == turn && it.carrier.is_there())
        };
        let (event, listeners) = self.hub.publish(topic, message, is_there);
        let chunk = [format!("{:x}\r\n", event.len()).as_bytes(), &event, b"\r\n"].concat();
        for index in listeners {
            let shared = self.connections.get(index).is_some_and(|it| it.carrier.is_shared());
            let chunk = if shared { &event } else { &chunk };
            match self.connections.get_mut(index) {
                Some(connection) if !connection.tail.is_empty() => {
                    connection.tail.extend_from_slice(chunk);
                }
                _ => {
                    self.out.clear();
                    self.out.extend_from_slice(chunk);
                    self.send(index);
                }
            }
            self.report.events += 1;
        }
    }

    /// Lets all stepped streams have so many batches.
    fn step(&mut self, steps: usize) {
        for index in 0..self.connections.len() {
            if let Some(Connection { state: State::Feed(feed), .. }) =
                self.connections.get_mut(index)
                && feed.is_stepped()
            {
                for _ in 0..steps {
                    feed.release();
                }
                self.feed(index);
            }
        }
    }

    /// Sends what is due on a stream, unless the client is still to take what came before.
    fn feed(&mut self, index: usize) {
        if self.connections.get(index).is_some_and(|connection| connection.tail.is_empty()) {
            self.out.clear();
            self.send(index);
        }
    }

    /// Sends what lies in `out` and what is due, for as long as the socket takes it.
    fn send(&mut self, index: usize) {
        let Some(connection) = self.connections.get_mut(index) else {
            return;
        };
        loop {
            let now = clock::now_ns();
            if let State::Feed(feed) = &mut connection.state {
                let report = &mut self.report;
                feed.fill(now, BUFFER_BYTES, &mut self.out, |late_ns| {
                    report.events += 1;
                    report.emission.record_ns(late_ns);
                });
                if feed.is_over() {
                    connection.state = State::Last;
                }
            }
            if self.out.is_empty() {
                break;
            }
            match connection.carrier.write(&self.out) {
                Ok(len) if len == self.out.len() => {
                    self.out.clear();
                    if !matches!(&connection.state, State::Feed(feed) if feed.is_due(now)) {
                        break;
                    }
                }
                Ok(len) => {
                    connection.tail.clear();
                    connection.tail.extend_from_slice(self.out.get(len..).unwrap_or_default());
                    return;
                }
                Err(_) => return self.close(index),
            }
        }
        match &connection.state {
            State::Feed(feed) => {
                if let Some(due_ns) = feed.due_ns() {
                    self.due.push(Reverse((due_ns, index, connection.turn)));
                }
            }
            State::Last => {
                connection.carrier.finish();
                self.close(index);
            }
            State::Request(_) | State::Listen | State::Step | State::Carry => {}
        }
    }

    /// The socket takes bytes again.
    fn flush(&mut self, index: usize) {
        let Some(connection) = self.connections.get_mut(index) else {
            return;
        };
        if connection.tail.is_empty() {
            return;
        }
        self.out.clear();
        self.out.append(&mut connection.tail);
        connection.tail = Vec::new();
        self.send_rest(index);
    }

    /// Sends a tail, and goes on with the stream when all of it is gone.
    fn send_rest(&mut self, index: usize) {
        let Some(connection) = self.connections.get_mut(index) else {
            return;
        };
        match connection.carrier.write(&self.out) {
            Ok(len) if len == self.out.len() => {
                self.out.clear();
                self.send(index);
            }
            Ok(len) => {
                connection.tail.extend_from_slice(self.out.get(len..).unwrap_or_default());
            }
            Err(_) => self.close(index),
        }
    }

    fn close(&mut self, index: usize) {
        if let Some(connection) = self.connections.get_mut(index)
            && connection.carrier.take()
        {
            connection.turn = connection.turn.wrapping_add(1);
            connection.state = State::Last;
            connection.tail = Vec::new();
            self.free.push(index);
        }
    }
}
