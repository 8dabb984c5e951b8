//! ssespec adapter for `eventsource-client`.

use std::time::Duration;

use eventsource_client::{BoxStream, Client, ClientBuilder, ReconnectOptions, Result, SSE};
use launchdarkly_sdk_transport::HyperTransport;
use serde_json::json;
use ssespec_adapters::{Failure, Hello, Open, report, report_event, serve_client};

const HELLO: Hello = Hello {
    name: "eventsource-client",
    event_id: "sticky",
    features: "open reconnect reconnect-delay last-event-id headers post redirect comments retry \
               event-types tls http2 read-timeout",
};

fn main() -> std::result::Result<(), Failure> {
    serve_client(&HELLO, open, show)
}

fn open(request: Open) -> std::result::Result<BoxStream<Result<SSE>>, Failure> {
    let mut transport = HyperTransport::builder();
    if let Some(ms) = request.read_timeout_ms {
        transport = transport.read_timeout(Duration::from_millis(ms));
    }
    let mut client = ClientBuilder::for_url(&request.url)?.method(request.method);
    for (name, value) in &request.headers {
        client = client.header(name, value)?;
    }
    if let Some(body) = request.body {
        client = client.body(body);
    }
    if let Some(id) = request.last_event_id {
        client = client.last_event_id(id);
    }
    // By default the delay doubles from one reconnection to the next.
    let mut options = ReconnectOptions::reconnect(true).backoff_factor(1);
    if let Some(ms) = request.reconnect_ms {
        options = options.delay(Duration::from_millis(ms));
    }
    let client = client.reconnect(options.build());
    Ok(client.build_with_transport(transport.build_https()?).stream())
}

/// No id at all and an empty one are the same to the standard.
fn show(stream: u64, delivery: SSE) {
    match delivery {
        SSE::Connected(_) => report("opened", stream, json!({})),
        SSE::Comment(text) => report("comment", stream, json!({"text": text})),
        SSE::Event(event) => {
            let id = event.id.unwrap_or_default();
            let fields = json!({"type": event.event_type, "data": event.data, "id": id});
            report_event(stream, event.retry, fields);
        }
    }
}
