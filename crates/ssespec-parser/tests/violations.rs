//! Each violation: rule, offset and order, whatever the cuts.

use ssespec_parser::{Item, Parser, ViolationKind, decode};

/// Rule and offset of each violation, under a cut.
fn violations(body: &[u8], cut: usize) -> Vec<(&'static str, u64)> {
    let mut all = Vec::new();
    let mut parser = Parser::new().report_violations(true);
    let mut keep = |item: Item<'_>| {
        if let Item::Violation(violation) = item {
            assert_eq!(violation.rule, violation.kind.rule());
            all.push((violation.rule, violation.offset));
        }
    };
    let (head, tail) = body.split_at(cut);
    parser.feed(head, &mut keep).expect("within limits");
    parser.feed(tail, &mut keep).expect("within limits");
    parser.finish(&mut keep).expect("within limits");
    all
}

/// A body, and the rule and offset of each breach in it.
type Case = (&'static [u8], &'static [(&'static str, u64)]);

#[test]
fn each_breach_is_reported_with_its_place() {
    let cases: &[Case] = &[
        (b"\xEF\xBB\xBFdata: a\n\n: c\nevent: x\nid: 1\nretry: 10\ndata\n\n", &[]),
        (b"data: a\xFFb\xC3\n\n", &[("decode.utf8", 7), ("decode.utf8", 9)]),
        (b"data: \xF0\x80\x80\n\n", &[("decode.utf8", 6), ("decode.utf8", 7), ("decode.utf8", 8)]),
        (b":\xFF\n\n", &[("decode.utf8", 1)]),
        (b"\xEF\xBB\xBF\xEF\xBB\xBFdata: a\n", &[("decode.bom", 3)]),
        (b"data: a\n\n\xEF\xBB\xBFdata: b\n\n", &[("decode.bom", 9)]),
        (b"foo: a\nfoo\n\n", &[("field.unknown", 0), ("field.unknown", 7)]),
        (b"\xEF\xBB\xBFfoo: a\n\n", &[("field.unknown", 3)]),
        (
            b"Data: a\n data: a\ndata : a\n",
            &[("field.case", 0), ("field.case", 8), ("field.case", 17)],
        ),
        (b"retry: 1e3\nretry: +1\n", &[("retry.digits", 8), ("retry.digits", 18)]),
        (b"retry:10 \n", &[("retry.digits", 8)]),
        (
            b"retry\nretry:\nretry: \n",
            &[("retry.empty", 5), ("retry.empty", 12), ("retry.empty", 20)],
        ),
        (b"id: a\0b\n\n", &[("id.nul", 5)]),
        (b"id: \xFF\0\n\n", &[("decode.utf8", 4), ("id.nul", 0)]),
        (b"event: x\r\n\r\n", &[("server.grammar", 10)]),
        (b"event: x\nevent\n\n", &[]),
        (b"data: a\n\n: c\ndata: b\n", &[("eof.discard", 9)]),
        (b"data: a\r\n\r\ndata: b", &[("eof.discard", 11)]),
        (b"data: a\n\nid: 2\n", &[("eof.discard", 9)]),
        (b": c\n: unfinished", &[("eof.discard", 4)]),
        (b"data: a\n\n\xE2\x82", &[("eof.discard", 9)]),
        (b"\xEF\xBB", &[("eof.discard", 0)]),
        (b"\xEF\xBB\xBF", &[]),
        (b": c\n", &[]),
        (b"retry: 10\n", &[]),
    ];
    for (body, expected) in cases {
        for cut in 0..=body.len() {
            assert_eq!(violations(body, cut), *expected, "cut at {cut}: {}", body.escape_ascii());
        }
    }
}

#[test]
fn none_are_reported_unasked() {
    let mut parser = Parser::new();
    let body = b"foo\nretry\nid: \0\n\xFF\nevent: x\n\ndata: lost";
    parser.feed(body, |item| panic!("{item:?}")).expect("within limits");
    parser.finish(|item| panic!("{item:?}")).expect("within limits");
}

#[test]
fn each_reads_as_a_sentence() {
    let items = decode(b"retry: 1x\n").expect("within limits");
    let [ssespec_parser::OwnedItem::Violation(violation)] = items.as_slice() else {
        panic!("{items:?}");
    };
    assert_eq!(violation.kind, ViolationKind::RetryNotDigits);
    assert_eq!(
        violation.to_string(),
        "`retry` with other characters than digits, ignored at byte 8 [retry.digits]"
    );
}
