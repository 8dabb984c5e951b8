//! HTTP/2 on the wire, through the h2 crate: each chunk of the body is one DATA frame.

use std::future::poll_fn;
use std::io;
use std::net::{Shutdown, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, RecvStream, SendStream};
use http::{HeaderMap, HeaderName, HeaderValue, Response};
use ssespec_net::{FrameTally, FrameTap, Intake, Request, Taken, Transport};
use ssespec_scenario::Respond;
use tokio::sync::{mpsc, watch};

use crate::Happening;
use crate::play::{Exchange, INTAKE_LIMIT};
use crate::shared::Shared;

/// Longest request body, in bytes.
const MAX_BODY_BYTES: usize = 16 << 20;

/// How long the task that owns a connection may take to end it.
const END_LIMIT: Duration = Duration::from_secs(2);

/// What the streams tell the task that owns their connection.
#[derive(Debug, Clone, Copy)]
enum Order {
    /// Drop it; the socket's options say how.
    Drop,
    /// Send GOAWAY and end.
    Goaway(Reason),
}

/// Serves a connection until one side ends it.
pub(crate) async fn serve(shared: Arc<Shared>, transport: Transport) -> io::Result<()> {
    let addresses = transport.addresses()?;
    let written = transport.written();
    let socket = Arc::new(transport.socket()?);
    let tap = FrameTap::new(transport);
    let tally = tap.tally();
    let mut connection = h2::server::handshake(tap).await.map_err(io::Error::other)?;
    let (orders, mut received) = mpsc::unbounded_channel();
    let (_alive, gone) = watch::channel(());
    loop {
        let accepted = tokio::select! {
            accepted = connection.accept() => accepted,
            order = received.recv() => match order {
                Some(Order::Goaway(reason)) => {
                    connection.abrupt_shutdown(reason);
                    continue;
                }
                Some(Order::Drop) | None => return Ok(()),
            },
        };
        let Some(accepted) = accepted else {
            return Ok(());
        };
        let (request, respond) = accepted.map_err(io::Error::other)?;
        let exchange = Http2 {
            stream_id: respond.stream_id().as_u32(),
            respond,
            body: None,
            sent_bytes: 0,
            ended: false,
            tally: Arc::clone(&tally),
            written: Arc::clone(&written),
            intake: Arc::clone(&shared.intake),
            addresses,
            socket: Arc::clone(&socket),
            orders: orders.clone(),
            gone: gone.clone(),
        };
        let shared = Arc::clone(&shared);
        // The task ends with the run, or when the connection's end makes its writes fail.
        tokio::spawn(async move { answer(&shared, exchange, request).await });
    }
}

async fn answer(
    shared: &Shared,
    mut exchange: Http2,
    request: http::Request<RecvStream>,
) -> io::Result<()> {
    let request = read(request).await?;
    if let Some(run) = shared.run(&request.target) {
        let stream_id = exchange.stream_id;
        let tally = Arc::clone(&exchange.tally);
        let played = crate::play::play(&run, &mut exchange, request).await;
        tally.forget(stream_id);
        return played.map(|_| ());
    }
    let page = shared.page(&request);
    let response = Response::builder()
        .status(page.status)
        .header("content-type", page.content_type)
        .body(())
        .map_err(io::Error::other)?;
    let mut body = exchange.respond.send_response(response, false).map_err(io::Error::other)?;
    body.send_data(Bytes::from(page.body), true).map_err(io::Error::other)
}

/// The request as the journal keeps it.
async fn read(request: http::Request<RecvStream>) -> io::Result<Request> {
    let (parts, mut incoming) = request.into_parts();
    let mut body = Vec::new();
    while let Some(piece) = incoming.data().await {
        let piece = piece.map_err(io::Error::other)?;
        // A window update that fails means that the stream has ended.
        let _ = incoming.flow_control().release_capacity(piece.len());
        body.extend_from_slice(&piece);
        if body.len() > MAX_BODY_BYTES {
            return Err(io::Error::other("the request body is too large"));
        }
    }
    Ok(Request {
        method: parts.method.to_string(),
        target: parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
        version: "2",
        headers: parts
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
            .collect(),
        body,
        raw_head: Vec::new(),
    })
}

/// One request and its response.
struct Http2 {
    stream_id: u32,
    respond: SendResponse<Bytes>,
    body: Option<SendStream<Bytes>>,
    /// DATA bytes given to h2 so far.
    sent_bytes: u64,
    ended: bool,
    tally: Arc<FrameTally>,
    written: Arc<AtomicU64>,
    intake: Arc<Intake>,
    addresses: (SocketAddr, SocketAddr),
    socket: Arc<socket2::Socket>,
    orders: mpsc::UnboundedSender<Order>,
    gone: watch::Receiver<()>,
}

