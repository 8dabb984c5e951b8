//! Every parser that is timed, behind one function: a body in chunks in, events out.

use std::convert::Infallible;
use std::hint::black_box;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::executor::block_on;
use futures::io::{AsyncBufRead, AsyncRead};
use futures::stream::{self, Stream, StreamExt};
use ssespec_parser::{Item, Parser};

/// Type, data and last event id, for the correctness vectors.
pub(crate) type Seen = (String, String, String);

/// Where events go: counted when timed, kept when checked.
#[derive(Default)]
pub(crate) struct Sink {
    pub(crate) events: u64,
    pub(crate) data_bytes: u64,
    pub(crate) keep: bool,
    pub(crate) seen: Vec<Seen>,
}

impl Sink {
    #[inline]
    fn event(&mut self, event_type: &str, data: &str, id: &str) {
        self.events += 1;
        self.data_bytes += data.len() as u64;
        black_box((event_type, data, id));
        if self.keep {
            self.seen.push((event_type.to_owned(), data.to_owned(), id.to_owned()));
        }
    }
}

/// A parser to time.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    /// What an event is made of.
    pub(crate) yields: &'static str,
    pub(crate) run: fn(&Bytes, usize, &mut Sink),
}

/// Ours twice, then the others.
pub(crate) const PEERS: &[Peer] = &[
    Peer { name: "ssespec-parser, borrowed", version: "", yields: "`&str`", run: borrowed },
    Peer { name: "ssespec-parser, owned", version: "", yields: "`String`", run: owned },
    Peer { name: "sse-core", version: "0.2.3", yields: "`String`", run: sse_core },
    Peer { name: "sse-parse", version: "0.1.0", yields: "`String`", run: sse_parse },
    Peer { name: "sse-stream", version: "0.3.0", yields: "`String`", run: sse_stream },
    Peer { name: "sseer", version: "0.3.1", yields: "slices of `Bytes`", run: sseer },
    Peer { name: "eventsource-stream2", version: "0.4.0", yields: "`String`", run: eventsource2 },
    Peer { name: "eventsource-stream", version: "0.2.3", yields: "`String`", run: eventsource },
    Peer { name: "sse-codec", version: "0.3.3", yields: "`String`", run: sse_codec },
    Peer { name: "async-sse", version: "5.1.0", yields: "`Vec<u8>`", run: async_sse },
];

fn borrowed(body: &Bytes, chunk: usize, sink: &mut Sink) {
    let mut parser = Parser::new();
    for piece in body.chunks(chunk) {
        let fed = parser.feed(piece, |item| {
            if let Item::Event(event) = item {
                sink.event(event.event_type, event.data, event.last_event_id);
            }
        });
        assert!(fed.is_ok(), "the streams are within the limits");
    }
    assert!(parser.finish(|_| {}).is_ok(), "the streams are within the limits");
}

fn owned(body: &Bytes, chunk: usize, sink: &mut Sink) {
    let mut parser = Parser::new();
    for piece in body.chunks(chunk) {
        let fed = parser.feed(piece, |item| {
            if let Item::Event(event) = item {
                let event = event.to_owned();
                sink.event(&event.event_type, &event.data, &event.last_event_id);
            }
        });
        assert!(fed.is_ok(), "the streams are within the limits");
    }
    assert!(parser.finish(|_| {}).is_ok(), "the streams are within the limits");
}

fn sse_core(body: &Bytes, chunk: usize, sink: &mut Sink) {
    let mut decoder = sse_core::SseDecoder::new();
    for mut piece in body.chunks(chunk) {
        while let Some(Ok(event)) = decoder.next(&mut piece) {
            if let sse_core::SseEvent::Message(event) = event {
                sink.event(&event.event, &event.data, event.last_event_id.as_deref().unwrap_or(""));
            }
        }
    }
}

