//! The adapter protocol, version 1: one JSON object a line, in both directions.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use ssespec_scenario::Feature;

/// The version of the protocol that the harness speaks.
pub const PROTOCOL_VERSION: u32 = 1;

/// What the harness tells an adapter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "op", rename_all = "kebab-case")]
#[expect(clippy::large_enum_variant, reason = "one at a time is made, and sent at once")]
pub enum Command {
    /// Open a stream.
    Open(Open),
    /// Give bytes to a decoder; the first ones open the stream.
    Feed {
        /// The stream's number.
        stream: u64,
        /// Base64.
        bytes: String,
    },
    /// The body given to a decoder has ended.
    End {
        /// The stream's number.
        stream: u64,
    },
    /// Drop the connection and connect again, as after a loss. It takes no answer.
    Restart {
        /// The stream's number.
        stream: u64,
    },
    /// Close a stream; to be answered with `closed`.
    Close {
        /// The stream's number.
        stream: u64,
    },
    /// End the adapter.
    Exit,
}

/// What a subject says whose pages are on all of the mock's origins.
pub(crate) const ANY_ORIGIN: &str = "*";

/// The `open` command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Open {
    /// The number that all reports about this stream carry; never used twice.
    pub stream: u64,
    /// What to open.
    pub url: String,
    /// The method.
    pub method: String,
    /// Request headers.
    pub headers: BTreeMap<String, String>,
    /// The request body.
    pub body: Option<String>,
    /// The last event id of the first request.
    pub last_event_id: Option<String>,
    /// The first reconnection time in milliseconds, for those who can set it.
    pub reconnect_ms: Option<u64>,
    /// Event types to listen to, for APIs that want them registered.
    pub listen: Vec<String>,
    /// Whether to send credentials cross-origin.
    pub with_credentials: bool,
    /// The origin of the page that is to open a cross-origin stream, for subjects with `cors`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_origin: Option<String>,
    /// Silence after which to give the connection up.
    pub read_timeout_ms: Option<u64>,
    /// `2` for HTTP/2 in cleartext by prior knowledge; else left to the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_version: Option<String>,
    /// The case, for the log of a test service; adapters are not told it.
    #[serde(skip)]
    pub tag: String,
}

impl Open {
    /// A plain GET.
    pub(crate) fn plain(stream: u64, url: String) -> Self {
        Self {
            stream,
            url,
            method: "GET".to_owned(),
            headers: BTreeMap::new(),
            body: None,
            last_event_id: None,
            reconnect_ms: None,
            listen: vec!["message".to_owned()],
            with_credentials: false,
            page_origin: None,
            read_timeout_ms: None,
            http_version: None,
            tag: String::new(),
        }
    }
}

/// What an adapter says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "op", rename_all = "kebab-case")]
pub enum Message {
    /// Who it is and what it can do; the first line.
    Hello(Hello),
    /// The stream is open.
    Opened {
        /// The stream's number.
        stream: u64,
    },
    /// An event.
    Event {
        /// The stream's number.
        stream: u64,
        /// The type; absent means `message`.
        #[serde(rename = "type", default)]
        event_type: Option<String>,
        /// The data.
        data: String,
        /// The last event id as the API shows it; left out where it has none.
        #[serde(default)]
        id: Option<String>,
        /// The event's origin, where the API has one.
        #[serde(default)]
        origin: Option<String>,
    },
    /// A comment.
    Comment {
        /// The stream's number.
        stream: u64,
        /// All that follows the colon.
        text: String,
    },
    /// A reconnection time.
    Retry {
        /// The stream's number.
        stream: u64,
        /// Milliseconds.
        ms: f64,
    },
    /// An error.
    Error {
        /// The stream's number.
        stream: u64,
        /// Whether the client has given up.
        #[serde(default)]
        fatal: bool,
        /// What the client says about it.
        #[serde(default)]
        message: String,
    },
    /// The client will do nothing more on this stream.
    Closed {
        /// The stream's number.
        stream: u64,
    },
}

/// The `hello` line.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Hello {
    /// The protocol version the adapter speaks.
    pub protocol: u32,
    /// The name of the subject.
    pub name: String,
    /// Its version.
    #[serde(default)]
    pub version: String,
    /// The language it is written in.
    #[serde(default)]
    pub language: String,
    /// What runs it.
    #[serde(default)]
    pub runtime: String,
    /// What it claims to be able to do; unknown names are refused with a suggestion.
    #[serde(default)]
    pub features: Vec<String>,
    /// What its API shows as an event's id.
    #[serde(default)]
    pub event_id: EventId,
    /// The origin of the page that opens the streams, for subjects with `cors`; `*`
    /// where it has one on each origin.
    #[serde(default)]
    pub page_origin: Option<String>,
}

/// What an API shows as an event's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EventId {
    /// The last event id, as the standard has it.
    #[default]
    Sticky,
    /// The id of the event's own block.
    PerEvent,
    /// Nothing.
    None,
}

