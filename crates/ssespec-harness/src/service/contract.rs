//! The JSON of the contract: what a service says of itself, what it is told, what it calls back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::protocol::{Open, Report, read_json, start_of};

/// What a service says of itself. What else it says means nothing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) name: Option<String>,
    pub(super) capabilities: Vec<String>,
}

impl Status {
    /// Reads a status; an empty one claims nothing.
    pub(super) fn read(body: &[u8]) -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        struct Wire {
            #[serde(default)]
            name: Option<String>,
            #[serde(default)]
            capabilities: Option<Vec<String>>,
        }
        if body.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        let wire: Wire = serde_json::from_slice(body)?;
        Ok(Self { name: wire.name, capabilities: wire.capabilities.unwrap_or_default() })
    }
}

/// What creates a stream. The two times are `null` where there are none; the rest is left out.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Create<'o> {
    stream_url: &'o str,
    callback_url: &'o str,
    tag: &'o str,
    initial_delay_ms: Option<u64>,
    read_timeout_ms: Option<u64>,
    #[serde(skip_serializing_if = "str::is_empty")]
    last_event_id: &'o str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: &'o BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'o str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    body: &'o str,
}

/// The body that creates a stream.
pub(super) fn create(open: &Open, callback_url: &str) -> String {
    let create = Create {
        stream_url: &open.url,
        callback_url,
        tag: &open.tag,
        initial_delay_ms: open.reconnect_ms,
        read_timeout_ms: open.read_timeout_ms,
        last_event_id: open.last_event_id.as_deref().unwrap_or_default(),
        headers: &open.headers,
        method: Some(open.method.as_str()).filter(|method| *method != "GET"),
        body: open.body.as_deref().unwrap_or_default(),
    };
    // Strings, numbers and maps of strings always have a JSON form.
    serde_json::to_string(&create).unwrap_or_default()
}

/// The command to listen to events of a type.
pub(super) fn listen(event_type: &str) -> String {
    serde_json::json!({ "command": "listen", "listen": { "type": event_type } }).to_string()
}

/// The command to drop the connection and connect again.
pub(super) fn restart() -> String {
    serde_json::json!({ "command": "restart" }).to_string()
}

/// A report, with what is odd about it; none where a service only greets.
pub(super) type Noted = (Option<Report>, Option<&'static str>);

/// Reads a callback. A lone surrogate in a string is replaced and noted, as it is for adapters.
///
/// # Errors
/// What is wrong with it, as a sentence.
pub(super) fn read_callback(body: &[u8]) -> Result<Noted, String> {
    let text = std::str::from_utf8(body).map_err(|_| "it is not UTF-8".to_owned())?;
    let (callback, note) =
        read_json(text).map_err(|error| format!("{error} in `{}`", start_of(text)))?;
    Ok((report(callback)?, note))
}

#[derive(Debug, Deserialize)]
struct Callback {
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    event: Option<Event>,
    #[serde(default)]
    comment: Option<String>,
    #[serde(default)]
    error: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Event {
    #[serde(default, rename = "type")]
    name: Option<String>,
    #[serde(default)]
    data: Option<String>,
    #[serde(default)]
    id: Option<String>,
}

fn report(callback: Callback) -> Result<Option<Report>, String> {
    let report = match callback.kind.as_deref() {
        Some("event") => {
            let Some(event) = callback.event else {
                return Err("it is of the kind `event` and has no `event`".to_owned());
            };
            let name = event.name.filter(|name| !name.is_empty());
            Report::Event {
                event_type: name.unwrap_or_else(|| "message".to_owned()),
                data: event.data.unwrap_or_default(),
                id: event.id,
                origin: None,
            }
        }
        Some("comment") => Report::Comment(callback.comment.unwrap_or_default()),
        // The contract's text has `comment` here, services have `error`.
        Some("error") => Report::Error {
            fatal: false,
            message: callback.error.or(callback.comment).unwrap_or_default(),
        },
        // What services said first in an older version of the contract.
        Some("hello") => return Ok(None),
        Some(kind) => {
            return Err(format!(
                "its kind is `{}`, which is none of `event`, `comment` and `error`",
                start_of(kind)
            ));
        }
        None => return Err("it has no `kind`".to_owned()),
    };
    Ok(Some(report))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_null_and_the_rest_is_left_out() {
        let mut open = Open::plain(1, "http://m/c".to_owned());
        "line/lf@h1".clone_into(&mut open.tag);
        let body: serde_json::Value = serde_json::from_str(&create(&open, "http://c/1")).unwrap();
        let plain = serde_json::json!({
            "streamUrl": "http://m/c", "callbackUrl": "http://c/1", "tag": "line/lf@h1",
            "initialDelayMs": null, "readTimeoutMs": null,
        });
        assert_eq!(body, plain);
        "REPORT".clone_into(&mut open.method);
        open.body = Some("{}".to_owned());
        open.last_event_id = Some("abc".to_owned());
        open.headers.insert("a-b".to_owned(), "c".to_owned());
        (open.reconnect_ms, open.read_timeout_ms) = (Some(0), Some(500));
        let body: serde_json::Value = serde_json::from_str(&create(&open, "http://c/1")).unwrap();
        let full = serde_json::json!({
            "streamUrl": "http://m/c", "callbackUrl": "http://c/1", "tag": "line/lf@h1",
            "initialDelayMs": 0, "readTimeoutMs": 500, "lastEventId": "abc",
            "headers": { "a-b": "c" }, "method": "REPORT", "body": "{}",
        });
        assert_eq!(body, full);
    }

    #[test]
    fn nulls_in_callbacks_are_absences() {
        let event = br#"{"kind":"event","event":{"type":null,"data":"a","id":null},"error":null}"#;
        let (report, note) = read_callback(event).unwrap();
        let expected = Report::Event {
            event_type: "message".to_owned(),
            data: "a".to_owned(),
            id: None,
            origin: None,
        };
        assert_eq!((report, note), (Some(expected), None));
        for text in [r#"{"kind":"error","error":"x"}"#, r#"{"kind":"error","comment":"x"}"#] {
            let error = Report::Error { fatal: false, message: "x".to_owned() };
            assert_eq!(read_callback(text.as_bytes()).unwrap().0, Some(error));
        }
        let lone = br#"{"kind":"comment","comment":"\ud83d"}"#;
        let (report, note) = read_callback(lone).unwrap();
        assert_eq!(report, Some(Report::Comment("\u{fffd}".to_owned())));
        assert!(note.is_some());
        assert_eq!(read_callback(br#"{"kind":"hello"}"#).unwrap(), (None, None));
    }

    #[test]
    fn what_is_no_callback_is_told_why() {
        for (body, why) in [
            (&br"{"[..], "EOF"),
            (br"{}", "no `kind`"),
            (br#"{"kind":"opened"}"#, "its kind is `opened`"),
            (br#"{"kind":"event"}"#, "has no `event`"),
            (b"\xff", "not UTF-8"),
        ] {
            let error = read_callback(body).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn a_status_may_leave_everything_out() {
        for text in ["", " \n", "{}", r#"{"name":null,"capabilities":null,"x":1}"#] {
            assert_eq!(Status::read(text.as_bytes()).unwrap(), Status::default());
        }
        assert!(Status::read(b"OK").is_err());
    }
}
