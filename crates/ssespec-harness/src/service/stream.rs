//! The life of one stream of a service: created, commanded, deleted.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::address::Address;
use super::callbacks::{Callbacks, missing};
use super::http::{Answer, Http, HttpError};
use super::{Token, contract};
use crate::instance::{Death, Router};
use crate::protocol::{Command, Open, Report};

/// How long a callback that is missing before another is waited for at the end.
const GAP_LIMIT: Duration = Duration::from_secs(2);

/// The task of one stream.
pub(super) struct StreamTask {
    pub(super) address: Address,
    pub(super) http: Http,
    /// Whether event types must be registered.
    pub(super) listens: bool,
    pub(super) callbacks: Callbacks,
    pub(super) router: Arc<Router>,
    /// Takes the news that the whole service is gone.
    pub(super) gone: mpsc::UnboundedSender<Death>,
    /// Held until the stream is closed.
    pub(super) tokens: [Token; 2],
}

/// What a failed request means.
enum Failure {
    /// The stream is of no use.
    Stream(Death),
    /// Nor is any other.
    Service(Death),
}

impl StreamTask {
    pub(super) async fn run(self, open: Open, mut commands: mpsc::UnboundedReceiver<Command>) {
        let resource = match self.create(&open).await {
            Ok(resource) => resource,
            Err(failure) => return self.fail(open.stream, failure),
        };
        let ended = self.live(&open, &resource, &mut commands).await;
        // Whatever has happened: the client must not go on.
        let deleted = self.http.send("DELETE", &resource, None).await;
        let unanswered = matches!(deleted, Err(HttpError::Late(_)));
        if let Err(failure) = ended {
            return self.fail(open.stream, failure);
        }
        if let Err(HttpError::Unreachable(why)) = deleted {
            let failure = Failure::Service(lost(&self.address, &why));
            return self.fail(open.stream, failure);
        }
        if self.callbacks.gap().is_some() {
            let _ = tokio::time::timeout(GAP_LIMIT, self.callbacks.complete()).await;
        }
        if let Some((number, later)) = self.callbacks.gap() {
            return self.fail(open.stream, Failure::Stream(missing(number, later)));
        }
        // A service need not say more than that it has understood, and existing ones answer what
        // they like. One that says nothing at all is not taken to have closed anything.
        if !unanswered {
            let _ = self.router.deliver(open.stream, Report::Closed, None);
        }
        // Callbacks that come later are still taken, and held against the client where they are
        // wrong, until the harness has let go of the stream.
        tokio::select! {
            () = self.router.forgotten(open.stream) => {}
            () = async { while commands.recv().await.is_some() {} } => {}
        }
        drop(self.tokens);
    }

    /// Creates the stream; gives the URL of its resource.
    async fn create(&self, open: &Open) -> Result<String, Failure> {
        let base = self.address.base();
        let body = contract::create(open, self.callbacks.url());
        let answer = self.request("POST", base, Some(body)).await?;
        if !answer.is_success() {
            return Err(Failure::Stream(Death {
                message: format!(
                    "the service answered `POST {base}`, which creates a stream, with {}",
                    answer.shown()
                ),
                help: "answer with 201 and the stream's resource in `Location`; the service's log \
                       may say what went wrong"
                    .to_owned(),
            }));
        }
        match answer.location.as_deref().map(str::trim) {
            Some(location) if !location.is_empty() => Ok(self.address.resource(location)),
            _ => Err(Failure::Stream(Death {
                message: format!(
                    "the service's answer to `POST {base}`, {}, has no `Location`",
                    answer.status
                ),
                help: "put the URL of the stream's resource there, absolute or as `/streams/1`: \
                       commands and the DELETE go to it"
                    .to_owned(),
            })),
        }
    }

    /// Commands the stream until it is to be closed.
    async fn live(
        &self,
        open: &Open,
        resource: &str,
        commands: &mut mpsc::UnboundedReceiver<Command>,
    ) -> Result<(), Failure> {
        if self.listens {
            for event_type in open.listen.iter().filter(|event_type| *event_type != "message") {
                self.command(resource, "listen", contract::listen(event_type)).await?;
            }
        }
        self.router.ready(open.stream);
        loop {
            let command = tokio::select! {
                command = commands.recv() => command,
                () = self.callbacks.failed() => return Ok(()),
                () = self.router.forgotten(open.stream) => return Ok(()),
            };
            match command {
                Some(Command::Restart { .. }) => {
                    self.command(resource, "restart", contract::restart()).await?;
                }
                _ => return Ok(()),
            }
        }
    }

    async fn command(&self, resource: &str, name: &str, body: String) -> Result<(), Failure> {
        let answer = self.request("POST", resource, Some(body)).await?;
        if answer.is_success() {
            return Ok(());
        }
        Err(Failure::Stream(Death {
            message: format!(
                "the service answered the command `{name}`, `POST {resource}`, with {}",
                answer.shown()
            ),
            help: format!("answer with 2xx, or do not claim the capability for `{name}`"),
        }))
    }

    async fn request(
        &self,
        method: &str,
        url: &str,
        body: Option<String>,
    ) -> Result<Answer, Failure> {
        self.http.send(method, url, body).await.map_err(|error| match error {
            HttpError::Unreachable(why) => Failure::Service(lost(&self.address, &why)),
            HttpError::Broken(_) | HttpError::Late(_) => Failure::Stream(Death {
                message: format!("`{method} {url}` failed: {error}"),
                help: "see the log of the service".to_owned(),
            }),
        })
    }

    fn fail(&self, stream: u64, failure: Failure) {
        match failure {
            Failure::Stream(death) => self.router.fail(stream, death),
            Failure::Service(death) => {
                self.router.fail(stream, death.clone());
                // The owner may be gone already.
                let _ = self.gone.send(death);
            }
        }
    }
}

/// What to say of a service that listens no more.
pub(super) fn lost(address: &Address, why: &str) -> Death {
    Death {
        message: format!("the service at `{address}` is gone: {why}"),
        help: "see the log of the service for why it ended; it must outlast the run".to_owned(),
    }
}
