//! What the connections of a proxy share.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

use super::defect::RelayDefect;
use super::downstream::Downstream;
use super::exchange::relay;
use super::injector::inject;
use super::message::{Head, Request, read_request};
use super::sharing::Shelf;

/// How HTTP/2 connections begin.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A running proxy with one defect, or with none; it ends when it is dropped.
pub struct MutantRelay {
    address: SocketAddr,
    task: AbortHandle,
}

impl MutantRelay {
    /// Starts it in front of an origin. To be called within a runtime.
    ///
    /// # Errors
    /// When the address is not to be had; port 0 picks a free one.
    pub async fn start(
        defect: Option<RelayDefect>,
        listen: SocketAddr,
        origin: SocketAddr,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        let world = Arc::new(World {
            defect,
            origin,
            shelf: Shelf::default(),
            origin_is_blamed: AtomicBool::new(false),
            origin_names_connection: Arc::default(),
        });
        let task = tokio::spawn(accept(listener, world)).abort_handle();
        Ok(Self { address, task })
    }

    /// Where clients come in.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for MutantRelay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What the connections share.
pub(super) struct World {
    pub(super) defect: Option<RelayDefect>,
    pub(super) origin: SocketAddr,
    pub(super) shelf: Shelf,
    pub(super) origin_is_blamed: AtomicBool,
    /// Whether the head that came last said something about the origin's connection.
    pub(super) origin_names_connection: Arc<AtomicBool>,
}

impl World {
    pub(super) fn has(&self, defect: RelayDefect) -> bool {
        self.defect == Some(defect)
    }
}

async fn accept(listener: TcpListener, world: Arc<World>) {
    let mut connections = JoinSet::new();
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            let world = Arc::clone(&world);
            connections.spawn(async move {
                // That a connection breaks off is the client's affair.
                let _ = serve(stream, &world).await;
            });
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(mut socket: TcpStream, world: &Arc<World>) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let mut start = [0; 4];
    // All requests and the preface are longer than that.
    while socket.peek(&mut start).await? < start.len() {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    if PREFACE.starts_with(&start) {
        if world.has(RelayDefect::ConnectionHeadersOverHttp2) {
            return serve_http2(inject(socket, Arc::clone(&world.origin_names_connection)), world)
                .await;
        }
        return serve_http2(socket, world).await;
    }
    let request = read_request(&mut socket, Vec::new()).await?;
    relay(world, request, Downstream::Http1 { socket, chunked: false }).await
}

async fn serve_http2<S>(socket: S, world: &Arc<World>) -> io::Result<()>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let mut connection = h2::server::handshake(socket).await.map_err(io::Error::other)?;
    let mut streams = JoinSet::new();
    while let Some(accepted) = connection.accept().await {
        let (request, respond) = accepted.map_err(io::Error::other)?;
        let target = request.uri().path_and_query().map_or("/", |it| it.as_str());
        let first = format!("{} {target} HTTP/2", request.method());
        let headers = request.headers().iter();
        let headers = headers.map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()));
        let head = Head { first, headers: headers.collect() };
        let world = Arc::clone(world);
        streams.spawn(async move {
            let mut request = Request { head, body: Vec::new() };
            request.head.drop_header("content-length");
            let downstream = Downstream::Http2 { respond, stream: None };
            // That a stream breaks off is the client's affair.
            let _ = relay(&world, request, downstream).await;
        });
    }
    if world.has(RelayDefect::OriginKeptWhenTheClientLeaves) {
        streams.detach_all();
    }
    Ok(())
}
