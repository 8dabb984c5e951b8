//! One request and what came back: all that checks look at.

use std::time::Duration;

use ssespec_net::{Malformed, ReplyHead};
use ssespec_scenario::Route;

use crate::builtin::Address;

/// The body of an exchange is kept up to this size; what comes beyond ends it.
pub(super) const MAX_BODY_BYTES: usize = 8 << 20;

/// A request as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) method: String,
    pub(super) address: Address,
    /// Names and values, in order.
    pub(super) headers: Vec<(String, Vec<u8>)>,
    pub(super) body: Vec<u8>,
    pub(super) version: Version,
}

/// The HTTP version of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    Http10,
    Http11,
    Http2,
}

impl Asked {
    /// The route that the request takes.
    pub(super) fn route(&self) -> Route {
        match (self.version, self.address.https) {
            (Version::Http2, true) => Route::H2,
            (Version::Http2, false) => Route::H2c,
            (_, true) => Route::H1s,
            (_, false) => Route::H1,
        }
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The host has no address, or nobody listens there.
    Unreachable(String),
    /// TLS failed.
    Tls(String),
    /// What came is no HTTP of the version that was asked for.
    NotHttp(Malformed),
    /// The connection ended without an answer.
    Dropped(String),
    /// No answer came in time.
    Silent(Duration),
}

/// How an exchange ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// We left, with the response open.
    Left,
    /// The response ended as its framing announced.
    Whole,
    /// The response broke off.
    Cut(String),
    /// The framing is wrong, so that nothing more could be read.
    Malformed(Malformed),
    /// The body is beyond what we keep.
    TooLarge,
}

/// Bytes of the body that arrived at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) at: Duration,
    pub(super) bytes: Vec<u8>,
}

/// A request and what came back. Times count from the start of the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Exchange {
    pub(super) asked: Asked,
    pub(super) sent_at: Duration,
    pub(super) answer: Result<Answer, Trouble>,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) head: ReplyHead,
    pub(super) head_at: Duration,
    /// Whether bytes of the body came with the same read as the end of the head.
    pub(super) head_with_body: bool,
    pub(super) pieces: Vec<Piece>,
    pub(super) end: End,
    pub(super) end_at: Duration,
    /// What came behind the end of the response.
    pub(super) excess: Vec<u8>,
    /// The trailer section of a chunked body, or what stands for it over HTTP/2.
    pub(super) trailers: Vec<u8>,
}

impl Exchange {
    /// When nothing more was waited for.
    pub(super) fn over_at(&self) -> Duration {
        match &self.answer {
            Ok(answer) => answer.end_at,
            Err(Trouble::Silent(limit)) => self.sent_at + *limit,
            Err(_) => self.sent_at,
        }
    }
}

impl Answer {
    /// The values of a header as text.
    pub(super) fn header(&self, name: &str) -> Vec<String> {
        self.head.header(name).map(|value| String::from_utf8_lossy(value).into_owned()).collect()
    }

    /// Whether a header that holds a list has this item, without case.
    pub(super) fn lists(&self, name: &str, item: &str) -> bool {
        let values = self.header(name);
        values.iter().flat_map(|it| it.split(',')).any(|it| it.trim().eq_ignore_ascii_case(item))
    }

    /// Whether it is an event stream by status and media type.
    pub(super) fn is_stream(&self) -> bool {
        let types = self.header("content-type");
        self.head.status == 200
            && types.last().is_some_and(|it| essence(it).eq_ignore_ascii_case("text/event-stream"))
    }

    /// The status and the media type, for people.
    pub(super) fn shown(&self) -> String {
        match self.header("content-type").as_slice() {
            [] => format!("status {}, no `Content-Type`", self.head.status),
            types => format!("status {}, `{}`", self.head.status, types.join("`, `")),
        }
    }

    /// The longest time without a byte, from the head to the end of the watch.
    pub(super) fn longest_silence(&self) -> Duration {
        let mut last = self.head_at;
        let mut longest = Duration::ZERO;
        for at in self.pieces.iter().map(|piece| piece.at).chain([self.end_at]) {
            longest = longest.max(at.saturating_sub(last));
            last = at;
        }
        longest
    }

    /// Whether the stream was open when we left it.
    pub(super) fn was_open(&self) -> bool {
        self.end == End::Left
    }
}

/// A media type without its parameters.
pub(super) fn essence(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim()
}

impl Trouble {
    /// What happened, as a sentence.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Unreachable(why) => format!("there is no connection: {why}"),
            Self::Tls(why) => format!("the TLS handshake failed: {why}"),
            Self::NotHttp(why) => {
                format!("{why}: `{}`", ssespec_scenario::escape(&why.at))
            }
            Self::Dropped(why) => format!("the connection was dropped without an answer: {why}"),
            Self::Silent(limit) => format!("no answer came within {} ms", limit.as_millis()),
        }
    }

    /// What to try.
    pub(super) fn help(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => {
                "start the server, and check host and port; inside a container `localhost` is the \
                 container itself"
            }
            Self::Tls(_) => {
                "give the CA by `--cacert FILE`, or accept any certificate by `--insecure`; a \
                 server without TLS has an `http://` URL"
            }
            Self::NotHttp(_) => "check the port; a server with TLS has an `https://` URL",
            Self::Dropped(_) => {
                "look into the server's log; a server with TLS has an `https://` URL, one with \
                 HTTP/2 alone wants `--http2`"
            }
            Self::Silent(_) => {
                "a server that sends its head with the first event only can be made to send one \
                 by `--trigger 'POST URL'`, or be waited for by `--for 60s`"
            }
        }
    }
}
