//! Heads of requests and responses, and which of their headers go on.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::defect::RelayDefect as Defect;

/// The longest head.
const MAX_HEAD_BYTES: usize = 64 << 10;
/// Headers that are about one connection, whether or not `Connection` names them.
const HOP_BY_HOP: [&str; 7] = [
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    "transfer-encoding",
    "upgrade",
    "trailer",
];

/// The head of a message: its first line, and its headers with names in lower case.
#[derive(Debug, Clone, Default)]
pub(super) struct Head {
    pub(super) first: String,
    pub(super) headers: Vec<(String, Vec<u8>)>,
}

impl Head {
    /// The value of a header.
    pub(super) fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_slice())
    }

    /// The same as text.
    pub(super) fn text(&self, name: &str) -> String {
        String::from_utf8_lossy(self.header(name).unwrap_or_default()).into_owned()
    }

    /// A word of the first line.
    pub(super) fn word(&self, number: usize) -> &str {
        self.first.split(' ').nth(number).unwrap_or_default()
    }

    /// The status of a response.
    pub(super) fn status(&self) -> u16 {
        self.word(1).parse().unwrap_or_default()
    }

    /// Whether the body is chunked.
    pub(super) fn is_chunked(&self) -> bool {
        self.text("transfer-encoding").to_ascii_lowercase().ends_with("chunked")
    }

    /// The announced length.
    pub(super) fn length(&self) -> Option<usize> {
        self.text("content-length").trim().parse().ok()
    }

    pub(super) fn drop_header(&mut self, name: &str) {
        self.headers.retain(|(key, _)| key != name);
    }

    /// Puts a header in place of those of the same name.
    pub(super) fn set(&mut self, name: &str, value: &[u8]) {
        self.drop_header(name);
        self.headers.push((name.to_owned(), value.to_vec()));
    }

    /// Removes what is about one connection.
    pub(super) fn strip(&mut self, keeps_named: bool) {
        let named = self.text("connection").to_ascii_lowercase();
        let named: Vec<&str> = named.split(',').map(str::trim).collect();
        self.headers.retain(|(name, _)| {
            let is_named = named.contains(&name.as_str()) && !keeps_named;
            !is_named && !HOP_BY_HOP.contains(&name.as_str())
        });
    }

    /// The head as HTTP/1 has it.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut out = self.first.clone().into_bytes();
        for (name, value) in &self.headers {
            out.extend_from_slice(b"\r\n");
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b": ");
            out.extend_from_slice(value);
        }
        out.extend_from_slice(b"\r\n\r\n");
        out
    }
}

/// A request with its body.
#[derive(Debug, Clone, Default)]
pub(super) struct Request {
    pub(super) head: Head,
    pub(super) body: Vec<u8>,
}

impl Request {
    pub(super) fn method(&self) -> &str {
        self.head.word(0)
    }

    pub(super) fn target(&self) -> &str {
        self.head.word(1)
    }

    pub(super) fn is_http_1_0(&self) -> bool {
        self.head.word(2) == "HTTP/1.0"
    }

    /// The bytes that go to the origin.
    pub(super) fn forwarded(&self, origin: &str, defect: Option<Defect>) -> Vec<u8> {
        let has = |it| defect == Some(it);
        let mut head = self.head.clone();
        head.strip(has(Defect::HopByHopUp));
        let method = if has(Defect::PostMadeGet) { "GET" } else { self.method() };
        head.first = format!("{method} {} HTTP/1.1", self.target());
        head.set("host", origin.as_bytes());
        head.set("connection", b"close");
        if has(Defect::UnknownHeadersDroppedUp) {
            head.headers.retain(|(name, _)| !name.starts_with("x-"));
        }
        if has(Defect::AcceptReplaced) {
            head.set("accept", b"*/*");
        }
        if has(Defect::LastEventIdDropped) {
            head.drop_header("last-event-id");
        }
        if let (true, Some(id)) =
            (has(Defect::LastEventIdInAscii), self.head.header("last-event-id"))
        {
            let ascii: Vec<u8> = id.iter().copied().filter(u8::is_ascii).collect();
            head.set("last-event-id", &ascii);
        }
        let lost = has(Defect::PostMadeGet)
            || (has(Defect::ChunkedRequestBodyLost) && self.head.is_chunked());
        let body = if lost { &[][..] } else { &self.body };
        head.drop_header("content-length");
        if !body.is_empty() {
            head.set("content-length", body.len().to_string().as_bytes());
        }
        [head.bytes(), body.to_vec()].concat()
    }
}

/// Reads a head that begins with `bytes`, which keeps what comes behind it.
pub(super) async fn read_head<R: AsyncRead + Unpin>(
    reader: &mut R,
    bytes: &mut Vec<u8>,
) -> io::Result<Head> {
    loop {
        if let Some(end) = bytes.windows(4).position(|it| it == b"\r\n\r\n") {
            let head: Vec<u8> = bytes.drain(..end + 4).collect();
            return Ok(parse(&head));
        }
        if bytes.len() > MAX_HEAD_BYTES {
            return Err(io::Error::other("the head has no end"));
        }
        more(reader, bytes).await?;
    }
}

/// Reads the request that begins with `bytes`.
pub(super) async fn read_request<R: AsyncRead + Unpin>(
    reader: &mut R,
    mut bytes: Vec<u8>,
) -> io::Result<Request> {
    let head = read_head(reader, &mut bytes).await?;
    let mut body = Vec::new();
    if head.is_chunked() {
        loop {
            let end = loop {
                match bytes.windows(2).position(|it| it == b"\r\n") {
                    Some(end) => break end,
                    None => more(reader, &mut bytes).await?,
                }
            };
            let line: Vec<u8> = bytes.drain(..end + 2).collect();
            let size = String::from_utf8_lossy(&line);
            let size = usize::from_str_radix(size.trim(), 16).map_err(io::Error::other)?;
            while bytes.len() < size + 2 {
                more(reader, &mut bytes).await?;
            }
            body.extend(bytes.drain(..size));
            bytes.drain(..2);
            if size == 0 {
                break;
            }
        }
    } else {
        let length = head.length().unwrap_or_default();
        while bytes.len() < length {
            more(reader, &mut bytes).await?;
        }
        body.extend(bytes.drain(..length));
    }
    Ok(Request { head, body })
}

async fn more<R: AsyncRead + Unpin>(reader: &mut R, bytes: &mut Vec<u8>) -> io::Result<()> {
    match reader.read_buf(bytes).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}

fn parse(head: &[u8]) -> Head {
    let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let first = String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
    let headers = lines.filter_map(|line| {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = String::from_utf8_lossy(line.get(..colon)?).to_ascii_lowercase();
        Some((name, line.get(colon + 1..)?.trim_ascii().to_vec()))
    });
    Head { first, headers: headers.collect() }
}
