//! The listener: one port for HTTP/1, HTTP/2 in cleartext, and TLS.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};
use ssespec_net::{Counted, Flaw, Intake, TestCa, TlsError, Transport};
use ssespec_scenario::Case;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

use crate::diversion::{Diversion, TELLING, Wants};
use crate::origins::Origins;
use crate::places::{FlawedDoors, PageAt, Placement};
use crate::run::Doors;
use crate::shared::Shared;
use crate::visit::Visits;
use crate::{Pages, Run, Script, http1, http2};

/// How long a client may take over the first bytes of what may be the preface of HTTP/2, or a request
/// that others serve.
const PREFACE_LIMIT: Duration = Duration::from_secs(1);

/// What the mock listens on and shows.
#[derive(Debug, Clone)]
pub struct MockConfig {
    /// The address; port 0 picks a free one.
    pub listen: SocketAddr,
    /// How many further origins there are: listeners on free ports of the same address, where
    /// everything is reachable as well.
    pub further_origins: usize,
    /// Pages beside the streams, on each origin.
    pub pages: Pages,
    /// The cases under `/case/ID`; none for a mock that only a harness uses.
    pub visits: Vec<Arc<Case>>,
    /// What others serve, on each origin.
    pub diversion: Option<Diversion>,
}

impl Default for MockConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            further_origins: 0,
            pages: Pages::default(),
            visits: Vec::new(),
            diversion: None,
        }
    }
}

/// Why the mock could not start.
#[derive(Debug, thiserror::Error)]
pub enum MockError {
    /// The address is in use, not ours, or not allowed.
    #[error("failed to listen on {address}: {source}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// TLS could not be set up.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// A running mock server. Dropping it ends it and all its connections.
#[derive(Debug)]
pub struct Mock {
    /// Where it listens, the address that was asked for first.
    origins: Arc<Origins>,
    /// Where TLS offers HTTP/1.1 alone.
    http1_over_tls: SocketAddr,
    ca: Arc<TestCa>,
    tls: Arc<ServerConfig>,
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
}

/// A listener of one run alone, until it is dropped.
#[derive(Debug)]
pub(crate) struct OwnDoor {
    pub(crate) address: SocketAddr,
    task: AbortHandle,
}

impl Drop for OwnDoor {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Mock {
    /// Binds the listener and serves until the mock is dropped. It may come to hold thousands of
    /// connections, so the process is allowed as many open files as the system permits.
    ///
    /// # Errors
    /// See [`MockError`].
    #[expect(clippy::unused_async, reason = "it needs a runtime around it, as only async code has")]
    pub async fn start(config: MockConfig) -> Result<Self, MockError> {
        ssespec_net::allow_open_files();
        let ca = Arc::new(TestCa::generate()?);
        let tls = ca.server_config(&["h2", "http/1.1"])?;
        let further = SocketAddr::new(config.listen.ip(), 0);
        let mut listeners = Vec::new();
        let mut origins = Vec::new();
        let wanted = std::iter::repeat_n(further, config.further_origins);
        for address in std::iter::once(config.listen).chain(wanted) {
            let (listener, address) = listen(address)?;
            origins.push(address);
            listeners.push(listener);
        }
        let http1_tls = TlsAcceptor::from(ca.server_config(&["http/1.1"])?);
        let (http1_listener, http1_over_tls) = listen(further)?;
        let mut flawed = Vec::new();
        let mut flawed_door = |flaw| {
            let (listener, address) = listen(further)?;
            flawed.push((listener, TlsAcceptor::from(ca.flawed_config(flaw)?)));
            Ok::<_, MockError>(address)
        };
        let doors = FlawedDoors {
            untrusted: flawed_door(Flaw::Untrusted)?,
            misnamed: flawed_door(Flaw::Misnamed)?,
            expired: flawed_door(Flaw::Expired)?,
        };
        let origins = Origins::new(origins, doors);
        let (stop, stopped) = watch::channel(false);
        let shared = Arc::new(Shared {
            intake: Arc::new(Intake::new()),
            registry: Arc::default(),
            pages: config.pages,
            visits: Visits::new(config.visits, Arc::clone(&origins)),
            diversion: config.diversion,
            stopped,
        });
        for listener in listeners {
            tokio::spawn(accept(listener, Arc::clone(&tls).into(), Arc::clone(&shared)));
        }
        for (listener, tls) in flawed.into_iter().chain([(http1_listener, http1_tls)]) {
            tokio::spawn(accept(listener, tls, Arc::clone(&shared)));
        }
        Ok(Self { origins, http1_over_tls, ca, tls, shared, stop })
    }

