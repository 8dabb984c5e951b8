//! What the adapters share: steps come in by POST, and the library makes a response of the stream
//! that they are turned into. Reports go out on stdout.

use std::any::Any;
use std::collections::VecDeque;
use std::fmt;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::panic::catch_unwind;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use futures::{Stream, future, stream};
use serde::Deserialize;
use serde_json::{Number, Value, json};

/// More than any request has in its body: the limits of frameworks are lifted to this.
pub const BODY_LIMIT: usize = 1 << 30;

/// Whom the adapter speaks for.
pub struct Hello {
    pub name: &'static str,
    /// Their names, with spaces between.
    pub features: &'static str,
}

/// What the application gives to the library, as far as it does.
#[derive(Deserialize)]
pub struct Event {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub data: Option<String>,
    pub id: Option<String>,
    retry: Option<Number>,
}

impl Event {
    /// Panics, as a refusal does, where the time is no `Duration`.
    pub fn retry(&self) -> Option<Duration> {
        let ms = self.retry.as_ref()?;
        let seconds = || ms.as_f64().map(|ms| Duration::try_from_secs_f64(ms / 1000.0));
        let whole = ms.as_u64().map(Duration::from_millis);
        let time = whole.or_else(|| seconds()?.ok());
        Some(time.unwrap_or_else(|| panic!("{ms} ms are no Duration")))
    }

    /// For a library that takes the time as a whole number of milliseconds.
    pub fn retry_ms(&self) -> Option<u64> {
        let ms = self.retry.as_ref()?;
        Some(ms.as_u64().unwrap_or_else(|| panic!("{ms} is no u64")))
    }
}

#[derive(Deserialize)]
struct Request {
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Repeat {
    count: u64,
    event: Event,
}

#[derive(Deserialize)]
struct Step {
    event: Option<Event>,
    comment: Option<String>,
    sleep_ms: Option<u64>,
    heartbeat_ms: Option<u64>,
    repeat: Option<Repeat>,
    #[serde(default)]
    hold: bool,
    #[serde(default)]
    throw: bool,
    #[serde(default)]
    end: bool,
}

/// How the application fails.
#[derive(Debug)]
pub struct Failure;

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the application's stream fails here")
    }
}

impl std::error::Error for Failure {}

/// The way into the library's own type. It panics where the library refuses a value, as libraries
/// do.
pub struct Make<T> {
    pub event: fn(&Event) -> T,
    pub comment: fn(&str) -> T,
}

enum Act<T> {
    Send(T),
    Repeat(Repeat),
    Sleep(Duration),
    Hold,
    Throw,
}

/// One request.
pub struct Play<T> {
    /// The interval of the library's keep-alive, where it is to be on.
    pub heartbeat: Option<Duration>,
    acts: VecDeque<(usize, Act<T>)>,
    make: Make<T>,
    answer: Answer,
}

impl<T> Play<T> {
    /// Reads a request. What the library refuses is left out, or it is the whole answer if nothing
    /// goes before it.
    pub fn new(body: &[u8], make: Make<T>) -> Result<Self, String> {
        let request = REQUESTS.fetch_add(1, Ordering::SeqCst) + 1;
        let Request { steps } = serde_json::from_slice(body).expect("steps in JSON");
        let answer = Answer(Arc::new(State {
            request,
            at: AtomicUsize::new(0),
            over: AtomicBool::new(true),
        }));
        let mut heartbeat = None;
        let mut acts = VecDeque::new();
        let mut sends = false;
        for (at, step) in steps.into_iter().enumerate() {
            answer.0.at.store(at, Ordering::SeqCst);
            let act = if let Some(event) = step.event {
                caught(|| (make.event)(&event)).map(Act::Send)
            } else if let Some(text) = step.comment {
                caught(|| (make.comment)(&text)).map(Act::Send)
            } else if let Some(repeat) = step.repeat {
                caught(|| (make.event)(&repeat.event)).map(|_| Act::Repeat(repeat))
            } else if let Some(ms) = step.sleep_ms {
                Ok(Act::Sleep(Duration::from_millis(ms)))
            } else if let Some(ms) = step.heartbeat_ms {
                heartbeat = Some(Duration::from_millis(ms));
                continue;
            } else if step.hold {
                Ok(Act::Hold)
            } else if step.throw {
                Ok(Act::Throw)
            } else if step.end {
                break;
            } else {
                continue;
            };
            match act {
                Ok(act) => {
                    sends |= matches!(act, Act::Send(_) | Act::Repeat(_));
                    acts.push_back((at, act));
                }
                Err(message) => {
                    answer.0.refused(&message);
                    if !sends {
                        return Err(message);
                    }
                }
            }
        }
        answer.0.over.store(false, Ordering::SeqCst);
        Ok(Self { heartbeat, acts, make, answer })
    }

