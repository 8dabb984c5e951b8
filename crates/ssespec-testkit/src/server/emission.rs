//! A library that is told what to send, with one defect or none.

use std::collections::VecDeque;
use std::io::{self, Write as _};
use std::sync::atomic::Ordering;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

use super::defect::ServerDefect as Defect;
use super::encoding;
use super::request::Request;
use super::world::World;

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n\
                    Vary: Accept-Encoding\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n";

/// Answers a request whose head has been read; `rest` came behind it.
pub(super) async fn serve(
    mut socket: TcpStream,
    request: &Request,
    rest: Vec<u8>,
    world: &World,
) -> io::Result<()> {
    let number = world.emissions.fetch_add(1, Ordering::AcqRel) + 1;
    let length = request.text("content-length").and_then(|it| it.parse().ok()).unwrap_or(0);
    let mut body = rest;
    while body.len() < length {
        if socket.read_buf(&mut body).await? == 0 {
            return Ok(());
        }
    }
    let steps = match serde_json::from_slice::<Value>(&body).map(|mut it| it["steps"].take()) {
        Ok(Value::Array(steps)) => VecDeque::from(steps),
        _ => return refuse(socket, 400).await,
    };
    let open = Open::count(world);
    if world.has(Defect::HundredStreamsServed) && open.number > 100 {
        return refuse(socket, 503).await;
    }
    if world.is_broken() {
        return refuse(socket, 500).await;
    }
    let first = steps.front();
    if first.is_some_and(|it| it.get("throw").is_some()) {
        fail(world);
        let status = if world.has(Defect::FailureAnsweredBy200) { 200 } else { 500 };
        return refuse(socket, status).await;
    }
    let refused = first
        .and_then(|it| it.get("event"))
        .is_some_and(|event| encoding::event(event, &mut String::new(), world).is_none());
    if refused {
        return refuse(socket, 400).await;
    }
    let (reader, writer) = socket.into_split();
    let gzip = request.text("accept-encoding").is_some_and(|it| it.contains("gzip"));
    let mut stream = Stream {
        writer,
        world,
        heartbeat: None,
        last_type: String::new(),
        pending: Vec::new(),
        events: 0,
        begun: false,
        gzip: gzip.then(|| GzEncoder::new(Vec::new(), Compression::fast())),
    };
    if !world.has(Defect::HeadKeptUntilTheFirstEvent) {
        stream.begin().await?;
    }
    tokio::select! {
        outcome = stream.run(steps) => outcome,
        () = left(reader) => {
            if !world.has(Defect::DisconnectUntold) {
                (world.tell)(number);
            }
            Ok(())
        }
    }
}

/// How many streams are open.
struct Open<'w> {
    number: u64,
    world: &'w World,
}

impl<'w> Open<'w> {
    fn count(world: &'w World) -> Self {
        Self { number: world.open.fetch_add(1, Ordering::AcqRel) + 1, world }
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.world.open.fetch_sub(1, Ordering::AcqRel);
    }
}

fn fail(world: &World) {
    if world.has(Defect::DownAfterAFailure) {
        world.break_down();
    }
}

async fn refuse(mut socket: TcpStream, status: u16) -> io::Result<()> {
    let media_type = if status == 200 { "text/event-stream" } else { "text/plain" };
    let head = format!(
        "HTTP/1.1 {status} Status\r\nContent-Type: {media_type}\r\nContent-Length: 0\r\n\
         Connection: close\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).await
}

/// Resolves when the client has left: it sends nothing more.
async fn left(mut reader: OwnedReadHalf) {
    let mut byte = [0; 64];
    while reader.read(&mut byte).await.is_ok_and(|count| count > 0) {}
}

/// One stream.
struct Stream<'w> {
    writer: OwnedWriteHalf,
    world: &'w World,
    heartbeat: Option<Duration>,
    last_type: String,
    /// What has been written and not sent.
    pending: Vec<u8>,
    events: u32,
    begun: bool,
    gzip: Option<GzEncoder<Vec<u8>>>,
}

