//! Asks the server in one way or another, and decides how long to watch what comes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ssespec_parser::{Item, Parser};
use ssespec_scenario::{Ask, AskId, AskVersion, EmitStep, FirstStream};
use tokio::time::Instant;

use super::exchange::{Asked, Exchange, Trouble, Version};
use super::library::{self, Library};
use super::line::{Dialler, Line};
use super::reading::Seen;
use super::target::Target;
use super::{http1, http2};
use crate::builtin::Address;

/// How long an answer is waited for, at most.
const PATIENCE: Duration = Duration::from_secs(4);
/// How long a stream is watched that shows what it has to show at its start.
const GLANCE: Duration = Duration::from_secs(1);
/// The same where several are compared, or nothing may come too late.
const LOOK: Duration = Duration::from_millis(2500);
/// How long what a library was told to send is waited for.
const OWN_LIMIT: Duration = Duration::from_secs(20);
/// How long the first of several streams is read before it is left.
const TASTE: Duration = Duration::from_millis(300);

/// What a watch waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Enough {
    Head,
    /// Anything of the body.
    Bytes,
    /// So many bytes of the body.
    Body(usize),
    Events(u32),
    Time,
}

/// How long an exchange is watched.
pub(super) struct Watch {
    began: Instant,
    /// When the head must have come.
    pub(super) head_by: Instant,
    /// The time until then, for people.
    pub(super) patience: Duration,
    /// When the rest is left.
    pub(super) until: Instant,
    limit: Duration,
    deadline: Instant,
    enough: Enough,
    parser: Parser,
    events: u32,
    /// How much of the body has come.
    pub(super) bytes: usize,
    /// Whether what comes behind the end of the response is of interest.
    pub(super) looks_behind_the_end: bool,
}

impl Watch {
    /// A watch that waits so long for the head, and so long again for so many bytes of the body,
    /// or for its end.
    pub(super) fn on_body(began: Instant, limit: Duration, wanted: Option<usize>) -> Self {
        let until = Instant::now() + limit;
        Self {
            began,
            head_by: until,
            patience: limit,
            until,
            limit,
            deadline: until + limit,
            enough: wanted.map_or(Enough::Time, Enough::Body),
            parser: Parser::new(),
            events: 0,
            bytes: 0,
            looks_behind_the_end: false,
        }
    }

    /// The time since the start of the run.
    pub(super) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// Takes note of the head, from which on the body is watched.
    pub(super) fn saw_head(&mut self) {
        self.until = (Instant::now() + self.limit).min(self.deadline);
    }

    /// Waits for the head at least this long.
    fn be_patient(&mut self, patience: Duration) {
        self.patience = self.patience.max(patience);
        self.head_by = (Instant::now() + self.patience).min(self.deadline);
    }

    /// Takes note of bytes of the body.
    pub(super) fn saw(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len();
        let events = &mut self.events;
        // A coded body is no text, and one beyond the parser's limits has no more events.
        let _ = self.parser.feed(bytes, |item| {
            if let Item::Event(_) = item {
                *events += 1;
            }
        });
    }

    /// Whether what is waited for has come.
    pub(super) fn is_enough(&self) -> bool {
        match self.enough {
            Enough::Head => true,
            Enough::Bytes => self.bytes > 0,
            Enough::Body(wanted) => self.bytes >= wanted,
            Enough::Events(wanted) => self.events >= wanted,
            Enough::Time => false,
        }
    }
}

/// Asks the server.
pub(super) struct Prober<'t> {
    pub(super) target: &'t Target,
    /// Where the redirects of the first request led.
    pub(super) address: Address,
    /// The HTTP version of the run.
    pub(super) version: Version,
    pub(super) dialler: Dialler,
    pub(super) began: Instant,
    /// When the run must be over.
    pub(super) deadline: Instant,
    pub(super) time_scale: f64,
    /// The library that is told what to send.
    pub(super) library: Option<&'t Library>,
    /// How many requests have gone out.
    pub(super) sent: AtomicU64,
}

