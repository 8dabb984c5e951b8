//! How HTTP/1 wraps a body (`http.framing`): sans-IO.

use super::head::Head;
use crate::defect::{Defect, Switch};

/// What some bytes of a connection brought of the body.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Progress {
    pub(super) body: Vec<u8>,
    pub(super) state: State,
}

/// How far the body has come.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    #[default]
    Going,
    Done,
    /// A chunk is malformed, which breaks the connection.
    Malformed,
    /// Something that ends the stream, by a defect.
    Fatal(&'static str),
}

/// Where the reader of chunks stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum At {
    /// In the line of a chunk's size.
    Size(Vec<u8>),
    /// In a chunk of which so many bytes are left.
    Data(u64),
    /// In the line end behind a chunk.
    Behind(Vec<u8>),
    /// In a line of the trailers; whether it is not the first.
    Trailer(Vec<u8>, bool),
    /// Behind the last byte.
    End,
}

/// Finds the body in the bytes of a connection.
#[derive(Debug, Clone)]
pub(super) struct Framing {
    switch: Switch,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Length(u64),
    Chunked(At),
    UntilClose,
}

impl Framing {
    /// How the body behind this head is wrapped; `Err` says why the client refuses it.
    pub(super) fn of(head: &Head, switch: Switch) -> Result<Self, &'static str> {
        let chunked = head
            .values("transfer-encoding", switch)
            .iter()
            .any(|value| value.to_ascii_lowercase().ends_with("chunked"));
        let length = head
            .values("content-length", switch)
            .first()
            .and_then(|value| value.parse::<u64>().ok());
        let kind = match length {
            _ if matches!(head.status, 204 | 304) => Kind::Length(0),
            _ if chunked && switch.has(Defect::ChunkFramingInTheBody) => Kind::UntilClose,
            _ if chunked => Kind::Chunked(At::Size(Vec::new())),
            Some(_) if switch.has(Defect::ContentLengthIgnored) => Kind::UntilClose,
            Some(length) => Kind::Length(length),
            None if switch.has(Defect::CloseDelimitedBodyRefused) => {
                return Err("the response has neither a length nor chunks");
            }
            None => Kind::UntilClose,
        };
        Ok(Self { switch, kind })
    }

    /// Whether the body has ended.
    pub(super) fn is_done(&self) -> bool {
        match &self.kind {
            Kind::Length(left) => *left == 0,
            Kind::Chunked(at) => {
                let overlooked =
                    [Defect::BodyEndsWithTheConnectionOnly, Defect::BytesAfterTheBodyRead];
                *at == At::End && !self.switch.has_any(&overlooked)
            }
            Kind::UntilClose => false,
        }
    }

    /// Whether the end of the connection is a clean end of the body.
    pub(super) fn may_end_here(&self) -> bool {
        self.is_done() || matches!(self.kind, Kind::UntilClose | Kind::Chunked(At::End))
    }

    /// Takes the bytes of one read.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Progress {
        let switch = self.switch;
        let mut progress = Progress::default();
        let mut behind = 0;
        match &mut self.kind {
            Kind::UntilClose => progress.body.extend_from_slice(bytes),
            Kind::Length(left) => {
                let whole = bytes.len() as u64;
                let taken = whole.min(*left);
                *left -= taken;
                behind = whole - taken;
                let taken = usize::try_from(taken).unwrap_or(bytes.len());
                progress.body.extend(bytes.iter().take(taken));
                if *left == 0 && switch.has(Defect::BytesAfterTheBodyRead) {
                    progress.body.extend(bytes.iter().skip(taken));
                    self.kind = Kind::UntilClose;
                }
            }
            Kind::Chunked(at) => {
                let mut chunks = Chunks { at, switch, seen: 0, body: &mut progress.body };
                let (state, rest) = chunks.read(bytes);
                progress.state = state;
                behind = rest.len() as u64;
                if state == State::Malformed && switch.has(Defect::MalformedChunkIsBody) {
                    progress.state = State::Going;
                    progress.body.extend_from_slice(rest);
                    self.kind = Kind::UntilClose;
                }
            }
        }
        if self.is_done() && progress.state == State::Going {
            progress.state = State::Done;
            if behind > 0 && switch.has(Defect::BytesAfterTheBodyAreAnError) {
                progress.state = State::Fatal("bytes follow the end of the body");
            }
        }
        progress
    }
}

/// Reads chunks from the bytes of one read.
struct Chunks<'a> {
    at: &'a mut At,
    switch: Switch,
    /// How many chunks this read has had data of.
    seen: u32,
    body: &'a mut Vec<u8>,
}

