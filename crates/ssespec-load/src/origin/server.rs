//! The loop of the built-in server: one thread, one poll, one write buffer for all streams.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token, Waker};
use socket2::{Domain, Protocol, Socket, Type};

use super::control::Control;
use super::feed::Feed;
use super::hub::Hub;
use super::request::{Asked, read};
use super::serve::{OriginPlan, OriginReport, Stall};
use crate::alarm::Alarm;
use crate::clock;
use crate::plan::Storm;

const BUFFER_BYTES: usize = 64 * 1024;
/// Connections that wait to be accepted; the system may allow fewer.
const BACKLOG: i32 = 4096;
/// Streams that are fed before sockets have their turn.
const FEEDS_A_TURN: usize = 128;

const LISTENER: Token = Token(usize::MAX);
const ALARM: Token = Token(usize::MAX - 1);
const WAKER: Token = Token(usize::MAX - 2);

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
    cache-control: no-store\r\ntransfer-encoding: chunked\r\n\r\n";
const ACCEPTED: &[u8] = b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n";
const DISMISSAL: &[u8] = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
const STEP_HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n";

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
    /// An accept failed for want of something, so that no event will tell.
    accept_again: bool,
    report: OriginReport,
}

/// A place for a connection. Places are used again; `turn` tells one use from the next.
struct Connection {
    socket: Option<TcpStream>,
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
    /// Closed when the tail is written.
    Last,
}

