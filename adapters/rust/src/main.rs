//! ssespec adapter for `eventsource-stream`: requests on stdin, reports on stdout, one JSON a line.

mod decoder;

use std::{collections::HashMap, error::Error};

use base64::prelude::{BASE64_STANDARD, Engine};
use decoder::{Decoder, Polled};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    // The version is the one that Cargo.toml pins.
    let features = ["feed", "retry", "event-types"];
    let hello = json!({"op": "hello", "protocol": 1, "name": "eventsource-stream",
        "version": "0.2.3", "language": "Rust", "event_id": "sticky", "features": features});
    println!("{hello}");
    let mut decoders = HashMap::<u64, Option<Decoder>>::new(); // `None` once closed
    for line in std::io::stdin().lines() {
        let request: Value = serde_json::from_str(&line?)?;
        let op = request["op"].as_str().unwrap_or_default();
        let stream = request["stream"].as_u64().unwrap_or_default();
        match op {
            "exit" => break,
            "feed" | "end" | "close" => {}
            _ => continue,
        }
        let slot = decoders
            .entry(stream)
            .or_insert_with(|| Some(Decoder::new()));
        let Some(decoder) = slot else { continue };
        match request["bytes"].as_str() {
            Some(bytes) => decoder.feed(BASE64_STANDARD.decode(bytes)?),
            None => decoder.end(),
        }
        if op == "close" || !drain(stream, decoder) {
            println!("{}", json!({"op": "closed", "stream": stream}));
            *slot = None;
        }
    }
    Ok(())
}

/// Reports all that the package has ready, and tells whether the stream is still open.
fn drain(stream: u64, decoder: &mut Decoder) -> bool {
    loop {
        match decoder.poll() {
            Polled::Pending => return true,
            Polled::Ended => return false,
            Polled::Failed(message) => {
                let error =
                    json!({"op": "error", "stream": stream, "fatal": true, "message": message});
                println!("{error}");
                return false;
            }
            Polled::Event(event) => {
                if let Some(ms) = event.retry.map(|delay| delay.as_millis()) {
                    println!(
                        "{}",
                        json!({"op": "retry", "stream": stream, "ms": ms as u64})
                    );
                }
                let (kind, data, id) = (event.event, event.data, event.id);
                let event =
                    json!({"op": "event", "stream": stream, "type": kind, "data": data, "id": id});
                println!("{event}");
            }
        }
    }
}
