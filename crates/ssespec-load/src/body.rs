//! The body of a response, freed from the framing of HTTP/1.1.

use crate::head::Framing;

/// A chunk header longer than this, with its extensions, is refused.
const LONGEST_CHUNK_HEADER: u64 = 4096;

/// A body that is being read: 24 bytes, whatever it holds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Body {
    state: State,
    /// What is left of the chunk or of the body; in a chunk header, its size so far.
    left: u64,
    /// How long the chunk header or the trailer is so far.
    header: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    UntilClose,
    Length,
    /// In a chunk's size; whether a digit has come.
    Size(bool),
    Extension,
    SizeLf,
    Chunk,
    ChunkCr,
    ChunkLf,
    /// In the trailer; whether the line is empty so far.
    Trailer(bool),
    Done,
}

/// Whether more is to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    Open,
    /// The body has ended in order.
    Done,
}

/// What is wrong with a chunk's framing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Malformed(pub(crate) &'static str);

impl Body {
    pub(crate) fn new(framing: Framing) -> Self {
        let (state, left) = match framing {
            Framing::Chunked => (State::Size(false), 0),
            Framing::Length(0) => (State::Done, 0),
            Framing::Length(length) => (State::Length, length),
            Framing::UntilClose => (State::UntilClose, 0),
        };
        Self { state, left, header: 0 }
    }

    /// Whether a close at this point ends the body in order.
    pub(crate) fn may_end(&self) -> bool {
        matches!(self.state, State::UntilClose | State::Done)
    }

    /// Takes bytes as they came, and hands on those of the body.
    pub(crate) fn feed<E: From<Malformed>>(
        &mut self,
        mut bytes: &[u8],
        mut content: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<Progress, E> {
        while let Some((&byte, rest)) = bytes.split_first() {
            match self.state {
                State::Done => break,
                State::UntilClose => {
                    content(bytes)?;
                    return Ok(Progress::Open);
                }
                State::Length | State::Chunk => {
                    let len = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
                    let (part, after) = bytes.split_at(len);
                    self.left -= len as u64;
                    if self.left == 0 {
                        let ended = self.state == State::Length;
                        self.state = if ended { State::Done } else { State::ChunkCr };
                    }
                    content(part)?;
                    bytes = after;
                    continue;
                }
                _ => self.framing(byte)?,
            }
            bytes = rest;
        }
        Ok(if self.state == State::Done { Progress::Done } else { Progress::Open })
    }

    /// Takes a byte that is not content.
    #[inline]
    fn framing(&mut self, byte: u8) -> Result<(), Malformed> {
        self.state = match (self.state, byte) {
            (State::Size(begun), _) => return self.size(begun, byte),
            (State::Extension, b'\r') => State::SizeLf,
            (State::Extension, b'\n') => {
                return Err(Malformed("a chunk's header ends in LF without CR"));
            }
            (State::Extension, _) => {
                self.lengthen()?;
                State::Extension
            }
            (State::SizeLf, b'\n') => {
                self.header = 0;
                if self.left == 0 { State::Trailer(true) } else { State::Chunk }
            }
            (State::SizeLf, _) => return Err(Malformed("no LF after the CR of a chunk's header")),
            (State::ChunkCr, b'\r') => State::ChunkLf,
            (State::ChunkCr, _) => return Err(Malformed("a chunk is longer than its size")),
            (State::ChunkLf, b'\n') => State::Size(false),
            (State::ChunkLf, _) => return Err(Malformed("no LF after the CR of a chunk")),
            (State::Trailer(empty), b'\n') => {
                if empty {
                    State::Done
                } else {
                    State::Trailer(true)
                }
            }
            (State::Trailer(empty), b'\r') => State::Trailer(empty),
            (State::Trailer(_), _) => {
                self.lengthen()?;
                State::Trailer(false)
            }
            (state, _) => state,
        };
        Ok(())
    }

    fn size(&mut self, begun: bool, byte: u8) -> Result<(), Malformed> {
        let digit = char::from(byte).to_digit(16);
        if let Some(digit) = digit {
            if !begun {
                self.left = 0;
            }
            if self.left >> 56 != 0 {
                return Err(Malformed("a chunk's size is beyond all measure"));
            }
            self.left = self.left << 4 | u64::from(digit);
            self.state = State::Size(true);
            return self.lengthen();
        }
        self.state = match byte {
            _ if !begun => return Err(Malformed("a chunk's size has no digit")),
            b'\r' => State::SizeLf,
            b';' | b' ' | b'\t' => State::Extension,
            _ => return Err(Malformed("a chunk's size has another character than digits")),
        };
        Ok(())
    }

    fn lengthen(&mut self) -> Result<(), Malformed> {
        self.header += 1;
        if self.header > LONGEST_CHUNK_HEADER {
            return Err(Malformed("a chunk's header, or the trailer, does not end"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl From<Malformed> for String {
        fn from(malformed: Malformed) -> Self {
            malformed.0.to_owned()
        }
    }

    fn read(framing: Framing, wire: &[u8], piece: usize) -> (Vec<u8>, Result<Progress, String>) {
        let mut body = Body::new(framing);
        let mut content = Vec::new();
        let mut last = Ok(Progress::Open);
        for bytes in wire.chunks(piece) {
            last = body.feed(bytes, |part| {
                content.extend_from_slice(part);
                Ok::<(), String>(())
            });
            if last != Ok(Progress::Open) {
                break;
            }
        }
        (content, last)
    }

    #[test]
    fn chunks_are_joined_however_they_are_cut() {
        let wire = b"3\r\nabc\r\n0000002;x=\"y\"\r\nde\r\n0\r\nTrailer: x\r\n\r\nrest";
        for piece in 1..wire.len() {
            let (content, last) = read(Framing::Chunked, wire, piece);
            assert_eq!((content.as_slice(), last), (&b"abcde"[..], Ok(Progress::Done)), "{piece}");
        }
    }

    #[test]
    fn lengths_are_kept() {
        assert_eq!(read(Framing::Length(3), b"abcd", 2).0, b"abc");
        assert_eq!(read(Framing::UntilClose, b"abcd", 3).0, b"abcd");
        assert!(Body::new(Framing::UntilClose).may_end());
        assert!(!Body::new(Framing::Length(1)).may_end());
        assert!(Body::new(Framing::Length(0)).may_end());
    }

    #[test]
    fn broken_framing_is_told() {
        for wire in [
            "\r\n",
            "g\r\n",
            "3\nabc",
            "3\r\nabcd\r\n",
            "3\r\nabc\rd",
            "3\rx",
            "3;x\n",
            "11111111111111111\r\n",
        ] {
            assert!(read(Framing::Chunked, wire.as_bytes(), 1).1.is_err(), "{wire:?}");
        }
        let endless = format!("3;{}", "x".repeat(5000));
        assert!(read(Framing::Chunked, endless.as_bytes(), 100).1.is_err());
        assert!(size_of::<Body>() <= 24, "{}", size_of::<Body>());
    }
}
