//! What must hold for any bytes at all. The fuzz target and the replay of its corpus share it.

use ssespec_parser::{Encoder, Item, Parser};
use ssespec_testkit::naive::{self, Found};

/// Parses the bytes whole, byte by byte and in pieces whose length the bytes decide.
///
/// # Panics
///
/// When the parser depends on the cuts, differs from the naive one, or when what it found does not
/// survive encoding.
pub(crate) fn check(bytes: &[u8]) {
    let step = 1 + usize::from(bytes.first().copied().unwrap_or(0)) % 90;
    let whole = items(bytes.chunks(bytes.len().max(1)));
    assert_eq!(items(bytes.chunks(1)), whole, "byte by byte");
    assert_eq!(items(bytes.chunks(step)), whole, "in pieces of {step}");
    assert_eq!(found(bytes), naive::parse(bytes), "the naive parser");
    survives_encoding(bytes);
}

fn items<'c>(chunks: impl Iterator<Item = &'c [u8]>) -> Vec<String> {
    let mut items = Vec::new();
    let mut parser = Parser::new().report_violations(true);
    for chunk in chunks {
        parser.feed(chunk, |item| items.push(format!("{item:?}"))).expect("within limits");
    }
    items.push(parser.last_event_id().to_owned());
    parser.finish(|item| items.push(format!("{item:?}"))).expect("within limits");
    items
}

fn found(bytes: &[u8]) -> Vec<Found> {
    let mut all = Vec::new();
    Parser::new().feed(bytes, |item| all.extend(super::found(&item))).expect("within limits");
    all
}

/// What comes out of a parser has no CR or NUL where they matter, so it can all be encoded.
fn survives_encoding(bytes: &[u8]) {
    let mut encoder = Encoder::new();
    let mut body = Vec::new();
    let mut parser = Parser::new();
    let mut expected = Vec::new();
    parser
        .feed(bytes, |item| match item {
            Item::Event(event) => {
                encoder.event(&mut body, event).expect("an event that was parsed");
                expected.extend(super::found(&Item::Event(event)));
            }
            Item::Comment(text) => {
                encoder.comment(&mut body, text).expect("a comment that was parsed");
                expected.push(Found::comment(text));
            }
            _ => {}
        })
        .expect("within limits");
    assert_eq!(found(&body), expected, "encoded again");
}
