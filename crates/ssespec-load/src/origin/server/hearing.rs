//! Who comes, what they ask for, and what they are answered.

use std::io::ErrorKind;

use mio::net::TcpStream;
use mio::{Interest, Token};

use super::carrier::Carrier;
use super::{Connection, Server, State};
use crate::clock;
use crate::http2::PREFACE;
use crate::origin::feed::Feed;
use crate::origin::request::{Asked, read};

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
    cache-control: no-store\r\ntransfer-encoding: chunked\r\n\r\n";
const ACCEPTED: &[u8] = b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n";
const DISMISSAL: &[u8] = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
const STEP_HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n";

impl Server {
    pub(super) fn accept(&mut self) {
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
        #[cfg(not(target_os = "linux"))]
        let _ = socket.set_nodelay(true);
        self.report.connections += 1;
        let state = State::Request(Vec::new());
        self.place(index, Carrier::Socket(socket), state);
    }

    /// Puts something in its place.
    pub(super) fn place(&mut self, index: usize, carrier: Carrier, state: State) {
        if let Some(connection) = self.connections.get_mut(index) {
            connection.turn = connection.turn.wrapping_add(1);
            connection.carrier = carrier;
            connection.state = state;
        } else {
            self.connections.push(Connection { carrier, turn: 0, state, tail: Vec::new() });
        }
    }

    /// Reads what a client says: its request, steps, or that it leaves; `closed` where it will say
    /// no more, so that a short read is not the last.
    pub(super) fn hear(&mut self, index: usize, closed: bool) {
        loop {
            let Some(connection) = self.connections.get_mut(index) else {
                return;
            };
            let len = match connection.carrier.read(&mut self.buffer) {
                Ok(0) => return self.close(index),
                Ok(len) => len,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => return self.close(index),
            };
            let bytes = self.buffer.get(..len).unwrap_or_default();
            match &mut connection.state {
                State::Step => self.step(len),
                State::Request(held) if is_preface(held, bytes) => {
                    held.extend_from_slice(bytes);
                    if held.len() >= PREFACE.len() {
                        let early = std::mem::take(held);
                        return self.carry(index, early);
                    }
                }
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
                State::Feed(_) | State::Listen | State::Last | State::Carry => {}
            }
            // The kernel tells anew of what comes after a read that found less than it could.
            if len < self.buffer.len() && !closed {
                return;
            }
        }
    }

    fn answer(&mut self, index: usize, asked: Asked) {
        let (reply, state) = self.decide(index, asked);
        if let Some(connection) = self.connections.get_mut(index) {
            connection.state = state;
            self.out.clear();
            self.out.extend_from_slice(&reply.head());
            self.send(index);
        }
    }

    /// What is answered, and what becomes of the stream.
    pub(super) fn decide(&mut self, index: usize, asked: Asked) -> (Reply, State) {
        let now = clock::now_ns();
        let feed = match asked {
            Asked::Stream(schedule, Some(last_id)) => Feed::resume(schedule, last_id, now),
            Asked::Stream(schedule, None) => Feed::new(schedule, now),
            Asked::Broadcast(schedule, last_id) => {
                Feed::join(schedule, self.epoch_ns, last_id, now)
            }
            Asked::Talk(schedule, ttft_ns) => Feed::new(schedule, now.saturating_add(ttft_ns)),
            Asked::Listen(topic) => {
                if let Some(connection) = self.connections.get(index) {
                    self.hub.listen(topic, index, connection.turn);
                }
                return (Reply::Stream, State::Listen);
            }
            Asked::Publish(topic, message) => {
                self.publish(topic, &message);
                return (Reply::Taken, State::Request(Vec::new()));
            }
            Asked::Step => return (Reply::Step, State::Step),
            Asked::Nothing(why) => return (Reply::Nothing(why), State::Last),
        };
        // One who comes back for more than there is is told not to come again.
        if feed.is_over() {
            return (Reply::Dismissal, State::Last);
        }
        (Reply::Stream, State::Feed(Box::new(feed)))
    }
}

/// Whether a connection that has begun so is one of HTTP/2.
fn is_preface(held: &[u8], bytes: &[u8]) -> bool {
    let begun = held.iter().chain(bytes).take(PREFACE.len());
    begun.zip(PREFACE).all(|(a, b)| a == b)
}

/// What the built-in server answers.
pub(super) enum Reply {
    Stream,
    Taken,
    Dismissal,
    Step,
    /// Nothing that there is; what is said about it.
    Nothing(String),
}

impl Reply {
    /// The head in HTTP/1.1, with its body where that is known.
    fn head(&self) -> Vec<u8> {
        match self {
            Self::Stream => HEAD.to_vec(),
            Self::Taken => ACCEPTED.to_vec(),
            Self::Dismissal => DISMISSAL.to_vec(),
            Self::Step => STEP_HEAD.to_vec(),
            Self::Nothing(why) => format!(
                "HTTP/1.1 404 Not Found\r\ncontent-type: text/plain\r\nconnection: close\r\n\
                 content-length: {}\r\n\r\n{why}\n",
                why.len() + 1
            )
            .into_bytes(),
        }
    }
}
