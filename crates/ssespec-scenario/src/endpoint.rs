//! A server that is looked at by its URL: what is asked of it, and what is looked at in its answer.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Chunk, EmitStep, ServerFeature, Text};

/// Who is judged by a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// A client, or a decoder.
    Client,
    /// A server.
    Server,
    /// A proxy.
    Proxy,
}

impl Role {
    /// The name in results and lists.
    pub fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
            Self::Proxy => "proxy",
        }
    }
}

/// One look at an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Endpoint {
    /// How the request differs from the plain one. Cases that ask the same share the answer.
    #[serde(default)]
    pub ask: Ask,
    /// What is looked at in the answer.
    pub check: Check,
}

/// How a request differs from the plain one: that of the command line, with
/// `Accept: text/event-stream` and `Cache-Control: no-cache`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Ask {
    /// Another method, sent without a body.
    pub method: Option<String>,
    /// Headers in place of those of the same name, or beside the others.
    pub header: BTreeMap<String, Text>,
    /// Headers that are left out.
    pub without: Vec<String>,
    /// The HTTP version. Without one, that of the run.
    pub version: Option<AskVersion>,
    /// A last event id.
    pub last_event_id: Option<AskId>,
    /// How many streams are opened at once, in place of one.
    pub streams: Option<u32>,
    /// How the streams that are opened at once are read.
    pub first: FirstStream,
    /// What the library behind an adapter is told to send. Such cases are for `--exec` alone.
    pub steps: Vec<EmitStep>,
}

/// The HTTP version that a request must go out by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum AskVersion {
    /// HTTP/1.0.
    #[serde(rename = "1.0")]
    Http10,
    /// HTTP/2: in cleartext by prior knowledge, over TLS by ALPN.
    #[serde(rename = "2")]
    Http2,
}

/// The last event id of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum AskId {
    /// One that the plain stream carried, with events after it.
    Own {},
    /// These bytes.
    Bytes(Chunk),
}

/// What becomes of the first of several streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FirstStream {
    /// It is read like the others.
    #[default]
    Read,
    /// It is left when it has begun.
    Leave,
    /// Nothing of it is read.
    Stall,
}

/// What is looked at in the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Check {
    /// The status is 200.
    Ok {},
    /// `Content-Type` is there once, and its essence is `text/event-stream`.
    MediaType {},
    /// No parameter but `charset=utf-8` follows the media type.
    MediaTypeParameters {},
    /// `Cache-Control` has `no-cache` or `no-store`.
    NotCached {},
    /// Hints to intermediaries, which are recorded.
    ProxyHints {},
    /// A stream that goes on announces no length.
    NoLength {},
    /// The HTTP/1 message is well framed as far as it was read.
    Framed {},
    /// Not both `Content-Length` and `Transfer-Encoding`.
    OneDelimiter {},
    /// A body that ended was not cut short.
    EndsWhole {},
    /// The answer to an HTTP/1.0 request is not chunked.
    NotChunked {},
    /// The head of an HTTP/2 response is well formed.
    LawfulHead {},
    /// The head comes before the first event, and at once.
    HeadFirst {},
    /// The answer is the stream that the plain request gets.
    SameStream {},
    /// The body has no content coding.
    Uncoded {},
    /// A coded body decodes.
    Decodes {},
    /// Events of a coded body arrive as they do without the coding.
    CodedPromptly {},
    /// Where a coding was chosen by `Accept-Encoding`, `Vary` says so.
    VariesByCoding {},
    /// The stream is free of this breach of the format.
    FreeOf(Breach),
    /// Ids could be sent back in a header.
    HeaderableIds {},
    /// An id names one event.
    UniqueIds {},
    /// No event stays half sent.
    WholeEvents {},
    /// How many events arrive at once, which is recorded.
    Pacing {},
    /// The stream is never silent for long.
    Heartbeat {},
    /// What the status is, which is recorded.
    Status {},
    /// The answer is a head without a body, and ends.
    HeadOnly {},
    /// Status and media type are those of the plain request.
    SameHead {},
    /// The request is refused, by one of these statuses.
    Refused(Vec<u16>),
    /// A refusal by 405 names the methods that are supported.
    NamesAllowed {},
    /// The stream is shared with the origin that asks, or with none.
    SharedWithOrigin {},
    /// `*` never goes with credentials.
    NoStarWithCredentials {},
    /// `Vary` names `Origin` where the answer depends on it.
    VariesByOrigin {},
    /// Nothing after the id is lost.
    LosesNothing {},
    /// Nothing up to the id is repeated.
    RepeatsNothing {},
    /// What follows the id comes in the order of the plain stream.
    KeepsOrder {},
    /// The server answers, and with no error of its own.
    Survives {},
    /// The text does not stand in the stream.
    NotReflected(Text),
    /// All of the streams are served.
    AllServed {},
    /// What one of the streams gets in the time that they share, all get.
    AllComplete {},
    /// The same id names the same event on each of the streams.
    SameEvents {},
    /// The other streams outlive the first one, and go on.
    OthersGoOn {},
    /// After all other requests a plain one is answered as the first one was.
    StillUp {},
    /// What the application gave comes back, and a value that no stream can carry is refused.
    Carried {},
    /// Something that is no event comes by itself on a silent stream.
    KeptAlive {},
    /// A handler that fails before it has sent anything is answered by an error status.
    FailsOpenly {},
    /// A handler that fails later ends its stream, and the server lives on.
    Recovers {},
    /// The application is told that the client has left.
    Released {},
    /// A client that reads nothing costs less memory than what it is sent.
    BoundedMemory {},
    /// The number of open streams that the server shows falls when clients leave.
    GaugeFalls {},
}

