//! ssespec adapter for `eventsource-stream`: requests come in on stdin, reports go out on stdout.

mod decoder;
mod protocol;

use std::{collections::HashMap, error::Error, io, task::Poll};

use base64::prelude::{BASE64_STANDARD, Engine};
use decoder::Decoder;
use protocol::{HELLO, report};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    println!("{HELLO}");
    let mut decoders = HashMap::<u64, Option<Decoder>>::new(); // `None` once closed
    for line in io::stdin().lines() {
        let request: Value = serde_json::from_str(&line?)?;
        let Some(op) = request["op"].as_str().filter(|op| *op != "exit") else { break };
        let stream = request["stream"].as_u64().unwrap_or_default();
        let slot = decoders.entry(stream).or_insert_with(|| Some(Decoder::new()));
        let Some(decoder) = slot else { continue };
        match (op, request["bytes"].as_str()) {
            ("feed", Some(bytes)) => decoder.feed(BASE64_STANDARD.decode(bytes)?),
            ("end" | "close", _) => decoder.end(),
            _ => continue,
        }
        if op == "close" || !drain(stream, decoder) {
            report("closed", stream, json!({}));
            *slot = None;
        }
    }
    Ok(())
}

/// Reports all that the package has ready, and tells whether the stream is still open.
fn drain(stream: u64, decoder: &mut Decoder) -> bool {
    while let Poll::Ready(next) = decoder.poll() {
        match next {
            Some(Ok(event)) => {
                if let Some(delay) = event.retry {
                    report("retry", stream, json!({"ms": delay.as_millis() as u64}));
                }
                let (kind, data, id) = (event.event, event.data, event.id);
                report("event", stream, json!({"type": kind, "data": data, "id": id}));
            }
            Some(Err(text)) => {
                report("error", stream, json!({"fatal": true, "message": text}));
                return false;
            }
            None => return false,
        }
    }
    true
}
