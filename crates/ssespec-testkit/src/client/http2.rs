//! HTTP/2 in cleartext by prior knowledge, through the h2 crate: one connection for each request.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use h2::RecvStream;
use tokio::net::TcpStream;
use tokio::task::AbortHandle;

use super::fetch::{Piece, Response};
use super::head::Head;
use super::request::Request;
use super::tap::Tap;
use super::trouble::{LossKind, Trouble};
use crate::defect::{Defect, Switch};

/// The body of a response.
#[derive(Debug)]
pub(super) struct Body {
    stream: RecvStream,
    peer: Peer,
    _driver: Driver,
}

/// What is known of the other side.
#[derive(Debug)]
struct Peer {
    switch: Switch,
    goaway: Arc<AtomicBool>,
}

/// Ends the task that drives a connection when nobody needs it any more.
#[derive(Debug)]
struct Driver(AbortHandle);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Sends a request.
pub(super) async fn send(request: &Request, switch: Switch) -> Result<Response, Trouble> {
    let lost = |error: &dyn std::fmt::Display| {
        LossKind::NoResponse { begun: false }.because(error.to_string())
    };
    let socket =
        TcpStream::connect(&request.address.authority).await.map_err(|error| lost(&error))?;
    socket.set_nodelay(true).map_err(|error| lost(&error))?;
    let (socket, goaway) = Tap::new(socket);
    let peer = Peer { switch, goaway };
    let (sender, connection) = h2::client::handshake(socket).await.map_err(|error| lost(&error))?;
    let driver = Driver(tokio::spawn(connection).abort_handle());
    let mut sender = sender.ready().await.map_err(|error| lost(&error))?;
    let target = request.address.target(switch);
    let mut message = http::Request::builder()
        .method(request.method.as_str())
        .uri(format!("http://{}{target}", request.address.authority));
    for (name, value) in request.headers() {
        message = message.header(name, value);
    }
    let message = message.body(()).map_err(|error| Trouble::Failed(error.to_string()))?;
    let body = request.body.clone().unwrap_or_default();
    let (response, mut upload) =
        sender.send_request(message, body.is_empty()).map_err(|error| lost(&error))?;
    if !body.is_empty() {
        upload.send_data(Bytes::from(body), true).map_err(|error| lost(&error))?;
    }
    let response = match response.await {
        Ok(response) => response,
        Err(error) => return Err(peer.loss(&error).await),
    };
    let (parts, stream) = response.into_parts();
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
        .collect();
    let head = Head {
        is_http_1_0: false,
        status: parts.status.as_u16(),
        phrase: "OK".to_owned(),
        headers,
    };
    let body = Body { stream, peer, _driver: driver };
    Ok(Response { head, body: super::fetch::Body::Http2(body) })
}

impl Body {
    /// What the next frame brings. Cancel safe.
    pub(super) async fn piece(&mut self) -> Result<Piece, Trouble> {
        match self.stream.data().await {
            Some(Ok(bytes)) => {
                // A window update that fails means that the stream has ended.
                let _ = self.stream.flow_control().release_capacity(bytes.len());
                Ok(Piece { bytes: bytes.to_vec(), is_last: false })
            }
            Some(Err(error)) => Err(self.peer.loss(&error).await),
            None => self.trailers().await,
        }
    }

    /// The end of the body.
    async fn trailers(&mut self) -> Result<Piece, Trouble> {
        let trailers = match self.stream.trailers().await {
            Ok(trailers) => trailers,
            Err(error) => return Err(self.peer.loss(&error).await),
        };
        let Some(trailers) = trailers else {
            if self.peer.switch.has(Defect::H2EmptyLastFrameMissed) {
                std::future::pending::<()>().await;
            }
            return Ok(Piece { bytes: Vec::new(), is_last: true });
        };
        let mut bytes = Vec::new();
        match self.peer.switch.0 {
            Some(Defect::TrailersNotExpected) => {
                return Err(Trouble::Failed("there are trailers".to_owned()));
            }
            Some(Defect::TrailersInTheBody) => {
                for (name, value) in &trailers {
                    bytes.extend_from_slice(name.as_str().as_bytes());
                    bytes.extend_from_slice(b": ");
                    bytes.extend_from_slice(value.as_bytes());
                    bytes.push(b'\n');
                }
                bytes.push(b'\n');
            }
            _ => {}
        }
        Ok(Piece { bytes, is_last: true })
    }
}

impl Peer {
    /// What an error of the h2 crate means.
    async fn loss(&self, error: &h2::Error) -> Trouble {
        let reset = |io: &std::io::Error| io.kind() == std::io::ErrorKind::ConnectionReset;
        let kind = if error.is_reset() {
            if self.switch.has(Defect::H2ResetOverlooked) {
                std::future::pending::<()>().await;
            }
            LossKind::StreamReset
        } else if error.is_go_away() || self.goaway.load(Ordering::Acquire) {
            LossKind::GoAway
        } else if error.get_io().is_some_and(reset) {
            LossKind::Reset
        } else {
            LossKind::Cut
        };
        kind.because(error.to_string())
    }
}
