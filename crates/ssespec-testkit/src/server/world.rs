//! What the connections of a server share.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{Mutex, watch};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::Instant;

use super::defect::ServerDefect;
use super::{connection, stream};

/// The time between two events.
pub(super) const TICK: Duration = Duration::from_millis(100);
/// How much the system takes off a connection that is not read.
const SEND_BUFFER_BYTES: u32 = 64 << 10;

/// A running server with one defect, or with none; it ends when it is dropped.
pub struct MutantServer {
    address: SocketAddr,
    world: Arc<World>,
    task: AbortHandle,
}

impl MutantServer {
    /// Starts it on a free port of the loopback interface. To be called within a runtime.
    ///
    /// # Errors
    /// When there is no free port.
    pub fn start(defect: Option<ServerDefect>) -> io::Result<Self> {
        Self::start_telling(defect, |_| {})
    }

    /// The same. The number of each request whose client has left is told: of those to
    /// [`emit_url`](Self::emit_url), counted from 1.
    ///
    /// # Errors
    /// When there is no free port.
    pub fn start_telling(
        defect: Option<ServerDefect>,
        tell: impl Fn(u64) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        // Connections inherit it: a client that reads nothing is to be felt soon.
        socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
        let listener = socket.listen(1024)?;
        let address = listener.local_addr()?;
        let world = Arc::new(World {
            defect,
            began: Instant::now(),
            broken: AtomicBool::new(false),
            streams: AtomicU64::new(0),
            left: watch::Sender::new(0),
            gate: Mutex::new(()),
            emissions: AtomicU64::new(0),
            open: AtomicU64::new(0),
            held: AtomicU64::new(0),
            queued: AtomicU64::new(0),
            tell: Box::new(tell),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&world))).abort_handle();
        Ok(Self { address, world, task })
    }

    /// Where it is told what to send, by POST (`docs/server-adapter.md`).
    pub fn emit_url(&self) -> String {
        format!("http://{}/emit", self.address)
    }

    /// Asks how many bytes wait for clients that do not read.
    pub fn queued(&self) -> impl Fn() -> u64 + use<> {
        let world = Arc::clone(&self.world);
        move || world.queued.load(Ordering::Acquire)
    }

    /// The URL of a stream without an end.
    pub fn url(&self) -> String {
        format!("http://{}/events", self.address)
    }

    /// Where it tells how many streams are open, but for those of [`emit_url`](Self::emit_url).
    pub fn gauge_url(&self) -> String {
        format!("http://{}/streams", self.address)
    }

    /// The URL of a stream that ends by itself.
    pub fn finite_url(&self) -> String {
        format!("http://{}/finite", self.address)
    }
}

impl Drop for MutantServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, world: Arc<World>) {
    let mut connections = JoinSet::new();
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            let world = Arc::clone(&world);
            connections.spawn(async move {
                // That a connection breaks off is the client's affair.
                let _ = connection::serve(stream, &world).await;
            });
        }
        while connections.try_join_next().is_some() {}
    }
}

/// What the connections share.
pub(super) struct World {
    pub(super) defect: Option<ServerDefect>,
    began: Instant,
    broken: AtomicBool,
    streams: AtomicU64,
    /// How many clients have left.
    pub(super) left: watch::Sender<u64>,
    /// Where streams wait for each other that should not.
    pub(super) gate: Mutex<()>,
    /// How many requests there were to send what they say.
    pub(super) emissions: AtomicU64,
    /// How many of their streams are open.
    pub(super) open: AtomicU64,
    /// How many of the other streams are open.
    pub(super) held: AtomicU64,
    /// How many bytes wait for clients that do not read.
    pub(super) queued: AtomicU64,
    /// Tells the application that the client of a request has left.
    pub(super) tell: Box<dyn Fn(u64) + Send + Sync>,
}

impl World {
    pub(super) fn has(&self, defect: ServerDefect) -> bool {
        self.defect == Some(defect)
    }

    pub(super) fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Acquire)
    }

    pub(super) fn break_down(&self) {
        self.broken.store(true, Ordering::Release);
    }

    /// The number of a new stream.
    pub(super) fn next_stream(&self) -> u64 {
        self.streams.fetch_add(1, Ordering::Relaxed)
    }

    /// The number of the latest event.
    pub(super) fn latest(&self) -> u64 {
        let ticks = self.began.elapsed().as_millis() / TICK.as_millis();
        u64::try_from(ticks).unwrap_or(u64::MAX)
    }

    /// Waits until an event is there.
    pub(super) async fn until(&self, number: u64) {
        tokio::time::sleep_until(self.began + stream::after(number)).await;
    }

    /// The number of the event that an id names.
    pub(super) fn number(&self, id: &[u8]) -> Option<u64> {
        let number = std::str::from_utf8(id).ok()?.strip_prefix('e')?.parse().ok()?;
        (number <= self.latest()).then_some(number)
    }
}
