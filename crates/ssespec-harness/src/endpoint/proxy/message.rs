//! Heads, framing and requests.

use super::super::exchange::{Answer, Asked, End};
use super::super::verdict::Finding;
use super::attempt::Passed;
use super::cut::ended;

/// `proxy.status`, `proxy.headers`: the head as the origin sent it.
pub(super) fn same_head(names: &[String], answer: &Answer, passed: &Passed) -> Finding {
    let Some(sent) = passed.head(1) else {
        return Finding::Moot("the origin sent no head".to_owned(), "");
    };
    if sent.status != answer.head.status {
        return Finding::broke(
            "status",
            format!(
                "the origin sent status {}, and the client got {}",
                sent.status,
                answer.shown()
            ),
            "forward the status as it is",
        );
    }
    for name in names {
        let (before, after) = (sent.values(name), answer.header(name).join(", "));
        if before != after {
            let shown = if after.is_empty() {
                "the client got none".to_owned()
            } else {
                format!("the client got `{after}`")
            };
            return Finding::broke(
                "header",
                format!("the origin sent `{name}: {before}`, and {shown}"),
                "forward the header as it is",
            );
        }
    }
    Finding::Kept(answer.shown())
}

/// `proxy.hop-by-hop`: these headers do not come to the client.
pub(super) fn stops_down(names: &[String], answer: &Answer) -> Finding {
    for name in names {
        if let Some(value) = answer.header(name).first() {
            return Finding::broke(
                "header",
                format!("`{name}: {value}` is about the origin's connection, and came through"),
                "remove `Connection` and what it names before forwarding",
            );
        }
    }
    Finding::Kept(answer.shown())
}

/// `proxy.hop-by-hop`: these headers do not come to the origin.
pub(super) fn stops_up(names: &[String], passed: &Passed) -> Finding {
    for (_, request) in passed.requests() {
        for name in names {
            if let Some(value) = request.header(name).next() {
                return Finding::broke(
                    "header",
                    format!(
                        "`{name}: {}` is named by the client's `Connection`, and came through",
                        String::from_utf8_lossy(value)
                    ),
                    "remove `Connection` and what it names before forwarding",
                );
            }
        }
    }
    Finding::Kept("they stopped".to_owned())
}

/// `proxy.headers`, `proxy.request`: the request as the client sent it.
pub(super) fn carried_up(names: &[String], passed: &Passed) -> Finding {
    let asked = passed.exchanges.first().map(|exchange| &exchange.asked);
    let (Some(asked), Some((_, request))) = (asked, passed.requests().next()) else {
        return Finding::Moot("nothing was asked".to_owned(), "");
    };
    if request.method != asked.method {
        return Finding::broke(
            "method",
            format!("the client sent {}, and the origin got {}", asked.method, request.method),
            "forward the method as it is",
        );
    }
    let body = content(asked);
    if request.body != body {
        return Finding::broke(
            "body",
            format!(
                "the client sent a body of {} bytes, and the origin got {}: `{}`",
                body.len(),
                request.body.len(),
                ssespec_scenario::escape(request.body.get(..80).unwrap_or(&request.body))
            ),
            "forward the body of the request whole",
        );
    }
    for name in names {
        let sent = asked.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        let sent = sent.map(|(_, value)| value.as_slice()).unwrap_or_default();
        let got: Vec<&[u8]> = request.header(name).collect();
        if got != [sent] {
            let got: Vec<String> =
                got.iter().map(|value| format!("`{}`", ssespec_scenario::escape(value))).collect();
            let got = if got.is_empty() { "none".to_owned() } else { got.join(", ") };
            return Finding::broke(
                "header",
                format!(
                    "the client sent `{name}: {}`, and the origin got {got}",
                    ssespec_scenario::escape(sent)
                ),
                "forward the header byte for byte",
            );
        }
    }
    Finding::Kept(format!("{} with {} bytes of body", request.method, body.len()))
}

/// The body that is meant, where it goes out in chunks.
fn content(asked: &Asked) -> Vec<u8> {
    let is_chunked =
        asked.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("transfer-encoding"));
    if !is_chunked {
        return asked.body.clone();
    }
    let mut reader = ssespec_net::ReplyReader::new("GET");
    let mut body = Vec::new();
    // Our own chunks, behind a head that says so: nothing can be wrong with them.
    let _ = reader.feed(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", &mut body);
    let _ = reader.feed(&asked.body, &mut body);
    body
}

/// `proxy.framing`: one transfer coding, and a body framed by it.
pub(super) fn one_coding(answer: &Answer) -> Finding {
    let codings = answer.header("transfer-encoding");
    let lengths = answer.header("content-length");
    if codings.iter().flat_map(|it| it.split(',')).count() > 1 {
        return Finding::broke(
            "framing",
            format!("`Transfer-Encoding` names two codings: `{}`", codings.join(", ")),
            "take the origin's `Transfer-Encoding` off before writing one of your own",
        );
    }
    if !codings.is_empty() && !lengths.is_empty() {
        return Finding::broke(
            "framing",
            "both `Transfer-Encoding` and `Content-Length`".to_owned(),
            "write one of the two",
        );
    }
    if answer.bytes().starts_with(b"9\r\n") {
        return Finding::broke(
            "framing",
            "the body holds chunks within its chunks".to_owned(),
            "undo the origin's chunked coding before applying your own",
        );
    }
    match &answer.end {
        End::Malformed(_) | End::Cut(_) => Finding::broke(
            "framing",
            ended(&answer.end),
            "write the sizes of chunks in hexadecimal",
        ),
        _ => Finding::Kept(format!("`{}`", codings.join(", "))),
    }
}

/// `proxy.framing`: HTTP/1.0 has no chunks.
pub(super) fn not_chunked(answer: &Answer, passed: &Passed) -> Finding {
    let codings = answer.header("transfer-encoding");
    if passed.requests().any(|(_, request)| request.version == "1.0") {
        let why =
            "the proxy asks by HTTP/1.0 as well, and the origin of this case answers in chunks";
        return Finding::Moot(why.to_owned(), "");
    }
    if !codings.is_empty() {
        return Finding::broke(
            "framing",
            format!("`Transfer-Encoding: {}` in answer to HTTP/1.0", codings.join(", ")),
            "end the body with the connection, or send a length",
        );
    }
    super::body::same_bytes(answer, passed)
}

/// `proxy.trailers`.
pub(super) fn trailers(answer: &Answer) -> Finding {
    Finding::Saw(match ssespec_scenario::escape(&answer.trailers) {
        trailers if trailers.is_empty() => "dropped".to_owned(),
        trailers => format!("passed on: `{trailers}`"),
    })
}

/// The head of a response as the origin wrote it.
struct SentHead {
    status: u16,
    headers: Vec<(String, String)>,
}

impl SentHead {
    fn values(&self, name: &str) -> String {
        let own = self.headers.iter().filter(|(other, _)| other == name);
        own.map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(", ")
    }
}

impl Passed {
    /// The head that the origin sent on a connection.
    fn head(&self, connection: u32) -> Option<SentHead> {
        let bytes = self.journal.iter().find_map(|entry| match &entry.what {
            ssespec_mock::Happening::Head(bytes) if entry.connection == connection => Some(bytes),
            _ => None,
        })?;
        let mut reader = ssespec_net::ReplyReader::new("HEAD");
        reader.feed(bytes, &mut Vec::new()).ok()?;
        let head = reader.head()?;
        let headers = head.headers.iter();
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let headers = headers.map(|(name, value)| (name.clone(), text(value))).collect();
        Some(SentHead { status: head.status, headers })
    }
}
