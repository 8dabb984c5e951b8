//! One running subject: where commands go, and how its reports find their stream.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ssespec_net::Countdown;
use ssespec_scenario::{Case, Feature};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::protocol::{Command, EventId, Hello, Report};
use crate::starvation::Starvation;
use crate::words::Words;

/// A report, when it came, and what is odd about it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Received {
    /// When the harness read it.
    pub(crate) at: Instant,
    /// The report.
    pub(crate) report: Report,
    /// What is odd about the line, where something is.
    pub(crate) note: Option<&'static str>,
}

/// Why an instance can do nothing more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Death {
    /// What happened, as a sentence.
    pub message: String,
    /// How to mend it.
    pub help: String,
}

/// Who the subject is, in the terms of the harness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Its `hello`.
    pub hello: Hello,
    /// The claimed features.
    pub features: Vec<Feature>,
    /// Whether it may live on when its stream has ended: a process for each case is ended then, and
    /// counts as closed.
    pub lives_on: bool,
    /// What its channel to us can say.
    pub(crate) words: Words,
}

impl Identity {
    /// Whether it claims all of these.
    pub fn claims(&self, features: &[Feature]) -> bool {
        features.iter().all(|feature| self.features.contains(feature))
    }

    /// Why a case cannot be judged here, although no feature is missing, if it cannot.
    pub(crate) fn obstacle(&self, case: &Case) -> Option<&'static str> {
        if case.streams > 1 {
            let needed = u64::from(case.streams) + OTHER_FILES;
            if self.lives_on {
                return Some("each process has one stream");
            }
            if self.hello.page_origin.is_some() {
                return Some("a page has few connections to one origin");
            }
            if self.words != Words::Protocol {
                return Some("each stream is a client of its own to a service");
            }
            if ssespec_net::open_files_limit() < needed {
                return Some("too few files may be open at once for it (`ulimit -n`)");
            }
        }
        if self.hello.page_origin.is_some() && case.open.headers.contains_key("cookie") {
            return Some("a page may not set `Cookie`");
        }
        self.words.obstacle(case)
    }

    /// What its API shows as an event's id.
    pub fn event_id(&self) -> EventId {
        self.hello.event_id
    }
}

/// The open files that a subject, or we, may have beside the streams of a case.
const OTHER_FILES: u64 = 128;

/// Most reports about one stream, and most bytes in their strings; an adapter that goes beyond them
/// is flooding us. Both are far beyond what any case sends, and small enough to be held.
const MAX_REPORTS: usize = 400_000;
const MAX_REPORT_BYTES: usize = 512 << 20;

/// Delivers reports to the streams they are about.
#[derive(Debug, Default)]
pub(crate) struct Router {
    streams: Mutex<HashMap<u64, Inbox>>,
    /// The highest stream number that was ever opened.
    opened: AtomicU64,
}

/// The sending end of a stream's reports, and how much went through it.
#[derive(Debug)]
struct Inbox {
    sender: mpsc::UnboundedSender<Result<Received, Death>>,
    ready: watch::Sender<bool>,
    reports: usize,
    bytes: usize,
}

impl Router {
    fn register(
        &self,
        stream: u64,
    ) -> (mpsc::UnboundedReceiver<Result<Received, Death>>, watch::Receiver<bool>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let (ready, is_ready) = watch::channel(false);
        self.opened.fetch_max(stream, Ordering::AcqRel);
        if let Ok(mut streams) = self.streams.lock() {
            streams.insert(stream, Inbox { sender, ready, reports: 0, bytes: 0 });
        }
        (receiver, is_ready)
    }

    fn forget(&self, stream: u64) {
        if let Ok(mut streams) = self.streams.lock() {
            streams.remove(&stream);
        }
    }

    /// Delivers a report; late ones for streams that are over are dropped.
    pub(crate) fn deliver(
        &self,
        stream: u64,
        report: Report,
        note: Option<&'static str>,
    ) -> Result<(), Death> {
        if stream > self.opened.load(Ordering::Acquire) {
            return Err(Death {
                message: format!(
                    "the adapter reported about stream {stream}, which was never opened"
                ),
                help: "repeat the `stream` number of the command that opened the stream".to_owned(),
            });
        }
        let Ok(mut streams) = self.streams.lock() else {
            return Ok(());
        };
        let Some(inbox) = streams.get_mut(&stream) else {
            return Ok(());
        };
        inbox.reports += 1;
        inbox.bytes += report.text_bytes();
        if inbox.reports > MAX_REPORTS || inbox.bytes > MAX_REPORT_BYTES {
            return Err(Death {
                message: format!("the adapter floods stream {stream} with reports"),
                help: "report each event once, and only what the client delivers".to_owned(),
            });
        }
        // A receiver that has gone is a case that is over.
        let _ = inbox.sender.send(Ok(Received { at: Instant::now(), report, note }));
        Ok(())
    }

