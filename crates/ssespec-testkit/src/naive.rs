//! A second parser, written from the rules alone and as plainly as can be.
//!
//! It exists so that the fast parser has something to be compared with. It is slow and simple on
//! purpose: the whole body is decoded, split into lines and read field by field, and being
//! incremental means doing all of that again. It shares no code with `ssespec-parser`.
//!
//! ```
//! use ssespec_testkit::naive::{self, Found};
//!
//! let found = naive::parse(b"retry: 5\ndata: a\rdata\r\n\r\n: bye\ndata: lost");
//! let event = Found::event("message", "a\n", "");
//! assert_eq!(found, [Found::retry(5), event, Found::comment(" bye")]);
//! ```

/// What the naive parser finds in a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// An event (`dispatch.blank`).
    Event {
        /// The type, `message` by default (`event.type`).
        event_type: String,
        /// The data (`data.append`).
        data: String,
        /// The last event id in force (`id.sticky`).
        last_event_id: String,
    },
    /// A comment: what follows the colon (`comment.ignored`).
    Comment(String),
    /// A valid reconnection time (`retry.digits`).
    Retry {
        /// In milliseconds, at most the greatest `u64`.
        milliseconds: u64,
        /// Whether there was more (`retry.overflow`).
        clamped: bool,
    },
}

impl Found {
    /// An event.
    pub fn event(event_type: &str, data: &str, last_event_id: &str) -> Self {
        Self::Event {
            event_type: event_type.to_owned(),
            data: data.to_owned(),
            last_event_id: last_event_id.to_owned(),
        }
    }

    /// A comment.
    pub fn comment(text: &str) -> Self {
        Self::Comment(text.to_owned())
    }

    /// A reconnection time that was not clamped.
    pub fn retry(milliseconds: u64) -> Self {
        Self::Retry { milliseconds, clamped: false }
    }
}

/// Parses a whole body, on a connection that starts without a last event id.
pub fn parse(body: &[u8]) -> Vec<Found> {
    parse_from(body, "").0
}

/// Parses a whole body on a connection that starts with this last event id; returns the one it
/// ends with as well (`id.fresh-buffer`: carried over, as browsers do).
pub fn parse_from(body: &[u8], last_event_id: &str) -> (Vec<Found>, String) {
    let mut found = Vec::new();
    let mut data = String::new();
    let mut event_type = String::new();
    let mut id = last_event_id.to_owned();
    let mut committed_id = last_event_id.to_owned();
    for line in lines(body) {
        if line.is_empty() {
            committed_id.clone_from(&id);
            if let Some(data) = data.strip_suffix('\n') {
                let event_type = if event_type.is_empty() { "message" } else { &event_type };
                found.push(Found::event(event_type, data, &committed_id));
            }
            data.clear();
            event_type.clear();
            continue;
        }
        let (name, value) = line.split_once(':').unwrap_or((&line, ""));
        if name.is_empty() {
            found.push(Found::comment(value));
            continue;
        }
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "data" => {
                data.push_str(value);
                data.push('\n');
            }
            "event" => value.clone_into(&mut event_type),
            "id" if !value.contains('\0') => value.clone_into(&mut id),
            "retry" if !value.is_empty() && value.chars().all(|char| char.is_ascii_digit()) => {
                found.push(match value.parse() {
                    Ok(milliseconds) => Found::retry(milliseconds),
                    Err(_) => Found::Retry { milliseconds: u64::MAX, clamped: true },
                });
            }
            _ => {}
        }
    }
    (found, committed_id)
}

/// The finished lines of a body (`decode.utf8`, `decode.bom`, `line.*`, `eof.discard`).
fn lines(body: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(body);
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    // What follows the last line ending is not a finished line.
    lines.pop();
    lines
}

/// The naive parser for a body that comes in pieces: it keeps the body and parses it again.
#[derive(Clone, Debug, Default)]
pub struct Naive {
    body: Vec<u8>,
    reported: usize,
}

impl Naive {
    /// A parser at the start of a body.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a piece and returns what it completes (`dispatch.prompt`, `line.prompt`).
    pub fn feed(&mut self, chunk: &[u8]) -> Vec<Found> {
        self.body.extend_from_slice(chunk);
        let found = parse(&self.body);
        let new = found.iter().skip(self.reported).cloned().collect();
        self.reported = found.len();
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_commit_at_the_blank_line_and_stick() {
        let (found, id) = parse_from(b"data: a\n\nid: 1\n\ndata: b\n\nid: 2\ndata: lost", "0");
        assert_eq!(found, [Found::event("message", "a", "0"), Found::event("message", "b", "1")]);
        assert_eq!(id, "1");
    }

    #[test]
    fn each_maximal_subpart_becomes_one_replacement_character() {
        let found = parse(b"data: \xF0\x80\x80 \xED\xA0\x80 \xE2\x82A \xE2\x82\n\n");
        let data = "\u{FFFD}\u{FFFD}\u{FFFD} \u{FFFD}\u{FFFD}\u{FFFD} \u{FFFD}A \u{FFFD}";
        assert_eq!(found, [Found::event("message", data, "")]);
    }

    #[test]
    fn pieces_report_only_what_is_new() {
        let mut naive = Naive::new();
        assert_eq!(naive.feed(b"data: a\r"), []);
        assert_eq!(naive.feed(b"\r"), [Found::event("message", "a", "")]);
        assert_eq!(naive.feed(b"\n:x\r"), [Found::comment("x")]);
        assert_eq!(naive.feed(b"\n"), []);
    }
}
