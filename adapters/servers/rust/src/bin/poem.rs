//! ssespec adapter for the `SSE` of `poem`.

use std::net::Ipv4Addr;

use futures::StreamExt;
use poem::http::StatusCode;
use poem::listener::TcpAcceptor;
use poem::web::sse::{self, SSE};
use poem::{IntoResponse, Response, Route, Server, handler, post};
use ssespec_server_adapters::{Event, Hello, Make, Play, serve};
use tokio::net::TcpListener;

const HELLO: Hello = Hello { name: "poem", features: "event id retry heartbeat http2 throw" };

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    serve(&HELLO, listener.local_addr()?);
    let app = Route::new().at("/emit", post(emit));
    Server::new_with_acceptor(TcpAcceptor::from_tokio(listener)?).run(app).await
}

#[handler]
fn emit(body: Vec<u8>) -> Response {
    // A comment has nothing to call, and is not claimed.
    match Play::new(&body, Make { event, comment: |_| Vec::new() }) {
        Ok(play) => {
            let heartbeat = play.heartbeat;
            // Its streams have no errors.
            let stream = play.stream().map(|event| event.unwrap_or_else(|error| panic!("{error}")));
            let sse = SSE::new(stream.flat_map(futures::stream::iter));
            match heartbeat {
                Some(time) => sse.keep_alive(time).into_response(),
                None => sse.into_response(),
            }
        }
        Err(refusal) => refusal.with_status(StatusCode::BAD_REQUEST).into_response(),
    }
}

/// A reconnection time is an event of its own.
fn event(given: &Event) -> Vec<sse::Event> {
    let retry = given.retry_ms().map(sse::Event::retry);
    let message = given.data.as_ref().map(|data| {
        let mut message = sse::Event::message(data);
        if let Some(id) = &given.id {
            message = message.id(id);
        }
        if let Some(kind) = &given.kind {
            message = message.event_type(kind);
        }
        message
    });
    retry.into_iter().chain(message).collect()
}
