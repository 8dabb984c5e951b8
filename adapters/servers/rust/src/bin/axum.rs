//! ssespec adapter for the `Sse` of `axum`.

use std::net::Ipv4Addr;

use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::response::sse::{self, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use ssespec_server_adapters::{Event, Hello, Make, Play, serve};
use tokio::net::TcpListener;

const HELLO: Hello = Hello {
    name: "axum",
    features: "event id retry comment data-less heartbeat http2 disconnect throw",
};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    serve(&HELLO, listener.local_addr()?);
    let app = Router::new().route("/emit", post(emit)).layer(DefaultBodyLimit::disable());
    axum::serve(listener, app).await
}

async fn emit(body: Bytes) -> Response {
    let make = Make { event, comment: |text| sse::Event::default().comment(text) };
    match Play::new(&body, make) {
        Ok(play) => match play.heartbeat {
            Some(time) => {
                Sse::new(play.stream()).keep_alive(KeepAlive::new().interval(time)).into_response()
            }
            None => Sse::new(play.stream()).into_response(),
        },
        Err(refusal) => (StatusCode::BAD_REQUEST, refusal).into_response(),
    }
}

fn event(given: &Event) -> sse::Event {
    let mut event = sse::Event::default();
    if let Some(id) = &given.id {
        event = event.id(id);
    }
    if let Some(kind) = &given.kind {
        event = event.event(kind);
    }
    if let Some(time) = given.retry() {
        event = event.retry(time);
    }
    if let Some(data) = &given.data {
        event = event.data(data);
    }
    event
}
