//! Whether the bytes of a stream leave a block or a line open.

use crate::{Chunk, Piece};

/// Reads a stream as far as needed to know where its lines and blocks end.
///
/// This is no parser: it must also read a stream of a million repetitions in no time, and only
/// the last state counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Scanner {
    line: Line,
    /// The last byte was a CR, and an LF that follows belongs to it.
    after_cr: bool,
    /// A line has ended, so that a BOM is no longer dropped.
    past_first_line: bool,
    /// A field of an event has come since the last blank line.
    in_block: bool,
}

/// The line that has not ended yet.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Line {
    /// The start of a field name; empty at the start of the line.
    Name(Vec<u8>),
    /// What follows the colon of a field with this name, or of a comment.
    Value(Vec<u8>),
}

impl Default for Line {
    fn default() -> Self {
        Self::Name(Vec::new())
    }
}

const BOM: &[u8] = b"\xef\xbb\xbf";

/// A BOM, the longest name of a field, and one byte that makes it another name.
const MAX_NAME_BYTES: usize = BOM.len() + "event".len() + 1;

impl Scanner {
    /// Goes on through the bytes of a chunk.
    pub(super) fn scan(&mut self, chunk: &Chunk) {
        for piece in &chunk.0 {
            match piece {
                Piece::Bytes(wire) => self.bytes(&wire.0),
                Piece::Repeat { bytes, times } => self.repeat(&[&bytes.0], *times),
                // Base64 text holds no line ending and no colon, and is longer than any name.
                Piece::Generate { bytes, times, .. } => {
                    if *bytes > 0 && *times > 0 {
                        self.bytes(&[b'A'; MAX_NAME_BYTES]);
                    }
                }
                // All numbers are alike: digits end no line and no name.
                Piece::Count { prefix, suffix, times } => {
                    self.repeat(&[&prefix.0, b"0", &suffix.0], *times);
                }
            }
        }
    }

    /// What the last byte stands in: a `line`, a `block`, or nothing.
    pub(super) fn open_part(&self) -> Option<&'static str> {
        match &self.line {
            Line::Name(name) if self.without_bom(name).is_empty() => {
                self.in_block.then_some("block")
            }
            _ => Some("line"),
        }
    }

    /// Repetitions lead to a state that repeats itself, and there it can stop.
    fn repeat(&mut self, parts: &[&[u8]], times: u32) {
        for _ in 0..times {
            let before = self.clone();
            for part in parts {
                self.bytes(part);
            }
            if *self == before {
                break;
            }
        }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            let second_half = std::mem::take(&mut self.after_cr) && byte == b'\n';
            match byte {
                b'\n' if second_half => {}
                b'\n' | b'\r' => {
                    self.after_cr = byte == b'\r';
                    self.end_line();
                }
                _ => self.extend_line(byte),
            }
        }
    }

    fn extend_line(&mut self, byte: u8) {
        if let Line::Name(name) = &mut self.line {
            if byte == b':' {
                self.line = Line::Value(std::mem::take(name));
            } else if name.len() < MAX_NAME_BYTES {
                name.push(byte);
            }
        }
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let (Line::Name(name) | Line::Value(name)) = &line;
        match (&line, self.without_bom(name)) {
            (Line::Name(_), b"") => self.in_block = false,
            (_, b"data" | b"event" | b"id") => self.in_block = true,
            _ => {}
        }
        self.past_first_line = true;
    }

    fn without_bom<'n>(&self, name: &'n [u8]) -> &'n [u8] {
        match name.strip_prefix(BOM) {
            Some(rest) if !self.past_first_line => rest,
            _ => name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Scanner;
    use crate::{Chunk, Piece, Wire};

    fn open_part(chunks: &[&[u8]]) -> Option<&'static str> {
        let mut scanner = Scanner::default();
        for bytes in chunks {
            scanner.scan(&Chunk(vec![Piece::Bytes(Wire(bytes.to_vec()))]));
        }
        scanner.open_part()
    }

    #[test]
    fn what_ends_at_a_boundary_is_closed() {
        for stream in [
            &b"data: a\n\n"[..],
            b"data: a\r\r",
            b"data: a\r\n\r\n",
            b"\xef\xbb\xbfdata: a\n\n",
            b"\xef\xbb\xbf",
            b"",
            b"\n",
            b": comment\n",
            b"retry: 5\n",
            b"unknown\n",
            b"datax: 1\n",
            b"data: a\n\n:\n",
        ] {
            assert_eq!(open_part(&[stream]), None, "{}", stream.escape_ascii());
        }
        assert_eq!(open_part(&[b"data: a\r", b"\n\r", b"\n"]), None);
    }

    #[test]
    fn what_does_not_is_open() {
        for (stream, part) in [
            (&b"data: a\n"[..], "block"),
            (b"data: a\r\n", "block"),
            (b"data\n", "block"),
            (b"event: x\n: comment\n", "block"),
            (b"\xef\xbb\xbfid: 1\n", "block"),
            (b"data: a\n\ndata: b", "line"),
            (b": comment", "line"),
            (b"data: a\n\nx", "line"),
            (b":", "line"),
        ] {
            let found = open_part(&[stream]);
            assert_eq!(found, Some(part), "{}", stream.escape_ascii());
        }
    }

    #[test]
    fn a_bom_after_the_first_line_is_a_name() {
        assert_eq!(open_part(&[b"\n\xef\xbb\xbfdata: a\n"]), None);
        assert_eq!(open_part(&[b"\n\xef\xbb\xbf"]), Some("line"));
    }

    #[test]
    fn a_million_repetitions_take_no_time() {
        let wire = |text: &str| Wire(text.into());
        let mut scanner = Scanner::default();
        scanner.scan(&Chunk(vec![Piece::Repeat { bytes: wire("data: a\r"), times: u32::MAX }]));
        assert_eq!(scanner.open_part(), Some("block"));
        scanner.scan(&Chunk(vec![Piece::Count {
            prefix: wire("\rid: "),
            suffix: wire("\n\n"),
            times: u32::MAX,
        }]));
        assert_eq!(scanner.open_part(), None);
        scanner.scan(&Chunk(vec![Piece::Generate { seed: 1, bytes: 9, times: 1 }]));
        assert_eq!(scanner.open_part(), Some("line"));
    }
}