    pub fn state(&self) -> Arc<State> {
        Arc::clone(&self.answer.0)
    }

    /// The stream for the library. Dropped before its end, it tells that the client has left.
    pub fn stream(self) -> impl Stream<Item = Result<T, Failure>> {
        stream::unfold(self, |mut play| async move {
            loop {
                let Some((at, act)) = play.acts.pop_front() else {
                    play.answer.0.over.store(true, Ordering::SeqCst);
                    return None;
                };
                play.answer.0.at.store(at, Ordering::SeqCst);
                match act {
                    Act::Send(event) => return Some((Ok(event), play)),
                    Act::Repeat(Repeat { count: 0, .. }) => {}
                    Act::Repeat(Repeat { count, event }) => {
                        let made = (play.make.event)(&event);
                        let rest = Act::Repeat(Repeat { count: count - 1, event });
                        play.acts.push_front((at, rest));
                        return Some((Ok(made), play));
                    }
                    Act::Sleep(time) => tokio::time::sleep(time).await,
                    Act::Hold => future::pending().await,
                    Act::Throw => {
                        play.answer.0.over.store(true, Ordering::SeqCst);
                        return Some((Err(Failure), play));
                    }
                }
            }
        })
    }
}

static REQUESTS: AtomicU64 = AtomicU64::new(0);

/// Where a response is.
pub struct State {
    request: u64,
    /// The step that has been handed on last.
    at: AtomicUsize,
    /// Its end is known.
    over: AtomicBool,
}

impl State {
    /// The library has given the response up because of a value.
    pub fn given_up(&self, message: &str) {
        self.over.store(true, Ordering::SeqCst);
        self.refused(message);
    }

    fn refused(&self, message: &str) {
        let step = self.at.load(Ordering::SeqCst);
        report(&json!({"op": "refused", "step": step, "message": message}));
    }
}

/// Goes with the stream.
struct Answer(Arc<State>);

impl Drop for Answer {
    fn drop(&mut self) {
        if !self.0.over.load(Ordering::SeqCst) {
            report(&json!({"op": "disconnected", "request": self.0.request}));
        }
    }
}

/// Says hello, and ends the process when stdin ends.
pub fn serve(&Hello { name, features }: &Hello, address: SocketAddr) {
    let features: Vec<_> = features.split_whitespace().collect();
    report(&json!({
        "op": "hello", "protocol": 1, "role": "server",
        "name": name, "version": locked_version(name), "language": "Rust",
        "url": format!("http://{address}/emit"), "features": features,
    }));
    thread::spawn(|| {
        for line in io::stdin().lines() {
            let command = line.ok().and_then(|line| serde_json::from_str::<Value>(&line).ok());
            if command.is_some_and(|command| command["op"] == "exit") {
                break;
            }
        }
        process::exit(0);
    });
}

/// Writes a line in one piece. Stdout is flushed at each line's end.
fn report(message: &Value) {
    io::stdout().write_all(format!("{message}\n").as_bytes()).expect("stdout is closed");
}

fn caught<T>(make: impl Fn() -> T + std::panic::UnwindSafe) -> Result<T, String> {
    catch_unwind(make).map_err(|panic| panic_text(&*panic).to_owned())
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message")
}

/// The version of a package that this adapter was built with.
fn locked_version(name: &str) -> Option<&'static str> {
    let entry = format!("name = \"{name}\"\nversion = \"");
    let (_, rest) = include_str!("../Cargo.lock").split_once(&entry)?;
    rest.split_once('"').map(|(version, _)| version)
}
