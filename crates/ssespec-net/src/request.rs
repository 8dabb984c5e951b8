//! Reads HTTP/1 requests, with limits, and keeps them as they came.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _};

/// Longest request head, in bytes.
const MAX_HEAD_BYTES: usize = 256 << 10;
/// Longest request body, in bytes.
const MAX_BODY_BYTES: usize = 16 << 20;
/// Most headers in a request.
const MAX_HEADERS: usize = 128;

/// A request as it came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The request target: path and query.
    pub target: String,
    /// `1.0`, `1.1` or `2`.
    pub version: &'static str,
    /// Names in lower case, and raw values, in order.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body.
    pub body: Vec<u8>,
    /// The head as it stood on the wire; empty for HTTP/2.
    pub raw_head: Vec<u8>,
}

impl Request {
    /// The values of a header, by its name in lower case.
    pub fn header<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r [u8]> + 'r {
        self.headers.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_slice())
    }

    /// Whether the connection can carry another request after this one.
    pub fn keeps_alive(&self) -> bool {
        let closes = self.header("connection").any(|value| value.eq_ignore_ascii_case(b"close"));
        self.version == "1.1" && !closes
    }
}

/// Why a request could not be read.
#[derive(Debug, thiserror::Error)]
pub enum HeadError {
    /// The client's fault: what it sent is no HTTP/1 request.
    #[error("malformed request: {0}")]
    Malformed(String),
    /// The client's fault: head or body beyond the limits.
    #[error("the request is larger than {0} bytes")]
    TooLarge(usize),
    /// The connection broke.
    #[error("failed to read the request")]
    Io(#[from] io::Error),
}

/// Reads one request. `buffer` keeps what came beyond it. `None` at a clean end.
///
/// Not cancel safe: bytes read are in `buffer`, but a body half read is lost.
///
/// # Errors
/// See [`HeadError`].
pub async fn read_request<R: AsyncRead + Unpin>(
    reader: &mut R,
    buffer: &mut Vec<u8>,
) -> Result<Option<Request>, HeadError> {
    let (mut request, head_length) = loop {
        if let Some(parsed) = parse_head(buffer)? {
            break parsed;
        }
        if buffer.len() > MAX_HEAD_BYTES {
            return Err(HeadError::TooLarge(MAX_HEAD_BYTES));
        }
        if fill(reader, buffer).await? == 0 {
            return if buffer.is_empty() {
                Ok(None)
            } else {
                Err(HeadError::Malformed("the connection ended inside the head".to_owned()))
            };
        }
    };
    request.raw_head = buffer.drain(..head_length).collect();
    request.body = read_body(reader, buffer, &request).await?;
    Ok(Some(request))
}

async fn fill<R: AsyncRead + Unpin>(reader: &mut R, buffer: &mut Vec<u8>) -> io::Result<usize> {
    // An idle connection must not hold a buffer, so the room is made when bytes are there.
    let mut piece = [0_u8; 4096];
    let count = reader.read(&mut piece).await?;
    buffer.extend_from_slice(piece.get(..count).unwrap_or_default());
    Ok(count)
}

fn parse_head(buffer: &[u8]) -> Result<Option<(Request, usize)>, HeadError> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    let malformed = |error: httparse::Error| HeadError::Malformed(error.to_string());
    let httparse::Status::Complete(length) = parsed.parse(buffer).map_err(malformed)? else {
        return Ok(None);
    };
    let request = Request {
        method: parsed.method.unwrap_or_default().to_owned(),
        target: parsed.path.unwrap_or_default().to_owned(),
        version: if parsed.version == Some(0) { "1.0" } else { "1.1" },
        headers: parsed
            .headers
            .iter()
            .map(|header| (header.name.to_ascii_lowercase(), header.value.to_vec()))
            .collect(),
        ..Request::default()
    };
    Ok(Some((request, length)))
}

async fn read_body<R: AsyncRead + Unpin>(
    reader: &mut R,
    buffer: &mut Vec<u8>,
    request: &Request,
) -> Result<Vec<u8>, HeadError> {
    let chunked = request
        .header("transfer-encoding")
        .any(|value| value.to_ascii_lowercase().ends_with(b"chunked"));
    if chunked {
        return read_chunked(reader, buffer).await;
    }
    let Some(length) = request.header("content-length").next() else {
        return Ok(Vec::new());
    };
    let length: usize = std::str::from_utf8(length)
        .ok()
        .and_then(|text| text.trim().parse().ok())
        .ok_or_else(|| HeadError::Malformed("bad Content-Length".to_owned()))?;
    take(reader, buffer, length).await
}

/// Takes exactly `length` bytes off the connection.
async fn take<R: AsyncRead + Unpin>(
    reader: &mut R,
    buffer: &mut Vec<u8>,
    length: usize,
) -> Result<Vec<u8>, HeadError> {
    if length > MAX_BODY_BYTES {
        return Err(HeadError::TooLarge(MAX_BODY_BYTES));
    }
    while buffer.len() < length {
        if fill(reader, buffer).await? == 0 {
            return Err(HeadError::Malformed("the connection ended inside the body".to_owned()));
        }
    }
    Ok(buffer.drain(..length).collect())
}

async fn read_chunked<R: AsyncRead + Unpin>(
    reader: &mut R,
    buffer: &mut Vec<u8>,
) -> Result<Vec<u8>, HeadError> {
    let mut body = Vec::new();
    loop {
        let (consumed, size) = loop {
            match httparse::parse_chunk_size(buffer) {
                Ok(httparse::Status::Complete(found)) => break found,
                Ok(httparse::Status::Partial) if buffer.len() < 1024 => {
                    if fill(reader, buffer).await? == 0 {
                        return Err(HeadError::Malformed("the chunked body broke off".to_owned()));
                    }
                }
                _ => return Err(HeadError::Malformed("bad chunk size".to_owned())),
            }
        };
        buffer.drain(..consumed);
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        if size > MAX_BODY_BYTES || body.len() + size > MAX_BODY_BYTES {
            return Err(HeadError::TooLarge(MAX_BODY_BYTES));
        }
        let mut piece = take(reader, buffer, size + 2).await?;
        if !piece.ends_with(b"\r\n") {
            return Err(HeadError::Malformed("a chunk is longer than its size".to_owned()));
        }
        if size == 0 {
            return Ok(body);
        }
        piece.truncate(size);
        body.append(&mut piece);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(mut bytes: &[u8]) -> Result<Option<Request>, HeadError> {
        read_request(&mut bytes, &mut Vec::new()).await
    }

    #[tokio::test]
    async fn bodies_of_both_framings_are_read() {
        let length = b"POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcREST";
        assert_eq!(read(length).await.unwrap().unwrap().body, b"abc");
        let chunked =
            b"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x\r\nc\r\n0\r\n\r\n";
        assert_eq!(read(chunked).await.unwrap().unwrap().body, b"abc");
    }

    #[tokio::test]
    async fn rubbish_is_refused() {
        for bad in [&b"\x16\x03\x01\0\0"[..], b"GET\r\n\r\n", b"GET / HTTP/1.1\r\nHost"] {
            assert!(matches!(read(bad).await, Err(HeadError::Malformed(_))), "{bad:?}");
        }
        let long = b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n";
        assert!(matches!(read(long).await, Err(HeadError::TooLarge(_))));
        assert!(read(b"").await.unwrap().is_none());
    }
}