    /// The subject has been told all that it must know before the first byte of the body.
    pub(crate) fn ready(&self, stream: u64) {
        if let Ok(streams) = self.streams.lock()
            && let Some(inbox) = streams.get(&stream)
        {
            inbox.ready.send_replace(true);
        }
    }

    /// Resolves when nobody waits for reports of this stream any more. Cancel safe.
    pub(crate) async fn forgotten(&self, stream: u64) {
        let ready = self
            .streams
            .lock()
            .ok()
            .and_then(|streams| streams.get(&stream).map(|inbox| inbox.ready.subscribe()));
        if let Some(mut ready) = ready {
            // Its sender goes with the inbox.
            while ready.changed().await.is_ok() {}
        }
    }

    /// Ends one stream, whose own process has failed; the others go on.
    pub(crate) fn fail(&self, stream: u64, death: Death) {
        if let Ok(streams) = self.streams.lock()
            && let Some(inbox) = streams.get(&stream)
        {
            let _ = inbox.sender.send(Err(death));
        }
    }
}

/// A running subject.
#[derive(Debug)]
pub(crate) struct Instance {
    identity: Arc<Identity>,
    commands: mpsc::UnboundedSender<Command>,
    router: Arc<Router>,
    death: watch::Receiver<Option<Death>>,
    next_stream: AtomicU64,
    task: JoinHandle<()>,
    starvation: Starvation,
}

impl Instance {
    pub(crate) fn new(
        identity: Identity,
        commands: mpsc::UnboundedSender<Command>,
        router: Arc<Router>,
        death: watch::Receiver<Option<Death>>,
        task: JoinHandle<()>,
    ) -> Self {
        Self {
            identity: Arc::new(identity),
            commands,
            router,
            death,
            next_stream: AtomicU64::new(0),
            task,
            starvation: Starvation::default(),
        }
    }

    /// The same, which is excused for what it waits for a CPU.
    pub(crate) fn excused(mut self, starvation: Starvation) -> Self {
        self.starvation = starvation;
        self
    }

    /// Who it is.
    pub(crate) fn identity(&self) -> &Arc<Identity> {
        &self.identity
    }

    /// A fresh stream number and its reports.
    pub(crate) fn stream(self: &Arc<Self>) -> Stream {
        let number = self.next_stream.fetch_add(1, Ordering::AcqRel) + 1;
        let (reports, ready) = self.router.register(number);
        Stream { number, reports, ready, instance: Arc::clone(self) }
    }

    /// Why it can do nothing more, once that is so.
    pub(crate) fn death(&self) -> Option<Death> {
        self.death.borrow().clone()
    }

    /// Asks it to end, and waits until it has; the task that owns it kills it after a grace period.
    pub(crate) async fn shut_down(&self) {
        let _ = self.commands.send(Command::Exit);
        let mut death = self.death.clone();
        let _ = death.wait_for(Option::is_some).await;
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One stream of an instance.
#[derive(Debug)]
pub(crate) struct Stream {
    number: u64,
    reports: mpsc::UnboundedReceiver<Result<Received, Death>>,
    ready: watch::Receiver<bool>,
    instance: Arc<Instance>,
}

impl Stream {
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Tells the subject something; if it is gone, [`Stream::next`] says so.
    pub(crate) fn command(&self, command: Command) {
        let _ = self.instance.commands.send(command);
    }

    /// The next report, or the death of the subject. Cancel safe.
    pub(crate) async fn next(&mut self) -> Result<Received, Death> {
        let mut death = self.instance.death.clone();
        tokio::select! {
            biased;
            Some(received) = self.reports.recv() => received,
            _ = death.wait_for(Option::is_some) => Err(self.death()),
        }
    }

    /// What tells when the body may come, where that depends on the subject's being told first.
    pub(crate) fn readiness(&self) -> watch::Receiver<bool> {
        self.ready.clone()
    }

    /// Whose stream it is.
    pub(crate) fn identity(&self) -> &Identity {
        &self.instance.identity
    }

    /// A wait for the subject, in which only the time counts that it could run in.
    pub(crate) fn countdown(&self, length: Duration) -> Countdown {
        Countdown::of(length).excusing(self.instance.starvation.clock())
    }

    /// Why the subject is gone.
    pub(crate) fn death(&self) -> Death {
        self.instance.death().unwrap_or_else(|| Death {
            message: "the subject is gone".to_owned(),
            help: String::new(),
        })
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.instance.router.forget(self.number);
    }
}
