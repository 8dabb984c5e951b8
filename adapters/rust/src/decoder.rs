//! One stream of the package under test, polled by hand: it never waits for anything but bytes.

use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};

use eventsource_stream::{Event, EventStream, Eventsource};
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::{FutureExt, StreamExt};

type Chunk = Result<Vec<u8>, Infallible>;

pub struct Decoder {
    chunks: UnboundedSender<Chunk>,
    events: EventStream<UnboundedReceiver<Chunk>>,
}

/// What the package answers when it is polled once.
pub enum Polled {
    Event(Event),
    Pending,
    Ended,
    Failed(String),
}

impl Decoder {
    pub fn new() -> Self {
        let (chunks, bytes) = unbounded();
        Self {
            chunks,
            events: bytes.eventsource(),
        }
    }

    /// Hands over one chunk, as it came from the wire.
    pub fn feed(&self, bytes: Vec<u8>) {
        // The receiver lives in `self.events`, so the channel is open.
        let _ = self.chunks.unbounded_send(Ok(bytes));
    }

    pub fn end(&self) {
        self.chunks.close_channel();
    }

    /// A panic of the package fails this one stream; the adapter lives on.
    pub fn poll(&mut self) -> Polled {
        match catch_unwind(AssertUnwindSafe(|| self.events.next().now_or_never())) {
            Ok(None) => Polled::Pending,
            Ok(Some(None)) => Polled::Ended,
            Ok(Some(Some(Ok(event)))) => Polled::Event(event),
            Ok(Some(Some(Err(error)))) => Polled::Failed(error.to_string()),
            Err(panic) => {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
                Polled::Failed(format!("panicked: {}", text.unwrap_or("no message")))
            }
        }
    }
}