impl Server {
    pub(crate) fn bind(plan: &OriginPlan) -> io::Result<Self> {
        let domain = Domain::for_address(plan.listen);
        let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        socket.set_reuse_address(true)?;
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
        while !self.control.stopped.load(Ordering::Relaxed) {
            let stall_ns = self.stand_still();
            let feed_ns = self.feed_due();
            let cut_ns = self.cut();
            let wake_ns = feed_ns.min(stall_ns).min(cut_ns).min(clock::now_ns() + 500_000_000);
            let wait = self.alarm.wait_until(wake_ns);
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
                    Token(index) => {
                        if event.is_writable() {
                            self.flush(index);
                        }
                        if event.is_readable() || event.is_read_closed() || event.is_error() {
                            self.hear(index);
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

    fn accept(&mut self) {
        self.accept_again = false;
        loop {
            match self.listener.accept() {
                Ok((socket, _)) => self.admit(socket),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
                Err(_) => {
                    self.accept_again = true;
                    return;
                }
            }
        }
    }

    fn admit(&mut self, mut socket: TcpStream) {
        let index = self.free.pop().unwrap_or(self.connections.len());
        let interest = Interest::READABLE | Interest::WRITABLE;
        if self.poll.registry().register(&mut socket, Token(index), interest).is_err() {
            self.free.push(index);
            return;
        }
        // Events are small, and each is to leave at once.
        let _ = socket.set_nodelay(true);
        self.report.connections += 1;
        let state = State::Request(Vec::new());
        if let Some(connection) = self.connections.get_mut(index) {
            connection.turn = connection.turn.wrapping_add(1);
            connection.socket = Some(socket);
            connection.state = state;
        } else {
            let (socket, tail) = (Some(socket), Vec::new());
            self.connections.push(Connection { socket, turn: 0, state, tail });
        }
    }

    /// Reads what a client says: its request, steps, or that it leaves.
    fn hear(&mut self, index: usize) {
        loop {
            let Some(connection) = self.connections.get_mut(index) else {
                return;
            };
            let Some(socket) = &mut connection.socket else {
                return;
            };
            let len = match socket.read(&mut self.buffer) {
                Ok(0) => return self.close(index),
                Ok(len) => len,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => return self.close(index),
            };
            let bytes = self.buffer.get(..len).unwrap_or_default();
            match &mut connection.state {
                State::Step => self.step(len),
                State::Request(held) => {
                    let asked = if held.is_empty() {
                        read(bytes)
                    } else {
                        held.extend_from_slice(bytes);
                        read(held)
                    };
                    match asked {
                        Some(asked) => self.answer(index, asked),
                        None if held.is_empty() => held.extend_from_slice(bytes),
                        None => {}
                    }
                }
                State::Feed(_) | State::Listen | State::Last => {}
            }
        }
    }

    fn answer(&mut self, index: usize, asked: Asked) {
        let now = clock::now_ns();
        let (head, state) = match asked {
            Asked::Stream(schedule, last_id) => {
                let feed = match last_id {
                    Some(last_id) => Feed::resume(schedule, last_id, now),
                    None => Feed::new(schedule, now),
                };
                (HEAD.to_vec(), State::Feed(Box::new(feed)))
            }
            Asked::Broadcast(schedule, last_id) => {
                let feed = Feed::join(schedule, self.epoch_ns, last_id, now);
                (HEAD.to_vec(), State::Feed(Box::new(feed)))
            }
            Asked::Talk(schedule, ttft_ns) => {
                let feed = Feed::new(schedule, now.saturating_add(ttft_ns));
                (HEAD.to_vec(), State::Feed(Box::new(feed)))
            }
            Asked::Listen(topic) => {
                if let Some(connection) = self.connections.get(index) {
                    self.hub.listen(topic, index, connection.turn);
                }
                (HEAD.to_vec(), State::Listen)
            }
            Asked::Publish(topic, message) => {
                self.publish(topic, &message);
                (ACCEPTED.to_vec(), State::Request(Vec::new()))
            }
            Asked::Step => (STEP_HEAD.to_vec(), State::Step),
            Asked::Nothing(why) => {
                let head = format!(
                    "HTTP/1.1 404 Not Found\r\ncontent-type: text/plain\r\nconnection: close\r\n\
                     content-length: {}\r\n\r\n{why}\n",
                    why.len() + 1
                );
                (head.into_bytes(), State::Last)
            }
        };
        // One who comes back for more than there is is told not to come again.
        let dismissed = matches!(&state, State::Feed(feed) if feed.is_over());
        let (head, state) =
            if dismissed { (DISMISSAL.to_vec(), State::Last) } else { (head, state) };
        if let Some(connection) = self.connections.get_mut(index) {
            connection.state = state;
            self.out.clear();
            self.out.extend_from_slice(&head);
            self.send(index);
        }
    }

    /// Sends a message to all who listen.
    fn publish(&mut self, topic: String, message: &str) {
        let is_there = |index: usize, turn: u32| {
            self.connections.get(index).is_some_and(|it| it.turn == turn && it.socket.is_some())
        };
        let (chunk, listeners) = self.hub.publish(topic, message, is_there);
        for index in listeners {
            match self.connections.get_mut(index) {
                Some(connection) if !connection.tail.is_empty() => {
                    connection.tail.extend_from_slice(&chunk);
                }
                _ => {
                    self.out.clear();
                    self.out.extend_from_slice(&chunk);
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
            if let State::Feed(feed) = &mut connection.state {
                let now = clock::now_ns();
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
            let Some(socket) = &mut connection.socket else {
                return;
            };
            match write(socket, &self.out) {
                Ok(len) if len == self.out.len() => self.out.clear(),
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
            State::Last => self.close(index),
            State::Request(_) | State::Listen | State::Step => {}
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
        let Some(socket) = &mut connection.socket else {
            return;
        };
        match write(socket, &self.out) {
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
            && connection.socket.take().is_some()
        {
            connection.turn = connection.turn.wrapping_add(1);
            connection.state = State::Last;
            connection.tail = Vec::new();
            self.free.push(index);
        }
    }
}

/// Writes as much as the socket takes.
fn write(socket: &mut TcpStream, bytes: &[u8]) -> io::Result<usize> {
    let mut written = 0;
    loop {
        let rest = bytes.get(written..).unwrap_or_default();
        if rest.is_empty() {
            return Ok(written);
        }
        match socket.write(rest) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(len) => written += len,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(written),
            Err(error) => return Err(error),
        }
    }
}
