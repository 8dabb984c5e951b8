//! ssespec adapter for `sseer`.

use std::time::Duration;

use futures::{Stream, StreamExt, stream};
use reqwest_0_13::{Client, Method, header::HeaderMap};
use serde_json::json;
use sseer::reqwest::{EventSource, EventSourceError, StreamEvent};
use sseer::retry::DEFAULT_RETRY;
use ssespec_adapters::{Failure, Hello, Open, report, report_event, serve_client};

const HELLO: Hello = Hello {
    name: "sseer",
    event_id: "sticky",
    features: "open reconnect reconnect-delay headers post redirect retry event-types tls http2 \
               read-timeout",
};

type Delivery = Result<StreamEvent, EventSourceError>;

fn main() -> Result<(), Failure> {
    // reqwest comes without a crypto provider here.
    let provider = rustls::crypto::ring::default_provider();
    provider.install_default().map_err(|_| "rustls already has a crypto provider")?;
    serve_client(&HELLO, open, show)
}

/// Each stream has a client of its own. An error of the response ends it: the package's documents
/// break off there, and its `EventSource` must not be polled again.
fn open(request: Open) -> Result<impl Stream<Item = Delivery> + Send, Failure> {
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
    // By default the delay doubles from one reconnection to the next.
    let mut retry = DEFAULT_RETRY;
    retry.factor = 1.0;
    if let Some(ms) = request.reconnect_ms {
        retry.start = Duration::from_millis(ms);
    }
    let source = EventSource::new_with_retry(builder, retry)?;
    Ok(stream::unfold(Some(source), async |source| {
        let mut source = source?;
        let next = source.next().await?;
        let over = matches!(&next, Err(error) if error.is_response_err());
        Some((next, (!over).then_some(source)))
    }))
}

fn show(stream: u64, delivery: StreamEvent) {
    match delivery {
        StreamEvent::Open => report("opened", stream, json!({})),
        StreamEvent::Event(event) => {
            let retry_ms = event.retry.map(|delay| delay.as_millis() as u64);
            let (kind, data, id) = (&*event.event, &*event.data, &*event.id);
            report_event(stream, retry_ms, json!({"type": kind, "data": data, "id": id}));
        }
    }
}
