//! One request and its response, from one side to the other.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::defect::RelayDefect as Defect;
use super::downstream::Downstream;
use super::filter::Filter;
use super::message::{Head, Request};
use super::sharing::Copy;
use super::upstream::{Next, Upstream};
use super::world::World;

/// After how long a silence those act that do.
const SILENCE: Duration = Duration::from_secs(1);
/// How old a stream may become with those that do not like old ones.
const OLD: Duration = Duration::from_secs(2);

/// Asks the origin and passes on what comes.
pub(super) async fn relay(world: &World, request: Request, mut down: Downstream) -> io::Result<()> {
    if world.origin_is_blamed.load(Ordering::Acquire) {
        return refuse(&mut down, 503).await;
    }
    if let Some(copy) = world.shelf.of(request.target()) {
        return follow(copy, &mut down).await;
    }
    let copy = world.has(Defect::Coalesces).then(|| world.shelf.open(request.target()));
    let bytes = request.forwarded(&world.origin.to_string(), world.defect);
    let asked = tokio::select! {
        asked = ask(world, &request, &bytes) => asked,
        () = down.left() => return Ok(()),
    };
    let Ok(up) = asked else {
        let status = if world.has(Defect::Answers200ForADeadOrigin) { 200 } else { 502 };
        return refuse(&mut down, status).await;
    };
    let mut passage = Passage::begin(world, &request, &up, copy);
    passage.head(&mut down).await?;
    passage.body(up, &bytes, &mut down).await
}

async fn ask(world: &World, request: &Request, bytes: &[u8]) -> io::Result<Upstream> {
    let asked = Upstream::ask(world.origin, bytes, world.defect).await;
    match asked {
        Ok(up) if up.head.status() == 301 && world.has(Defect::RedirectsFollowed) => {
            let mut next = request.clone();
            next.head.first = format!("GET {} HTTP/1.1", up.head.text("location"));
            let bytes = next.forwarded(&world.origin.to_string(), world.defect);
            Upstream::ask(world.origin, &bytes, world.defect).await
        }
        Err(_) if world.has(Defect::RetriesAnyMethod) => {
            Upstream::ask(world.origin, bytes, world.defect).await
        }
        asked => asked,
    }
}

async fn refuse(down: &mut Downstream, status: u16) -> io::Result<()> {
    let headers = vec![("content-length".to_owned(), b"0".to_vec())];
    down.head(&Head { first: format!("HTTP/1.1 {status} Refused"), headers }, false).await?;
    down.end().await
}

/// Gives a client what another one gets.
async fn follow(mut copy: watch::Receiver<Copy>, down: &mut Downstream) -> io::Result<()> {
    let head = {
        let begun = copy.wait_for(|copy| !copy.head.first.is_empty()).await;
        begun.map_err(io::Error::other)?.head.clone()
    };
    down.head(&head, true).await?;
    let mut sent = 0;
    loop {
        let (rest, is_over) = {
            let copy = copy.borrow_and_update();
            (copy.body.get(sent..).unwrap_or_default().to_vec(), copy.is_over)
        };
        sent += rest.len();
        down.data(rest).await?;
        if is_over {
            return down.end().await;
        }
        tokio::select! {
            changed = copy.changed() => if changed.is_err() { return down.cut().await },
            () = down.left() => return Ok(()),
        }
    }
}

/// A response on its way.
struct Passage<'w> {
    world: &'w World,
    target: String,
    head: Head,
    is_chunked: bool,
    filter: Filter,
    copy: Option<Arc<watch::Sender<Copy>>>,
    head_is_sent: bool,
    /// Whether the client has left, and the origin is read on.
    alone: bool,
}

impl<'w> Passage<'w> {
    fn begin(
        world: &'w World,
        request: &Request,
        up: &Upstream,
        copy: Option<Arc<watch::Sender<Copy>>>,
    ) -> Self {
        let mut head = up.head.clone();
        let is_coded = head.header("content-encoding").is_some();
        let bare = head.text("content-type") == "text/event-stream";
        let keeps_all = match world.defect {
            Some(Defect::BuffersToTheEnd) => true,
            Some(Defect::KnowsTheBareTypeOnly) => !bare,
            Some(Defect::BuffersAnswersToPost) => request.method() == "POST",
            Some(Defect::BuffersCodedBodies) => is_coded,
            _ => false,
        };
        let takes_gzip = request.head.text("accept-encoding").contains("gzip");
        let compresses = world.has(Defect::CompressesWhateverItIs) && takes_gzip && !is_coded;
        let completes = world.has(Defect::CutsCompleted);
        head.strip(world.has(Defect::HopByHopDown));
        let status = match head.status() {
            204 if world.has(Defect::NoContentMade200) => 200,
            500 if world.has(Defect::ErrorsMade502) => 502,
            status => status,
        };
        head.first = format!("HTTP/1.1 {status} Status");
        if compresses {
            head.set("content-encoding", b"gzip");
        }
        if world.has(Defect::CodingForgotten) {
            head.drop_header("content-encoding");
        }
        if world.has(Defect::CacheControlReplaced) {
            head.set("cache-control", b"max-age=60");
        }
        if world.has(Defect::UnknownHeadersDropped) {
            head.headers.retain(|(name, _)| !name.starts_with("x-"));
        }
        if compresses || completes {
            head.drop_header("content-length");
        }
        let has_body = !matches!(status, 100..=199 | 204 | 304);
        let is_chunked = has_body
            && head.header("content-length").is_none()
            && (!request.is_http_1_0() || world.has(Defect::ChunkedToHttp10));
        if let Some(copy) = &copy {
            copy.send_modify(|copy| copy.head = head.clone());
        }
        let said = !up.head.text("connection").is_empty();
        world.origin_names_connection.store(said, Ordering::Release);
        Self {
            world,
            target: request.target().to_owned(),
            head,
            is_chunked,
            filter: Filter::new(world.defect, keeps_all, compresses),
            copy,
            head_is_sent: false,
            alone: false,
        }
    }

