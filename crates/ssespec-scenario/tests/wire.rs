//! Each byte sequence can be written as a wire string and read back.

use proptest::prelude::*;
use ssespec_scenario::{Case, Chunk, Piece, Text, Wire, escape, unescape};

/// Bytes as they come, with those that the format is about far more often.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let telling = prop::sample::select(b"\r\n\\\0\t: '\"ux{}\xef\xbb\xbf\xff\xc3".as_slice());
    prop::collection::vec(prop_oneof![telling, any::<u8>()], 0..64)
}

proptest! {
    #[test]
    fn bytes_are_read_back(bytes in bytes()) {
        let text = escape(&bytes);
        prop_assert_eq!(unescape(&text), Ok(bytes));
        prop_assert!(!text.chars().any(char::is_control), "{}", text);
    }

    #[test]
    fn text_is_read_back(text in any::<String>()) {
        prop_assert_eq!(unescape(&escape(text.as_bytes())), Ok(text.into_bytes()));
    }

    #[test]
    fn what_is_no_wire_string_is_an_error_and_no_panic(text in any::<String>()) {
        let _ = unescape(&text);
    }

    #[test]
    fn a_case_survives_json(bytes in bytes(), text in any::<String>()) {
        let case = Case {
            id: "a/b".to_owned(),
            note: Some(text.clone()),
            stream: vec![Chunk(vec![Piece::Bytes(Wire(bytes))])],
            ..serde_json::from_str(r#"{"id":"","rule":"r.s","title":"t"}"#).unwrap()
        };
        let mut case = case;
        case.open.body = Some(Text(text));
        let json = serde_json::to_string(&case).unwrap();
        prop_assert_eq!(serde_json::from_str::<Case>(&json).unwrap(), case);
    }
}
