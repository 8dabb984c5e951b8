//! What is read out of events, beyond their delivery: ends, tokens, timestamps, sequences.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use ssespec_parser::Event;

use crate::pointer::{Found, Pointer};
use crate::slo::Slo;

/// What is read out of events. Where all is left out, reading costs nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// The event that ends a stream with success.
    pub until: Option<Matcher>,
    /// The events that are tokens; by default all but the last.
    pub first_event: Option<Matcher>,
    /// When a stream is good.
    pub slo: Option<Slo>,
    /// Where an event says when it was sent.
    pub timestamp: Option<Timestamp>,
    /// Where an event says its number, in place of its id.
    pub sequence: Option<Pointer>,
}

impl Reading {
    /// Whether streams are answers that come token by token.
    pub fn is_talk(&self) -> bool {
        self.until.is_some() || self.first_event.is_some() || self.slo.is_some()
    }

    /// Whether payloads are looked into.
    pub fn is_payload(&self) -> bool {
        self.timestamp.is_some() || self.sequence.is_some()
    }
}

/// Which events: those with this data, `event:NAME` for a type, `/pointer` for JSON that has
/// something there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Matcher {
    /// The data is this.
    Data(String),
    /// The type is this.
    Event(String),
    /// The data is JSON, and this place holds something: not null, not false, not empty.
    Pointer(Pointer),
}

impl FromStr for Matcher {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let some = |text: &str| match text {
            "" => {
                Err("write it as data such as `[DONE]`, as `event:NAME` or `/pointer`".to_owned())
            }
            text => Ok(text.to_owned()),
        };
        if let Some(name) = text.strip_prefix("event:") {
            return some(name).map(Self::Event);
        }
        if let Some(data) = text.strip_prefix("data:") {
            return some(data).map(Self::Data);
        }
        if text.starts_with('/') {
            return text.parse().map(Self::Pointer);
        }
        some(text).map(Self::Data)
    }
}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Data(data) => f.write_str(data),
            Self::Event(name) => write!(f, "event:{name}"),
            Self::Pointer(pointer) => pointer.fmt(f),
        }
    }
}

impl Matcher {
    pub(crate) fn matches(&self, event: &Event<'_>) -> bool {
        match self {
            Self::Data(data) => event.data == data,
            Self::Event(name) => event.event_type == name,
            Self::Pointer(pointer) => {
                pointer.find(event.data).is_ok_and(|found| found.is_something())
            }
        }
    }
}

/// Where an event says when it was sent: `/meta/sent`, `/meta/sent:us`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timestamp {
    /// The place.
    pub pointer: Pointer,
    /// Nanoseconds of one unit; texts are read as RFC 3339 whatever it is.
    pub unit_ns: u64,
}

const UNITS: [(&str, u64); 4] =
    [(":s", 1_000_000_000), (":ms", 1_000_000), (":us", 1000), (":ns", 1)];

impl FromStr for Timestamp {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let written = UNITS.iter().find_map(|(unit, ns)| Some((text.strip_suffix(unit)?, *ns)));
        let (pointer, unit_ns) = written.unwrap_or((text, 1_000_000));
        let pointer = pointer.parse().map_err(|error: String| {
            format!("{error}, with `:s`, `:ms`, `:us` or `:ns` after it")
        })?;
        Ok(Self { pointer, unit_ns })
    }
}

/// What is wrong with a payload: under which it is counted, and what was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PayloadFault {
    pub(crate) cause: &'static str,
    pub(crate) message: String,
}

impl PayloadFault {
    fn not_json(why: &str) -> Self {
        Self { cause: "payload.not-json", message: format!("the data is not JSON: {why}") }
    }
}

