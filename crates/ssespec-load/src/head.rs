//! The head of a response, and what is wrong with it.

use httparse::{EMPTY_HEADER, Response, Status};

/// A head that does not end within this is refused.
pub(crate) const LONGEST_HEAD_BYTES: usize = 64 * 1024;

/// How the end of a body is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    Chunked,
    Length(u64),
    UntilClose,
}

/// The head of an event stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    /// Bytes that it takes.
    pub(crate) len: usize,
    pub(crate) framing: Framing,
}

/// Why a response is no event stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    Malformed(String),
    TooLong,
    Status(u16, Option<String>),
    MediaType(String),
    Coding(String),
}

impl Fault {
    /// The cause under which it is counted.
    pub(crate) fn cause(&self) -> String {
        match self {
            Self::Malformed(_) => "head.malformed".to_owned(),
            Self::TooLong => "head.too-long".to_owned(),
            Self::Status(status, _) => format!("status.{status}"),
            Self::MediaType(_) => "media-type".to_owned(),
            Self::Coding(_) => "content-coding".to_owned(),
        }
    }

    /// What was seen.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Malformed(why) => format!("the head of the response is malformed: {why}"),
            Self::TooLong => format!("the head is longer than {LONGEST_HEAD_BYTES} bytes"),
            Self::Status(status, Some(place)) => {
                format!("status {status}, to `{}`", place.escape_debug())
            }
            Self::Status(status, None) => format!("status {status} where 200 was due"),
            Self::MediaType(found) if found.is_empty() => {
                "no content type where `text/event-stream` was due".to_owned()
            }
            Self::MediaType(found) => {
                let found = found.escape_debug();
                format!("content type `{found}` where `text/event-stream` was due")
            }
            Self::Coding(found) => {
                format!("content coding `{}`, which was not asked for", found.escape_debug())
            }
        }
    }
}

/// Reads a head and judges it; `None` while its end has not come.
///
/// Interim responses (1xx) before it are passed over and counted into its length.
pub(crate) fn judge(bytes: &[u8]) -> Result<Option<Head>, Fault> {
    let mut skipped = 0;
    loop {
        let rest = bytes.get(skipped..).unwrap_or_default();
        let mut headers = [EMPTY_HEADER; 100];
        let mut response = Response::new(&mut headers);
        let len = match response.parse(rest) {
            Ok(Status::Complete(len)) => len,
            Ok(Status::Partial) if rest.len() > LONGEST_HEAD_BYTES => return Err(Fault::TooLong),
            Ok(Status::Partial) => return Ok(None),
            Err(error) => return Err(Fault::Malformed(error.to_string())),
        };
        let status = response.code.unwrap_or(0);
        if (100..200).contains(&status) && status != 101 {
            skipped += len;
            continue;
        }
        let head = Head { len: skipped + len, framing: framing(&response)? };
        return judge_complete(status, |name| value(&response, name)).map(|()| Some(head));
    }
}

/// Reads the head of an answer to a message, which any status of success takes.
pub(crate) fn judge_taken(bytes: &[u8]) -> Result<Option<Head>, Fault> {
    let mut headers = [EMPTY_HEADER; 100];
    let mut response = Response::new(&mut headers);
    let len = match response.parse(bytes) {
        Ok(Status::Complete(len)) => len,
        Ok(Status::Partial) if bytes.len() > LONGEST_HEAD_BYTES => return Err(Fault::TooLong),
        Ok(Status::Partial) => return Ok(None),
        Err(error) => return Err(Fault::Malformed(error.to_string())),
    };
    match response.code.unwrap_or(0) {
        204 => Ok(Some(Head { len, framing: Framing::Length(0) })),
        200..300 => Ok(Some(Head { len, framing: framing(&response)? })),
        status => Err(Fault::Status(status, value(&response, "location"))),
    }
}

/// Judges the head of a response in HTTP/2.
pub(crate) fn judge_parts(head: &http::response::Parts) -> Result<(), Fault> {
    judge_complete(head.status.as_u16(), |name| {
        let value = head.headers.get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).trim().to_owned())
    })
}

fn judge_complete(status: u16, value: impl Fn(&str) -> Option<String>) -> Result<(), Fault> {
    if status != 200 {
        return Err(Fault::Status(status, value("location")));
    }
    let found = value("content-type").unwrap_or_default();
    let essence = found.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("text/event-stream") {
        return Err(Fault::MediaType(found));
    }
    match value("content-encoding") {
        Some(coding) if !coding.eq_ignore_ascii_case("identity") => Err(Fault::Coding(coding)),
        _ => Ok(()),
    }
}

fn framing(response: &Response<'_, '_>) -> Result<Framing, Fault> {
    if let Some(coding) = value(response, "transfer-encoding") {
        if coding.eq_ignore_ascii_case("chunked") {
            return Ok(Framing::Chunked);
        }
        return Err(Fault::Malformed(format!("transfer coding `{}`", coding.escape_debug())));
    }
    let Some(length) = value(response, "content-length") else {
        return Ok(Framing::UntilClose);
    };
    // `parse` alone would take a sign.
    let plain = length.bytes().all(|byte| byte.is_ascii_digit());
    match length.parse() {
        Ok(length) if plain => Ok(Framing::Length(length)),
        _ => Err(Fault::Malformed(format!("content length `{}`", length.escape_debug()))),
    }
}

fn value(response: &Response<'_, '_>, name: &str) -> Option<String> {
    let header = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
    Some(String::from_utf8_lossy(header.value).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(text: &str) -> Result<Option<Head>, Fault> {
        judge(text.as_bytes())
    }

    #[test]
    fn event_streams_are_told_from_other_responses() {
        let plain = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n";
        let head = Head { len: plain.len(), framing: Framing::UntilClose };
        assert_eq!(judged(plain), Ok(Some(head)));
        assert_eq!(judged(&plain[..plain.len() - 1]), Ok(None));
        let interim = format!("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n{plain}");
        assert_eq!(judged(&interim), Ok(Some(Head { len: interim.len(), ..head })));
        let chunked = "HTTP/1.1 200\r\ncontent-type: TEXT/Event-Stream\r\ntransfer-encoding: Chunked\r\n\r\ndata";
        assert_eq!(judged(chunked).unwrap().unwrap().framing, Framing::Chunked);
        let length = plain.replace("\r\n\r\n", "\r\ncontent-length: 12\r\n\r\n");
        assert_eq!(judged(&length).unwrap().unwrap().framing, Framing::Length(12));
    }

    #[test]
    fn faults_have_causes() {
        for (text, cause) in [
            ("HTTP/1.1 503 Busy\r\n\r\n", "status.503"),
            ("HTTP/1.1 302 Found\r\nlocation: /b\r\n\r\n", "status.302"),
            ("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n", "media-type"),
            ("HTTP/1.1 200 OK\r\n\r\n", "media-type"),
            (
                "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-encoding: br\r\n\r\n",
                "content-coding",
            ),
            ("SSH-2.0\r\n\r\n", "head.malformed"),
            ("HTTP/1.1 200 OK\r\ncontent-length: +1\r\n\r\n", "head.malformed"),
            ("HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n", "head.malformed"),
        ] {
            let fault = judged(text).unwrap_err();
            assert_eq!(fault.cause(), cause, "{text}");
            assert!(!fault.message().is_empty());
        }
        let endless = format!("HTTP/1.1 200 OK\r\na: {}", "a".repeat(LONGEST_HEAD_BYTES));
        assert_eq!(judged(&endless), Err(Fault::TooLong));
    }
}
