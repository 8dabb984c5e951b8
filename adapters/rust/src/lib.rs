//! What the adapters share: commands come in on stdin, reports go out on stdout, and each stream
//! of the package under test is a task of its own.

use std::collections::HashMap;
use std::convert::Infallible;
use std::{any::Any, error::Error, fmt::Display, io, io::Write, pin::pin};

use base64::prelude::{BASE64_STANDARD, Engine};
use bytes::Bytes;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::{FutureExt, Stream, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{runtime::Runtime, task::AbortHandle};

pub type Failure = Box<dyn Error + Send + Sync>;

/// The body of a stream that is fed, chunk by chunk as it came from the wire.
pub type Chunks = UnboundedReceiver<Result<Bytes, Infallible>>;

/// Whom the adapter speaks for.
pub struct Hello {
    pub name: &'static str,
    pub event_id: &'static str,
    /// Their names, with spaces between.
    pub features: &'static str,
}

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
enum Command {
    Open(Open),
    Feed {
        stream: u64,
        bytes: String,
    },
    End {
        stream: u64,
    },
    Close {
        stream: u64,
    },
    Exit,
    #[serde(other)]
    Unknown,
}

#[derive(Deserialize)]
pub struct Open {
    stream: u64,
    pub url: String,
    pub method: String,
    pub headers: HashMap<String, String>,
    pub body: Option<String>,
    pub last_event_id: Option<String>,
    pub reconnect_ms: Option<u64>,
    pub read_timeout_ms: Option<u64>,
}

/// Serves a client that opens URLs.
pub fn serve_client<S, T, E>(
    hello: &Hello,
    open: impl Fn(Open) -> Result<S, Failure> + Copy + Send + 'static,
    show: fn(u64, T),
) -> Result<(), Failure>
where
    S: Stream<Item = Result<T, E>> + Send + 'static,
    T: Send + 'static,
    E: Display + Send + 'static,
{
    let mut streams = Streams::new(hello)?;
    for command in commands() {
        match command? {
            Command::Open(request) => {
                streams.start(request.stream, move || open(request), show);
            }
            Command::Close { stream } => streams.close(stream),
            _ => {}
        }
    }
    streams.leave();
    Ok(())
}

/// Serves a decoder that is fed bytes.
pub fn serve_decoder<S, T, E>(
    hello: &Hello,
    decode: fn(Chunks) -> S,
    show: fn(u64, T),
) -> Result<(), Failure>
where
    S: Stream<Item = Result<T, E>> + Send + 'static,
    T: Send + 'static,
    E: Display + Send + 'static,
{
    let mut streams = Streams::new(hello)?;
    let mut bodies = HashMap::<u64, UnboundedSender<Result<Bytes, Infallible>>>::new();
    for command in commands() {
        match command? {
            Command::Feed { stream, bytes } => {
                let body = bodies.entry(stream).or_insert_with(|| {
                    let (body, chunks) = unbounded();
                    streams.start(stream, move || Ok(decode(chunks)), show);
                    body
                });
                // Nobody receives what comes after a fatal error.
                let _ = body.unbounded_send(Ok(BASE64_STANDARD.decode(bytes)?.into()));
            }
            Command::End { stream } => {
                if let Some(body) = bodies.get(&stream) {
                    body.close_channel();
                }
            }
            Command::Close { stream } => streams.close(stream),
            _ => {}
        }
    }
    streams.leave();
    Ok(())
}

/// Reports an event, and before it the reconnection time that the package shows on it.
pub fn report_event(stream: u64, retry_ms: Option<u64>, event: Value) {
    if let Some(ms) = retry_ms {
        report("retry", stream, json!({"ms": ms}));
    }
    report("event", stream, event);
}

pub fn report(op: &str, stream: u64, mut fields: Value) {
    fields["op"] = op.into();
    fields["stream"] = stream.into();
    write_line(&fields);
}

/// Writes a line in one piece: in the small ones that `println!` makes of it, a report of some
/// megabytes would hold up those of all other streams. Stdout is flushed at each line's end.
fn write_line(message: &Value) {
    let line = format!("{message}\n");
    io::stdout().write_all(line.as_bytes()).expect("stdout is closed");
}

fn commands() -> impl Iterator<Item = Result<Command, Failure>> {
    let parse = |line: io::Result<String>| Ok(serde_json::from_str(&line?)?);
    io::stdin().lines().map(parse).take_while(|command| !matches!(command, Ok(Command::Exit)))
}

/// The tasks of all streams, ended ones too.
struct Streams {
    runtime: Runtime,
    tasks: HashMap<u64, AbortHandle>,
}

impl Streams {
    fn new(hello: &Hello) -> Result<Self, Failure> {
        let runtime = Runtime::new()?;
        let Hello { name, event_id, features } = *hello;
        let features: Vec<_> = features.split_whitespace().collect();
        let version = locked_version(name);
        write_line(&json!({
            "op": "hello", "protocol": 1, "name": name, "version": version,
            "language": "Rust", "event_id": event_id, "features": features,
        }));
        Ok(Self { runtime, tasks: HashMap::new() })
    }

    /// Opens a stream and follows it until it ends, panics, or is closed.
    fn start<S, T, E>(
        &mut self,
        stream: u64,
        open: impl FnOnce() -> Result<S, Failure> + Send + 'static,
        show: fn(u64, T),
    ) where
        S: Stream<Item = Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: Display + Send + 'static,
    {
        let task = self.runtime.spawn(async move {
            match open() {
                Ok(source) => follow(stream, source, show).await,
                Err(error) => report_error(stream, true, &error),
            }
        });
        self.tasks.insert(stream, task.abort_handle());
        self.runtime.spawn(async move {
            if let Err(end) = task.await
                && let Ok(panic) = end.try_into_panic()
            {
                report_error(stream, true, &format!("panicked: {}", panic_text(&*panic)));
            }
            report("closed", stream, json!({}));
        });
    }

    /// Drops what the package made, and with that its connection.
    fn close(&self, stream: u64) {
        if let Some(task) = self.tasks.get(&stream) {
            task.abort();
        }
    }

    /// Does not wait for a package that is busy.
    fn leave(self) {
        self.runtime.shutdown_background();
    }
}

/// Reports what the package delivers. An error is fatal where the package ends with it.
async fn follow<S, T, E>(stream: u64, source: S, show: fn(u64, T))
where
    S: Stream<Item = Result<T, E>>,
    E: Display,
{
    let mut source = pin!(source.peekable());
    while let Some(next) = source.next().await {
        match next {
            Ok(delivery) => show(stream, delivery),
            Err(error) => {
                let fatal = matches!(source.as_mut().peek().now_or_never(), Some(None));
                report_error(stream, fatal, &error);
            }
        }
    }
}

fn report_error(stream: u64, fatal: bool, error: &dyn Display) {
    report("error", stream, json!({"fatal": fatal, "message": error.to_string()}));
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
