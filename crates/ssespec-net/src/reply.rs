//! Reads HTTP/1 responses without I/O, and says what is wrong with their framing.

/// Longest response head, in bytes.
const MAX_HEAD_BYTES: usize = 256 << 10;
/// Most headers in a response.
const MAX_HEADERS: usize = 128;
/// Longest line with the size of a chunk, and longest trailer section, in bytes.
const MAX_LINE_BYTES: usize = 16 << 10;

/// The head of a response as it came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReplyHead {
    /// `1.0`, `1.1` or `2`.
    pub version: &'static str,
    /// The status code.
    pub status: u16,
    /// Names in lower case, and raw values, in order.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The head as it stood on the wire; empty for HTTP/2.
    pub raw: Vec<u8>,
}

impl ReplyHead {
    /// The values of a header, by its name in lower case.
    pub fn header<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r [u8]> + 'r {
        self.headers.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_slice())
    }
}

/// What is wrong with a response.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Malformed {
    /// What.
    pub message: String,
    /// The bytes at which it shows, at most a line of them.
    pub at: Vec<u8>,
}

/// How a response ended with its connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// As its framing announced, or had left open.
    Whole,
    /// Before that.
    Cut(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Head,
    Length(u64),
    ChunkSize,
    Chunk(u64),
    ChunkEnd,
    Trailers,
    UntilClose,
    Over,
}

/// Takes the bytes of a connection and gives those of the body. Interim responses are passed over.
#[derive(Debug)]
pub struct ReplyReader {
    buffer: Vec<u8>,
    state: State,
    head: Option<ReplyHead>,
    no_body: bool,
    excess: Vec<u8>,
    trailers: Vec<u8>,
}

impl ReplyReader {
    /// The reader of the response to a request with this method.
    pub fn new(method: &str) -> Self {
        Self {
            buffer: Vec::new(),
            state: State::Head,
            head: None,
            no_body: method == "HEAD",
            excess: Vec::new(),
            trailers: Vec::new(),
        }
    }

    /// The head, once it is complete.
    pub fn head(&self) -> Option<&ReplyHead> {
        self.head.as_ref()
    }

    /// Whether the response has ended by its framing.
    pub fn is_over(&self) -> bool {
        self.state == State::Over
    }

    /// What came behind the end of the response, though nothing else was asked for.
    pub fn excess(&self) -> &[u8] {
        &self.excess
    }

    /// The lines of the trailer section, as far as they have come.
    pub fn trailers(&self) -> &[u8] {
        &self.trailers
    }

    /// Takes bytes; those of the body are added to `body`, also before an error.
    ///
    /// # Errors
    /// What is wrong with the head or the framing. Nothing can be read after it.
    pub fn feed(&mut self, bytes: &[u8], body: &mut Vec<u8>) -> Result<(), Malformed> {
        self.buffer.extend_from_slice(bytes);
        loop {
            match self.state {
                State::Head => {
                    if !self.take_head()? {
                        return Ok(());
                    }
                }
                State::Length(left) => {
                    let taken = self.take_body(left, body);
                    if taken < left {
                        self.state = State::Length(left - taken);
                        return Ok(());
                    }
                    self.state = State::Over;
                }
                State::ChunkSize => match self.take_line("the size of a chunk")? {
                    None => return Ok(()),
                    Some(line) => match chunk_size(&line)? {
                        0 => self.state = State::Trailers,
                        size => self.state = State::Chunk(size),
                    },
                },
                State::Chunk(left) => {
                    let taken = self.take_body(left, body);
                    if taken < left {
                        self.state = State::Chunk(left - taken);
                        return Ok(());
                    }
                    self.state = State::ChunkEnd;
                }
                State::ChunkEnd => {
                    let end = self.buffer.get(..2).unwrap_or(&self.buffer);
                    if !b"\r\n".starts_with(end) {
                        return Err(self.malformed("a chunk does not end where its size says"));
                    }
                    if end.len() < 2 {
                        return Ok(());
                    }
                    self.buffer.drain(..2);
                    self.state = State::ChunkSize;
                }
                State::Trailers => match self.take_line("a trailer")? {
                    None => return Ok(()),
                    Some(line) if line.is_empty() => self.state = State::Over,
                    Some(line) => {
                        self.trailers.extend_from_slice(&line);
                        self.trailers.push(b'\n');
                    }
                },
                State::UntilClose => {
                    body.append(&mut self.buffer);
                    return Ok(());
                }
                State::Over => {
                    self.excess.append(&mut self.buffer);
                    return Ok(());
                }
            }
        }
    }