/// A breach of the format, as the reference parser reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Breach {
    /// Ill-formed UTF-8.
    InvalidUtf8,
    /// A byte order mark at the start of a line, but for the first.
    ByteOrderMark,
    /// A field that no client knows.
    UnknownField,
    /// A known field in other case, or with blanks around it.
    FieldSpelling,
    /// A `retry` with other characters than digits.
    RetryNotDigits,
    /// A `retry` without a value.
    RetryEmpty,
    /// An `id` with U+0000 in it.
    IdNul,
    /// The end of the body within a line or a block.
    PendingAtEnd,
    /// A block with a type but without data.
    TypeWithoutData,
}

impl Check {
    /// Whether it looks at what the ids of a stream lead to.
    pub fn follows_id(&self) -> bool {
        matches!(self, Self::LosesNothing {} | Self::RepeatsNothing {} | Self::KeepsOrder {})
    }

    /// Whether it compares several streams.
    pub fn compares_streams(&self) -> bool {
        matches!(
            self,
            Self::AllServed {} | Self::AllComplete {} | Self::SameEvents {} | Self::OthersGoOn {}
        )
    }

    /// Whether it looks at something beside the answer, so that no other request may run.
    pub fn runs_alone(&self) -> bool {
        matches!(
            self,
            Self::Recovers {} | Self::Released {} | Self::BoundedMemory {} | Self::GaugeFalls {}
        )
    }

    /// Whether it says something of a library only, by what it was told to send.
    pub fn needs_steps(&self) -> bool {
        matches!(
            self,
            Self::Recovers {}
                | Self::Released {}
                | Self::BoundedMemory {}
                | Self::Carried {}
                | Self::KeptAlive {}
                | Self::FailsOpenly {}
        )
    }

    /// Whether nothing can break it.
    pub fn only_records(&self) -> bool {
        matches!(self, Self::ProxyHints {} | Self::Pacing {} | Self::Status {})
    }