impl Http2 {
    fn body(&mut self) -> io::Result<&mut SendStream<Bytes>> {
        self.body.as_mut().ok_or_else(|| io::Error::other("no response head was sent"))
    }
}

impl Exchange for Http2 {
    fn local(&self) -> SocketAddr {
        self.addresses.0
    }

    async fn head(
        &mut self,
        respond: &Respond,
        _body_bytes: Option<u64>,
        is_empty: bool,
    ) -> io::Result<Vec<u8>> {
        let mut response = Response::builder().status(respond.status);
        if !respond.content_type.0.is_empty() {
            response = response.header("content-type", respond.content_type.0.as_bytes());
        }
        response = response.header("cache-control", "no-store");
        for (name, value) in &respond.header {
            response = response.header(name, value.0.as_bytes());
        }
        let response = response.body(()).map_err(io::Error::other)?;
        let mut shown = format!(":status: {}\n", respond.status).into_bytes();
        for (name, value) in response.headers() {
            shown.extend_from_slice(name.as_str().as_bytes());
            shown.extend_from_slice(b": ");
            shown.extend_from_slice(value.as_bytes());
            shown.push(b'\n');
        }
        let body = self.respond.send_response(response, is_empty).map_err(io::Error::other)?;
        self.ended = is_empty;
        self.body = Some(body);
        Ok(shown)
    }

    async fn taken(&mut self) -> Taken {
        if self.sent_bytes == 0 {
            return Taken::Yes;
        }
        let (local, peer) = self.addresses;
        let written = || {
            // Until the frame has left, the socket's count says nothing about it.
            let left = self.tally.flushed(self.stream_id) >= self.sent_bytes;
            left.then(|| self.written.load(Ordering::Acquire))
        };
        self.intake.wait(local, peer, written, INTAKE_LIMIT).await
    }

    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sent_bytes += bytes.len() as u64;
        let bytes = Bytes::copy_from_slice(bytes);
        self.body()?.send_data(bytes, false).map_err(io::Error::other)
    }

    async fn raw(&mut self, _bytes: &[u8]) -> io::Result<()> {
        Err(io::Error::other("`raw` is for HTTP/1"))
    }

    async fn end(&mut self, trailers: Option<&[u8]>) -> io::Result<()> {
        if self.ended {
            return Ok(());
        }
        self.ended = true;
        match trailers {
            None => self.body()?.send_data(Bytes::new(), true).map_err(io::Error::other),
            Some(lines) => {
                let trailers = header_map(lines)?;
                self.body()?.send_trailers(trailers).map_err(io::Error::other)
            }
        }
    }

    async fn break_off(&mut self, how: &Happening) -> io::Result<()> {
        self.ended = true;
        let order = match how {
            Happening::H2Reset(code) => {
                let reason = reason(code);
                self.body()?.send_reset(reason);
                return Ok(());
            }
            Happening::Goaway(code) => Order::Goaway(reason(code)),
            Happening::Reset => {
                self.socket.set_linger(Some(Duration::ZERO))?;
                Order::Drop
            }
            _ => {
                self.socket.shutdown(Shutdown::Write)?;
                Order::Drop
            }
        };
        // The connection may have ended by itself; then there is nothing to order.
        let _ = self.orders.send(order);
        // To let go of the stream now would put an RST_STREAM before what was ordered.
        let _ = tokio::time::timeout(END_LIMIT, self.gone.changed()).await;
        Ok(())
    }

    async fn left(&mut self) -> &'static str {
        let gone = &mut self.gone;
        let body = self.body.as_mut();
        let reset = async {
            match body {
                Some(body) => {
                    let _ = poll_fn(|cx| body.poll_reset(cx)).await;
                }
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = reset => "RST_STREAM",
            // The sender goes away with the task that owns the connection.
            _ = gone.changed() => "the end of the connection",
        }
    }
}

fn header_map(lines: &[u8]) -> io::Result<HeaderMap> {
    let mut map = HeaderMap::new();
    for line in lines.split(|&byte| byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if let Some(colon) = line.iter().position(|&byte| byte == b':') {
            let (name, value) = line.split_at(colon);
            let value = value.get(1..).unwrap_or_default().trim_ascii();
            map.append(
                HeaderName::from_bytes(name).map_err(io::Error::other)?,
                HeaderValue::from_bytes(value).map_err(io::Error::other)?,
            );
        }
    }
    Ok(map)
}

/// The error code of RFC 9113 with this name; the lint has checked that there is one.
fn reason(code: &str) -> Reason {
    (0..=0xd)
        .map(Reason::from)
        .find(|reason| format!("{reason:?}") == code)
        .unwrap_or(Reason::INTERNAL_ERROR)
}