    async fn head(&mut self, down: &mut Downstream) -> io::Result<()> {
        if self.world.has(Defect::HeadWithTheFirstByte) {
            return Ok(());
        }
        self.head_is_sent = true;
        down.head(&self.head, self.is_chunked).await
    }

    async fn data(&mut self, bytes: Vec<u8>, down: &mut Downstream) -> io::Result<()> {
        if let Some(copy) = &self.copy {
            copy.send_modify(|copy| copy.body.extend_from_slice(&bytes));
        }
        if self.alone {
            return Ok(());
        }
        if !self.head_is_sent {
            self.head_is_sent = true;
            down.head(&self.head, self.is_chunked).await?;
        }
        let sent = down.data(bytes).await;
        if sent.is_err() && self.keeps_origin() {
            self.alone = true;
            return Ok(());
        }
        sent
    }

    fn keeps_origin(&self) -> bool {
        self.world.has(Defect::OriginKeptWhenTheClientLeaves)
    }

    async fn body(
        &mut self,
        mut up: Upstream,
        request: &[u8],
        down: &mut Downstream,
    ) -> io::Result<()> {
        let world = self.world;
        let began = Instant::now();
        let by_close = up.is_delimited_by_close();
        let stored = world.has(Defect::StoresWhatHasEnded);
        let mut body = Vec::new();
        loop {
            let silence = Instant::now() + SILENCE;
            let next = tokio::select! {
                next = up.next() => next,
                () = down.left(), if !self.alone => {
                    if !self.keeps_origin() {
                        break;
                    }
                    self.alone = true;
                    continue;
                }
                () = sleep_until(silence), if world.has(Defect::HeartbeatWithinAnEvent) => {
                    Next::Bytes(b":\n\n".to_vec())
                }
                () = sleep_until(silence), if world.has(Defect::SilentStreamsDropped) => Next::Cut,
                () = sleep_until(silence), if world.has(Defect::SilentStreamsEnded) => Next::End,
                () = sleep_until(began + OLD), if world.has(Defect::StreamsDroppedAfterAWhile) => {
                    Next::Cut
                }
            };
            match next {
                Next::Bytes(bytes) => {
                    if stored {
                        body.extend_from_slice(&bytes);
                    }
                    let bytes = self.filter.pass(bytes);
                    self.data(bytes, down).await?;
                }
                Next::End if by_close && world.has(Defect::CleanEndTakenForACut) => {
                    return down.cut().await;
                }
                Next::End => {
                    let rest = self.filter.finish();
                    self.data(rest, down).await?;
                    if stored {
                        let head = self.head.clone();
                        let copy = world.shelf.open(&self.target);
                        copy.send_replace(Copy { head, body, is_over: true });
                    }
                    self.close();
                    return if self.alone { Ok(()) } else { down.end().await };
                }
                Next::Cut if world.has(Defect::CutsUntold) => {
                    down.left().await;
                    return Ok(());
                }
                Next::Cut if world.has(Defect::CutsCompleted) => {
                    return down.end().await;
                }
                Next::Cut if world.has(Defect::RetriesIntoTheSameResponse) => {
                    match Upstream::ask(world.origin, request, world.defect).await {
                        Ok(again) => up = again,
                        Err(_) => return down.cut().await,
                    }
                }
                Next::Cut => {
                    let blames = world.has(Defect::OriginBlamedForACut);
                    world.origin_is_blamed.store(blames, Ordering::Release);
                    break;
                }
            }
        }
        self.close();
        if self.alone { Ok(()) } else { down.cut().await }
    }

    /// Nobody new gets this response.
    fn close(&mut self) {
        if let Some(copy) = self.copy.take() {
            copy.send_modify(|copy| copy.is_over = true);
            self.world.shelf.close(&self.target);
        }
    }
}
