//! Requests, read byte by byte.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _};

/// The longest head.
const MAX_HEAD_BYTES: usize = 64 << 10;

/// The head of a request.
#[derive(Debug, Clone, Default)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) is_http_1_0: bool,
    /// Names in lower case.
    headers: Vec<(String, Vec<u8>)>,
}

impl Request {
    /// The value of a header.
    pub(super) fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_slice())
    }

    /// The same as text.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.header(name).map(|value| String::from_utf8_lossy(value).into_owned())
    }
}

/// Reads the head of a request that begins with `start`; and what came behind it.
pub(super) async fn read<R: AsyncRead + Unpin>(
    reader: &mut R,
    start: Vec<u8>,
) -> io::Result<(Request, Vec<u8>)> {
    let mut bytes = start;
    let mut piece = vec![0; 16 << 10];
    loop {
        if let Some(end) = bytes.windows(4).position(|it| it == b"\r\n\r\n") {
            let rest = bytes.split_off(end + 4);
            let request = parse(&bytes).ok_or_else(|| io::Error::other("this is no request"))?;
            return Ok((request, rest));
        }
        let count = reader.read(&mut piece).await?;
        if count == 0 || bytes.len() > MAX_HEAD_BYTES {
            return Err(io::Error::other("the head has no end"));
        }
        bytes.extend_from_slice(piece.get(..count).unwrap_or_default());
    }
}

fn parse(head: &[u8]) -> Option<Request> {
    let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let first = String::from_utf8_lossy(lines.next()?).into_owned();
    let mut words = first.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let is_http_1_0 = words.next()? == "HTTP/1.0";
    let headers = lines.filter_map(|line| {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = String::from_utf8_lossy(line.get(..colon)?).to_ascii_lowercase();
        Some((name, line.get(colon + 1..)?.trim_ascii().to_vec()))
    });
    let headers = headers.collect();
    Some(Request { method, target, is_http_1_0, headers })
}
