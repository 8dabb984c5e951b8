//! What went over the wire in both directions, for the report.

use std::time::Duration;

use ssespec_report::{Direction, TimelineEntry};

use super::curl::is_secret;
use super::exchange::{Asked, End, Exchange, Version};
use super::http1::request_bytes;
use crate::evidence::{ends, entry};

/// Most entries of one exchange.
const MAX_ENTRIES: usize = 60;

/// Both directions of these exchanges, in the order of time.
pub(super) fn timeline<'e>(exchanges: impl Iterator<Item = &'e Exchange>) -> Vec<TimelineEntry> {
    let mut entries = Vec::new();
    for (n, exchange) in exchanges.enumerate() {
        let connection = u32::try_from(n + 1).unwrap_or(u32::MAX);
        let all = of_one(exchange, connection);
        let (head, left_out, tail) = ends(&all, MAX_ENTRIES / 2, MAX_ENTRIES / 2);
        entries.extend_from_slice(head);
        if left_out > 0 {
            let at = Duration::from_micros(tail.first().map_or(0, |entry| entry.at_us));
            let what = format!("{left_out} chunks left out");
            entries.push(entry(at, connection, Direction::Note, &what, &[]));
        }
        entries.extend_from_slice(tail);
    }
    entries.sort_by_key(|entry| entry.at_us);
    entries
}

fn of_one(exchange: &Exchange, connection: u32) -> Vec<TimelineEntry> {
    let from =
        |at, what: &str, bytes: &[u8]| entry(at, connection, Direction::FromSubject, what, bytes);
    let request = request(&exchange.asked);
    let mut all =
        vec![entry(exchange.sent_at, connection, Direction::ToSubject, "request", &request)];
    let answer = match &exchange.answer {
        Ok(answer) => answer,
        Err(trouble) => {
            let what = trouble.shown();
            all.push(entry(exchange.sent_at, connection, Direction::Note, &what, &[]));
            return all;
        }
    };
    let mut head = answer.head.raw.clone();
    if head.is_empty() {
        head = format!("HTTP/2 {}\n", answer.head.status).into_bytes();
        for (name, value) in &answer.head.headers {
            head.extend_from_slice(name.as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value);
            head.push(b'\n');
        }
    }
    all.push(from(answer.head_at, "head", &head));
    all.extend(answer.pieces.iter().map(|piece| from(piece.at, "chunk", &piece.bytes)));
    if !answer.excess.is_empty() {
        all.push(from(answer.end_at, "behind the end", &answer.excess));
    }
    let (direction, what) = match &answer.end {
        End::Left => (Direction::ToSubject, "we leave".to_owned()),
        End::Whole => (Direction::FromSubject, "end of the response".to_owned()),
        End::Cut(how) => (Direction::FromSubject, format!("cut: {how}")),
        End::Malformed(what) => (Direction::Note, what.to_string()),
        End::TooLarge => (Direction::Note, "more than is kept".to_owned()),
    };
    all.push(entry(answer.end_at, connection, direction, &what, &[]));
    all
}

fn request(asked: &Asked) -> Vec<u8> {
    let mut asked = asked.clone();
    for (_, value) in asked.headers.iter_mut().filter(|(name, _)| is_secret(name)) {
        *value = "…".as_bytes().to_vec();
    }
    let bytes = request_bytes(&asked);
    if asked.version == Version::Http2 {
        return String::from_utf8_lossy(&bytes)
            .replace(" HTTP/1.1\r\n", " HTTP/2\r\n")
            .into_bytes();
    }
    bytes
}
