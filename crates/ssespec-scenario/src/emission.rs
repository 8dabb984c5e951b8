//! What a server library is told to send, step by step.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Chunk, Text, escape};

/// Something that a server library can do, claimed in its adapter's `hello`. A missing one makes
/// cases `n/a`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ServerFeature {
    /// Takes the type of an event.
    Event,
    /// Takes the id of an event.
    Id,
    /// Takes a reconnection time.
    Retry,
    /// Takes a reconnection time as text.
    RetryText,
    /// Takes comments.
    Comment,
    /// Takes events without data.
    DataLess,
    /// Writes data as JSON, which is undone before it is compared.
    JsonData,
    /// Has to be told to flush.
    Flush,
    /// Sends something by itself on a silent stream.
    Heartbeat,
    /// Speaks HTTP/2 in cleartext by prior knowledge.
    Http2,
    /// Compresses where the request allows it.
    Compress,
    /// Tells the application that the client has left.
    Disconnect,
    /// Goes on when a handler fails.
    Throw,
}

impl ServerFeature {
    /// All features, in the order of the documentation.
    pub const ALL: [Self; 13] = [
        Self::Event,
        Self::Id,
        Self::Retry,
        Self::RetryText,
        Self::Comment,
        Self::DataLess,
        Self::JsonData,
        Self::Flush,
        Self::Heartbeat,
        Self::Http2,
        Self::Compress,
        Self::Disconnect,
        Self::Throw,
    ];

    /// The name used in `hello`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Id => "id",
            Self::Retry => "retry",
            Self::RetryText => "retry-text",
            Self::Comment => "comment",
            Self::DataLess => "data-less",
            Self::JsonData => "json-data",
            Self::Flush => "flush",
            Self::Heartbeat => "heartbeat",
            Self::Http2 => "http2",
            Self::Compress => "compress",
            Self::Disconnect => "disconnect",
            Self::Throw => "throw",
        }
    }

    /// The feature of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|feature| feature.name() == name)
    }
}

/// One step. The key is the verb: `{ event = { data = 'a' } }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum EmitStep {
    /// Sends an event.
    Event(EmitEvent),
    /// Sends a comment.
    Comment(Text),
    /// Waits so many milliseconds.
    SleepMs(u64),
    /// Turns the library's own heartbeat on, with this interval.
    HeartbeatMs(u64),
    /// Sends so many events like this one.
    Repeat {
        /// How many.
        count: u32,
        /// The event.
        event: EmitEvent,
    },
    /// Keeps the stream open until the client leaves.
    Hold {},
    /// The application's handler fails.
    Throw {},
}

/// An event as the application gives it to the library: what is absent is not given.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct EmitEvent {
    /// The type.
    #[serde(rename = "type")]
    pub event_type: Option<Text>,
    /// The data, which must be text.
    pub data: Option<Chunk>,
    /// The id.
    pub id: Option<Text>,
    /// The reconnection time in milliseconds.
    pub retry: Option<u64>,
    /// A reconnection time that is no number.
    pub retry_text: Option<Text>,
}

impl EmitEvent {
    /// The data as text.
    pub fn data_text(&self) -> Option<String> {
        self.data.as_ref().map(|data| String::from_utf8_lossy(&data.to_bytes()).into_owned())
    }

    /// The first value that no stream can carry (`server.no-injection`), by the name of its field.
    pub fn unlawful(&self) -> Option<&'static str> {
        let breaks = |text: &Option<Text>, bad: &[char]| {
            text.as_ref().is_some_and(|text| text.0.contains(bad))
        };
        if breaks(&self.event_type, &['\r', '\n']) {
            return Some("type");
        }
        if breaks(&self.id, &['\r', '\n', '\0']) {
            return Some("id");
        }
        self.retry_text.as_ref().map(|_| "retry")
    }

    fn features(&self, needs: &mut Vec<ServerFeature>) {
        needs.extend(self.event_type.as_ref().map(|_| ServerFeature::Event));
        needs.extend(self.id.as_ref().map(|_| ServerFeature::Id));
        needs.extend(self.retry.map(|_| ServerFeature::Retry));
        needs.extend(self.retry_text.as_ref().map(|_| ServerFeature::RetryText));
        if self.data.is_none() {
            needs.push(ServerFeature::DataLess);
        }
    }

    fn words(&self) -> String {
        const SHOWN_BYTES: usize = 80;
        let shown = |text: &str| {
            if text.len() <= SHOWN_BYTES {
                return format!("`{}`", escape(text.as_bytes()));
            }
            let start: String = text.chars().take(SHOWN_BYTES / 2).collect();
            format!("`{}…` ({} bytes)", escape(start.as_bytes()), text.len())
        };
        let text = |name: &str, value: &Option<Text>| {
            value.as_ref().map(|it| format!("{name} {}", shown(&it.0)))
        };
        let fields = [
            text("type", &self.event_type),
            self.data_text().map(|it| format!("data {}", shown(&it))),
            text("id", &self.id),
            self.retry.map(|it| format!("retry {it}")),
            text("retry", &self.retry_text),
        ];
        fields.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

impl EmitStep {
    /// The features that the step needs.
    pub fn needs(&self) -> Vec<ServerFeature> {
        let mut needs = Vec::new();
        match self {
            Self::Event(event) | Self::Repeat { event, .. } => event.features(&mut needs),
            Self::Comment(_) => needs.push(ServerFeature::Comment),
            Self::HeartbeatMs(_) => needs.push(ServerFeature::Heartbeat),
            Self::Throw {} => needs.push(ServerFeature::Throw),
            Self::SleepMs(_) | Self::Hold {} => {}
        }
        needs
    }

    /// What the application does, in a few words.
    pub fn words(&self) -> String {
        match self {
            Self::Event(event) => format!("event: {}", event.words()),
            Self::Comment(text) => format!("comment `{}`", escape(text.0.as_bytes())),
            Self::SleepMs(ms) => format!("{ms} ms of silence"),
            Self::HeartbeatMs(ms) => format!("a heartbeat each {ms} ms"),
            Self::Repeat { count, event } => format!("{count} events: {}", event.words()),
            Self::Hold {} => "the stream stays open".to_owned(),
            Self::Throw {} => "the handler fails".to_owned(),
        }
    }

    /// How much data it holds, in bytes.
    pub fn data_bytes(&self) -> u64 {
        let one = |event: &EmitEvent| event.data.as_ref().map_or(0, Chunk::len);
        match self {
            Self::Event(event) => one(event),
            Self::Repeat { count, event } => one(event) * u64::from(*count),
            _ => 0,
        }
    }

    /// How many events a conforming client gets of it.
    pub fn events(&self) -> u32 {
        match self {
            Self::Event(event) => u32::from(event.data.is_some()),
            Self::Repeat { count, event } if event.data.is_some() => *count,
            _ => 0,
        }
    }
}