    /// What the end of the connection makes of the response (`server.framing`).
    pub fn finish(&self) -> Ending {
        match self.state {
            State::UntilClose | State::Over => Ending::Whole,
            State::Head => Ending::Cut("before the end of the head".to_owned()),
            State::Length(left) => {
                Ending::Cut(format!("{left} bytes short of its `Content-Length`"))
            }
            State::Chunk(left) => Ending::Cut(format!("{left} bytes before the end of a chunk")),
            State::ChunkEnd | State::ChunkSize | State::Trailers => {
                Ending::Cut("without the last chunk, which tells an end from a loss".to_owned())
            }
        }
    }

    fn malformed(&self, message: &str) -> Malformed {
        let at = self.buffer.get(..80).unwrap_or(&self.buffer);
        Malformed { message: message.to_owned(), at: at.to_vec() }
    }

    fn take_head(&mut self) -> Result<bool, Malformed> {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut parsed = httparse::Response::new(&mut headers);
        let length = match parsed.parse(&self.buffer) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) if self.buffer.len() < MAX_HEAD_BYTES => {
                return Ok(false);
            }
            Ok(httparse::Status::Partial) => {
                return Err(self.malformed("the head of the response has no end"));
            }
            Err(error) => {
                return Err(self.malformed(&format!("this is no HTTP/1 response ({error})")));
            }
        };
        let head = ReplyHead {
            version: if parsed.version == Some(0) { "1.0" } else { "1.1" },
            status: parsed.code.unwrap_or_default(),
            headers: parsed
                .headers
                .iter()
                .map(|header| (header.name.to_ascii_lowercase(), header.value.to_vec()))
                .collect(),
            raw: self.buffer.get(..length).unwrap_or_default().to_vec(),
        };
        self.buffer.drain(..length);
        if (100..200).contains(&head.status) && head.status != 101 {
            return Ok(true);
        }
        self.state = self.framing(&head)?;
        self.head = Some(head);
        Ok(true)
    }

    /// How the body is delimited (RFC 9112, 6.3). Chunked coding goes before a length.
    fn framing(&self, head: &ReplyHead) -> Result<State, Malformed> {
        if self.no_body || matches!(head.status, 101 | 204 | 304) {
            return Ok(State::Over);
        }
        let chunked = |value: &[u8]| value.to_ascii_lowercase().ends_with(b"chunked");
        if head.header("transfer-encoding").any(chunked) {
            return Ok(State::ChunkSize);
        }
        if head.header("transfer-encoding").next().is_some() {
            return Ok(State::UntilClose);
        }
        let mut length = None;
        for value in head.header("content-length") {
            let text = String::from_utf8_lossy(value).trim().to_owned();
            let number = Some(text.as_str())
                .filter(|text| text.bytes().all(|b| b.is_ascii_digit()))
                .and_then(|text| text.parse::<u64>().ok());
            let Some(number) = number else {
                let message = format!("`Content-Length` is no number: `{text}`");
                return Err(Malformed { message, at: value.to_vec() });
            };
            if length.is_some_and(|earlier| earlier != number) {
                let message = "two values of `Content-Length` differ".to_owned();
                return Err(Malformed { message, at: value.to_vec() });
            }
            length = Some(number);
        }
        Ok(length.map_or(State::UntilClose, State::Length))
    }

    fn take_body(&mut self, left: u64, body: &mut Vec<u8>) -> u64 {
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(self.buffer.len());
        body.extend(self.buffer.drain(..count));
        count as u64
    }

    /// A line without its CRLF, once it is complete.
    fn take_line(&mut self, what: &str) -> Result<Option<Vec<u8>>, Malformed> {
        let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') else {
            if self.buffer.len() > MAX_LINE_BYTES {
                return Err(self.malformed(&format!("{what} has no end")));
            }
            return Ok(None);
        };
        if end == 0 || self.buffer.get(end - 1) != Some(&b'\r') {
            return Err(self.malformed(&format!("{what} does not end with CRLF")));
        }
        let mut line: Vec<u8> = self.buffer.drain(..=end).collect();
        line.truncate(end - 1);
        Ok(Some(line))
    }
}

