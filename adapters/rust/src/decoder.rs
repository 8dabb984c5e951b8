//! One stream of the package under test, polled by hand: it never waits for anything but bytes.

use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;

use eventsource_stream::{Event, EventStream, Eventsource};
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::{FutureExt, StreamExt};

type Chunk = Result<Vec<u8>, Infallible>;

pub struct Decoder {
    chunks: UnboundedSender<Chunk>,
    events: EventStream<UnboundedReceiver<Chunk>>,
}

impl Decoder {
    pub fn new() -> Self {
        let (chunks, bytes) = unbounded();
        let events = bytes.eventsource();
        Self { chunks, events }
    }

    /// Hands over one chunk, as it came from the wire.
    pub fn feed(&self, bytes: Vec<u8>) {
        // The receiver lives in `self.events`, so the channel is open.
        let _ = self.chunks.unbounded_send(Ok(bytes));
    }

    pub fn end(&self) {
        self.chunks.close_channel();
    }

    /// The next event, or what broke the stream: an error, or a panic, which so ends this stream
    /// alone and not the adapter.
    pub fn poll(&mut self) -> Poll<Option<Result<Event, String>>> {
        match catch_unwind(AssertUnwindSafe(|| self.events.next().now_or_never())) {
            Ok(None) => Poll::Pending,
            Ok(Some(next)) => Poll::Ready(next.map(|event| event.map_err(|e| e.to_string()))),
            Err(panic) => {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
                let text = text.unwrap_or("no message");
                Poll::Ready(Some(Err(format!("panicked: {text}"))))
            }
        }
    }
}
