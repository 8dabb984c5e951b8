//! ssespec adapter for the `Sse` of `actix-web-lab`, the companion of `actix-web`.

use std::net::{Ipv4Addr, TcpListener};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::{self, Bytes, PayloadConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, Responder};
use actix_web_lab::sse::{self, Sse};
use ssespec_server_adapters::{BODY_LIMIT, Event, Failure, Hello, Make, Play, State, serve};

const HELLO: Hello =
    Hello { name: "actix-web-lab", features: "event id comment heartbeat http2 throw" };

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    serve(&HELLO, listener.local_addr()?);
    let app =
        || App::new().app_data(PayloadConfig::new(BODY_LIMIT)).route("/emit", web::post().to(emit));
    HttpServer::new(app).listen_auto_h2c(listener)?.run().await
}

async fn emit(request: HttpRequest, body: Bytes) -> HttpResponse {
    let make = Make { event, comment: |text| sse::Event::Comment(text.into()) };
    match Play::new(&body, make) {
        Ok(play) => {
            let (heartbeat, state) = (play.heartbeat, play.state());
            let mut sse = Sse::from_stream(play.stream());
            if let Some(time) = heartbeat {
                sse = sse.with_keep_alive(time);
            }
            sse.respond_to(&request).map_body(|_, body| Watched { body, state }.boxed())
        }
        Err(refusal) => HttpResponse::BadRequest().body(refusal),
    }
}

/// The body of the package, which ends with an error at a value that it refuses.
struct Watched {
    body: BoxBody,
    state: Arc<State>,
}

impl MessageBody for Watched {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let next = ready!(Pin::new(&mut self.body).poll_next(context));
        if let Some(Err(error)) = &next
            && !error.is::<Failure>()
        {
            self.state.given_up(&error.to_string());
        }
        Poll::Ready(next)
    }
}

fn event(given: &Event) -> sse::Event {
    let mut data = sse::Data::new(given.data.as_deref().unwrap_or_default());
    if let Some(id) = &given.id {
        data.set_id(id.as_str());
    }
    if let Some(kind) = &given.kind {
        data.set_event(kind.as_str());
    }
    data.into()
}
