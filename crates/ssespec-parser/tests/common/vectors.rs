//! Correctness vectors: a body, and the events that the standard makes of it.
//!
//! The bench runs them against every parser that it times, so they hold events only: comments and
//! reconnection times are not something that every API shows.

/// An event: type, data, last event id.
pub(crate) type Expected = (&'static str, &'static str, &'static str);

/// The rule, the body, and its events.
pub(crate) type Vector = (&'static str, &'static [u8], &'static [Expected]);

/// One line each, and most of them a defect that some parser has had.
#[rustfmt::skip]
pub(crate) const VECTORS: &[Vector] = &[
    ("dispatch.blank", b"data: a\n\n", &[("message", "a", "")]),
    ("dispatch.blank", b"data\n\n", &[("message", "", "")]),
    ("dispatch.blank", b"data:\n\n", &[("message", "", "")]),
    ("dispatch.blank", b"\n\n\n:c\n\nevent: x\n\ndata: a\n\n", &[("message", "a", "")]),
    ("dispatch.order", b"data: a\n\ndata: b\n\ndata: c\n\n", &[("message", "a", ""), ("message", "b", ""), ("message", "c", "")]),
    ("data.append", b"data: a\ndata: b\n\n", &[("message", "a\nb", "")]),
    ("data.append", b"data\ndata\n\n", &[("message", "\n", "")]),
    ("data.append", b"data:\ndata: a\ndata:\n\n", &[("message", "\na\n", "")]),
    ("data.nul", b"data: a\0b\n\n", &[("message", "a\0b", "")]),
    ("line.cr", b"data: a\rdata: b\r\r", &[("message", "a\nb", "")]),
    ("line.crlf", b"data: a\r\ndata: b\r\n\r\n", &[("message", "a\nb", "")]),
    ("line.crlf", b"data: a\r\n\ndata: b\n\r\n", &[("message", "a", ""), ("message", "b", "")]),
    ("line.crlf", b"data: a\n\rdata: b\r\r\n", &[("message", "a", ""), ("message", "b", "")]),
    ("line.only-these", "data: a\u{2028}b\u{85}c\x0B\x0C\n\n".as_bytes(), &[("message", "a\u{2028}b\u{85}c\x0B\x0C", "")]),
    ("line.prompt", b"data: a\r\rdata: b\r\r", &[("message", "a", ""), ("message", "b", "")]),
    ("eof.discard", b"data: a\n\ndata: b\n", &[("message", "a", "")]),
    ("eof.discard", b"data: a", &[]),
    ("eof.discard", b"id: 1\ndata: a\n\nid: 2\ndata: b", &[("message", "a", "1")]),
    ("comment.ignored", b":c\ndata: a\n:c: d\ndata: b\n: \n\n", &[("message", "a\nb", "")]),
    ("field.first-colon", b"data: a:b: c\n\n", &[("message", "a:b: c", "")]),
    ("field.one-space", b"data:  a \n\ndata:\ta\n\ndata:a\n\n", &[("message", " a ", ""), ("message", "\ta", ""), ("message", "a", "")]),
    ("field.no-colon", b"data: a\ndata\nevent\nid\nretry\n\n", &[("message", "a\n", "")]),
    ("field.case", b"Data: a\n data: b\ndata : c\nDATA: d\ndata: e\n\n", &[("message", "e", "")]),
    ("field.unknown", b"datax: a\ndat: b\nfoo: c\nfoo\ndata: d\n\n", &[("message", "d", "")]),
    ("event.type", b"event: a\ndata: x\nevent: b\n\n", &[("b", "x", "")]),
    ("event.type", b"event: a\nevent:\ndata: x\n\n", &[("message", "x", "")]),
    ("event.reset", b"event: a\ndata: x\n\ndata: y\n\n", &[("a", "x", ""), ("message", "y", "")]),
    ("event.reset", b"event: a\n\ndata: y\n\n", &[("message", "y", "")]),
    ("id.set", b"id: 1\nid: 2\ndata: x\n\n", &[("message", "x", "2")]),
    ("id.nul", b"id: 1\ndata: x\n\nid: 2\0\ndata: y\n\n", &[("message", "x", "1"), ("message", "y", "1")]),
    ("id.empty", b"id: 1\ndata: x\n\nid\ndata: y\n\n", &[("message", "x", "1"), ("message", "y", "")]),
    ("id.sticky", b"id: 1\ndata: x\n\ndata: y\n\n", &[("message", "x", "1"), ("message", "y", "1")]),
    ("id.commit", b"id: 1\n\ndata: y\n\n", &[("message", "y", "1")]),
    ("retry.digits", b"retry: 1x\nretry: -1\nretry:\nretry\nretry: 3\ndata: a\n\n", &[("message", "a", "")]),
    ("retry.overflow", b"retry: 99999999999999999999999999\ndata: a\n\n", &[("message", "a", "")]),
    ("decode.bom", b"\xEF\xBB\xBFdata: a\n\n", &[("message", "a", "")]),
    ("decode.bom", b"\xEF\xBB\xBF\xEF\xBB\xBFdata: a\n\ndata: b\n\n", &[("message", "b", "")]),
    ("decode.bom", b"data: a\n\n\xEF\xBB\xBFdata: b\n\ndata: c\n\n", &[("message", "a", ""), ("message", "c", "")]),
    ("decode.bom", b"data: \xEF\xBB\xBFa\n\n", &[("message", "\u{FEFF}a", "")]),
    ("decode.utf8", b"data: a\xFFb\n\n", &[("message", "a\u{FFFD}b", "")]),
    ("decode.utf8", b"data: \xF0\x80\x80\n\n", &[("message", "\u{FFFD}\u{FFFD}\u{FFFD}", "")]),
    ("decode.utf8", b"data: \xED\xA0\x80\n\n", &[("message", "\u{FFFD}\u{FFFD}\u{FFFD}", "")]),
    ("decode.utf8", b"data: \xE2\x82A\n\n", &[("message", "\u{FFFD}A", "")]),
    ("decode.utf8", b"data: \xE2\x82\n\n", &[("message", "\u{FFFD}", "")]),
    ("decode.utf8", b"event: \xFF\nid: \xFF\ndata: x\n\n", &[("\u{FFFD}", "x", "\u{FFFD}")]),
    ("decode.utf8-split", "data: grüße €😀\nid: é\nevent: ß\n\n".as_bytes(), &[("ß", "grüße €😀", "é")]),
];
