//! ssespec adapter for `warp::sse`.

use std::net::Ipv4Addr;

use ssespec_server_adapters::{Event, Hello, Make, Play, serve};
use tokio::net::TcpListener;
use warp::http::StatusCode;
use warp::hyper::body::Bytes;
use warp::reply::{Reply, Response, with_status};
use warp::{Filter, sse};

const HELLO: Hello = Hello {
    name: "warp",
    features: "event id retry comment data-less heartbeat http2 disconnect throw",
};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    serve(&HELLO, listener.local_addr()?);
    let emit = warp::path("emit").and(warp::post()).and(warp::body::bytes()).map(emit);
    warp::serve(emit).incoming(listener).run().await;
    Ok(())
}

fn emit(body: Bytes) -> Response {
    let make = Make { event, comment: |text| sse::Event::default().comment(text) };
    match Play::new(&body, make) {
        Ok(play) => match play.heartbeat {
            Some(time) => {
                let stream = sse::keep_alive().interval(time).stream(play.stream());
                sse::reply(stream).into_response()
            }
            None => sse::reply(play.stream()).into_response(),
        },
        Err(refusal) => with_status(refusal, StatusCode::BAD_REQUEST).into_response(),
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
