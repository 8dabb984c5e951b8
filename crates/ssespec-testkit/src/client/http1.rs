//! HTTP/1 over a connection of its own for each request.

use std::io;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::connection::{Connection, connect};
use super::fetch::{Piece, Response};
use super::framing::{Framing, State};
use super::head::Head;
use super::request::Request;
use super::trouble::{LossKind, Trouble};
use crate::defect::{Defect, Switch};

/// How much one read takes at most.
const READ_BYTES: usize = 256 << 10;
/// The longest head.
const MAX_HEAD_BYTES: usize = 256 << 10;

/// The body of a response.
#[derive(Debug)]
pub(super) struct Body {
    connection: Connection,
    framing: Framing,
    /// Bytes that came with the head.
    stash: Vec<u8>,
    /// What comes after the bytes that were handed on.
    trouble: Option<Trouble>,
    /// The connection can carry another request when the body has ended.
    reusable: bool,
}

/// Sends a request, over an idle connection if there is one.
pub(super) async fn send(
    request: &Request,
    idle: Option<Connection>,
    switch: Switch,
) -> Result<Response, Trouble> {
    let reused = idle.is_some();
    let mut connection = match idle {
        Some(connection) => connection,
        None => connect(&request.address, &request.trust)
            .await
            .map_err(|error| no_response(false, &error))?,
    };
    let answered = match connection.write_all(&written(request, switch)).await {
        Ok(()) => read_head(&mut connection, switch).await,
        Err(error) => Err(no_response(false, &error)),
    };
    let (head, stash) = match answered {
        Err(Trouble::Lost(loss)) if reused => return Err(Trouble::Failed(loss.message)),
        answered => answered?,
    };
    if head.is_http_1_0 && switch.has(Defect::HttpOnePointZeroRefused) {
        return Err(Trouble::Failed("the response is of HTTP/1.0".to_owned()));
    }
    let framing = Framing::of(&head, switch).map_err(|why| Trouble::Failed(why.to_owned()))?;
    let closes = head.values("connection", switch).iter().any(|value| value == "close");
    let stash = if switch.has(Defect::BytesBehindTheHeadDropped) { Vec::new() } else { stash };
    let reusable = !closes && !head.is_http_1_0;
    let body = Body { connection, framing, stash, trouble: None, reusable };
    Ok(Response { head, body: super::fetch::Body::Http1(body) })
}

fn no_response(begun: bool, error: &io::Error) -> Trouble {
    LossKind::NoResponse { begun }.because(error.to_string())
}

/// The request as bytes.
fn written(request: &Request, switch: Switch) -> Vec<u8> {
    let target = request.address.target(switch);
    let line = format!("{} {target} HTTP/1.1\r\n", request.method);
    let mut bytes = line.into_bytes();
    let host = ("host".to_owned(), request.address.authority.clone().into_bytes());
    for (name, value) in std::iter::once(host).chain(request.headers()) {
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(&value);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(request.body.as_deref().unwrap_or_default().as_bytes());
    bytes
}

/// Reads the final head, and what came with it of the body.
async fn read_head(
    connection: &mut Connection,
    switch: Switch,
) -> Result<(Head, Vec<u8>), Trouble> {
    let malformed = || Trouble::Failed("the response head is malformed".to_owned());
    let mut bytes = Vec::new();
    let mut interim = 0;
    loop {
        while let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let behind = bytes.split_off(end + 4);
            let head = Head::parse(&bytes, switch).ok_or_else(malformed)?;
            let taken_for_final = match switch.0 {
                Some(Defect::InterimResponseIsTheResponse) => true,
                Some(Defect::OneInterimResponseOnly) => interim > 0,
                _ => false,
            };
            if !(100..200).contains(&head.status) || taken_for_final {
                return Ok((head, behind));
            }
            interim += 1;
            bytes = behind;
        }
        if !bytes.is_empty() && switch.has(Defect::HeadInOneRead) || bytes.len() > MAX_HEAD_BYTES {
            return Err(malformed());
        }
        let begun = !bytes.is_empty();
        bytes.reserve(READ_BYTES);
        match connection.read_buf(&mut bytes).await {
            Ok(0) => {
                let kind = LossKind::NoResponse { begun };
                return Err(kind.because("the connection ended before the response"));
            }
            Ok(_) => {}
            Err(error) => return Err(no_response(begun, &error)),
        }
    }
}

impl Body {
    /// What the next read brings. Cancel safe.
    pub(super) async fn piece(&mut self) -> Result<Piece, Trouble> {
        if let Some(trouble) = self.trouble.take() {
            return Err(trouble);
        }
        loop {
            if self.framing.is_done() && self.stash.is_empty() {
                return Ok(Piece { bytes: Vec::new(), is_last: true });
            }
            if self.stash.is_empty() {
                let mut bytes = Vec::with_capacity(READ_BYTES);
                match self.connection.read_buf(&mut bytes).await {
                    Ok(0) if self.framing.may_end_here() => {
                        return Ok(Piece { bytes: Vec::new(), is_last: true });
                    }
                    Ok(0) => {
                        return Err(LossKind::Cut.because("the connection ended inside the body"));
                    }
                    Ok(_) => self.stash = bytes,
                    Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {
                        return Err(LossKind::Reset.because(error.to_string()));
                    }
                    Err(error) => return Err(LossKind::Cut.because(error.to_string())),
                }
            }
            let progress = self.framing.read(&std::mem::take(&mut self.stash));
            let trouble = match progress.state {
                State::Going | State::Done => None,
                State::Malformed => Some(LossKind::Cut.because("a chunk is malformed")),
                State::Fatal(why) => Some(Trouble::Failed(why.to_owned())),
            };
            // What stands before the trouble is handed on first.
            match trouble {
                Some(trouble) if progress.body.is_empty() => return Err(trouble),
                trouble => self.trouble = trouble,
            }
            let is_last = progress.state == State::Done;
            if is_last || !progress.body.is_empty() {
                return Ok(Piece { bytes: progress.body, is_last });
            }
        }
    }

    /// The connection, if it can carry another request.
    pub(super) fn into_idle(self) -> Option<Connection> {
        (self.reusable && self.framing.is_done()).then_some(self.connection)
    }
}
