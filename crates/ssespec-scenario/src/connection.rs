//! One connection of a case: what the request must look like, and how it is answered.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Coding, Span, Step, Text, Wire};

/// The nth request of the subject on this case's stream, and our answer to it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Connection {
    /// What the request must look like; a mismatch breaks the case's rule.
    pub request: RequestMatch,
    /// The head of the response.
    pub respond: Respond,
    /// The body, step by step. Without a final step the body ends cleanly.
    pub steps: Vec<Step>,
    /// Steps before the head of the response: `pause`, `raw`, or a final one (`reset`, `truncate`,
    /// `hold`), with which no response is sent at all.
    pub before: Vec<Step>,
}

impl Connection {
    /// Whether a sentinel event is sent on it.
    pub fn has_sentinel(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Sentinel {}))
    }
}

/// What a request must look like. What is left out is not compared.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct RequestMatch {
    /// The origin that the request comes to.
    pub origin: Option<Origin>,
    /// The method, such as `POST`.
    pub method: Option<String>,
    /// The end of the request target, after the case's own unguessable part: `/moved`, `?q=1`.
    pub target: Option<String>,
    /// Headers that must be there once, with exactly this value (raw UTF-8).
    pub header: BTreeMap<String, Text>,
    /// Headers that must be there and contain this text.
    pub contains: BTreeMap<String, Text>,
    /// Headers that must not be there.
    pub without: Vec<String>,
    /// The exact body.
    pub body: Option<Text>,
    /// The request comes no sooner than this after the end of the connection before it.
    pub not_before: Option<Span>,
}

/// An origin, as a case sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// That of the URL that the subject was told.
    Own,
    /// That of `{other-url}`.
    Other,
}

/// The head of a response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Respond {
    /// The status code.
    #[schemars(range(min = 200, max = 599))]
    pub status: u16,
    /// `Content-Type`; an empty one leaves the header out.
    pub content_type: Text,
    /// Further headers, in the order of their names.
    pub header: BTreeMap<String, Text>,
    /// How the body is delimited. HTTP/1 only.
    pub framing: Framing,
    /// The version in the status line. HTTP/1 only.
    pub version: HttpVersion,
    /// `Content-Length` as it is announced, with `framing = "length"`, right or wrong.
    pub content_length: Option<u64>,
    /// The content coding of the body. The mock adds the header, and uses the coding only where the
    /// request asks for it: else the case is `n/a`.
    pub coding: Option<Coding>,
    /// Offsets in the coded body at which a write is cut in two; with `coding`.
    pub cuts: Vec<u64>,
    /// The whole head as raw bytes, blank line included, in place of all of the above.
    pub raw: Option<Wire>,
}

impl Default for Respond {
    fn default() -> Self {
        Self {
            status: 200,
            content_type: Text("text/event-stream".to_owned()),
            header: BTreeMap::new(),
            framing: Framing::Chunked,
            version: HttpVersion::Http11,
            content_length: None,
            coding: None,
            cuts: Vec::new(),
            raw: None,
        }
    }
}

/// How an HTTP/1 body is delimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Framing {
    /// `Transfer-Encoding: chunked`, one chunk a `send`.
    Chunked,
    /// `Content-Length`: the sum of the `send` steps, or what `content-length` says.
    Length,
    /// Neither; the body ends with the connection.
    Close,
}

/// The version in the status line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum HttpVersion {
    /// HTTP/1.1.
    #[serde(rename = "1.1")]
    Http11,
    /// HTTP/1.0; goes with `framing = "close"` or `"length"`.
    #[serde(rename = "1.0")]
    Http10,
}
