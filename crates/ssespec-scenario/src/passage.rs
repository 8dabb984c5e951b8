//! A proxy between our client and our origin: how the client asks, and what is compared.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{AskVersion, Text};

/// What passes through a proxy. The origin plays the case's connections; the client asks for them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Passage {
    /// How the request differs from the plain one.
    #[serde(default)]
    pub ask: PassageAsk,
    /// What is compared.
    pub check: PassageCheck,
}

/// How a request through the proxy differs from the plain one: a GET over HTTP/1.1 with
/// `Accept: text/event-stream` and `Cache-Control: no-cache`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct PassageAsk {
    /// Another method.
    pub method: Option<String>,
    /// Headers in place of those of the same name, or beside the others.
    pub header: BTreeMap<String, Text>,
    /// The body.
    pub body: Option<Text>,
    /// The body is sent in chunks, without a length. HTTP/1.1 only.
    pub chunked: bool,
    /// The HTTP version.
    pub version: Option<AskVersion>,
    /// A second client that asks the same.
    pub second: Option<SecondClient>,
    /// The client reads nothing.
    pub stall: bool,
}

/// When a second client asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SecondClient {
    /// At the same time.
    Together,
    /// When the first one has done.
    Afterwards,
}

/// What is compared between the two ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum PassageCheck {
    /// The client gets the bytes that the origin sent, and a clean end.
    SameBytes {},
    /// The same, under no content coding.
    Unchanged {},
    /// All that the origin sent arrives while it sends nothing more and keeps the stream open.
    Prompt {},
    /// The head arrives before there is any body.
    HeadPrompt {},
    /// The status and these headers arrive as the origin sent them.
    SameHead(Vec<String>),
    /// The body has one transfer coding, and is framed by it.
    OneCoding {},
    /// The answer to an HTTP/1.0 request is not chunked.
    NotChunked {},
    /// These headers of the response go no further than the proxy.
    StopsDown(Vec<String>),
    /// These headers of the request go no further than the proxy.
    StopsUp(Vec<String>),
    /// Method, body and these headers of the request arrive at the origin as the client sent them.
    CarriedUp(Vec<String>),
    /// A response that the origin breaks off does not look complete.
    CutShows {},
    /// A client whose response the origin breaks off is told so within seconds.
    CutTold {},
    /// All that the origin sent before it broke off arrives.
    Drained {},
    /// Nothing of another response follows what has come of the first.
    NotSpliced {},
    /// The origin is asked once.
    AskedOnce {},
    /// An origin that gives no answer is answered for by 502, 503 or 504.
    GatewayError {},
    /// The origin's connection is closed, or its stream reset, when the client has left.
    LetGo {},
    /// Each client gets a response of its own from the origin.
    OwnStream {},
    /// The stream outlasts the pauses, whose length the user can set.
    Outlasts {},
    /// A stream that does not outlast them is cut, and does not end as if it were complete.
    IdleCutShows {},
    /// How much is taken from the origin while the client reads nothing, which is recorded.
    BackPressure {},
    /// Whether trailers arrive, which is recorded.
    Trailers {},
}

impl PassageCheck {
    /// Whether nothing can break it.
    pub fn only_records(&self) -> bool {
        matches!(self, Self::BackPressure {} | Self::Trailers {})
    }

    /// Whether its pauses are as long as the user wants.
    pub fn is_idle(&self) -> bool {
        matches!(self, Self::Outlasts {} | Self::IdleCutShows {})
    }

    /// Whether the response runs to its end, or stays open; none where either will do.
    pub fn wants_end(&self) -> Option<bool> {
        match self {
            Self::OwnStream {} | Self::BackPressure {} => None,
            Self::Prompt {} | Self::HeadPrompt {} | Self::LetGo {} => Some(false),
            _ => Some(true),
        }
    }

    /// What conforming proxies do, in a few words.
    pub fn expectation(&self) -> String {
        let text = match self {
            Self::SameBytes {} => "the bytes that the origin sent, and a clean end",
            Self::Unchanged {} => "the bytes that the origin sent, under no content coding",
            Self::Prompt {} => "all that the origin sent, before it sends anything more",
            Self::HeadPrompt {} => "the head, before there is any body",
            Self::SameHead(names) => {
                return match names.as_slice() {
                    [] => "the status that the origin sent".to_owned(),
                    names => format!("the status that the origin sent, and {}", quoted(names)),
                };
            }
            Self::OneCoding {} => "one transfer coding, and a body framed by it",
            Self::NotChunked {} => "no chunked coding in answer to HTTP/1.0",
            Self::StopsDown(names) => return format!("a response without {}", quoted(names)),
            Self::StopsUp(names) => {
                return format!("a request at the origin without {}", quoted(names));
            }
            Self::CarriedUp(names) => {
                let what = "the method and the body at the origin as they were sent";
                return match names.as_slice() {
                    [] => what.to_owned(),
                    names => format!("{what}, and {}", quoted(names)),
                };
            }
            Self::CutShows {} => "a response that is seen to be cut short",
            Self::CutTold {} => "the end, or the break, of a response that the origin breaks off",
            Self::Drained {} => "all that the origin sent before it broke off",
            Self::NotSpliced {} => "nothing of another response behind what had come",
            Self::AskedOnce {} => "one request at the origin",
            Self::GatewayError {} => "status 502, 503 or 504",
            Self::LetGo {} => "the origin let go of within seconds",
            Self::OwnStream {} => "a response of its own for each client",
            Self::Outlasts {} => "a stream that outlasts the silence",
            Self::IdleCutShows {} => "a cut, if any, that does not look like a clean end",
            Self::BackPressure {} | Self::Trailers {} => "recorded, never failing",
        };
        text.to_owned()
    }
}

impl PassageAsk {
    /// How it differs from the plain request, in words.
    pub fn differences(&self) -> Vec<String> {
        let mut all = Vec::new();
        all.extend(self.method.as_ref().map(|it| format!("method {it}")));
        all.extend(self.version.map(|it| match it {
            AskVersion::Http10 => "over HTTP/1.0".to_owned(),
            AskVersion::Http2 => "over HTTP/2".to_owned(),
        }));
        let headers = self.header.iter();
        all.extend(
            headers.map(|(name, value)| format!("{name}: {}", crate::escape(value.0.as_bytes()))),
        );
        let body = self.body.as_ref().map(|it| crate::escape(it.0.as_bytes()));
        all.extend(
            body.map(|it| {
                format!("the body `{it}`{}", if self.chunked { ", in chunks" } else { "" })
            }),
        );
        all.extend(self.second.map(|it| match it {
            SecondClient::Together => "by two clients at once".to_owned(),
            SecondClient::Afterwards => "by two clients, one after the other".to_owned(),
        }));
        if self.stall {
            all.push("by a client that reads nothing".to_owned());
        }
        all
    }
}

fn quoted(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
