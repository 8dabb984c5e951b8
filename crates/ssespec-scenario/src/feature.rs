//! What a subject can do, the routes a case runs over, and the profiles that set levels.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something that a subject claims in its `hello`. A missing one makes cases `n/a`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Feature {
    /// Opens a URL over HTTP/1.1.
    Open,
    /// Reconnects by itself.
    Reconnect,
    /// Honours `reconnect_ms` of the `open` message as its first reconnection time.
    ReconnectDelay,
    /// Takes a last event id for the first request.
    LastEventId,
    /// Takes request headers.
    Headers,
    /// Takes a method and a body.
    Post,
    /// Takes the method `REPORT` and a body.
    Report,
    /// Follows redirects.
    Redirect,
    /// Reports comments.
    Comments,
    /// Reports reconnection times.
    Retry,
    /// Reports event types.
    EventTypes,
    /// Speaks HTTP/2 over TLS.
    Http2,
    /// Speaks HTTP/2 in cleartext by prior knowledge.
    H2c,
    /// Speaks TLS and trusts the run's CA.
    Tls,
    /// Takes a read timeout.
    ReadTimeout,
    /// Lets its user drop the connection and connect again.
    Restart,
    /// Sends credentials cross-origin where asked.
    Credentials,
    /// Is a browser: it opens streams from a page, and holds them to CORS.
    Cors,
    /// Is part of the browser: the headers that it adds need no preflight.
    UserAgent,
    /// Decodes bytes given to it, without HTTP.
    Feed,
}

impl Feature {
    /// All features, in the order of the documentation.
    pub const ALL: [Self; 20] = [
        Self::Open,
        Self::Reconnect,
        Self::ReconnectDelay,
        Self::LastEventId,
        Self::Headers,
        Self::Post,
        Self::Report,
        Self::Redirect,
        Self::Comments,
        Self::Retry,
        Self::EventTypes,
        Self::Http2,
        Self::H2c,
        Self::Tls,
        Self::ReadTimeout,
        Self::Restart,
        Self::Credentials,
        Self::Cors,
        Self::UserAgent,
        Self::Feed,
    ];

    /// The name used in `hello` and in scenarios.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Reconnect => "reconnect",
            Self::ReconnectDelay => "reconnect-delay",
            Self::LastEventId => "last-event-id",
            Self::Headers => "headers",
            Self::Post => "post",
            Self::Report => "report",
            Self::Redirect => "redirect",
            Self::Comments => "comments",
            Self::Retry => "retry",
            Self::EventTypes => "event-types",
            Self::Http2 => "http2",
            Self::H2c => "h2c",
            Self::Tls => "tls",
            Self::ReadTimeout => "read-timeout",
            Self::Restart => "restart",
            Self::Credentials => "credentials",
            Self::Cors => "cors",
            Self::UserAgent => "user-agent",
            Self::Feed => "feed",
        }
    }

    /// The feature of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|feature| feature.name() == name)
    }
}

/// How the bytes of a case reach the subject. Written as a suffix of the case id: `@h1`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Route {
    /// Chunks given to a decoder, without HTTP.
    Feed,
    /// HTTP/1.1 in cleartext.
    H1,
    /// HTTP/1.1 over TLS, the server offering no other by ALPN.
    H1s,
    /// HTTP/2 in cleartext, by prior knowledge.
    H2c,
    /// HTTP/2 over TLS, by ALPN.
    H2,
}

impl Route {
    /// All routes, in the order of the report.
    pub const ALL: [Self; 5] = [Self::Feed, Self::H1, Self::H1s, Self::H2c, Self::H2];

    /// Those that a `stream` runs over unless it says otherwise.
    pub const STREAM: [Self; 4] = [Self::Feed, Self::H1, Self::H2c, Self::H2];

    /// The suffix without its `@`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Feed => "feed",
            Self::H1 => "h1",
            Self::H1s => "h1s",
            Self::H2c => "h2c",
            Self::H2 => "h2",
        }
    }

    /// The features that a subject must claim for this route.
    pub fn needs(self) -> &'static [Feature] {
        match self {
            Self::Feed => &[Feature::Feed],
            Self::H1 => &[Feature::Open],
            Self::H1s => &[Feature::Open, Feature::Tls],
            Self::H2c => &[Feature::Open, Feature::H2c],
            Self::H2 => &[Feature::Open, Feature::Http2, Feature::Tls],
        }
    }
}

/// Which set of levels the rules are judged by.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// The letter of the standard.
    Eventsource,
    /// Clients that by design reconnect where the standard says to fail.
    Resilient,
    /// Decoders: without HTTP, or without reconnection.
    Decoder,
}

impl Profile {
    /// The name used on the command line and in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Eventsource => "eventsource",
            Self::Resilient => "resilient",
            Self::Decoder => "decoder",
        }
    }
}
