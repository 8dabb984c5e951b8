//! What a library is told to send, as the adapter protocol writes it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ssespec_scenario::{EmitEvent, EmitStep, ServerFeature};

/// The body of a request to an adapter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Emission {
    /// What to send, in order; when it runs out the response ends.
    pub steps: Vec<EmitCommand>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EmitCommand {
    /// Send an event.
    Event(WireEvent),
    /// Send a comment.
    Comment(String),
    /// Wait so many milliseconds.
    SleepMs(u64),
    /// Turn the library's own heartbeat on, with this interval in milliseconds.
    HeartbeatMs(u64),
    /// Flush; always true.
    Flush(bool),
    /// Send so many events like this one.
    Repeat {
        /// How many.
        count: u32,
        /// The event.
        event: WireEvent,
    },
    /// Keep the stream open until the client leaves; always true.
    Hold(bool),
    /// Let the application's handler fail; always true.
    Throw(bool),
    /// End the response; always true.
    End(bool),
}

/// An event as the application gives it: what is absent is not given.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct WireEvent {
    /// The type.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub event_type: Option<String>,
    /// The data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// The id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The reconnection time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
}

/// A reconnection time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Retry {
    /// In milliseconds.
    Ms(u64),
    /// As text, for libraries that take one.
    Text(String),
}

/// How many events the plain stream of a library has before it is silent, more than any case waits
/// for; and the time between them in milliseconds.
const PLAIN: (u32, u64) = (100, 100);

/// The steps of a case, as the body of a request.
pub(in super::super) fn body(steps: &[EmitStep], features: &[ServerFeature]) -> String {
    let flushes = features.contains(&ServerFeature::Flush);
    let mut commands = Vec::new();
    for step in steps {
        let sends = !matches!(step, EmitStep::SleepMs(_) | EmitStep::Hold {} | EmitStep::Throw {});
        commands.push(command(step));
        if flushes && sends {
            commands.push(EmitCommand::Flush(true));
        }
    }
    if !matches!(steps.last(), Some(EmitStep::Hold {} | EmitStep::Throw {})) {
        commands.push(EmitCommand::End(true));
    }
    json(commands)
}

/// A stream like that of any endpoint, for the cases that look at one.
pub(in super::super) fn plain_body(features: &[ServerFeature]) -> String {
    let has_ids = features.contains(&ServerFeature::Id);
    let mut commands = Vec::new();
    for number in 0..PLAIN.0 {
        commands.push(EmitCommand::Event(WireEvent {
            data: Some(format!("tick {number}")),
            id: has_ids.then(|| format!("e{number}")),
            ..WireEvent::default()
        }));
        if features.contains(&ServerFeature::Flush) {
            commands.push(EmitCommand::Flush(true));
        }
        commands.push(EmitCommand::SleepMs(PLAIN.1));
    }
    commands.push(EmitCommand::Hold(true));
    json(commands)
}

fn json(steps: Vec<EmitCommand>) -> String {
    // Strings and numbers cannot fail to be written.
    serde_json::to_string(&Emission { steps }).unwrap_or_default()
}

fn command(step: &EmitStep) -> EmitCommand {
    match step {
        EmitStep::Event(event) => EmitCommand::Event(wire(event)),
        EmitStep::Comment(text) => EmitCommand::Comment(text.0.clone()),
        EmitStep::SleepMs(ms) => EmitCommand::SleepMs(*ms),
        EmitStep::HeartbeatMs(ms) => EmitCommand::HeartbeatMs(*ms),
        EmitStep::Repeat { count, event } => {
            EmitCommand::Repeat { count: *count, event: wire(event) }
        }
        EmitStep::Hold {} => EmitCommand::Hold(true),
        EmitStep::Throw {} => EmitCommand::Throw(true),
    }
}

fn wire(event: &EmitEvent) -> WireEvent {
    let text = event.retry_text.as_ref().map(|it| Retry::Text(it.0.clone()));
    WireEvent {
        event_type: event.event_type.as_ref().map(|it| it.0.clone()),
        data: event.data_text(),
        id: event.id.as_ref().map(|it| it.0.clone()),
        retry: event.retry.map(Retry::Ms).or(text),
    }
}
