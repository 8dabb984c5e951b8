//! The correctness vectors, under every single cut and byte by byte.

mod common;

use common::parse_chunks;
use common::vectors::VECTORS;
use ssespec_testkit::naive::{self, Found};

#[test]
fn each_vector_passes_under_every_cut() {
    for (rule, body, expected) in VECTORS {
        let expected: Vec<Found> =
            expected.iter().map(|(kind, data, id)| Found::event(kind, data, id)).collect();
        let events = |found: Vec<Found>| -> Vec<Found> {
            found.into_iter().filter(|found| matches!(found, Found::Event { .. })).collect()
        };
        let shown = body.escape_ascii();
        assert_eq!(events(naive::parse(body)), expected, "{rule}, naive: {shown}");
        assert_eq!(events(parse_chunks(body.chunks(1))), expected, "{rule}, by byte: {shown}");
        for cut in 0..=body.len() {
            let (head, tail) = body.split_at(cut);
            let found = events(parse_chunks([head, tail]));
            assert_eq!(found, expected, "{rule}, cut at {cut}: {shown}");
        }
        // Behind enough other bytes for the path that takes many lines at once.
        let padding = format!(":{}\n", " ".repeat(100)).into_bytes();
        let bom = body.strip_prefix(b"\xEF\xBB\xBF").is_some();
        if !bom {
            let long = [&padding[..], body].concat();
            assert_eq!(
                events(parse_chunks([&long[..]])),
                expected,
                "{rule}, in a long piece: {shown}"
            );
        }
    }
}

/// `line.prompt`, `dispatch.prompt`: the event is out before any further byte is in.
#[test]
fn a_bare_cr_dispatches_at_once() {
    for body in [&b"data: a\r\r"[..], b"data: a\n\r", b"data: a\r\n\r"] {
        let mut parser = ssespec_parser::Parser::new();
        let mut events = 0;
        parser.feed(body, |_| events += 1).unwrap();
        assert_eq!(events, 1, "{}", body.escape_ascii());
        parser.feed(b"\ndata: b\n\n", |_| events += 1).unwrap();
        assert_eq!(events, 2, "{}", body.escape_ascii());
    }
}

/// `decode.bom-each-stream`, `eof.discard`, `id.fresh-buffer`.
#[test]
fn finish_makes_the_parser_as_new() {
    let mut parser = ssespec_parser::Parser::new();
    let mut seen = Vec::new();
    parser.feed(b"id: 1\n\nid: 2\nevent: x\ndata: lost\xE2\x82", |_| {}).unwrap();
    let id = parser.last_event_id().to_owned();
    assert_eq!(id, "1");
    parser.finish(|_| panic!("nothing comes of the pending block")).unwrap();
    assert_eq!((parser.offset(), parser.last_event_id()), (0, ""));
    parser.set_last_event_id(&id);
    let body = b"\xEF\xBB\xBFdata: a\n\n";
    parser.feed(body, |item| seen.extend(common::found(&item))).unwrap();
    assert_eq!(seen, [Found::event("message", "a", "1")]);
}
