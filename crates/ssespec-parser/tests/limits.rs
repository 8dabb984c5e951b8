//! Hard limits are typed errors, and a failed parser stays failed.

use ssespec_parser::{Item, Limits, ParseError, Parser};

fn limits(max_line_bytes: usize, max_event_bytes: usize) -> Parser {
    Parser::with_limits(Limits { max_line_bytes, max_event_bytes })
}

/// The events seen and the error, in pieces of this length.
fn run(mut parser: Parser, body: &[u8], piece: usize) -> (usize, Option<ParseError>) {
    let mut events = 0;
    for chunk in body.chunks(piece) {
        let result = parser.feed(chunk, |item| {
            events += usize::from(matches!(item, Item::Event(_)));
        });
        if let Err(error) = result {
            assert_eq!(parser.feed(b"data: more\n\n", |_| events += 1), Err(error));
            assert_eq!(parser.finish(|_| events += 1), Err(error));
            assert_eq!(
                parser.feed(b"data: ok\n\n", |_| {}),
                Ok(()),
                "finish makes it usable again"
            );
            return (events, Some(error));
        }
    }
    (events, None)
}

#[test]
fn a_line_may_be_as_long_as_the_limit_and_no_longer() {
    for name in ["data: ", "id: ", ":", "foo: ", "event: "] {
        let fits = format!("data: a\n\n{name}{}\n\n", "x".repeat(200 - name.len()));
        let long = format!("data: a\n\n{name}{}\n\n", "x".repeat(201 - name.len()));
        let error = ParseError::LineTooLong { limit_bytes: 200, offset: 9 };
        for piece in [1, 7, 63, 64, 65, 100, 1000] {
            assert_eq!(run(limits(200, 1 << 20), fits.as_bytes(), piece).1, None, "{name} {piece}");
            let (events, found) = run(limits(200, 1 << 20), long.as_bytes(), piece);
            assert_eq!((events, found), (1, Some(error)), "{name} {piece}");
        }
    }
}

#[test]
fn an_event_may_be_as_long_as_the_limit_and_no_longer() {
    let line = "data: 0123456789\n";
    let error = ParseError::EventTooLong { limit_bytes: 32, offset: 43 };
    for piece in [1, 7, 63, 64, 65, 1000] {
        // Three lines of ten with two line feeds between are 32 bytes.
        let body = format!("data: a\n\n{}\n", line.repeat(3));
        assert_eq!(run(limits(1000, 32), body.as_bytes(), piece), (2, None), "{piece}");
        let body = format!("data: a\n\n{}data: 0123456789a\n\n", line.repeat(2));
        assert_eq!(run(limits(1000, 32), body.as_bytes(), piece), (1, Some(error)), "{piece}");
        let body = format!("data: a\n\n{}data\n\n", line.repeat(3));
        let error = ParseError::EventTooLong { limit_bytes: 32, offset: 60 };
        assert_eq!(run(limits(1000, 32), body.as_bytes(), piece), (1, Some(error)), "{piece}");
    }
}

#[test]
fn a_line_that_never_ends_is_bounded() {
    let mut parser = limits(1 << 16, 1 << 16);
    let chunk = [b'x'; 1000];
    let fed = (0..1000).take_while(|_| parser.feed(&chunk, |_| {}).is_ok()).count();
    assert_eq!(fed, 65);
}

#[test]
fn ids_before_the_limit_stay_committed() {
    let body = [b"id: 1\ndata: a\n\nid: 2\n\nid: 3\n:".as_slice(), &[b'x'; 300]].concat();
    for piece in [1, 7, 63, 64, 65, 1000] {
        let mut parser = limits(200, 200);
        assert!(body.chunks(piece).any(|chunk| parser.feed(chunk, |_| {}).is_err()), "{piece}");
        assert_eq!(parser.last_event_id(), "2", "{piece}");
    }
}

#[test]
fn errors_name_the_limit_and_the_place() {
    let error = ParseError::LineTooLong { limit_bytes: 10, offset: 7 };
    assert_eq!(
        error.to_string(),
        "line at byte 7 is longer than 10 bytes; help: raise `max_line_bytes`"
    );
}
