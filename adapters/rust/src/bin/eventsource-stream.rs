//! ssespec adapter for `eventsource-stream`.

use eventsource_stream::{Event, Eventsource};
use serde_json::json;
use ssespec_adapters::{Failure, Hello, report_event, serve_decoder};

const HELLO: Hello =
    Hello { name: "eventsource-stream", event_id: "sticky", features: "feed retry event-types" };

fn main() -> Result<(), Failure> {
    serve_decoder(&HELLO, Eventsource::eventsource, show)
}

fn show(stream: u64, Event { event, data, id, retry }: Event) {
    let retry_ms = retry.map(|delay| delay.as_millis() as u64);
    report_event(stream, retry_ms, json!({"type": event, "data": data, "id": id}));
}
