//! The reference server: an event every tenth of a second, the same for all, over HTTP/1 and HTTP/2
//! in cleartext. It passes every case.

use std::convert::Infallible;
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures::stream;
use http::header::{
    ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW,
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Collected, Empty, Full, Limited, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use ssespec_parser::{Encoder, Event};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::Instant;

use super::library::{Announced, Emitted, Library, emit, library};

/// The time between two events.
const TICK: Duration = Duration::from_millis(100);
/// How many of the latest events a stream that is not resumed begins with.
const LATEST: u64 = 3;
/// Where it takes what it is to send.
const EMIT_PATH: &str = "/emit";
/// Where it tells how many streams are open.
const GAUGE_PATH: &str = "/streams";
/// The longest body of a request.
const MAX_EMISSION_BYTES: usize = 16 << 20;
/// How HTTP/2 connections begin.
const PREFACE: &[u8] = b"PRI * HTTP/2.0";
/// A connection must begin within this time.
const PREFACE_LIMIT: Duration = Duration::from_secs(10);

/// A running reference server; it ends when it is dropped.
#[derive(Debug)]
pub struct ReferenceServer {
    address: SocketAddr,
    announced: Announced,
    task: AbortHandle,
}

impl ReferenceServer {
    /// Starts it on a free port of the loopback interface. To be called within a runtime.
    ///
    /// # Errors
    /// When there is no free port.
    pub async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let announced = Announced::default();
        let world = World {
            began: Instant::now(),
            emissions: Arc::default(),
            announced: announced.clone(),
            open: Arc::default(),
        };
        let task = tokio::spawn(accept(listener, world)).abort_handle();
        Ok(Self { address, announced, task })
    }

    /// The same as a library that can be told what to send.
    pub fn library(&self) -> Library {
        library(format!("http://{}{EMIT_PATH}", self.address), self.announced.clone())
    }

    /// Where it tells how many streams are open: a number.
    pub fn gauge_url(&self) -> String {
        format!("http://{}{GAUGE_PATH}", self.address)
    }

    /// The URL of its stream.
    pub fn url(&self) -> String {
        format!("http://{}/events", self.address)
    }
}

impl Drop for ReferenceServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What the connections share.
#[derive(Debug, Clone)]
struct World {
    began: Instant,
    /// How many requests there were to send what they say.
    emissions: Arc<AtomicU64>,
    announced: Announced,
    /// How many streams are open.
    open: Arc<AtomicU64>,
}

/// An open stream, counted as long as it is there.
struct Counted(Arc<AtomicU64>);

impl Counted {
    fn new(open: &Arc<AtomicU64>) -> Self {
        open.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(open))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Owns the connections: they end with it.
async fn accept(listener: TcpListener, world: World) {
    let mut connections = JoinSet::new();
    // A failed accept concerns the connection that was to be accepted.
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            connections.spawn(serve(stream, world.clone()));
        }
        while connections.try_join_next().is_some() {}
    }
}

/// Serves a connection; that it breaks off is the client's affair.
async fn serve(stream: TcpStream, world: World) {
    let _ = stream.set_nodelay(true);
    let Ok(is_http2) = tokio::time::timeout(PREFACE_LIMIT, is_http2(&stream)).await else {
        return;
    };
    let service = service_fn(move |request: Request<Incoming>| {
        let world = world.clone();
        async move {
            let emits = request.method() == Method::POST && request.uri().path() == EMIT_PATH;
            Ok::<_, Infallible>(if emits {
                emission(request, &world).await
            } else {
                answer(&request, &world)
            })
        }
    });
    let io = TokioIo::new(stream);
    if is_http2 {
        let builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        let _ = builder.serve_connection(io, service).await;
    } else {
        let builder = hyper::server::conn::http1::Builder::new();
        let _ = builder.serve_connection(io, service).await;
    }
}

