//! Connections of HTTP/2, and the streams that share them.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use h2::server::{Builder, Connection as Spoken, Handshake, SendResponse};
use h2::{Reason, RecvStream};
use http::{Request, Response, StatusCode};

use super::carrier::{Carrier, Shared};
use super::hearing::Reply;
use super::{Server, State, Whom};
use crate::http2;
use crate::origin::request::of_head;
use crate::pipe::Pipe;

/// How often the list of those that have something to do is worked off before sockets have their
/// turn.
const ROUNDS_A_TURN: usize = 8;
/// Streams that a client may reset in a short time; a storm of them is what it is here for.
const MOST_RESETS: usize = 1 << 20;

/// A connection that carries streams.
pub(super) struct Link {
    phase: Phase,
    waker: Waker,
}

enum Phase {
    Greeting(Box<Handshake<http2::Carrier, Bytes>>),
    Open(Box<Spoken<http2::Carrier, Bytes>>),
}

type Asked = (Request<RecvStream>, SendResponse<Bytes>);

impl Link {
    /// Goes on as far as it goes; a stream that is asked for, or `None` at its end.
    fn poll(&mut self) -> Poll<Option<Asked>> {
        let mut context = Context::from_waker(&self.waker);
        if let Phase::Greeting(greeting) = &mut self.phase {
            match Pin::new(greeting).poll(&mut context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(_)) => return Poll::Ready(None),
                Poll::Ready(Ok(spoken)) => self.phase = Phase::Open(Box::new(spoken)),
            }
        }
        let Phase::Open(spoken) = &mut self.phase else {
            return Poll::Pending;
        };
        spoken.poll_accept(&mut context).map(|asked| asked.and_then(Result::ok))
    }
}

impl Server {
    /// Makes a connection that has begun as one of HTTP/2 carry streams.
    pub(super) fn carry(&mut self, index: usize, early: Vec<u8>) {
        let Some(connection) = self.connections.get_mut(index) else {
            return;
        };
        let Carrier::Socket(socket) = std::mem::replace(&mut connection.carrier, Carrier::None)
        else {
            return;
        };
        let (carrier, _) = http2::Carrier::new(Pipe::Plain(socket), early);
        let greeting = Builder::new()
            .max_pending_accept_reset_streams(MOST_RESETS)
            .max_concurrent_reset_streams(MOST_RESETS)
            .max_local_error_reset_streams(None)
            .handshake(carrier);
        let waker = http2::waker(Whom::Link(index), &self.ready);
        let link = Link { phase: Phase::Greeting(Box::new(greeting)), waker };
        connection.carrier = Carrier::Link(Box::new(link));
        connection.state = State::Carry;
        self.run_link(index);
    }

    /// Whether it is a connection that carries streams.
    pub(super) fn carries(&self, index: usize) -> bool {
        matches!(
            self.connections.get(index).map(|connection| &connection.carrier),
            Some(Carrier::Link(_))
        )
    }

    /// Lets those go on that have something to do.
    pub(super) fn run_ready(&mut self) {
        for _ in 0..ROUNDS_A_TURN {
            let ready = self.ready.take();
            if ready.is_empty() {
                return;
            }
            for whom in ready {
                match whom {
                    Whom::Link(index) => self.run_link(index),
                    Whom::Stream(index) => self.go_on(index),
                }
            }
        }
    }

    /// Lets a connection go on, and answers what is asked for on it.
    pub(super) fn run_link(&mut self, index: usize) {
        loop {
            let Some(connection) = self.connections.get_mut(index) else {
                return;
            };
            let Carrier::Link(link) = &mut connection.carrier else {
                return;
            };
            match link.poll() {
                Poll::Pending => return,
                // Its streams are woken, and find that it has gone.
                Poll::Ready(None) => return self.close(index),
                Poll::Ready(Some((request, answer))) => self.admit_shared(&request, answer),
            }
        }
    }

    fn admit_shared(&mut self, request: &Request<RecvStream>, mut answer: SendResponse<Bytes>) {
        let target = request.uri().path_and_query().map_or("/", |it| it.as_str());
        let last_id = request.headers().get("last-event-id");
        let last_id = last_id.and_then(|it| it.to_str().ok()?.trim().parse().ok());
        let index = self.free.pop().unwrap_or(self.connections.len());
        self.place(index, Carrier::None, State::Last);
        let asked = of_head(request.method().as_str(), target, last_id);
        let (reply, state) = self.decide(index, asked);
        let state = match state {
            State::Feed(feed) => State::Feed(Box::new(feed.without_chunks())),
            other => other,
        };
        let (head, body) = reply.in_frames();
        let whole = matches!(state, State::Last) && body.is_empty();
        let Ok(sending) = answer.send_response(head, whole) else {
            self.free.push(index);
            return;
        };
        if whole {
            self.free.push(index);
            return;
        }
        let waker = http2::waker(Whom::Stream(index), &self.ready);
        if let Some(connection) = self.connections.get_mut(index) {
            connection.carrier = Carrier::Shared(Box::new(Shared { sending, waker }));
            connection.state = state;
            self.out.clear();
            self.out.extend_from_slice(&body);
            self.send(index);
            self.go_on(index);
        }
    }

    /// A stream may have been reset, or its windows have opened.
    fn go_on(&mut self, index: usize) {
        let Some(connection) = self.connections.get_mut(index) else {
            return;
        };
        let Carrier::Shared(shared) = &mut connection.carrier else {
            return;
        };
        let reset: Poll<Result<Reason, _>> =
            shared.sending.poll_reset(&mut Context::from_waker(&shared.waker));
        if reset.is_ready() {
            return self.close(index);
        }
        self.flush(index);
    }
}

impl Reply {
    /// The head in HTTP/2, and the body where that is known.
    fn in_frames(&self) -> (Response<()>, Vec<u8>) {
        let (status, kind, body) = match self {
            Self::Stream => (StatusCode::OK, "text/event-stream", Vec::new()),
            Self::Dismissal => (StatusCode::NO_CONTENT, "", Vec::new()),
            Self::Taken => (StatusCode::ACCEPTED, "", Vec::new()),
            Self::Step => (StatusCode::OK, "text/plain", Vec::new()),
            Self::Nothing(why) => {
                (StatusCode::NOT_FOUND, "text/plain", format!("{why}\n").into_bytes())
            }
        };
        let mut head = Response::new(());
        *head.status_mut() = status;
        if !kind.is_empty() {
            let headers = head.headers_mut();
            headers.insert("content-type", http::HeaderValue::from_static(kind));
            headers.insert("cache-control", http::HeaderValue::from_static("no-store"));
        }
        (head, body)
    }
}