impl Stream<'_> {
    async fn begin(&mut self) -> io::Result<()> {
        if self.begun {
            return Ok(());
        }
        self.begun = true;
        let coding = if self.gzip.is_some() { "Content-Encoding: gzip\r\n" } else { "" };
        self.writer.write_all(format!("{HEAD}{coding}\r\n").as_bytes()).await
    }

    async fn run(&mut self, mut steps: VecDeque<Value>) -> io::Result<()> {
        while let Some(step) = steps.pop_front() {
            if let Some(event) = step.get("event") {
                let last = matches!(steps.front(), Some(next) if next.get("end").is_some());
                self.event(event, last).await?;
            } else if let Some(text) = step.get("comment").and_then(Value::as_str) {
                let block = encoding::comment(text, self.world);
                self.send(block.unwrap_or_default().as_bytes()).await?;
            } else if let Some(ms) = step.get("heartbeat_ms").and_then(Value::as_u64) {
                self.heartbeat = Some(Duration::from_millis(ms));
            } else if let Some(ms) = step.get("sleep_ms").and_then(Value::as_u64) {
                let wait = self.idle();
                let _ = tokio::time::timeout(Duration::from_millis(ms), wait).await;
            } else if let Some(repeat) = step.get("repeat") {
                let count = repeat.get("count").and_then(Value::as_u64).unwrap_or_default();
                for _ in 0..count {
                    self.event(repeat.get("event").unwrap_or(&Value::Null), false).await?;
                }
            } else if step.get("hold").is_some() {
                return self.idle().await;
            } else if step.get("throw").is_some() {
                fail(self.world);
                if self.world.has(Defect::FailedStreamLeftOpen) {
                    return self.idle().await;
                }
                return Ok(());
            }
        }
        self.end().await
    }

    /// Nothing but heartbeats.
    async fn idle(&mut self) -> io::Result<()> {
        let Some(interval) = self.heartbeat.filter(|_| !self.world.has(Defect::HeartbeatNeverSent))
        else {
            return std::future::pending().await;
        };
        let beat = self.world.has(Defect::HeartbeatAsAnEvent);
        let beat: &[u8] = if beat { b"event: ping\ndata: {}\n\n" } else { b":\n\n" };
        loop {
            tokio::time::sleep(interval).await;
            self.send(beat).await?;
        }
    }

    async fn event(&mut self, event: &Value, last: bool) -> io::Result<()> {
        let Some(mut block) = encoding::event(event, &mut self.last_type, self.world) else {
            return Ok(());
        };
        if last && self.world.has(Defect::LastEventLostAtTheEnd) {
            return Ok(());
        }
        if self.heartbeat.is_some() && self.world.has(Defect::HeartbeatWithinAnEvent) {
            block = block.replacen('\n', "\n:\n\n", 1);
        }
        self.events += 1;
        let kept = self.world.has(Defect::KeptUntilTheEnd)
            || (self.world.has(Defect::EverySecondEventKept) && self.events.is_multiple_of(2));
        if kept {
            self.pending.extend_from_slice(block.as_bytes());
            return Ok(());
        }
        self.send(block.as_bytes()).await
    }

    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.begin().await?;
        let mut all = std::mem::take(&mut self.pending);
        all.extend_from_slice(bytes);
        if let Some(gzip) = &mut self.gzip {
            // Writing to memory cannot fail.
            let _ = gzip.write_all(&all);
            if self.world.has(Defect::GzipKeptUntilTheEnd)
                || self.world.has(Defect::GzipLeftWithoutItsEnd)
            {
                return Ok(());
            }
            let _ = gzip.flush();
            all = std::mem::take(gzip.get_mut());
        }
        self.chunk(&all).await
    }

    async fn chunk(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        let chunk = [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
        if self.world.has(Defect::QueueWithoutBound) {
            // What the client has not taken at once is queued.
            let written = self.writer.try_write(&chunk).unwrap_or_default();
            let queued = chunk.len() - written;
            self.world.queued.fetch_add(queued as u64, Ordering::AcqRel);
            tokio::task::yield_now().await;
            return Ok(());
        }
        self.writer.write_all(&chunk).await
    }

    async fn end(&mut self) -> io::Result<()> {
        self.send(b"").await?;
        if let Some(gzip) =
            self.gzip.take().filter(|_| !self.world.has(Defect::GzipLeftWithoutItsEnd))
        {
            self.chunk(&gzip.finish().unwrap_or_default()).await?;
        }
        self.writer.write_all(b"0\r\n\r\n").await?;
        self.writer.shutdown().await
    }
}
