//! What the subject must report, in order.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Chunk, Origin, Piece, Text, Wire};

/// One expected report. The key is its kind: `{ event = { data = 'a' } }`.
///
/// Events are compared always, exactly and in order. The other kinds are compared only in cases
/// that name them, and only where the subject claims them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Expectation {
    /// An event.
    Event(EventExpectation),
    /// As many events of type `message` without an id, numbered from 0: what the piece `count`
    /// sends.
    Events {
        /// Before each number.
        prefix: Text,
        /// How many.
        #[schemars(range(min = 1))]
        times: u32,
    },
    /// The stream is announced as open.
    Opened {},
    /// An error.
    Error {
        /// Whether the subject says that it has given up; not compared when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fatal: Option<bool>,
    },
    /// A comment: all that follows its colon, but for one leading space, which is not compared.
    Comment(Text),
    /// A reconnection time in milliseconds; a clamped report of a huge one is accepted.
    Retry(u64),
    /// The subject will do nothing more on this stream.
    Closed {},
}

/// An expected event.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct EventExpectation {
    /// The type; `message` when left out.
    #[serde(rename = "type")]
    pub event_type: Option<Text>,
    /// The data.
    pub data: Chunk,
    /// The last event id; empty when left out. Unjudged where the subject does not show ids.
    pub id: Option<Text>,
    /// The origin of the event; judged only where the subject claims `cors`.
    pub origin: Option<Origin>,
}

/// The kinds of [`Expectation`] that are compared only where a case names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `event`
    Event,
    /// `opened`
    Opened,
    /// `error`
    Error,
    /// `comment`
    Comment,
    /// `retry`
    Retry,
    /// `closed`
    Closed,
}

impl Expectation {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Event(_) | Self::Events { .. } => Kind::Event,
            Self::Opened {} => Kind::Opened,
            Self::Error { .. } => Kind::Error,
            Self::Comment(_) => Kind::Comment,
            Self::Retry(_) => Kind::Retry,
            Self::Closed {} => Kind::Closed,
        }
    }

    /// How many reports it stands for.
    pub fn times(&self) -> u32 {
        match self {
            Self::Events { times, .. } => *times,
            _ => 1,
        }
    }

    /// What each of the reports must be that it stands for.
    pub fn each(&self) -> impl Iterator<Item = Cow<'_, Self>> {
        (0..self.times()).map(move |number| match self {
            Self::Events { prefix, .. } => {
                let text = format!("{}{number}", prefix.0);
                let data = Chunk(vec![Piece::Bytes(Wire(text.into_bytes()))]);
                Cow::Owned(Self::Event(EventExpectation { data, ..EventExpectation::default() }))
            }
            other => Cow::Borrowed(other),
        })
    }
}
