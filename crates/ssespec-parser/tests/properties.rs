//! Properties: the cuts do not matter, the naive parser agrees, decoding is that of `encoding_rs`,
//! and what is encoded comes back.

mod common;

use common::{found, parse_chunks};
use proptest::collection::vec;
use proptest::prelude::*;
use ssespec_parser::{Encoder, Event, Item, Parser, encode};
use ssespec_testkit::naive::{self, Found, Naive};

/// Pieces of which streams with interesting edges are made.
fn fragment() -> impl Strategy<Value = Vec<u8>> {
    let words: &[&[u8]] = &[
        b"data",
        b"data:",
        b"data: ",
        b"data:  ",
        b"event:",
        b"event: a",
        b"id:",
        b"id: 7",
        b"id",
        b"id: \0",
        b"retry:",
        b"retry: 10",
        b"retry:99999999999999999999",
        b"retry: 1a",
        b":",
        b": hi",
        b"Data: x",
        b" data: x",
        b"foo",
        b"foo: bar",
        b"a",
        b":x",
        b" ",
        b"\0",
    ];
    let endings: &[&[u8]] =
        &[b"\n", b"\r", b"\r\n", b"\n\n", b"\r\r", b"\r\n\r\n", b"\n\r", b"\r\n\n"];
    let bytes: &[&[u8]] = &[
        b"\xEF\xBB\xBF",
        b"\xEF",
        b"\xBB",
        b"\xBF",
        b"\xC3\xBC",
        b"\xE2\x82\xAC",
        b"\xE2\x82",
        b"\xF0\x9F\x98\x80",
        b"\xF0\x9F\x98",
        b"\xF0\x80\x80",
        b"\xED\xA0\x80",
        b"\xFF",
        b"\xC0\x80",
        b"\xF4\x90\x80\x80",
        b"\xC2\x85",
        b"\xE2\x80\xA8",
        b"\x0B\x0C",
    ];
    let pick = |from: &[&'static [u8]]| proptest::sample::select(from.to_vec());
    prop_oneof![
        4 => pick(words).prop_map(<[u8]>::to_vec),
        4 => pick(endings).prop_map(<[u8]>::to_vec),
        2 => pick(bytes).prop_map(<[u8]>::to_vec),
        1 => vec(any::<u8>(), 0..5),
        1 => "[a-z€ü ]{0,90}".prop_map(String::into_bytes),
    ]
}

fn stream() -> impl Strategy<Value = Vec<u8>> {
    vec(fragment(), 0..40).prop_map(|parts| parts.concat())
}

/// The stream in pieces, cut at the given fractions of its length.
fn cut<'s>(stream: &'s [u8], cuts: &[u16]) -> Vec<&'s [u8]> {
    let mut at: Vec<usize> =
        cuts.iter().map(|&cut| stream.len() * usize::from(cut) / usize::from(u16::MAX)).collect();
    at.push(stream.len());
    at.sort_unstable();
    let mut start = 0;
    at.into_iter()
        .map(|end| stream.get(std::mem::replace(&mut start, end)..end).unwrap_or_default())
        .collect()
}

