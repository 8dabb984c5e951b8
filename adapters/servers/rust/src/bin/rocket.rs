//! ssespec adapter for the `EventStream` of `rocket`.

use std::net::{Ipv4Addr, SocketAddr};

use futures::{Stream, StreamExt};
use rocket::data::{ByteUnit, Limits};
use rocket::fairing::AdHoc;
use rocket::http::Status;
use rocket::response::stream::{self, EventStream};
use rocket::{Config, post, routes};
use ssespec_server_adapters::{BODY_LIMIT, Event, Hello, Make, Play, serve};

const HELLO: Hello =
    Hello { name: "rocket", features: "event id retry comment heartbeat http2 throw" };

#[rocket::main]
async fn main() -> Result<(), rocket::Error> {
    let config = Config {
        address: Ipv4Addr::LOCALHOST.into(),
        port: 0,
        limits: Limits::new().limit("bytes", ByteUnit::from(BODY_LIMIT)),
        cli_colors: false,
        log_level: rocket::config::LogLevel::Off, // it logs on stdout
        ..Config::release_default()
    };
    rocket::custom(config)
        .mount("/", routes![emit])
        .attach(AdHoc::on_liftoff("hello", |rocket| {
            Box::pin(async {
                serve(&HELLO, SocketAddr::from((Ipv4Addr::LOCALHOST, rocket.config().port)));
            })
        }))
        .launch()
        .await?;
    Ok(())
}

#[post("/emit", data = "<body>")]
fn emit(
    body: &[u8],
) -> Result<EventStream<impl Stream<Item = stream::Event> + use<>>, (Status, String)> {
    let make = Make { event, comment: |text| stream::Event::comment(text.to_owned()) };
    let play = Play::new(body, make).map_err(|refusal| (Status::BadRequest, refusal))?;
    let heartbeat = play.heartbeat;
    // Its streams have no errors.
    let events = play.stream().map(|event| event.unwrap_or_else(|error| panic!("{error}")));
    let events = EventStream::from(events);
    // By default it is on, every 30 seconds.
    Ok(match heartbeat {
        Some(time) => events.heartbeat(time),
        None => events,
    })
}

fn event(given: &Event) -> stream::Event {
    let mut event = match (&given.data, given.retry()) {
        (Some(data), _) => stream::Event::data(data.clone()),
        (None, Some(time)) => stream::Event::retry(time),
        (None, None) => stream::Event::empty(),
    };
    if let Some(id) = &given.id {
        event = event.id(id.clone());
    }
    if let Some(kind) = &given.kind {
        event = event.event(kind.clone());
    }
    if let Some(time) = given.retry() {
        event = event.with_retry(time);
    }
    event
}