async fn is_http2(stream: &TcpStream) -> bool {
    let mut start = [0; PREFACE.len()];
    loop {
        let Ok(count) = stream.peek(&mut start).await else { return false };
        let seen = start.get(..count).unwrap_or_default();
        if count == 0 || !PREFACE.starts_with(seen) {
            return false;
        }
        if count == PREFACE.len() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

type Body = UnsyncBoxBody<Bytes, Infallible>;

/// What a library is told to send.
async fn emission(request: Request<Incoming>, world: &World) -> Response<Body> {
    let mut response = Response::new(Empty::new().boxed_unsync());
    let number = world.emissions.fetch_add(1, Ordering::Relaxed) + 1;
    let gzip = wants_gzip(request.headers());
    let steps = Limited::new(request.into_body(), MAX_EMISSION_BYTES).collect().await;
    let Ok(steps) = steps.map(Collected::to_bytes) else {
        *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        return response;
    };
    match emit(&steps, gzip, number, world.announced.clone()) {
        Emitted::Stream(body) => {
            stream_headers(response.headers_mut(), gzip);
            *response.body_mut() = body;
        }
        Emitted::Refused(why) => {
            *response.status_mut() = StatusCode::BAD_REQUEST;
            *response.body_mut() = Full::from(why).boxed_unsync();
        }
        Emitted::Failed => *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR,
    }
    response
}

fn stream_headers(headers: &mut HeaderMap, gzip: bool) {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(VARY, HeaderValue::from_static("Origin, Accept-Encoding"));
    let accel = HeaderName::from_static("x-accel-buffering");
    headers.insert(accel, HeaderValue::from_static("no"));
    if gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
}

fn answer(request: &Request<Incoming>, world: &World) -> Response<Body> {
    let mut response = Response::new(Empty::new().boxed_unsync());
    if request.uri().path() == GAUGE_PATH {
        *response.body_mut() =
            Full::from(world.open.load(Ordering::Relaxed).to_string()).boxed_unsync();
        return response;
    }
    let is_head = request.method() == Method::HEAD;
    if !is_head && request.method() != Method::GET {
        // `server.method`: an unknown method is no matter of this resource.
        let known = [
            Method::POST,
            Method::PUT,
            Method::DELETE,
            Method::PATCH,
            Method::OPTIONS,
            Method::TRACE,
            Method::CONNECT,
        ];
        if known.contains(request.method()) {
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        } else {
            *response.status_mut() = StatusCode::NOT_IMPLEMENTED;
        }
        return response;
    }
    let gzip = wants_gzip(request.headers());
    let headers = response.headers_mut();
    stream_headers(headers, gzip);
    if let Some(origin) = request.headers().get(ORIGIN) {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
    if !is_head {
        *response.body_mut() = body(Stream::begin(request.headers(), world, gzip));
    }
    response
}

/// Whether gzip is asked for, by its name and not with a weight of zero.
fn wants_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|it| it.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|item| {
        let (name, weight) = item.split_once(';').unwrap_or((item, "q=1"));
        let weight = weight.trim().trim_start_matches("q=").parse::<f32>();
        name.trim().eq_ignore_ascii_case("gzip") && weight.is_ok_and(|it| it > 0.0)
    })
}

/// One stream.
struct Stream {
    began: Instant,
    /// What goes out before the next event.
    preamble: Vec<u8>,
    next: u64,
    encoder: Encoder,
    gzip: Option<GzEncoder<Vec<u8>>>,
    _counted: Counted,
}

impl Stream {
    fn begin(headers: &HeaderMap, world: &World, gzip: bool) -> Self {
        let began = world.began;
        let latest = published(began);
        let mut encoder = Encoder::new();
        let mut preamble = Vec::new();
        encoder.retry(&mut preamble, 1000);
        let last_id = headers.get("last-event-id").map(HeaderValue::as_bytes);
        let after = last_id.and_then(number).filter(|number| *number <= latest);
        if after.is_none() && last_id.is_some_and(|id| !id.is_empty()) {
            // `server.resume`: an unknown id gets an answer that says so. Comments cannot fail.
            let _ = encoder.comment(&mut preamble, " that id is unknown; this is what is latest");
        }
        let next = after.map_or((latest + 1).saturating_sub(LATEST), |number| number + 1);
        let gzip = gzip.then(|| GzEncoder::new(Vec::new(), Compression::fast()));
        Self { began, preamble, next, encoder, gzip, _counted: Counted::new(&world.open) }
    }

    /// The next piece of the body, when it is due.
    async fn piece(&mut self) -> Vec<u8> {
        let mut out = std::mem::take(&mut self.preamble);
        if out.is_empty() {
            let number = self.next;
            self.next += 1;
            let factor = u32::try_from(number).unwrap_or(u32::MAX);
            tokio::time::sleep_until(self.began + TICK * factor).await;
            let event = Event {
                event_type: if number.is_multiple_of(3) { "third" } else { "message" },
                data: &format!("tick {number}"),
                last_event_id: &format!("e{number}"),
            };
            // Neither type nor id holds anything that the encoder refuses.
            let _ = self.encoder.event(&mut out, event);
        }
        match &mut self.gzip {
            // Writing to memory cannot fail.
            Some(gzip) => {
                let _ = gzip.write_all(&out).and_then(|()| gzip.flush());
                std::mem::take(gzip.get_mut())
            }
            None => out,
        }
    }
}

fn body(stream: Stream) -> Body {
    let pieces = stream::unfold(stream, |mut stream| async move {
        let piece = stream.piece().await;
        Some((Ok::<_, Infallible>(Frame::data(Bytes::from(piece))), stream))
    });
    StreamBody::new(pieces).boxed_unsync()
}

/// The number of the latest event.
fn published(began: Instant) -> u64 {
    let ticks = began.elapsed().as_millis() / TICK.as_millis();
    u64::try_from(ticks).unwrap_or(u64::MAX)
}

/// The number in an id of ours.
fn number(id: &[u8]) -> Option<u64> {
    std::str::from_utf8(id).ok()?.strip_prefix('e')?.parse().ok()
}
