//! ssespec adapter for `reqwest-eventsource`.

use std::time::Duration;

use reqwest_0_12::{Client, Method, header::HeaderMap};
use reqwest_eventsource::retry::{DEFAULT_RETRY, ExponentialBackoff};
use reqwest_eventsource::{Event, EventSource};
use serde_json::json;
use ssespec_adapters::{Failure, Hello, Open, report, report_event, serve_client};

const HELLO: Hello = Hello {
    name: "reqwest-eventsource",
    event_id: "sticky",
    features: "open reconnect reconnect-delay headers post redirect retry event-types tls http2 \
               read-timeout",
};

fn main() -> Result<(), Failure> {
    serve_client(&HELLO, open, show)
}

/// Each stream has a client of its own, as with `EventSource::get`.
fn open(request: Open) -> Result<EventSource, Failure> {
    let mut client = Client::builder();
    if let Some(ms) = request.read_timeout_ms {
        client = client.read_timeout(Duration::from_millis(ms));
    }
    let method = Method::from_bytes(request.method.as_bytes())?;
    let headers = HeaderMap::try_from(&request.headers)?;
    let mut builder = client.build()?.request(method, request.url).headers(headers);
    if let Some(body) = request.body {
        builder = builder.body(body);
    }
    let mut source = EventSource::new(builder)?;
    if let Some(ms) = request.reconnect_ms {
        let start = Duration::from_millis(ms);
        source.set_retry_policy(Box::new(ExponentialBackoff { start, ..DEFAULT_RETRY }));
    }
    Ok(source)
}

fn show(stream: u64, delivery: Event) {
    match delivery {
        Event::Open => report("opened", stream, json!({})),
        Event::Message(event) => {
            let retry_ms = event.retry.map(|delay| delay.as_millis() as u64);
            let fields = json!({"type": event.event, "data": event.data, "id": event.id});
            report_event(stream, retry_ms, fields);
        }
    }
}
