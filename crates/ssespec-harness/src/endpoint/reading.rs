//! What the reference parser makes of a body, with times and offsets.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use ssespec_parser::{Item, OwnedEvent, Parser, Violation};
use ssespec_report::Spot;
use ssespec_scenario::escape;

use super::exchange::{Answer, End, Exchange};
use crate::builtin::Codings;

/// An exchange, and what its body means.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) exchange: Exchange,
    pub(super) reading: Reading,
}

/// An event, and when it was complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SeenEvent {
    pub(super) at: Duration,
    /// In which piece of the body.
    pub(super) piece: usize,
    pub(super) event: OwnedEvent,
    /// Whether the event has another id than the one before it.
    pub(super) fresh_id: bool,
}

/// What a body means.
#[derive(Debug, Clone, Default)]
pub(super) struct Reading {
    /// The body without its content coding.
    pub(super) body: Vec<u8>,
    pub(super) events: Vec<SeenEvent>,
    pub(super) violations: Vec<Violation>,
    /// What follows the colon of each comment.
    pub(super) comments: Vec<String>,
    /// The reconnection times that clients obey, in milliseconds.
    pub(super) retries: Vec<u64>,
    /// Why the content coding cannot be undone, or the body not be parsed.
    pub(super) failure: Option<String>,
    /// The longest time for which an event stood half on the wire, and where it began.
    pub(super) half_event: Option<(Duration, u64)>,
}

impl Seen {
    pub(super) fn of(exchange: Exchange) -> Self {
        let reading = exchange.answer.as_ref().map(Reading::of).unwrap_or_default();
        Self { exchange, reading }
    }

    /// The answer, if there is one.
    pub(super) fn answer(&self) -> Option<&Answer> {
        self.exchange.answer.as_ref().ok()
    }

    /// The answer, if it is an event stream.
    pub(super) fn stream(&self) -> Option<&Answer> {
        self.answer().filter(|answer| answer.is_stream())
    }

    /// The events that carry an id of their own.
    pub(super) fn identified(&self) -> impl Iterator<Item = &SeenEvent> {
        self.reading.events.iter().filter(|event| event.fresh_id)
    }

    /// What came, in a line.
    pub(super) fn shown(&self) -> String {
        match &self.exchange.answer {
            Ok(answer) => answer.shown(),
            Err(trouble) => trouble.shown(),
        }
    }
}

impl Reading {
    fn of(answer: &Answer) -> Self {
        let mut reading = Self::default();
        if !answer.is_stream() {
            return reading;
        }
        let mut codings = match Codings::of(&content_encoding(answer)) {
            Ok(codings) => codings,
            Err(error) => {
                reading.failure = Some(error);
                return reading;
            }
        };
        let mut parser = Parser::new().report_violations(true);
        let mut last_id = String::new();
        let mut half: Option<(Duration, u64)> = None;
        for (n, piece) in answer.pieces.iter().enumerate() {
            let plain = match codings.undo(&piece.bytes) {
                Ok(plain) => plain,
                Err(error) => {
                    reading.failure = Some(format!("the body does not decode: {error}"));
                    return reading;
                }
            };
            if let Some((since, offset)) = half {
                let wait = piece.at.saturating_sub(since);
                if reading.half_event.is_none_or(|(longest, _)| wait > longest) {
                    reading.half_event = Some((wait, offset));
                }
            }
            let fed = parser.feed(&plain, |item| reading.take(&item, piece.at, n, &mut last_id));
            reading.body.extend_from_slice(&plain);
            if let Err(error) = fed {
                reading.failure = Some(error.to_string());
                return reading;
            }
            half = half_event(&reading.body).map(|offset| (piece.at, offset));
        }
        if answer.end == End::Whole {
            let at = answer.end_at;
            let pieces = answer.pieces.len();
            let done = parser.finish(|item| reading.take(&item, at, pieces, &mut last_id));
            reading.failure = done.err().map(|error| error.to_string());
        }
        reading
    }

    fn take(&mut self, item: &Item<'_>, at: Duration, piece: usize, last_id: &mut String) {
        match item {
            Item::Event(event) => {
                let event = event.to_owned();
                let fresh_id = !event.last_event_id.is_empty() && event.last_event_id != *last_id;
                last_id.clone_from(&event.last_event_id);
                self.events.push(SeenEvent { at, piece, event, fresh_id });
            }
            Item::Violation(violation) => self.violations.push(*violation),
            Item::Comment(text) => self.comments.push((*text).to_owned()),
            Item::Retry(retry) => self.retries.push(retry.milliseconds),
            _ => {}
        }
    }

    /// The bytes around a place in the body.
    pub(super) fn spot(&self, what: &str, offset: u64, note: &str) -> Spot {
        const BEFORE: usize = 40;
        const AFTER: usize = 60;
        let at = usize::try_from(offset).unwrap_or(usize::MAX).min(self.body.len());
        let mut from = at.saturating_sub(BEFORE);
        // The excerpt begins with a character, not within one.
        while from < at && self.body.get(from).is_some_and(|byte| byte & 0xc0 == 0x80) {
            from += 1;
        }
        let before = escape(self.body.get(from..at).unwrap_or_default());
        let to = (at + AFTER).min(self.body.len());
        let after = escape(self.body.get(at..to).unwrap_or_default());
        Spot {
            what: what.to_owned(),
            at_byte: offset,
            caret: u32::try_from(before.chars().count()).unwrap_or(u32::MAX),
            excerpt: before + &after,
            note: note.to_owned(),
        }
    }
}

/// Where an event begins that has data and lacks its blank line, if the body ends so.
fn half_event(body: &[u8]) -> Option<u64> {
    // Only the last block matters, and a block of more than this is half sent in any case.
    const TAIL: usize = 64 << 10;
    let from = body.len().saturating_sub(TAIL);
    let tail = body.get(from..)?;
    let mut block = 0;
    let mut line = 0;
    let mut has_data = false;
    let mut previous = 0;
    for (n, byte) in tail.iter().enumerate() {
        if *byte == b'\n' && previous == b'\r' {
            line = n + 1;
            if block == n {
                block = n + 1;
            }
        } else if matches!(byte, b'\n' | b'\r') {
            if line == n {
                has_data = false;
                block = n + 1;
            }
            line = n + 1;
        } else if line == n && tail.get(n..).is_some_and(|rest| rest.starts_with(b"data")) {
            has_data = true;
        }
        previous = *byte;
    }
    has_data.then_some((from + block) as u64)
}

pub(super) fn content_encoding(answer: &Answer) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for value in answer.header("content-encoding") {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.append(HeaderName::from_static("content-encoding"), value);
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::half_event;

    #[test]
    fn half_an_event_is_data_without_a_blank_line() {
        for (body, expected) in [
            (&b""[..], None),
            (b"data: a\n\n", None),
            (b"data: a\r\n\r\n", None),
            (b"data: a\r\r", None),
            (b"data: a\n\n: comment\nretry: 1\n", None),
            (b"data: a\n\nid: 7\ndata: b", Some(9)),
            (b"data: a\n\ndata: b\n", Some(9)),
            (b"data: a\r\n", Some(0)),
        ] {
            assert_eq!(half_event(body), expected, "{}", body.escape_ascii());
        }
    }
}