/// A report about one stream.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Report {
    /// The stream is open.
    Opened,
    /// An event.
    Event {
        /// The type.
        event_type: String,
        /// The data.
        data: String,
        /// The id, where the API shows one.
        id: Option<String>,
        /// The origin, where the API shows one.
        origin: Option<String>,
    },
    /// A comment.
    Comment(String),
    /// A reconnection time in milliseconds.
    Retry(f64),
    /// An error.
    Error {
        /// Whether the client has given up.
        fatal: bool,
        /// What the client says about it.
        message: String,
    },
    /// The client will do nothing more.
    Closed,
}

impl Report {
    /// The length of its strings, in bytes.
    pub(crate) fn text_bytes(&self) -> usize {
        match self {
            Self::Event { event_type, data, id, .. } => {
                event_type.len() + data.len() + id.as_ref().map_or(0, String::len)
            }
            Self::Comment(text) | Self::Error { message: text, .. } => text.len(),
            Self::Opened | Self::Retry(_) | Self::Closed => 0,
        }
    }
}

/// Why a line of an adapter could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadLine(pub(crate) String);

/// What a usable line says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Line {
    Hello(Box<Hello>),
    Report { stream: u64, report: Report, note: Option<&'static str> },
}

/// Reads one line. A lone surrogate in a string is replaced and noted: it is the case's failure,
/// not a breach of the protocol.
pub(crate) fn read_line(line: &str) -> Result<Line, BadLine> {
    let (message, note) = read_json::<Message>(line)
        .map_err(|error| BadLine(format!("{error} in the line `{}`", start_of(line))))?;
    let report = |stream, report| Ok(Line::Report { stream, report, note });
    match message {
        Message::Hello(hello) => Ok(Line::Hello(Box::new(hello))),
        Message::Opened { stream } => report(stream, Report::Opened),
        Message::Event { stream, event_type, data, id, origin } => {
            let event_type = event_type.filter(|t| !t.is_empty());
            let event_type = event_type.unwrap_or_else(|| "message".to_owned());
            report(stream, Report::Event { event_type, data, id, origin })
        }
        Message::Comment { stream, text } => report(stream, Report::Comment(text)),
        Message::Retry { stream, ms } => report(stream, Report::Retry(ms)),
        Message::Error { stream, fatal, message } => {
            report(stream, Report::Error { fatal, message })
        }
        Message::Closed { stream } => report(stream, Report::Closed),
    }
}

/// Reads what a subject sent, and notes where a lone surrogate in a string had to be replaced.
pub(crate) fn read_json<T: DeserializeOwned>(
    text: &str,
) -> Result<(T, Option<&'static str>), serde_json::Error> {
    serde_json::from_str(text).map(|read| (read, None)).or_else(|error| {
        let mended = replace_lone_surrogates(text).ok_or(error)?;
        Ok((serde_json::from_str(&mended)?, Some("the report holds a lone surrogate")))
    })
}

/// How a text begins, for messages.
pub(crate) fn start_of(text: &str) -> String {
    let start: String = text.chars().take(120).collect();
    if start.len() < text.len() { start + "…" } else { start }
}

/// Puts `\ufffd` in place of surrogate escapes that have no partner; `None` if there are none.
fn replace_lone_surrogates(line: &str) -> Option<String> {
    let unit = |at: usize| {
        let digits = line.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut out = String::with_capacity(line.len());
    let mut at = 0;
    let mut found = false;
    while let Some(c) = line.get(at..).and_then(|rest| rest.chars().next()) {
        if c != '\\' {
            out.push(c);
            at += c.len_utf8();
            continue;
        }
        match (unit(at), unit(at + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => {
                out.push_str(line.get(at..at + 12)?);
                at += 12;
            }
            (Some(0xd800..=0xdfff), _) => {
                out.push_str("\\ufffd");
                at += 6;
                found = true;
            }
            _ => {
                // Any other escape: the backslash and what it escapes belong together.
                let next = line.get(at + 1..).and_then(|rest| rest.chars().next());
                let length = 1 + next.map_or(0, char::len_utf8);
                out.push_str(line.get(at..at + length)?);
                at += length;
            }
        }
    }
    found.then_some(out)
}

impl Hello {
    /// The claimed features.
    ///
    /// # Errors
    /// The first name that is no feature, with a suggestion.
    pub fn known_features(&self) -> Result<Vec<Feature>, String> {
        self.features
            .iter()
            .map(|name| {
                Feature::from_name(name).ok_or_else(|| {
                    let known = Feature::ALL.map(Feature::name);
                    let near = ssespec_scenario::suggest(name, &known)
                        .map(|near| format!("; did you mean `{near}`?"))
                        .unwrap_or_default();
                    format!("`{name}` is no feature{near}")
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lone_surrogate_is_noted_and_a_pair_is_not() {
        let lone = r#"{"op":"event","stream":1,"data":"a\\\ud83d!\ud83c\udf0d"}"#;
        let Ok(Line::Report { report: Report::Event { data, .. }, note, .. }) = read_line(lone)
        else {
            panic!("not read");
        };
        assert_eq!(data, "a\\\u{fffd}!🌍");
        assert!(note.is_some());
        let pair = r#"{"op":"event","stream":1,"data":"\ud83c\udf0d"}"#;
        assert!(matches!(read_line(pair), Ok(Line::Report { note: None, .. })));
        assert!(read_line("{\"op\":\"event\",").is_err());
    }
}
