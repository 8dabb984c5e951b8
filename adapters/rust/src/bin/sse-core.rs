//! ssespec adapter for `sse-core`.

use serde_json::json;
use sse_core::{SseEvent, SseStream};
use ssespec_adapters::{Failure, Hello, report, serve_decoder};

const HELLO: Hello =
    Hello { name: "sse-core", event_id: "sticky", features: "feed retry event-types" };

fn main() -> Result<(), Failure> {
    serve_decoder(&HELLO, SseStream::new, show)
}

fn show(stream: u64, delivery: SseEvent) {
    match delivery {
        SseEvent::Message(event) => {
            let id = event.last_event_id.as_deref().unwrap_or_default();
            let fields = json!({"type": event.event, "data": event.data, "id": id});
            report("event", stream, fields);
        }
        SseEvent::Retry(ms) => report("retry", stream, json!({"ms": ms})),
    }
}
