//! The lines of the adapter protocol, as far as load needs them.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};

/// How much of a line that cannot be read is shown.
const SHOWN_CHARS: usize = 120;

/// The longest line that is read, in bytes.
const LONGEST_LINE_BYTES: usize = 64 << 20;

/// The command that opens a stream.
#[derive(Debug, Serialize)]
pub(crate) struct Open<'a> {
    op: &'static str,
    stream: u64,
    url: &'a str,
    method: &'static str,
    headers: Empty,
    body: Option<&'static str>,
    last_event_id: Option<&'static str>,
    reconnect_ms: Option<u64>,
    listen: [&'static str; 1],
    with_credentials: bool,
    read_timeout_ms: Option<u64>,
}

#[derive(Debug, Serialize)]
struct Empty {}

impl<'a> Open<'a> {
    pub(crate) fn new(stream: u64, url: &'a str, reconnect_ms: Option<u64>) -> Self {
        Self {
            op: "open",
            stream,
            url,
            method: "GET",
            headers: Empty {},
            body: None,
            last_event_id: None,
            reconnect_ms,
            listen: ["message"],
            with_credentials: false,
            read_timeout_ms: None,
        }
    }
}

/// What an adapter says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Message<'a> {
    Hello(Hello),
    Report(u64, Report<'a>),
}

/// Who an adapter is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Hello {
    pub(crate) protocol: u64,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) runtime: String,
}

/// A report about one stream.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Report<'a> {
    Opened,
    Event {
        event_type: Cow<'a, str>,
        data: Cow<'a, str>,
        id: Cow<'a, str>,
    },
    Error {
        fatal: bool,
        message: Cow<'a, str>,
    },
    Closed,
    /// A comment or a reconnection time; the built-in server sends neither.
    Other,
}

/// All fields of all messages: one pass over the line, and nothing copied that need not be.
#[derive(Debug, Deserialize)]
struct Line<'a> {
    #[serde(borrow, deserialize_with = "text")]
    op: Cow<'a, str>,
    #[serde(default)]
    stream: Option<u64>,
    #[serde(borrow, default, deserialize_with = "text", rename = "type")]
    event_type: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "text")]
    data: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "text")]
    id: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "text")]
    message: Cow<'a, str>,
    #[serde(default)]
    fatal: bool,
    #[serde(default)]
    protocol: u64,
    #[serde(borrow, default, deserialize_with = "text")]
    name: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "text")]
    version: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "text")]
    runtime: Cow<'a, str>,
}

/// A string that is borrowed where it has no escapes; `null` stands for an empty one.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'de, str>, D::Error> {
    struct Text;

    impl<'de> Visitor<'de> for Text {
        type Value = Cow<'de, str>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
            Ok(Cow::Borrowed(text))
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Cow::Owned(text.to_owned()))
        }

        fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(Cow::Borrowed(""))
        }
    }

    deserializer.deserialize_any(Text)
}

/// Reads a line.
///
/// # Errors
/// Says what is wrong with it, and how it begins.
pub(crate) fn read(line: &[u8]) -> Result<Message<'_>, String> {
    let wrong = |why: String| {
        let text = String::from_utf8_lossy(line);
        let start: String = text.trim_end().chars().take(SHOWN_CHARS).collect();
        format!("{why} in the line `{start}`")
    };
    let line: Line<'_> = serde_json::from_slice(line).map_err(|error| wrong(error.to_string()))?;
    let report = match line.op.as_ref() {
        "hello" => {
            return Ok(Message::Hello(Hello {
                protocol: line.protocol,
                name: line.name.into_owned(),
                version: line.version.into_owned(),
                runtime: line.runtime.into_owned(),
            }));
        }
        "opened" => Report::Opened,
        "event" => Report::Event {
            event_type: if line.event_type.is_empty() {
                Cow::Borrowed("message")
            } else {
                line.event_type
            },
            data: line.data,
            id: line.id,
        },
        "error" => Report::Error { fatal: line.fatal, message: line.message },
        "closed" => Report::Closed,
        "comment" | "retry" => Report::Other,
        other => return Err(wrong(format!("there is no message `{other}`"))),
    };
    let stream = line.stream.ok_or_else(|| wrong("no `stream`".to_owned()))?;
    Ok(Message::Report(stream, report))
}

/// The lines of a pipe, however they are cut.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    /// The start of a line whose end has not come.
    rest: Vec<u8>,
}

impl Lines {
    /// Takes bytes as they came, and hands on each whole line that is not blank.
    pub(crate) fn take(
        &mut self,
        bytes: &[u8],
        mut on_line: impl FnMut(&[u8]) -> Result<(), String>,
    ) -> Result<(), String> {
        let mut parts = bytes.split_inclusive(|byte| *byte == b'\n');
        for part in &mut parts {
            if part.last() != Some(&b'\n') {
                self.rest.extend_from_slice(part);
                if self.rest.len() > LONGEST_LINE_BYTES {
                    return Err("a line without end".to_owned());
                }
                break;
            }
            let whole: &[u8] = if self.rest.is_empty() {
                part
            } else {
                self.rest.extend_from_slice(part);
                &self.rest
            };
            if !whole.trim_ascii().is_empty() {
                on_line(whole)?;
            }
            self.rest.clear();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_read() {
        let event =
            br#"{"op":"event","stream":7,"type":"message","data":"a\nb","id":"42","x":[1]}"#;
        let Ok(Message::Report(7, Report::Event { event_type, data, id })) = read(event) else {
            panic!("{:?}", read(event));
        };
        assert_eq!((&*event_type, &*data, &*id), ("message", "a\nb", "42"));
        assert!(matches!(id, Cow::Borrowed(_)));
        let bare = read(br#"{"op":"event","stream":1,"data":"","id":null}"#).unwrap();
        assert!(matches!(bare, Message::Report(1, Report::Event { id, .. }) if id.is_empty()));
        let error = read(br#"{"op":"error","stream":1,"fatal":true}"#).unwrap();
        assert!(matches!(error, Message::Report(1, Report::Error { fatal: true, .. })));
        let hello = br#"{"op":"hello","protocol":1,"name":"a","version":null,"features":["open"]}"#;
        assert!(matches!(read(hello), Ok(Message::Hello(hello)) if hello.name == "a"));
    }

    #[test]
    fn what_is_no_message_is_said() {
        for (line, says) in [
            ("listening on 80", "in the line `listening on 80`"),
            (r#"{"op":"evnt","stream":1}"#, "there is no message `evnt`"),
            (r#"{"op":"closed"}"#, "no `stream`"),
        ] {
            let error = read(line.as_bytes()).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn lines_are_whole_however_they_are_cut() {
        let text = b"one\n\ntwo\nthree\n";
        for cut in 0..=text.len() {
            let mut lines = Lines::default();
            let mut seen = Vec::new();
            for part in [&text[..cut], &text[cut..]] {
                let take = |line: &[u8]| {
                    seen.push(String::from_utf8_lossy(line).trim_end().to_owned());
                    Ok(())
                };
                lines.take(part, take).unwrap();
            }
            assert_eq!(seen, ["one", "two", "three"], "{cut}");
        }
    }

    #[test]
    fn a_stream_is_opened_as_the_protocol_says() {
        let open = serde_json::to_string(&Open::new(7, "http://a/", Some(50))).unwrap();
        assert_eq!(
            open,
            r#"{"op":"open","stream":7,"url":"http://a/","method":"GET","headers":{},"body":null,"last_event_id":null,"reconnect_ms":50,"listen":["message"],"with_credentials":false,"read_timeout_ms":null}"#
        );
    }
}
