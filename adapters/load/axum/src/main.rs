//! A stream for load runs, on axum: one event a second to everyone.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Sse;
use axum::response::sse::Event;
use axum::routing::get;
use futures::{Stream, StreamExt as _, stream};
use tokio::net::TcpListener;
use tokio::sync::broadcast;
use tokio_stream::wrappers::BroadcastStream;

const KEPT: usize = 100;

/// A number, and the data that goes with it.
type Numbered = (u64, Arc<str>);

struct Hub {
    sender: broadcast::Sender<Numbered>,
    replay: Mutex<VecDeque<Numbered>>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port: u16 = std::env::var("PORT")?.parse()?;
    let hub = Arc::new(Hub { sender: broadcast::channel(16).0, replay: Mutex::default() });
    tokio::spawn(publish(Arc::clone(&hub)));
    let app = Router::new().route("/events", get(events)).with_state(hub);
    axum::serve(TcpListener::bind(("127.0.0.1", port)).await?, app).await?;
    Ok(())
}

async fn publish(hub: Arc<Hub>) {
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    for seq in 1.. {
        ticks.tick().await;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let at = now.as_secs_f64() * 1000.0;
        let event: Numbered = (seq, format!("{{\"seq\":{seq},\"at\":{at:.3}}}").into());
        let mut replay = hub.replay.lock().unwrap_or_else(PoisonError::into_inner);
        replay.push_back(event.clone());
        if replay.len() > KEPT {
            replay.pop_front();
        }
        // An error says that nobody listens.
        let _ = hub.sender.send(event);
    }
}

async fn events(
    State(hub): State<Arc<Hub>>,
    headers: HeaderMap,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let last = headers.get("last-event-id").and_then(|it| it.to_str().ok()?.parse::<u64>().ok());
    // Both under the lock, so that nothing falls between them.
    let replay = hub.replay.lock().unwrap_or_else(PoisonError::into_inner);
    let missed: Vec<Numbered> =
        replay.iter().filter(|(seq, _)| last.is_some_and(|last| *seq > last)).cloned().collect();
    let receiver = hub.sender.subscribe();
    drop(replay);
    // Who was too slow for the channel has missed events, which the sequence numbers show.
    let live = BroadcastStream::new(receiver).filter_map(async |event| event.ok());
    let all = stream::iter(missed).chain(live);
    Sse::new(all.map(|(seq, data)| Ok(Event::default().id(seq.to_string()).data(data))))
}