/// All items with violations, in order, as text.
fn everything<'c>(chunks: impl IntoIterator<Item = &'c [u8]>) -> Vec<String> {
    let mut all = Vec::new();
    let mut parser = Parser::new().report_violations(true);
    for chunk in chunks {
        parser.feed(chunk, |item| all.push(format!("{item:?}"))).expect("within limits");
    }
    parser.finish(|item| all.push(format!("{item:?}"))).expect("within limits");
    all
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,12}",
        "\\PC{0,12}",
        vec(
            proptest::sample::select(vec![
                " ", "\n", "\r", "\0", ":", "\u{FEFF}", "data: x", "\u{2028}", "\u{85}", "a", "ü"
            ]),
            0..6
        )
        .prop_map(|parts| parts.concat()),
        any::<String>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, ..ProptestConfig::default() })]

    #[test]
    fn cuts_do_not_matter(stream in stream(), cuts in vec(any::<u16>(), 0..8)) {
        let whole = everything([&stream[..]]);
        prop_assert_eq!(&everything(cut(&stream, &cuts)), &whole);
        prop_assert_eq!(&everything(stream.chunks(1)), &whole);
    }

    #[test]
    fn agrees_with_the_naive_parser(stream in stream(), cuts in vec(any::<u16>(), 0..8)) {
        let expected = naive::parse(&stream);
        prop_assert_eq!(&parse_chunks([&stream[..]]), &expected);
        prop_assert_eq!(&parse_chunks(cut(&stream, &cuts)), &expected);
        prop_assert_eq!(&parse_chunks(stream.chunks(1)), &expected);
    }

    #[test]
    fn is_as_prompt_as_the_naive_parser(stream in stream(), cuts in vec(any::<u16>(), 0..8)) {
        let mut naive = Naive::new();
        let mut parser = Parser::new();
        for chunk in cut(&stream, &cuts) {
            let mut new = Vec::new();
            parser.feed(chunk, |item| new.extend(found(&item))).expect("within limits");
            prop_assert_eq!(new, naive.feed(chunk));
        }
        prop_assert_eq!(parser.offset(), stream.len() as u64);
        prop_assert_eq!(parser.last_event_id(), naive::parse_from(&stream, "").1);
    }

    #[test]
    fn last_event_id_carries_over(stream in stream(), id in "[a-z]{0,3}") {
        let mut parser = Parser::new();
        parser.set_last_event_id(&id);
        let mut items = Vec::new();
        parser.feed(&stream, |item| items.extend(found(&item))).expect("within limits");
        let (expected, last_event_id) = naive::parse_from(&stream, &id);
        prop_assert_eq!(items, expected);
        prop_assert_eq!(parser.last_event_id(), last_event_id);
    }

    #[test]
    fn decodes_as_encoding_rs(bytes in vec(prop_oneof![
        any::<u8>(),
        proptest::sample::select(vec![
            0xE2, 0x82, 0xAC, 0xF0, 0x9F, 0x98, 0x80, 0xED, 0xA0, 0xEF, 0xBB, 0xBF, 0xC2, 0xF4, b'a'
        ]),
    ], 0..80), cuts in vec(any::<u16>(), 0..8)) {
        let bytes: Vec<u8> = bytes.into_iter().filter(|byte| !b"\r\n".contains(byte)).collect();
        let (expected, _) = encoding_rs::UTF_8.decode_without_bom_handling(&bytes);
        let stream = [b"data: ", &bytes[..], b"\n\n"].concat();
        let found = parse_chunks(cut(&stream, &cuts));
        prop_assert_eq!(found, [Found::event("message", &expected, "")]);
    }

    #[test]
    fn what_is_encoded_comes_back(
        events in vec((value(), value(), value(), value(), any::<u64>()), 0..6),
        cuts in vec(any::<u16>(), 0..8),
    ) {
        let mut encoder = Encoder::new();
        let mut body = Vec::new();
        let mut expected = Vec::new();
        for (event_type, data, last_event_id, comment, retry) in &events {
            let event = Event { event_type, data, last_event_id };
            let before = body.len();
            if encoder.event(&mut body, event).is_ok() {
                let event_type = if event_type.is_empty() { "message" } else { event_type };
                expected.push(Found::event(event_type, data, last_event_id));
            } else {
                prop_assert_eq!(body.len(), before);
            }
            if encode::encode_comment(&mut body, comment).is_ok() {
                expected.push(Found::comment(comment));
            }
            encode::encode_retry(&mut body, *retry);
            expected.push(Found::retry(*retry));
        }
        prop_assert_eq!(&parse_chunks(cut(&body, &cuts)), &expected);
        let mut parser = Parser::new().report_violations(true);
        let mut violations = 0;
        parser.feed(&body, |item| violations += usize::from(matches!(item, Item::Violation(_)))).expect("within limits");
        parser.finish(|_| violations += 1).expect("within limits");
        prop_assert_eq!(violations, 0);
    }

    #[test]
    fn refuses_only_what_cannot_be_carried(
        event_type in value(), data in value(), id in value(), comment in value()
    ) {
        let breaks = |value: &str| value.contains(['\r', '\n']);
        let refused = breaks(&event_type) || breaks(&id) || id.contains('\0') || data.contains('\r');
        let encoded = encode::encode_event(&mut Vec::new(), Some(&event_type), &data, Some(&id));
        prop_assert_eq!(encoded.is_err(), refused);
        prop_assert_eq!(encode::encode_comment(&mut Vec::new(), &comment).is_err(), breaks(&comment));
        let normal = encode::normalize(&data);
        prop_assert!(encode::encode_event(&mut Vec::new(), None, &normal, None).is_ok());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn long_streams_agree_with_the_naive_parser(
        parts in vec(
            prop_oneof![8 => fragment(), 1 => "[a-zü]{90,300}".prop_map(String::into_bytes)],
            400..1200,
        ),
        well_formed in any::<bool>(),
    ) {
        let keep = |part: &&Vec<u8>| !well_formed || std::str::from_utf8(part).is_ok();
        let stream: Vec<u8> = parts.iter().filter(keep).flatten().copied().collect();
        let expected = naive::parse(&stream);
        for piece in [stream.len(), 5000, 1460, 100, 65, 64] {
            prop_assert_eq!(&parse_chunks(stream.chunks(piece)), &expected, "in pieces of {}", piece);
        }
        prop_assert_eq!(everything(stream.chunks(64)), everything([&stream[..]]));
    }
}
