//! A test service that drives a client as LaunchDarkly's REST contract for SSE clients has it
//! (`docs/from-sse-contract-tests.md`): commands go out as requests, reports come in as callbacks.

mod address;
mod callbacks;
mod contract;
mod http;
mod order;
mod stream;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ssespec_scenario::Feature;
use tokio::sync::{mpsc, watch};

pub use self::address::Address;
use self::callbacks::Listener;
use self::contract::Status;
use self::http::{Http, HttpError};
use self::stream::StreamTask;
use crate::instance::{Death, Identity, Instance, Router};
use crate::protocol::{Command, EventId, Hello, PROTOCOL_VERSION};
use crate::subject::Subject;
use crate::words::Words;

/// How often a service that does not listen yet is asked again.
const POLL: Duration = Duration::from_millis(100);
/// How long the streams that are left may take to be closed at the end.
const LEAVE_LIMIT: Duration = Duration::from_secs(3);

/// The streams that a service has open, over all its instances: whoever waits for them knows when
/// the last one is closed.
#[derive(Debug)]
pub(crate) struct OpenStreams {
    token: mpsc::Sender<()>,
    closed: mpsc::Receiver<()>,
}

impl Default for OpenStreams {
    fn default() -> Self {
        let (token, closed) = mpsc::channel(1);
        Self { token, closed }
    }
}

/// Something that is held as long as a stream is open.
type Token = mpsc::Sender<()>;

/// How to attach.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attach {
    /// How long a service may take to start, or to answer.
    pub(crate) patience: Duration,
    /// Whether it may still be starting.
    pub(crate) starts: bool,
}

/// Attaches a service: asks for its capabilities and listens for its callbacks.
///
/// # Errors
/// Why it cannot be used, and how to mend it.
pub(crate) async fn start(
    address: &Address,
    attach: Attach,
    streams: &OpenStreams,
) -> Result<Instance, Death> {
    let http = Http::new(attach.patience);
    let status = status(&http, address, attach).await?;
    let router = Arc::new(Router::default());
    let listener = Listener::start(Arc::clone(&router)).await.map_err(|error| Death {
        message: format!("failed to listen for callbacks: {error}"),
        help: "free a port on the loopback interface".to_owned(),
    })?;
    let (commands, received) = mpsc::unbounded_channel();
    let (died, death) = watch::channel(None);
    let identity = identity(&status, address);
    let owner = Owner {
        address: address.clone(),
        http,
        listens: identity.words.listens(),
        listener,
        router: Arc::clone(&router),
        all: streams.token.clone(),
    };
    let task = tokio::spawn(async move {
        let death = owner.run(received).await;
        died.send_replace(Some(death));
    });
    Ok(Instance::new(identity, commands, router, death, task))
}

/// At the end of a run, an interrupted one as well: waits until the streams that were open are
/// closed, and asks the service to end where that was wished for.
pub(crate) async fn leave(subject: &Subject, streams: OpenStreams) {
    let Subject::Service { address, stop } = subject else {
        return;
    };
    let OpenStreams { token, mut closed } = streams;
    drop(token);
    // What is not closed by then is the service's to look after.
    let _ = tokio::time::timeout(LEAVE_LIMIT, closed.recv()).await;
    if *stop {
        // It may well end before it has answered.
        let _ = Http::new(LEAVE_LIMIT).send("DELETE", address.base(), None).await;
    }
}