    /// What conforming servers do, in a few words.
    pub fn expectation(&self) -> String {
        let text = match self {
            Self::Ok {} => "status 200",
            Self::MediaType {} => "one `Content-Type`, which is `text/event-stream`",
            Self::MediaTypeParameters {} => "no parameter of the media type but `charset=utf-8`",
            Self::NotCached {} => "`Cache-Control` with `no-cache` or `no-store`",
            Self::ProxyHints {} | Self::Pacing {} | Self::Status {} => "recorded, never failing",
            Self::NoLength {} => "no `Content-Length` on a stream that goes on",
            Self::Framed {} => "a well-framed HTTP/1 message",
            Self::OneDelimiter {} => "not both `Content-Length` and `Transfer-Encoding`",
            Self::EndsWhole {} => "a body that ends as its framing announced",
            Self::NotChunked {} => "no chunked coding in answer to HTTP/1.0",
            Self::LawfulHead {} => "a head without what HTTP/2 forbids",
            Self::HeadFirst {} => "the head at once, before the first event",
            Self::SameStream {} => "the stream that the plain request gets",
            Self::Uncoded {} => "no content coding",
            Self::Decodes {} => "a body that decodes",
            Self::CodedPromptly {} => "events that arrive as they do without the coding",
            Self::VariesByCoding {} => "`Vary: Accept-Encoding` where a coding was chosen",
            Self::FreeOf(breach) => return format!("no {}", breach.words()),
            Self::HeaderableIds {} => "ids that can be sent back in a header",
            Self::UniqueIds {} => "one event for each id",
            Self::WholeEvents {} => "whole events on the wire",
            Self::Heartbeat {} => "something at least every 30 s",
            Self::HeadOnly {} => "a head, no body, and the end of the response",
            Self::SameHead {} => "the status and the media type of the plain request",
            Self::Refused(statuses) => {
                let statuses: Vec<_> = statuses.iter().map(u16::to_string).collect();
                return format!("a refusal: status {}", statuses.join(" or "));
            }
            Self::NamesAllowed {} => "`Allow` in a 405",
            Self::SharedWithOrigin {} => "an `Access-Control-Allow-Origin` that fits, or none",
            Self::NoStarWithCredentials {} => "no `*` together with credentials",
            Self::VariesByOrigin {} => "`Vary: Origin` where the answer depends on it",
            Self::LosesNothing {} => "all events after the id",
            Self::RepeatsNothing {} => "no event up to the id",
            Self::KeepsOrder {} => "the events after the id in their order",
            Self::Survives {} => "an answer without an error of the server's own",
            Self::NotReflected(_) => "nothing of the id as a line of the stream",
            Self::AllServed {} => "an answer on each stream",
            Self::AllComplete {} => "each event on each stream",
            Self::SameEvents {} => "the same event for the same id on each stream",
            Self::OthersGoOn {} => "the other streams go on",
            Self::StillUp {} => "the answer that the first request got",
            Self::Carried {} => "what the application gave, or a refusal where none can carry it",
            Self::KeptAlive {} => "a comment on the silent stream",
            Self::FailsOpenly {} => "an error status",
            Self::Recovers {} => "the end of this stream, and a server that lives on",
            Self::Released {} => "the application learns that the client has left",
            Self::BoundedMemory {} => "memory that grows by less than half of what is sent",
            Self::GaugeFalls {} => "streams that are let go of when their clients leave",
        };
        text.to_owned()
    }
}

impl Breach {
    /// What it is, in a few words.
    pub fn words(self) -> &'static str {
        match self {
            Self::InvalidUtf8 => "ill-formed UTF-8",
            Self::ByteOrderMark => "byte order mark but at the very start",
            Self::UnknownField => "field that no client knows",
            Self::FieldSpelling => "field name in other case or with blanks around it",
            Self::RetryNotDigits => "`retry` with other characters than digits",
            Self::RetryEmpty => "`retry` without a value",
            Self::IdNul => "`id` with U+0000",
            Self::PendingAtEnd => "event that the end of the body cuts off",
            Self::TypeWithoutData => "event with a type but without data",
        }
    }
}

impl Ask {
    /// The plain request, once.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// The features without which a library cannot do what it is asked for.
    pub fn needs(&self, check: &Check) -> Vec<ServerFeature> {
        let mut needs: Vec<_> = self.steps.iter().flat_map(EmitStep::needs).collect();
        if !self.steps.is_empty() && self.header.contains_key("accept-encoding") {
            needs.push(ServerFeature::Compress);
        }
        if self.version == Some(AskVersion::Http2) {
            needs.push(ServerFeature::Http2);
        }
        if *check == (Check::Released {}) {
            needs.push(ServerFeature::Disconnect);
        }
        needs.sort_unstable();
        needs.dedup();
        needs
    }

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
        all.extend(self.without.iter().map(|name| format!("no {name}")));
        all.extend(self.last_event_id.as_ref().map(|it| match it {
            AskId::Own {} => "with the id of an event that the plain stream carried".to_owned(),
            AskId::Bytes(bytes) if bytes.len() > 100 => {
                format!("with a Last-Event-ID of {} bytes", bytes.len())
            }
            AskId::Bytes(bytes) => {
                format!("Last-Event-ID: {}", crate::escape(&bytes.to_bytes()))
            }
        }));
        all.extend(self.streams.map(|it| format!("{it} streams at once")));
        if !self.steps.is_empty() {
            let steps: Vec<_> = self.steps.iter().map(EmitStep::words).collect();
            all.push(format!("the application sends {}", steps.join("; ")));
        }
        match self.first {
            FirstStream::Read => {}
            FirstStream::Leave => all.push("the first is left when it has begun".to_owned()),
            FirstStream::Stall => all.push("nothing of the first is read".to_owned()),
        }
        all
    }
}
