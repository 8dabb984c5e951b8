//! ssespec adapter for `salvo::sse`.

use salvo::conn::{Acceptor, TcpListener};
use salvo::http::StatusCode;
use salvo::prelude::*;
use salvo::sse::{self, SseEvent, SseKeepAlive};
use ssespec_server_adapters::{BODY_LIMIT, Event, Hello, Make, Play, serve};

const HELLO: Hello = Hello {
    name: "salvo",
    features: "event id retry comment data-less heartbeat http2 disconnect throw",
};

#[tokio::main]
async fn main() {
    let acceptor = TcpListener::new("127.0.0.1:0").bind().await;
    let address = acceptor.holdings()[0].local_addr.clone().into_std();
    serve(&HELLO, address.expect("an IP address"));
    Server::new(acceptor).serve(Router::with_path("emit").post(emit)).await;
}

#[handler]
async fn emit(request: &mut Request, response: &mut Response) {
    let body = request.payload_with_max_size(BODY_LIMIT).await.expect("a body");
    let make = Make { event, comment: |text| SseEvent::default().comment(text) };
    match Play::new(body, make) {
        Ok(play) => match play.heartbeat {
            Some(time) => SseKeepAlive::new(play.stream()).max_interval(time).stream(response),
            None => sse::stream(response, play.stream()),
        },
        Err(refusal) => {
            response.status_code(StatusCode::BAD_REQUEST);
            response.render(refusal);
        }
    }
}

fn event(given: &Event) -> SseEvent {
    let mut event = SseEvent::default();
    if let Some(id) = &given.id {
        event = event.id(id);
    }
    if let Some(kind) = &given.kind {
        event = event.name(kind);
    }
    if let Some(time) = given.retry() {
        event = event.retry(time);
    }
    if let Some(data) = &given.data {
        event = event.text(data);
    }
    event
}
