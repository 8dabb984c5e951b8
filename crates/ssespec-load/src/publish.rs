//! Publishers: what they send, when, and how it was taken.
//!
//! Each publisher is a thread of a worker with a connection of its own that stays open. There are
//! few of them, and what they say is small.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::address::{Address, Request, RequestTemplate};
use crate::body::{Body, Malformed, Progress};
use crate::clock;
use crate::end::{Doing, End};
use crate::head;
use crate::latency::Metric;
use crate::tally::Tally;
use crate::template::Values;

/// How often a publisher that waits looks whether the run is over.
const LOOK: Duration = Duration::from_millis(100);
/// The most publishers of a run.
pub const MOST_PUBLISHERS: u64 = 256;

/// What is published during a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publish {
    /// Where to; `None` for the built-in server, whose target `path` is.
    pub address: Option<Address>,
    /// Path and query, with variables.
    pub path: String,
    /// How.
    pub request: Request,
    /// Thousandths of a message a second, of all publishers together.
    pub rate_milli: u64,
    /// How many publishers take turns.
    pub publishers: u64,
}

/// The publishers of all workers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishPlan {
    pub(crate) template: RequestTemplate,
    pub(crate) targets: Vec<SocketAddr>,
    pub(crate) rate_milli: u64,
    pub(crate) publishers: u64,
}

impl Publish {
    /// What workers are told of it.
    pub(crate) fn plan(&self, targets: Vec<SocketAddr>) -> PublishPlan {
        let host = "127.0.0.1".to_owned();
        let address = self.address.clone().unwrap_or_else(|| Address {
            tls: false,
            authority: host.clone(),
            target: self.path.clone(),
            host,
            port: 80,
        });
        PublishPlan {
            template: self.request.compile(&address),
            targets,
            rate_milli: self.rate_milli.max(1),
            publishers: self.publishers.clamp(1, MOST_PUBLISHERS),
        }
    }
}

/// What became of messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PublishCounts {
    /// Messages that the server took.
    pub published: u64,
    /// Messages that it did not; `errors` says why, under `publish.…`.
    pub failed: u64,
}

impl PublishCounts {
    pub(crate) fn merge(&mut self, other: &Self) {
        self.published += other.published;
        self.failed += other.failed;
    }
}

/// The publishers of one worker, while they run.
#[derive(Debug)]
pub(crate) struct Publishers {
    seen: Arc<Mutex<Vec<Sent>>>,
    stopped: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

/// What became of one message.
#[derive(Debug)]
struct Sent {
    due_ns: u64,
    begun_ns: u64,
    /// When it was taken, or why it was not.
    done: Result<u64, End>,
}

/// From when to when publishers publish, by the clock of the run.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_field_names, reason = "numbers carry their unit")]
pub(crate) struct Window {
    pub(crate) from_ns: u64,
    pub(crate) until_ns: u64,
    /// What is to be added for nanoseconds since 1970.
    pub(crate) wall_ns: u64,
    /// How long a message may take.
    pub(crate) timeout_ns: u64,
}

impl Publishers {
    /// Starts those of one worker out of so many.
    pub(crate) fn start(
        plan: &PublishPlan,
        worker: u64,
        workers: u64,
        window: Window,
    ) -> io::Result<Self> {
        let mut publishers =
            Self { seen: Arc::default(), stopped: Arc::default(), threads: Vec::new() };
        for number in (worker..plan.publishers).step_by(usize::try_from(workers).unwrap_or(1)) {
            let publisher = Publisher {
                number,
                plan: plan.clone(),
                window,
                connection: None,
                seen: Arc::clone(&publishers.seen),
                stopped: Arc::clone(&publishers.stopped),
            };
            let thread = std::thread::Builder::new().spawn(move || publisher.run())?;
            publishers.threads.push(thread);
        }
        Ok(publishers)
    }

    /// Adds what they have done since the last time.
    pub(crate) fn drain(&self, tally: &mut Tally) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for Sent { due_ns, begun_ns, done } in seen.drain(..) {
            match done {
                Ok(done_ns) => {
                    tally.publishing.published += 1;
                    let latencies = &mut tally.latencies;
                    latencies.record_ns(Metric::Publish, done_ns.saturating_sub(begun_ns));
                    latencies.record_ns(Metric::PublishCorrected, done_ns.saturating_sub(due_ns));
                }
                Err(End::Failed { cause, message }) => {
                    tally.publishing.failed += 1;
                    tally.errors.count(&format!("publish.{cause}"), || message);
                }
                // A message that the end of the run cut short is neither.
                Err(_) => {}
            }
        }
    }

    /// Ends them, and adds what they have done.
    pub(crate) fn finish(self, tally: &mut Tally) {
        self.stopped.store(true, Ordering::Relaxed);
        let Self { seen, stopped, threads } = self;
        for thread in threads {
            // One that has failed has said what it did.
            let _ = thread.join();
        }
        Self { seen, stopped, threads: Vec::new() }.drain(tally);
    }
}