/// Asks for the status; a service that is only starting is asked again.
async fn status(http: &Http, address: &Address, attach: Attach) -> Result<Status, Death> {
    let began = Instant::now();
    let answer = loop {
        match http.send("GET", address.base(), None).await {
            Err(HttpError::Unreachable(_))
                if attach.starts && began.elapsed() < attach.patience =>
            {
                tokio::time::sleep(POLL).await;
            }
            answer => break answer,
        }
    };
    let answer = answer.map_err(|error| match error {
        HttpError::Unreachable(why) if !attach.starts => stream::lost(address, &why),
        error => unreachable(address, &error),
    })?;
    if answer.status != 200 {
        return Err(Death {
            message: format!("`GET {address}` was answered with {}, not 200", answer.shown()),
            help: "give the address at which the service takes `POST` to create a stream"
                .to_owned(),
        });
    }
    Status::read(&answer.body).map_err(|error| Death {
        message: format!("the answer to `GET {address}` is no status: {error}"),
        help: "answer with {\"name\":\"…\",\"capabilities\":[…]}".to_owned(),
    })
}

fn unreachable(address: &Address, error: &HttpError) -> Death {
    Death {
        message: format!("no test service answers at `{address}`: {error}"),
        help: "start the service first, and give its address as `--service http://HOST:PORT`"
            .to_owned(),
    }
}

fn identity(status: &Status, address: &Address) -> Identity {
    let mut features = Words::implied().to_vec();
    for capability in &status.capabilities {
        let feature = match capability.as_str() {
            "comments" => Feature::Comments,
            "headers" => Feature::Headers,
            "last-event-id" => Feature::LastEventId,
            "post" => Feature::Post,
            "read-timeout" => Feature::ReadTimeout,
            "report" => Feature::Report,
            "restart" => Feature::Restart,
            // `bom` and `server-directed-shutdown-request` are no options here: the standard wants
            // both of every client. What is not known means nothing.
            _ => continue,
        };
        if !features.contains(&feature) {
            features.push(feature);
        }
    }
    let listens = status.capabilities.iter().any(|name| name == "event-type-listeners");
    let name = status.name.clone().filter(|name| !name.trim().is_empty());
    let hello = Hello {
        protocol: PROTOCOL_VERSION,
        name: name.unwrap_or_else(|| address.to_string()),
        features: features.iter().map(|feature| feature.name().to_owned()).collect(),
        event_id: EventId::Sticky,
        ..Hello::default()
    };
    Identity { hello, features, lives_on: false, words: Words::Service { listens } }
}

/// The task that owns the streams of an instance.
struct Owner {
    address: Address,
    http: Http,
    listens: bool,
    listener: Listener,
    router: Arc<Router>,
    all: Token,
}

impl Owner {
    async fn run(self, mut commands: mpsc::UnboundedReceiver<Command>) -> Death {
        let mut streams: HashMap<u64, mpsc::UnboundedSender<Command>> = HashMap::new();
        let (token, mut closed) = mpsc::channel::<()>(1);
        let (gone, mut news) = mpsc::unbounded_channel();
        loop {
            let command = tokio::select! {
                command = commands.recv() => command,
                Some(death) = news.recv() => return death,
            };
            match command {
                Some(Command::Open(open)) => {
                    streams.retain(|_, commands| !commands.is_closed());
                    let (sender, received) = mpsc::unbounded_channel();
                    streams.insert(open.stream, sender);
                    let task = StreamTask {
                        address: self.address.clone(),
                        http: self.http.clone(),
                        listens: self.listens,
                        callbacks: self.listener.inbox(open.stream),
                        router: Arc::clone(&self.router),
                        gone: gone.clone(),
                        tokens: [token.clone(), self.all.clone()],
                    };
                    tokio::spawn(task.run(open, received));
                }
                Some(ref command @ (Command::Close { stream } | Command::Restart { stream })) => {
                    if let Some(commands) = streams.get(&stream) {
                        // A stream that has failed takes no more commands.
                        let _ = commands.send(command.clone());
                    }
                }
                Some(Command::Feed { .. } | Command::End { .. }) => {}
                Some(Command::Exit) | None => break,
            }
        }
        // Each stream that is told nothing more is closed by its own task.
        drop((streams, token));
        let _ = tokio::time::timeout(LEAVE_LIMIT, closed.recv()).await;
        Death { message: "the run is over".to_owned(), help: String::new() }
    }
}
