//! What the tests share: running the fast parser and the naive one in the same terms.

#![allow(dead_code, reason = "each test takes what it needs")]

pub(crate) mod check;
pub(crate) mod vectors;

use ssespec_parser::{Item, Parser};
use ssespec_testkit::naive::Found;

/// The item in the naive parser's terms; violations have none.
pub(crate) fn found(item: &Item<'_>) -> Option<Found> {
    match item {
        Item::Event(event) => Some(Found::event(event.event_type, event.data, event.last_event_id)),
        Item::Comment(text) => Some(Found::comment(text)),
        Item::Retry(retry) => {
            Some(Found::Retry { milliseconds: retry.milliseconds, clamped: retry.clamped })
        }
        _ => None,
    }
}

/// Feeds the chunks and ends the body.
pub(crate) fn parse_chunks<'c>(chunks: impl IntoIterator<Item = &'c [u8]>) -> Vec<Found> {
    let mut all = Vec::new();
    let mut parser = Parser::new();
    for chunk in chunks {
        parser.feed(chunk, |item| all.extend(found(&item))).expect("within limits");
    }
    parser.finish(|item| all.extend(found(&item))).expect("within limits");
    all
}