impl Timestamp {
    /// When an event was sent, in nanoseconds since 1970.
    pub(crate) fn read(&self, data: &str) -> Result<u64, PayloadFault> {
        let wrong = |found: &str| PayloadFault {
            cause: "timestamp.unreadable",
            message: format!("`{}` holds no time but {found}", self.pointer),
        };
        let found = self.pointer.find(data).map_err(|why| PayloadFault::not_json(&why))?;
        match found {
            Found::Missing | Found::Null => Err(PayloadFault {
                cause: "timestamp.missing",
                message: format!("there is nothing at `{}`", self.pointer),
            }),
            Found::Whole(number) => number
                .checked_mul(self.unit_ns)
                .ok_or_else(|| wrong(&format!("{number}, which is beyond all units"))),
            Found::Number(number) => {
                let seconds = number * self.unit_ns as f64 / 1e9;
                let time = std::time::Duration::try_from_secs_f64(seconds);
                let ns = time.ok().and_then(|time| u64::try_from(time.as_nanos()).ok());
                ns.ok_or_else(|| wrong(&number.to_string()))
            }
            Found::Text(text) => {
                let time: Result<jiff::Timestamp, _> = text.parse();
                let ns = time.ok().and_then(|time| u64::try_from(time.as_nanosecond()).ok());
                ns.ok_or_else(|| wrong(&format!("`{}`", text.escape_debug())))
            }
            Found::Bool(_) | Found::Tree => Err(wrong("another kind of value")),
        }
    }
}

/// The number of an event, by its payload.
pub(crate) fn sequence(pointer: &Pointer, data: &str) -> Result<String, PayloadFault> {
    let found = pointer.find(data).map_err(|why| PayloadFault::not_json(&why))?;
    match found {
        Found::Whole(number) => Ok(number.to_string()),
        Found::Text(text) if text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() => {
            Ok(text)
        }
        _ => Err(PayloadFault {
            cause: "sequence.missing",
            message: format!("there is no whole number at `{pointer}`"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(timestamp: &str, data: &str) -> Result<u64, &'static str> {
        timestamp.parse::<Timestamp>().unwrap().read(data).map_err(|fault| fault.cause)
    }

    #[test]
    fn timestamps_have_units() {
        assert_eq!(sent("/t", r#"{"t":12}"#), Ok(12_000_000));
        assert_eq!(sent("/t:s", r#"{"t":1.5}"#), Ok(1_500_000_000));
        assert_eq!(sent("/t:ns", r#"{"t":7}"#), Ok(7));
        assert_eq!(sent("/t", r#"{"t":"1970-01-01T00:00:02Z"}"#), Ok(2_000_000_000));
        assert_eq!(sent("/t", "{}"), Err("timestamp.missing"));
        assert_eq!(sent("/t", "x"), Err("payload.not-json"));
        assert_eq!(sent("/t", r#"{"t":"noon"}"#), Err("timestamp.unreadable"));
        assert_eq!(sent("/t", r#"{"t":-1}"#), Err("timestamp.unreadable"));
        assert_eq!(sent("/t:s", r#"{"t":99999999999999}"#), Err("timestamp.unreadable"));
        assert!("t".parse::<Timestamp>().is_err());
    }

    #[test]
    fn sequences_are_whole_numbers() {
        let pointer: Pointer = "/n".parse().unwrap();
        assert_eq!(sequence(&pointer, r#"{"n":7}"#).as_deref(), Ok("7"));
        assert_eq!(sequence(&pointer, r#"{"n":"8"}"#).as_deref(), Ok("8"));
        for wrong in ["{}", r#"{"n":-1}"#, r#"{"n":""}"#] {
            assert_eq!(sequence(&pointer, wrong).unwrap_err().cause, "sequence.missing");
        }
    }

    #[test]
    fn matchers_are_read_as_they_are_written() {
        for text in ["[DONE]", "event:done", "/choices/0/delta/content"] {
            assert_eq!(text.parse::<Matcher>().unwrap().to_string(), text);
        }
        assert_eq!("data:/x".parse(), Ok(Matcher::Data("/x".to_owned())));
        assert!("".parse::<Matcher>().is_err() && "event:".parse::<Matcher>().is_err());
    }
}
