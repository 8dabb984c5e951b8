//! The server of the control page: commands go out by long polls, reports come in by numbered posts.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ssespec_net::{Request, head, read_request};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;

/// How long a poll waits for a command. The page asks again at once.
const POLL: Duration = Duration::from_secs(15);

/// The running server; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Control {
    desk: Arc<Desk>,
    address: SocketAddr,
    task: AbortHandle,
}

/// What its connections share.
#[derive(Debug)]
struct Desk {
    /// The first part of all paths: other programs on this machine have no business here.
    secret: String,
    html: String,
    /// All commands, one JSON object each.
    commands: watch::Sender<Vec<String>>,
    /// The number of the next batch of reports.
    next_batch: AtomicU64,
    reports: mpsc::UnboundedSender<String>,
    /// Why the page cannot go on.
    failure: watch::Sender<Option<String>>,
    /// When the page was last heard of.
    heard: Mutex<Option<Instant>>,
}

impl Control {
    /// Serves the page. The lines that it posts come out of the receiver, in order.
    pub(super) async fn start(
        secret: String,
        html: String,
    ) -> io::Result<(Self, mpsc::UnboundedReceiver<String>)> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (reports, lines) = mpsc::unbounded_channel();
        let desk = Arc::new(Desk {
            secret,
            html,
            commands: watch::Sender::new(Vec::new()),
            next_batch: AtomicU64::new(0),
            reports,
            failure: watch::Sender::new(None),
            heard: Mutex::default(),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&desk))).abort_handle();
        Ok((Self { desk, address, task }, lines))
    }

    /// The URL of the page.
    pub(super) fn url(&self) -> String {
        format!("http://{}/{}/", self.address, self.desk.secret)
    }

    /// Puts a command where the page will fetch it.
    pub(super) fn tell(&self, command: String) {
        self.desk.commands.send_modify(|commands| commands.push(command));
    }

    /// Resolves when the page says that it cannot go on. Cancel safe.
    pub(super) async fn failure(&self) -> String {
        let mut failure = self.desk.failure.subscribe();
        let said = failure.wait_for(Option::is_some).await.ok().and_then(|it| it.clone());
        said.unwrap_or_default()
    }

    /// How long the page has not asked for anything, once it has begun to.
    pub(super) fn silence(&self) -> Duration {
        let heard = self.desk.heard.lock().ok().and_then(|heard| *heard);
        heard.map_or(Duration::ZERO, |heard| heard.elapsed())
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, desk: Arc<Desk>) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let desk = Arc::clone(&desk);
                    // A connection that breaks concerns its own request alone: the page asks again.
                    connections.spawn(async move { let _ = serve(stream, &desk).await; });
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(mut stream: TcpStream, desk: &Desk) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stash = Vec::new();
    while let Ok(Some(request)) = read_request(&mut stream, &mut stash).await {
        let (status, content_type, body) = desk.answer(request).await;
        let length = body.len().to_string();
        let headers = [
            ("content-type", content_type.as_bytes()),
            ("content-length", length.as_bytes()),
            ("cache-control", b"no-store"),
        ];
        let mut out = head("1.1", status, headers);
        out.extend_from_slice(body.as_bytes());
        stream.write_all(&out).await?;
    }
    Ok(())
}

impl Desk {
    async fn answer(&self, request: Request) -> (u16, &'static str, String) {
        let not_found = (404, "text/plain", "no such page\n".to_owned());
        let path = request.target.strip_prefix('/').and_then(|it| it.strip_prefix(&self.secret));
        let Some(path) = path else {
            return not_found;
        };
        if let Ok(mut heard) = self.heard.lock() {
            *heard = Some(Instant::now());
        }
        if path == "/" {
            return (200, "text/html; charset=utf-8", self.html.clone());
        }
        if let Some(taken) = path.strip_prefix("/commands/").and_then(|it| it.parse().ok()) {
            return (200, "application/json", self.commands_after(taken).await);
        }
        if path == "/failure" {
            let said = String::from_utf8_lossy(&request.body).into_owned();
            self.failure.send_replace(Some(said));
            return (204, "text/plain", String::new());
        }
        match path.strip_prefix("/reports/").and_then(|it| it.parse().ok()) {
            Some(batch) => (self.take(batch, &request.body), "text/plain", String::new()),
            None => not_found,
        }
    }

    /// The commands after so many, as a JSON array; an empty one when there is none for a while.
    async fn commands_after(&self, taken: usize) -> String {
        let mut commands = self.commands.subscribe();
        let more = commands.wait_for(|commands| commands.len() > taken);
        let found = match tokio::time::timeout(POLL, more).await {
            Ok(Ok(commands)) => commands.get(taken..).unwrap_or_default().join(","),
            _ => String::new(),
        };
        format!("[{found}]")
    }

    /// Takes a batch of reports, once, and only in its turn.
    fn take(&self, batch: u64, body: &[u8]) -> u16 {
        let turn =
            self.next_batch.compare_exchange(batch, batch + 1, Ordering::AcqRel, Ordering::Acquire);
        match turn {
            Ok(_) => {
                for line in String::from_utf8_lossy(body).lines() {
                    let _ = self.reports.send(line.to_owned());
                }
                204
            }
            // Sent again, because the answer was lost.
            Err(next) if batch < next => 204,
            Err(_) => 409,
        }
    }
}