struct Publisher {
    number: u64,
    plan: PublishPlan,
    window: Window,
    connection: Option<TcpStream>,
    seen: Arc<Mutex<Vec<Sent>>>,
    stopped: Arc<AtomicBool>,
}

impl Publisher {
    fn run(mut self) {
        let mut turn = 0_u64;
        loop {
            let seq = turn.saturating_mul(self.plan.publishers).saturating_add(self.number);
            turn += 1;
            let after_ns = u128::from(seq) * 1_000_000_000_000 / u128::from(self.plan.rate_milli);
            let after_ns = u64::try_from(after_ns).unwrap_or(u64::MAX);
            let due_ns = self.window.from_ns.saturating_add(after_ns);
            if due_ns >= self.window.until_ns || !self.wait_until(due_ns) {
                return;
            }
            // The time in the message is the one at which it was due, so that a publisher that
            // falls behind does not flatter the server.
            let values = Values {
                own: self.number,
                seq,
                now_ns: self.window.wall_ns.saturating_add(due_ns),
                credential: "",
            };
            let request = self.plan.template.render(values);
            let begun_ns = clock::now_ns();
            let done = self.send(&request, begun_ns);
            if done.is_err() {
                self.connection = None;
            }
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.push(Sent { due_ns, begun_ns, done });
        }
    }

    /// Whether the run still goes on at this instant.
    fn wait_until(&self, at_ns: u64) -> bool {
        while !self.stopped.load(Ordering::Relaxed) {
            let left = Duration::from_nanos(at_ns.saturating_sub(clock::now_ns()));
            if left.is_zero() {
                return true;
            }
            std::thread::sleep(left.min(LOOK));
        }
        false
    }

    /// Sends one message; when its response was whole.
    fn send(&mut self, request: &str, begun_ns: u64) -> Result<u64, End> {
        // A connection that the server has closed meanwhile is no fault of the message.
        if let Some(mut kept) = self.connection.take() {
            match self.exchange(&mut kept, request, begun_ns) {
                Ok(keeps) => {
                    self.connection = keeps.then_some(kept);
                    return Ok(clock::now_ns());
                }
                Err(End::Failed { cause, .. })
                    if cause == "closed.before-head" || cause == "reset.before-head" => {}
                Err(end) => return Err(end),
            }
        }
        let connecting = |error: io::Error| End::io(Doing::Connecting, &error);
        let turn = self.number.checked_rem(self.plan.targets.len() as u64).unwrap_or(0);
        let target = usize::try_from(turn).ok().and_then(|turn| self.plan.targets.get(turn));
        let target = target.ok_or_else(|| End::failed("connect.other", "there is no target"))?;
        let limit = Duration::from_nanos(self.window.timeout_ns.max(1));
        let mut socket = TcpStream::connect_timeout(target, limit).map_err(connecting)?;
        socket.set_nodelay(true).map_err(connecting)?;
        socket.set_read_timeout(Some(LOOK)).map_err(connecting)?;
        socket.set_write_timeout(Some(limit)).map_err(connecting)?;
        let keeps = self.exchange(&mut socket, request, begun_ns)?;
        self.connection = keeps.then_some(socket);
        Ok(clock::now_ns())
    }

    /// Asks and reads the answer; whether the connection can be used again.
    fn exchange(&self, socket: &mut TcpStream, request: &str, begun_ns: u64) -> Result<bool, End> {
        socket.write_all(request.as_bytes()).map_err(|error| End::io(Doing::Asking, &error))?;
        let mut answer = Vec::new();
        let mut buffer = [0; 4096];
        let mut body: Option<Body> = None;
        loop {
            let len = match socket.read(&mut buffer) {
                Ok(0) if body.is_some_and(|body| body.may_end()) => return Ok(false),
                Ok(0) => {
                    let message = "the connection was closed before the response was whole";
                    return Err(End::failed("closed.before-head", message));
                }
                Ok(len) => len,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
                {
                    if self.stopped.load(Ordering::Relaxed) {
                        return Err(End::Dismissed);
                    }
                    if clock::now_ns().saturating_sub(begun_ns) > self.window.timeout_ns {
                        return Err(End::failed("timeout", "no response in time"));
                    }
                    continue;
                }
                Err(error) => return Err(End::io(Doing::Asking, &error)),
            };
            let bytes = buffer.get(..len).unwrap_or_default();
            let rest = if body.is_some() {
                bytes
            } else {
                answer.extend_from_slice(bytes);
                let Some(head) = head::judge_taken(&answer)? else {
                    continue;
                };
                body = Some(Body::new(head.framing));
                answer.get(head.len..).unwrap_or_default()
            };
            if let Some(body) = &mut body
                && body.feed(rest, |_| Ok::<_, Malformed>(()))? == Progress::Done
            {
                return Ok(true);
            }
        }
    }
}
