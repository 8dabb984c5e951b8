//! One HTTP request on a connection of its own, redirects followed: Fetch, as far as an
//! EventSource needs it.

use std::io;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use ssespec_net::Counted;
use tokio::net::TcpStream;
use tokio::task::AbortHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use super::address::Address;

/// Most redirects that are followed for one request.
pub(crate) const MAX_REDIRECTS: usize = 20;

/// Whether a response of this status redirects, if it has a `Location` (`response.redirect`).
pub(crate) fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// A request as the user of the client asked for it.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) address: Address,
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// HTTP/2 in cleartext by prior knowledge.
    pub(crate) h2c: bool,
}

/// Why there is no response.
#[derive(Debug)]
pub(crate) enum FetchError {
    /// A network error: the client reconnects.
    Network(String),
}

/// A response whose body is still to come.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    body: Incoming,
    _connection: Connection,
}

/// Ends the task that drives a connection when nobody needs it any more.
#[derive(Debug)]
struct Connection(AbortHandle);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Response {
    /// The next piece of the body; `None` at its clean end. Cancel safe.
    pub(crate) async fn piece(&mut self) -> Result<Option<Bytes>, FetchError> {
        loop {
            match self.body.frame().await {
                None => return Ok(None),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
                Some(Err(error)) => return Err(network(&error)),
            }
        }
    }
}

fn network(error: &dyn std::error::Error) -> FetchError {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        message.push_str(&format!(": {error}"));
        source = error.source();
    }
    FetchError::Network(message)
}

/// Sends the request, and what redirects make of it.
pub(crate) async fn fetch(request: &Request, tls: &TlsConnector) -> Result<Response, FetchError> {
    let mut request = request.clone();
    for _ in 0..=MAX_REDIRECTS {
        let response = send(&request, tls).await?;
        if !is_redirect(response.status.as_u16()) {
            return Ok(response);
        }
        // Without a Location the redirect is a response like any other.
        let Some(location) = response.headers.get(header::LOCATION) else {
            return Ok(response);
        };
        let location = String::from_utf8_lossy(location.as_bytes()).into_owned();
        let next = request
            .address
            .resolve(&location)
            .ok_or_else(|| FetchError::Network(format!("cannot follow `{location}`")))?;
        let status = response.status.as_u16();
        let to_get = match status {
            301 | 302 => request.method == Method::POST,
            303 => request.method != Method::GET && request.method != Method::HEAD,
            _ => false,
        };
        if to_get {
            request.method = Method::GET;
            request.body = Bytes::new();
            request.headers.remove(header::CONTENT_TYPE);
            request.headers.remove(header::CONTENT_LENGTH);
        }
        if !next.same_origin(&request.address) {
            // `response.redirect`, `response.redirect-cookie`.
            request.headers.remove(header::AUTHORIZATION);
            request.headers.remove(header::COOKIE);
        }
        request.address = next;
    }
    Err(FetchError::Network(format!("more than {MAX_REDIRECTS} redirects")))
}

async fn send(request: &Request, tls: &TlsConnector) -> Result<Response, FetchError> {
    let (host, port) = request.address.host_and_port();
    let stream = TcpStream::connect((host.as_str(), port)).await.map_err(|e| network(&e))?;
    stream.set_nodelay(true).map_err(|e| network(&e))?;
    if request.address.https {
        let name = ServerName::try_from(host).map_err(|e| network(&e))?;
        let stream = tls.connect(name, stream).await.map_err(|e: io::Error| network(&e))?;
        let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        exchange(request, TokioIo::new(stream), http2).await
    } else {
        exchange(request, TokioIo::new(Counted::new(stream)), request.h2c).await
    }
}

async fn exchange<T>(request: &Request, io: T, http2: bool) -> Result<Response, FetchError>
where
    T: hyper::rt::Read + hyper::rt::Write + Send + Unpin + 'static,
{
    let body = Full::new(request.body.clone());
    let mut builder = hyper::Request::builder().method(&request.method);
    if let Some(headers) = builder.headers_mut() {
        headers.extend(request.headers.clone());
    }
    let failed = |error: http::Error| network(&error);
    let address = &request.address;
    let (response, connection) = if http2 {
        let scheme = if address.https { "https" } else { "http" };
        let uri = format!("{scheme}://{}{}", address.authority, address.target);
        let message = builder.uri(uri).body(body).map_err(failed)?;
        let (mut sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), io)
                .await
                .map_err(|e| network(&e))?;
        let task = tokio::spawn(connection);
        let guard = Connection(task.abort_handle());
        (sender.send_request(message).await.map_err(|e| network(&e))?, guard)
    } else {
        let host = HeaderValue::from_str(&address.authority).map_err(|e| network(&e))?;
        let message =
            builder.uri(&address.target).header(header::HOST, host).body(body).map_err(failed)?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(io).await.map_err(|e| network(&e))?;
        let task = tokio::spawn(connection);
        let guard = Connection(task.abort_handle());
        (sender.send_request(message).await.map_err(|e| network(&e))?, guard)
    };
    let (parts, body) = response.into_parts();
    Ok(Response { status: parts.status, headers: parts.headers, body, _connection: connection })
}
