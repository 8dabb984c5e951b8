//! A TCP connection, plain or under TLS, that counts what was written to the socket.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use socket2::{SockRef, Socket};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

/// A TCP stream that counts the bytes written to it.
#[derive(Debug)]
pub struct Counted {
    stream: TcpStream,
    written: Arc<AtomicU64>,
}

impl Counted {
    /// Wraps a connection that nothing was written to yet.
    pub fn new(stream: TcpStream) -> Self {
        Self { stream, written: Arc::new(AtomicU64::new(0)) }
    }

    /// The count of written bytes, readable while somebody else owns the stream.
    pub fn written(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.written)
    }
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        if let Poll::Ready(Ok(count)) = written {
            self.written.fetch_add(count as u64, Ordering::Release);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// A server's end of a connection.
#[derive(Debug)]
pub enum Transport {
    /// Cleartext.
    Plain(Counted),
    /// TLS.
    Tls(Box<TlsStream<Counted>>),
}

impl Transport {
    fn counted(&self) -> &Counted {
        match self {
            Self::Plain(counted) => counted,
            Self::Tls(stream) => stream.get_ref().0,
        }
    }

    /// The count of bytes written to the socket.
    pub fn written(&self) -> Arc<AtomicU64> {
        self.counted().written()
    }

    /// Our address and the peer's.
    ///
    /// # Errors
    /// When the socket is gone.
    pub fn addresses(&self) -> io::Result<(SocketAddr, SocketAddr)> {
        let stream = &self.counted().stream;
        Ok((stream.local_addr()?, stream.peer_addr()?))
    }

    /// A second handle on the socket, for those who give the transport away.
    ///
    /// # Errors
    /// When no descriptor is left.
    pub fn socket(&self) -> io::Result<Socket> {
        SockRef::from(&self.counted().stream).try_clone()
    }

    /// Makes the next close a reset (RST) in place of an orderly end (FIN).
    ///
    /// # Errors
    /// When the socket is gone.
    pub fn close_by_reset(&self) -> io::Result<()> {
        SockRef::from(&self.counted().stream).set_linger(Some(std::time::Duration::ZERO))
    }

    /// Ends our direction (FIN) below TLS: no `close_notify` is sent.
    ///
    /// # Errors
    /// When the socket is gone.
    pub fn finish(&self) -> io::Result<()> {
        SockRef::from(&self.counted().stream).shutdown(std::net::Shutdown::Write)
    }
}

impl AsyncRead for Transport {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Transport {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