    /// The address that was asked for.
    pub fn address(&self) -> SocketAddr {
        self.origins.address(0)
    }

    /// All addresses it listens on, each an origin of its own; [`Mock::address`] is the first.
    pub fn origins(&self) -> &[SocketAddr] {
        self.origins.addresses()
    }

    /// The CA that its certificate comes from.
    pub fn ca(&self) -> &Arc<TestCa> {
        &self.ca
    }

    /// Makes a script reachable under a path that nobody can guess, on the origin where least is
    /// going on.
    pub fn mount(&self, script: Script) -> Run {
        self.mount_at(script, Placement::default())
    }

    /// The same, with the origins that it is to have.
    pub fn mount_at(&self, script: Script, placement: Placement) -> Run {
        // A client may send a request again by itself where an idle connection, kept from another
        // case, ends without an answer (RFC 9112, section 9.3.1). No such connection leads here.
        let apart = script.leaves_unanswered() && placement.page == PageAt::Nowhere;
        let doors = Doors {
            origins: &self.origins,
            http1_over_tls: self.http1_over_tls,
            own: if apart { self.own_door().ok() } else { None },
        };
        Run::mount(script, placement, doors, &self.shared.registry)
    }

    fn own_door(&self) -> Result<OwnDoor, MockError> {
        let (listener, address) = listen(SocketAddr::new(self.address().ip(), 0))?;
        let tls = Arc::clone(&self.tls).into();
        let task = tokio::spawn(accept(listener, tls, Arc::clone(&self.shared)));
        Ok(OwnDoor { address, task: task.abort_handle() })
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

/// A listener, and the address that it has got.
fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), MockError> {
    let bound = || {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_reuse_address(true)?;
        socket.bind(&address.into())?;
        socket.listen(4096)?;
        socket.set_nonblocking(true)?;
        let listener = TcpListener::from_std(socket.into())?;
        let local = listener.local_addr()?;
        Ok((listener, local))
    };
    bound().map_err(|source| MockError::Listen { address, source })
}

async fn accept(listener: TcpListener, tls: TlsAcceptor, shared: Arc<Shared>) {
    let mut stopped = shared.stopped.clone();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.wait_for(|stopped| *stopped) => return,
        };
        match accepted {
            Ok((stream, _)) => {
                let (tls, shared) = (tls.clone(), Arc::clone(&shared));
                let mut stopped = shared.stopped.clone();
                tokio::spawn(async move {
                    tokio::select! {
                        // A connection that breaks concerns its own run alone.
                        _ = serve(stream, tls, shared) => {}
                        _ = stopped.wait_for(|stopped| *stopped) => {}
                    }
                });
            }
            // Out of descriptors, or a client that gave up: wait for better times.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

/// Finds out what the client speaks by its first bytes.
async fn serve(stream: TcpStream, tls: TlsAcceptor, shared: Arc<Shared>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut first = [0_u8; TELLING];
    let mut until = None;
    loop {
        let count = stream.peek(&mut first).await?;
        let first = first.get(..count).unwrap_or_default();
        let wants = shared.diversion.as_ref().map_or(Wants::No, |diversion| diversion.wants(first));
        match first {
            [] => return Ok(()),
            [0x16, ..] => {
                let stream = tls.accept(Counted::new(stream)).await?;
                let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                let transport = Transport::Tls(Box::new(stream));
                return if http2 {
                    http2::serve(shared, transport).await
                } else {
                    http1::serve(shared, transport).await
                };
            }
            [b'P', b'R', b'I', b' ', ..] => {
                return http2::serve(shared, Transport::Plain(Counted::new(stream))).await;
            }
            // A peek cannot wait for more, nor see the end of what has come.
            _ if (wants == Wants::More || matches!(first, b"P" | b"PR" | b"PRI"))
                && Instant::now()
                    < *until.get_or_insert_with(|| Instant::now() + PREFACE_LIMIT) =>
            {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            _ if wants == Wants::Yes => {
                let stream = stream.into_std()?;
                if let Some(diversion) = &shared.diversion {
                    (diversion.take)(stream);
                }
                return Ok(());
            }
            _ => return http1::serve(shared, Transport::Plain(Counted::new(stream))).await,
        }
    }
}