/// The size of a chunk; extensions behind a semicolon say nothing about it.
fn chunk_size(line: &[u8]) -> Result<u64, Malformed> {
    let digits = line.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii_end();
    std::str::from_utf8(digits)
        .ok()
        .filter(|text| !text.is_empty() && text.bytes().all(|b| b.is_ascii_hexdigit()))
        .and_then(|text| u64::from_str_radix(text, 16).ok())
        .ok_or_else(|| Malformed {
            message: "where the size of a chunk must stand there is no hexadecimal number".into(),
            at: line.get(..80).unwrap_or(line).to_vec(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a response gives, fed in pieces of this size.
    fn read(bytes: &[u8], size: usize) -> (Vec<u8>, Result<Ending, String>, usize) {
        let mut reader = ReplyReader::new("GET");
        let mut body = Vec::new();
        for piece in bytes.chunks(size) {
            if let Err(error) = reader.feed(piece, &mut body) {
                return (body, Err(error.message), 0);
            }
        }
        (body, Ok(reader.finish()), reader.excess().len())
    }

    #[test]
    fn bodies_of_all_framings_are_read_whatever_the_cuts() {
        let cut = |text: &str| Ok(Ending::Cut(text.to_owned()));
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        let last = "without the last chunk, which tells an end from a loss";
        for (text, body, ending) in [
            (
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nab".to_owned(),
                "ab",
                Ok(Ending::Whole),
            ),
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab".to_owned(), "ab", Ok(Ending::Whole)),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab".to_owned(),
                "ab",
                cut("1 bytes short of its `Content-Length`"),
            ),
            (format!("{chunked}2\r\nab\r\n1;x\r\nc\r\n0\r\n\r\n"), "abc", Ok(Ending::Whole)),
            (format!("{chunked}2\r\nab\r\n"), "ab", cut(last)),
            (format!("{chunked}4\r\nab"), "ab", cut("2 bytes before the end of a chunk")),
            ("HTTP/1.1 204 No\r\n\r\n".to_owned(), "", Ok(Ending::Whole)),
        ] {
            for size in [1, 2, 3, text.len()] {
                let expected = (body.as_bytes().to_vec(), ending.clone(), 0);
                assert_eq!(read(text.as_bytes(), size), expected, "{text:?} by {size}");
            }
        }
    }

    #[test]
    fn what_is_malformed_is_said() {
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        for (text, message) in [
            ("SSH-2.0-x\r\n".to_owned(), "this is no HTTP/1 response"),
            (format!("{chunked}zz\r\n"), "there is no hexadecimal number"),
            (format!("{chunked}1\nx"), "does not end with CRLF"),
            (format!("{chunked}1\r\nxy\r\n"), "does not end where its size says"),
            ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n".to_owned(), "is no number"),
        ] {
            let (_, outcome, _) = read(text.as_bytes(), text.len());
            assert!(outcome.clone().is_err_and(|it| it.contains(message)), "{text:?}: {outcome:?}");
        }
    }
}
