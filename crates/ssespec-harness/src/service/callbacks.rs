//! The endpoint that a service calls back: one path a stream, and a number behind it.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use super::contract::{Noted, read_callback};
use super::order::{Order, OrderError};
use crate::instance::{Death, Router};

/// Longest callback, in bytes.
const MAX_CALLBACK_BYTES: usize = 64 << 20;

/// Listens for the callbacks of all streams of an instance.
#[derive(Debug)]
pub(super) struct Listener {
    address: SocketAddr,
    inboxes: Arc<Inboxes>,
    router: Arc<Router>,
    task: JoinHandle<()>,
}

type Inboxes = Mutex<HashMap<String, Arc<Inbox>>>;

impl Listener {
    /// Listens on a free port of the loopback interface.
    pub(super) async fn start(router: Arc<Router>) -> std::io::Result<Self> {
        let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let inboxes = Arc::new(Inboxes::default());
        let served = Arc::clone(&inboxes);
        let task = tokio::spawn(async move { serve(listener, served).await });
        Ok(Self { address, inboxes, router, task })
    }

    /// An endpoint for the callbacks of a stream, which lasts as long as what is returned.
    pub(super) fn inbox(&self, stream: u64) -> Callbacks {
        let token = format!("{stream}-{}", ssespec_mock::secret());
        let inbox = Arc::new(Inbox {
            stream,
            router: Arc::clone(&self.router),
            order: Mutex::default(),
            changed: watch::channel(Arrival::default()).0,
        });
        if let Ok(mut inboxes) = self.inboxes.lock() {
            inboxes.insert(token.clone(), Arc::clone(&inbox));
        }
        let url = format!("http://{}/callbacks/{token}", self.address);
        Callbacks { url, token, inbox, inboxes: Arc::clone(&self.inboxes) }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The endpoint of one stream.
#[derive(Debug)]
pub(super) struct Callbacks {
    url: String,
    token: String,
    inbox: Arc<Inbox>,
    inboxes: Arc<Inboxes>,
}

impl Callbacks {
    /// Where the service calls back; a number is put behind it.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Resolves when a callback was wrong, which has ended the stream. Cancel safe.
    pub(super) async fn failed(&self) {
        let mut changed = self.inbox.changed.subscribe();
        // The sender lives as long as the inbox.
        let _ = changed.wait_for(|arrival| arrival.failed).await;
    }

    /// Resolves when no callback is missing before another. Cancel safe.
    pub(super) async fn complete(&self) {
        let mut changed = self.inbox.changed.subscribe();
        let _ = changed.wait_for(|arrival| arrival.gap.is_none()).await;
    }

    /// The number that is missing, and the first that came behind it.
    pub(super) fn gap(&self) -> Option<(u64, u64)> {
        self.inbox.changed.borrow().gap
    }
}

impl Drop for Callbacks {
    fn drop(&mut self) {
        if let Ok(mut inboxes) = self.inboxes.lock() {
            inboxes.remove(&self.token);
        }
    }
}

/// How far the callbacks of a stream have come.
#[derive(Debug, Clone, Copy, Default)]
struct Arrival {
    gap: Option<(u64, u64)>,
    failed: bool,
}

#[derive(Debug)]
struct Inbox {
    stream: u64,
    router: Arc<Router>,
    order: Mutex<Order<Noted>>,
    changed: watch::Sender<Arrival>,
}

impl Inbox {
    /// Takes a callback and delivers what is due.
    fn accept(&self, number: u64, body: &[u8]) -> Result<(), Death> {
        let noted = read_callback(body).map_err(|why| Death {
            message: format!("callback {number} of the service cannot be used: {why}"),
            help: "post {\"kind\":\"event\",\"event\":{\"type\":…,\"data\":…,\"id\":…}}, or the \
                   kinds `comment` and `error`"
                .to_owned(),
        })?;
        let Ok(mut order) = self.order.lock() else {
            return Ok(());
        };
        let due = order.take(number, noted).map_err(|error| match error {
            OrderError::Repeated(number) => Death {
                message: format!("the service called back with the number {number} twice"),
                help: "count the callbacks of a stream from 1, each number once".to_owned(),
            },
            OrderError::Missing(number) => missing(number, number + 1),
        })?;
        // Delivered under the lock, so that two connections cannot change the order again.
        for (report, note) in due {
            if let Some(report) = report {
                self.router.deliver(self.stream, report, note)?;
            }
        }
        let gap = order.gap();
        self.changed.send_modify(|arrival| arrival.gap = gap);
        Ok(())
    }

    fn fail(&self, death: Death) {
        self.router.fail(self.stream, death);
        self.changed.send_modify(|arrival| arrival.failed = true);
    }
}

/// What to say of a callback that never came.
pub(super) fn missing(number: u64, later: u64) -> Death {
    Death {
        message: format!("callback {number} of the service never came, and callback {later} did"),
        help: "count the callbacks of a stream from 1 without gaps, and see that each is sent"
            .to_owned(),
    }
}

async fn serve(listener: TcpListener, inboxes: Arc<Inboxes>) {
    // Dropped with this task, and the connections with it.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((tcp, _)) = accepted else {
                    // Out of descriptors, or the like: it passes.
                    tokio::time::sleep(std::time::Duration::from_millis(10)).await;
                    continue;
                };
                let inboxes = Arc::clone(&inboxes);
                connections.spawn(async move {
                    let service = service_fn(move |request| answer(request, Arc::clone(&inboxes)));
                    // A service that hangs up has said what it had to say.
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(tcp), service)
                        .await;
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn answer(
    request: Request<Incoming>,
    inboxes: Arc<Inboxes>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (status, text) = match take(request, &inboxes).await {
        Ok(status) => (status, String::new()),
        Err((status, text)) => (status, text + "\n"),
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    Ok(response)
}

async fn take(
    request: Request<Incoming>,
    inboxes: &Inboxes,
) -> Result<StatusCode, (StatusCode, String)> {
    if request.method() == Method::HEAD {
        return Ok(StatusCode::OK);
    }
    let path = request.uri().path().trim_end_matches('/').to_owned();
    let gone = || (StatusCode::NOT_FOUND, "there is no such stream, or no longer".to_owned());
    let rest = path.strip_prefix("/callbacks/").ok_or_else(gone)?;
    let (token, number) = rest.split_once('/').unwrap_or((rest, ""));
    let inbox = inboxes.lock().ok().and_then(|all| all.get(token).cloned()).ok_or_else(gone)?;
    let fail = |status, death: Death| {
        let text = format!("{}; help: {}", death.message, death.help);
        inbox.fail(death);
        (status, text)
    };
    let number = number.parse::<u64>().map_err(|_| {
        let death = Death {
            message: format!("the service called back without a number, at `{path}`"),
            help: "put `/1`, `/2` and so on behind the `callbackUrl`".to_owned(),
        };
        fail(StatusCode::BAD_REQUEST, death)
    })?;
    let body = Limited::new(request.into_body(), MAX_CALLBACK_BYTES).collect().await;
    let body = body.map_err(|error| {
        let death = Death {
            message: format!("callback {number} of the service could not be read: {error}"),
            help: format!("send it whole, and at most {} MiB", MAX_CALLBACK_BYTES >> 20),
        };
        fail(StatusCode::BAD_REQUEST, death)
    })?;
    inbox.accept(number, &body.to_bytes()).map_err(|death| fail(StatusCode::BAD_REQUEST, death))?;
    Ok(StatusCode::ACCEPTED)
}