impl Prober<'_> {
    /// The request that a case asks for; `own` is an id that the plain stream carried.
    pub(super) fn asked(&self, ask: &Ask, own: Option<&str>) -> Asked {
        let mut headers: Vec<(String, Vec<u8>)> = vec![
            ("Accept".to_owned(), b"text/event-stream".to_vec()),
            ("Cache-Control".to_owned(), b"no-cache".to_vec()),
        ];
        let mut set = |name: &str, value: &[u8]| {
            headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
            headers.push((name.to_owned(), value.to_vec()));
        };
        for (name, value) in &self.target.headers {
            set(name, value.as_bytes());
        }
        for (name, value) in &ask.header {
            set(name, value.0.as_bytes());
        }
        match &ask.last_event_id {
            Some(AskId::Bytes(bytes)) => set("Last-Event-ID", &bytes.to_bytes()),
            Some(AskId::Own {}) => set("Last-Event-ID", own.unwrap_or_default().as_bytes()),
            None => {}
        }
        headers.retain(|(name, _)| !ask.without.iter().any(|it| it.eq_ignore_ascii_case(name)));
        let features = self.library.map_or(&[][..], |library| &library.features);
        let body = match &self.target.body {
            _ if !ask.steps.is_empty() => library::body(&ask.steps, features),
            Some(body) if ask.method.is_none() => body.clone(),
            _ => String::new(),
        };
        Asked {
            method: ask.method.clone().unwrap_or_else(|| self.target.method.clone()),
            address: self.address.clone(),
            headers,
            body: body.into_bytes(),
            version: match ask.version {
                Some(AskVersion::Http10) => Version::Http10,
                Some(AskVersion::Http2) => Version::Http2,
                None => self.version,
            },
        }
    }

    /// Asks as a case wants it, for as many streams as it wants.
    pub(super) async fn ask(&self, ask: &Ask, own: Option<&str>) -> Vec<Seen> {
        let asked = self.asked(ask, own);
        let (enough, limit) = depth(ask);
        if ask.streams.is_none() {
            return vec![self.look(&asked, self.watch_for(ask, enough, limit), false).await];
        }
        let streams = (0..ask.streams.unwrap_or(1)).map(|n| {
            let asked = &asked;
            async move {
                match (n, ask.first) {
                    (0, FirstStream::Leave) => {
                        self.look(asked, self.watch(Enough::Time, TASTE), false).await
                    }
                    (0, FirstStream::Stall) => self.stall(asked, limit).await,
                    _ => self.look(asked, self.watch_for(ask, enough, limit), false).await,
                }
            }
        });
        futures::future::join_all(streams).await
    }

    /// Asks once more, alone, and watches long enough for whatever was seen at first.
    pub(super) async fn again(&self, ask: &Ask, own: Option<&str>) -> Vec<Seen> {
        if ask.is_plain() {
            let asked = self.asked(ask, own);
            return vec![self.look(&asked, self.watch(Enough::Time, LOOK), false).await];
        }
        self.ask(ask, own).await
    }

    /// The plain request to an address that redirects may have led to, up to its head, for which
    /// we are patient: a server may keep it back until it has something to send.
    pub(super) async fn reach(&self, address: &Address, version: Version) -> Seen {
        let plain = self.asked(&Ask::default(), None);
        let asked = Asked { address: address.clone(), version, ..plain };
        let mut watch = self.watch(Enough::Head, GLANCE);
        watch.be_patient(self.target.watch);
        self.look(&asked, watch, false).await
    }

    /// The plain request, watched for as long as the user wants.
    pub(super) async fn plain(&self) -> Seen {
        let asked = self.asked(&Ask::default(), None);
        let enough = self.target.min_events.map_or(Enough::Time, Enough::Events);
        let mut watch = self.watch(enough, Duration::ZERO);
        watch.limit = self.target.watch;
        watch.be_patient(self.target.watch);
        self.look(&asked, watch, false).await
    }

    /// The plain request, up to its head.
    pub(super) async fn glance(&self) -> Seen {
        let asked = self.asked(&Ask::default(), None);
        self.look(&asked, self.watch(Enough::Head, GLANCE), false).await
    }

    /// Any other request, up to the head of its answer.
    pub(super) async fn send(&self, method: &str, address: &Address) -> Seen {
        let plain = self.asked(&Ask::default(), None);
        let asked = Asked { method: method.to_owned(), address: address.clone(), ..plain };
        self.look(&asked, self.watch(Enough::Head, GLANCE), false).await
    }

    /// Gets what is at an address, over HTTP/1.1, with the headers of the user's.
    pub(super) async fn fetch(&self, address: &Address) -> Seen {
        let plain = self.asked(&Ask::default(), None);
        let asked = Asked {
            method: "GET".to_owned(),
            address: address.clone(),
            headers: plain.headers.into_iter().filter(|(name, _)| name != "Accept").collect(),
            body: Vec::new(),
            version: Version::Http11,
        };
        self.look(&asked, self.watch(Enough::Time, LOOK), false).await
    }

    /// The plain request, as many times at once, for as long.
    pub(super) async fn hold(&self, streams: usize, time: Duration) -> Vec<Seen> {
        let asked = self.asked(&Ask::default(), None);
        let streams =
            (0..streams).map(|_| self.look(&asked, self.watch(Enough::Time, time), false));
        futures::future::join_all(streams).await
    }

    /// A watch of what a case asks for: nobody waits for a library in production, so we do.
    fn watch_for(&self, ask: &Ask, enough: Enough, limit: Duration) -> Watch {
        let mut watch = self.watch(enough, limit);
        // Whether a head comes that the library keeps back is not waited for so long.
        let is_head = matches!(enough, Enough::Head | Enough::Bytes);
        if !ask.steps.is_empty() && !is_head {
            watch.be_patient(OWN_LIMIT.mul_f64(self.time_scale));
        }
        watch
    }

    fn watch(&self, enough: Enough, limit: Duration) -> Watch {
        let limit = limit.mul_f64(self.time_scale);
        let patience = PATIENCE.mul_f64(self.time_scale);
        Watch {
            began: self.began,
            head_by: (Instant::now() + patience).min(self.deadline),
            patience,
            until: (Instant::now() + limit).min(self.deadline),
            limit,
            deadline: self.deadline,
            enough,
            parser: Parser::new(),
            events: 0,
            bytes: 0,
            looks_behind_the_end: false,
        }
    }

    async fn look(&self, asked: &Asked, mut watch: Watch, stall: bool) -> Seen {
        watch.looks_behind_the_end = asked.method == "HEAD";
        let sent_at = watch.now();
        let answer = match self.dialler.dial(asked, stall).await {
            Err(trouble) => Err(trouble),
            Ok(line) => {
                self.sent.fetch_add(1, Ordering::Relaxed);
                Ok(line)
            }
        };
        let answer = match answer {
            Err(trouble) => Err(trouble),
            Ok(line) if asked.version == Version::Http2 => {
                http2::exchange(line, asked, &mut watch).await
            }
            Ok(line) => http1::exchange(line, asked, &mut watch).await,
        };
        Seen::of(Exchange { asked: asked.clone(), sent_at, answer })
    }

    /// Sends the request and keeps the connection, of which nothing is read.
    pub(super) async fn open_unread(&self, asked: &Asked) -> Result<Box<dyn Line>, Trouble> {
        self.open(asked, true).await
    }

    async fn open(&self, asked: &Asked, stall: bool) -> Result<Box<dyn Line>, Trouble> {
        use tokio::io::AsyncWriteExt as _;
        let mut line = self.dialler.dial(asked, stall).await?;
        self.sent.fetch_add(1, Ordering::Relaxed);
        let sent = line.write_all(&http1::request_bytes(asked)).await;
        sent.map_err(|error| Trouble::Dropped(error.to_string()))?;
        Ok(line)
    }

    /// Sends the request and reads at least so many bytes of what comes, unless it takes longer
    /// than this.
    pub(super) async fn drain(&self, asked: &Asked, bytes: u64, limit: Duration) {
        use tokio::io::AsyncReadExt as _;
        let drained = async {
            let mut line = self.open(asked, false).await.ok()?;
            let mut piece = vec![0; 64 << 10];
            let mut left = bytes;
            while left > 0 {
                let count = line.read(&mut piece).await.ok().filter(|count| *count > 0)?;
                left = left.saturating_sub(count as u64);
            }
            Some(())
        };
        // Whoever cannot be read from is caught by other cases.
        let _ = tokio::time::timeout(limit.mul_f64(self.time_scale), drained).await;
    }

    /// Sends the request and reads nothing for a while.
    async fn stall(&self, asked: &Asked, limit: Duration) -> Seen {
        let sent_at = self.began.elapsed();
        let limit = limit.mul_f64(self.time_scale);
        let answer = match self.dialler.dial(asked, true).await {
            Err(trouble) => Err(trouble),
            Ok(mut line) => {
                use tokio::io::AsyncWriteExt as _;
                let request = http1::request_bytes(asked);
                let sent = tokio::time::timeout(limit, line.write_all(&request)).await;
                tokio::time::sleep(limit).await;
                Err(match sent {
                    Ok(Err(error)) => Trouble::Dropped(error.to_string()),
                    _ => Trouble::Silent(limit),
                })
            }
        };
        Seen::of(Exchange { asked: asked.clone(), sent_at, answer })
    }
}

/// How much of an answer is watched.
fn depth(ask: &Ask) -> (Enough, Duration) {
    if let Some(last) = ask.steps.last() {
        let events = ask.steps.iter().map(EmitStep::events).sum();
        let beats = ask.steps.iter().any(|it| matches!(it, EmitStep::HeartbeatMs(_)));
        let enough = match last {
            EmitStep::Hold {} if beats => Enough::Bytes,
            EmitStep::Hold {} if events == 0 => Enough::Head,
            EmitStep::Hold {} => Enough::Events(events),
            _ => Enough::Time,
        };
        return (enough, OWN_LIMIT);
    }
    let coded = ask.header.get("accept-encoding").is_some_and(|it| it.0.contains("br"));
    match (&ask.method, &ask.last_event_id) {
        _ if ask.streams.is_some() || coded => (Enough::Time, LOOK),
        (Some(method), _) if method == "HEAD" => (Enough::Time, GLANCE / 2),
        (Some(_), _) => (Enough::Head, GLANCE),
        (None, Some(AskId::Own {})) => (Enough::Events(12), LOOK),
        (None, Some(AskId::Bytes(_))) => (Enough::Events(4), GLANCE),
        (None, None) => (Enough::Events(1), GLANCE),
    }
}
