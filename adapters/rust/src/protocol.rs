//! What the adapter says: one JSON object a line on stdout, which is flushed at each line's end.

use serde_json::Value;

/// The version is the one that Cargo.toml pins.
pub const HELLO: &str = concat!(
    r#"{"op":"hello","protocol":1,"name":"eventsource-stream","version":"0.2.3","#,
    r#""language":"Rust","event_id":"sticky","features":["feed","retry","event-types"]}"#,
);

pub fn report(op: &str, stream: u64, mut fields: Value) {
    fields["op"] = op.into();
    fields["stream"] = stream.into();
    println!("{fields}");
}