impl Chunks<'_> {
    /// Reads what is there; returns what is left behind the body, or behind what is malformed.
    fn read<'b>(&mut self, bytes: &'b [u8]) -> (State, &'b [u8]) {
        let mut rest = bytes;
        while let Some((&byte, next)) = rest.split_first() {
            match self.at {
                At::Data(left) => {
                    let count = usize::try_from(*left).unwrap_or(usize::MAX).min(rest.len());
                    let (data, next) = rest.split_at(count);
                    *left -= count as u64;
                    self.seen += 1;
                    if self.seen == 1 || !self.switch.has(Defect::OneChunkPerRead) {
                        self.body.extend_from_slice(data);
                    }
                    if *left == 0 {
                        *self.at = At::Behind(Vec::new());
                    }
                    rest = next;
                    continue;
                }
                At::End if self.switch.has(Defect::BytesAfterTheBodyRead) => {
                    *self.at = At::Size(Vec::new());
                    continue;
                }
                At::End => return (State::Going, rest),
                At::Size(line) | At::Behind(line) | At::Trailer(line, _) => line.push(byte),
            }
            rest = next;
            if byte == b'\n' {
                let state = self.line();
                if state != State::Going {
                    return (state, rest);
                }
            }
        }
        self.end_of_read();
        (State::Going, rest)
    }

    /// A line outside the chunks has come to its end.
    fn line(&mut self) -> State {
        match std::mem::replace(self.at, At::Size(Vec::new())) {
            At::Size(line) => match self.size(&line) {
                None => return State::Malformed,
                Some(0) => *self.at = At::Trailer(Vec::new(), false),
                Some(size) => *self.at = At::Data(size),
            },
            At::Behind(line) if line != b"\r\n" => return State::Malformed,
            At::Trailer(line, more) if line == b"\r\n" => {
                *self.at = At::End;
                if more && self.switch.has(Defect::TrailersInTheBody) {
                    self.body.extend_from_slice(&line);
                }
            }
            At::Trailer(line, _) => {
                *self.at = At::Trailer(Vec::new(), true);
                match self.switch.0 {
                    Some(Defect::TrailersNotExpected) => return State::Fatal("there are trailers"),
                    Some(Defect::TrailersInTheBody) => self.body.extend_from_slice(&line),
                    _ => {}
                }
            }
            _ => {}
        }
        State::Going
    }

    /// The size that such a line says.
    fn size(&self, line: &[u8]) -> Option<u64> {
        let line = std::str::from_utf8(line).ok()?.trim_end_matches(['\r', '\n']);
        if self.switch.has(Defect::LeadingZeroEndsTheBody) && line.starts_with('0') {
            return Some(0);
        }
        let digits = if self.switch.has(Defect::ChunkExtensionBreaksTheSize) {
            line
        } else {
            line.split(';').next().unwrap_or_default().trim_end_matches([' ', '\t'])
        };
        let allowed = |byte: u8| match self.switch.0 {
            Some(Defect::ChunkSizeDecimal) => byte.is_ascii_digit(),
            Some(Defect::ChunkSizeInLowerCaseOnly) => {
                byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase()
            }
            _ => byte.is_ascii_hexdigit(),
        };
        if digits.is_empty() || !digits.bytes().all(allowed) {
            return None;
        }
        let radix = if self.switch.has(Defect::ChunkSizeDecimal) { 10 } else { 16 };
        u64::from_str_radix(digits, radix).ok()
    }

    fn end_of_read(&mut self) {
        match (self.switch.0, &mut *self.at) {
            (Some(Defect::ChunkSizeCutAtReadEnd), At::Size(line)) => line.clear(),
            (Some(Defect::ChunkCutAtReadEnd), At::Data(_)) => *self.at = At::Size(Vec::new()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(reads: &[&[u8]], defect: Option<Defect>) -> (String, State) {
        let switch = Switch(defect);
        let mut framing = Framing { switch, kind: Kind::Chunked(At::Size(Vec::new())) };
        let mut body = Vec::new();
        let mut state = State::Going;
        for bytes in reads {
            let progress = framing.read(bytes);
            body.extend(progress.body);
            state = progress.state;
            if state != State::Going {
                break;
            }
        }
        (String::from_utf8(body).unwrap(), state)
    }

    #[test]
    fn chunks_are_unwrapped_wherever_they_are_cut() {
        let bytes = b"00A ; x=\"y\"\r\n0123456789\r\n1\r\na\r\n0\r\nx: y\r\n\r\nmore";
        let whole = "0123456789a".to_owned();
        assert_eq!(read(&[bytes], None), (whole.clone(), State::Done));
        let bytewise: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(read(&bytewise, None), (whole, State::Done));
        assert_eq!(read(&[b"xyz\r\ndata"], None).1, State::Malformed);
    }

    #[test]
    fn mutants_unwrap_something_else() {
        let trailers = read(&[b"0\r\ndata: x\r\n\r\n"], Some(Defect::TrailersInTheBody));
        assert_eq!(trailers, ("data: x\r\n\r\n".to_owned(), State::Done));
        let more = read(&[b"0\r\n\r\n1\r\nx\r\n"], Some(Defect::BytesAfterTheBodyRead));
        assert_eq!(more, ("x".to_owned(), State::Going));
        let body = read(&[b"xyz\r\ndata"], Some(Defect::MalformedChunkIsBody));
        assert_eq!(body, ("data".to_owned(), State::Going));
        let first = read(&[b"1\r\na\r\n1\r\nb\r\n", b"1\r\nc\r\n"], Some(Defect::OneChunkPerRead));
        assert_eq!(first.0, "ac");
    }
}
