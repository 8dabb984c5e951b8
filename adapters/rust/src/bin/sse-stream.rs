//! ssespec adapter for `sse-stream`.

use serde_json::json;
use sse_stream::{Sse, SseByteStream};
use ssespec_adapters::{Failure, Hello, report, serve_decoder};

const HELLO: Hello =
    Hello { name: "sse-stream", event_id: "per-event", features: "feed retry event-types" };

fn main() -> Result<(), Failure> {
    serve_decoder(&HELLO, SseByteStream::new, show)
}

/// A block without data is no event: the package shows such blocks for what else is in them.
fn show(stream: u64, Sse { event, data, id, retry }: Sse) {
    if let Some(ms) = retry {
        report("retry", stream, json!({"ms": ms}));
    }
    if let Some(data) = data {
        let kind = event.as_deref().unwrap_or("message");
        report("event", stream, json!({"type": kind, "data": data, "id": id}));
    }
}