fn sse_parse(body: &Bytes, chunk: usize, sink: &mut Sink) {
    let mut parser = sse_parse::SseParser::new();
    for piece in body.chunks(chunk) {
        parser.feed(piece);
        while let Some(event) = parser.next_event() {
            sink.event(&event.event, &event.data, &event.id);
        }
    }
    parser.finish();
}

fn pieces(body: &Bytes, chunk: usize) -> impl Iterator<Item = Bytes> {
    let body = body.clone();
    (0..body.len().div_ceil(chunk))
        .map(move |index| body.slice(index * chunk..body.len().min((index + 1) * chunk)))
}

/// Up to the first error: some parsers repeat theirs for ever.
fn drain<T, E>(mut stream: impl Stream<Item = Result<T, E>> + Unpin, mut each: impl FnMut(T)) {
    block_on(async {
        while let Some(Ok(item)) = stream.next().await {
            each(item);
        }
    });
}

/// It hands out blocks as they are; holding on to the id is the caller's part, done here.
fn sse_stream(body: &Bytes, chunk: usize, sink: &mut Sink) {
    let mut id = String::new();
    let input = stream::iter(pieces(body, chunk).map(Ok::<_, Infallible>));
    drain(sse_stream::SseByteStream::new(input), |block| {
        if let Some(new) = block.id {
            id = new;
        }
        if let Some(data) = block.data {
            let event_type = block.event.filter(|event_type| !event_type.is_empty());
            sink.event(event_type.as_deref().unwrap_or("message"), &data, &id);
        }
    });
}

fn sseer(body: &Bytes, chunk: usize, sink: &mut Sink) {
    let input = stream::iter(pieces(body, chunk).map(Ok::<_, Infallible>));
    drain(Box::pin(sseer::EventStream::new(input)), |event| {
        sink.event(&event.event, &event.data, &event.id);
    });
}

fn eventsource2(body: &Bytes, chunk: usize, sink: &mut Sink) {
    let input = stream::iter(body.chunks(chunk).map(Ok::<_, Infallible>));
    drain(eventsource_stream2::EventStream::new(input), |event| {
        sink.event(&event.event, &event.data, &event.id);
    });
}

fn eventsource(body: &Bytes, chunk: usize, sink: &mut Sink) {
    let input = stream::iter(body.chunks(chunk).map(Ok::<_, Infallible>));
    drain(eventsource_stream::EventStream::new(input), |event| {
        sink.event(&event.event, &event.data, &event.id);
    });
}

fn sse_codec(body: &Bytes, chunk: usize, sink: &mut Sink) {
    drain(sse_codec::decode_stream(Reader { rest: body, chunk }), |event| {
        if let sse_codec::Event::Message { id, event, data } = event {
            sink.event(&event, &data, id.as_deref().unwrap_or(""));
        }
    });
}

fn async_sse(body: &Bytes, chunk: usize, sink: &mut Sink) {
    drain(async_sse::decode(Reader { rest: body, chunk }), |event| {
        if let async_sse::Event::Message(message) = event {
            let data = String::from_utf8_lossy(message.data());
            sink.event(message.name(), &data, message.id().as_deref().unwrap_or(""));
        }
    });
}

/// A body as the async readers want it, a chunk at a time.
struct Reader<'b> {
    rest: &'b [u8],
    chunk: usize,
}

impl Reader<'_> {
    fn piece(&self) -> &[u8] {
        self.rest.get(..self.chunk).unwrap_or(self.rest)
    }
}

impl AsyncRead for Reader<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        out: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let piece = self.piece();
        let length = piece.len().min(out.len());
        out[..length].copy_from_slice(&piece[..length]);
        self.rest = &self.rest[length..];
        Poll::Ready(Ok(length))
    }
}

impl AsyncBufRead for Reader<'_> {
    fn poll_fill_buf(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        Poll::Ready(Ok(this.rest.get(..this.chunk).unwrap_or(this.rest)))
    }

    fn consume(mut self: Pin<&mut Self>, length: usize) {
        self.rest = self.rest.get(length..).unwrap_or_default();
    }
}
