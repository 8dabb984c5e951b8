//! What a stream of the built-in server goes out by.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use h2::SendStream;
use mio::net::TcpStream;

use super::sharing::Link;

/// What a stream goes out by.
pub(super) enum Carrier {
    /// It has gone.
    None,
    /// A connection of its own.
    Socket(TcpStream),
    /// A connection of HTTP/2, with others.
    Shared(Box<Shared>),
    /// This is such a connection itself.
    Link(Box<Link>),
}

/// A stream of HTTP/2.
pub(super) struct Shared {
    pub(super) sending: SendStream<Bytes>,
    pub(super) waker: Waker,
}

impl Carrier {
    pub(super) fn is_there(&self) -> bool {
        !matches!(self, Self::None)
    }

    /// Whether it is one stream among others of a connection.
    pub(super) fn is_shared(&self) -> bool {
        matches!(self, Self::Shared(_))
    }

    /// Takes it away; whether it was there.
    pub(super) fn take(&mut self) -> bool {
        !matches!(std::mem::replace(self, Self::None), Self::None)
    }

    /// Reads what the client says.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Socket(socket) => socket.read(buffer),
            Self::None | Self::Shared(_) | Self::Link(_) => Err(ErrorKind::WouldBlock.into()),
        }
    }

    /// Writes as much as it takes.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Socket(socket) => write_all_that_goes(socket, bytes),
            Self::Shared(shared) => shared.write(bytes),
            Self::None | Self::Link(_) => Ok(bytes.len()),
        }
    }

    /// Says that this was all, where the end of the connection does not say so.
    pub(super) fn finish(&mut self) {
        if let Self::Shared(shared) = self {
            // A client that has gone does not care.
            let _ = shared.sending.send_data(Bytes::new(), true);
        }
    }
}

impl Shared {
    /// Gives to the connection what the windows take; the waker is woken when they take more.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut written = 0;
        loop {
            let rest = bytes.get(written..).unwrap_or_default();
            if rest.is_empty() {
                return Ok(written);
            }
            self.sending.reserve_capacity(rest.len());
            let room = self.sending.capacity().min(rest.len());
            if room == 0 {
                match self.sending.poll_capacity(&mut Context::from_waker(&self.waker)) {
                    Poll::Pending => return Ok(written),
                    Poll::Ready(Some(Ok(_))) => continue,
                    Poll::Ready(Some(Err(_)) | None) => return Err(ErrorKind::BrokenPipe.into()),
                }
            }
            let part = Bytes::copy_from_slice(rest.get(..room).unwrap_or_default());
            self.sending.send_data(part, false).map_err(|_| ErrorKind::BrokenPipe)?;
            written += room;
        }
    }
}

/// Writes as much as the socket takes.
fn write_all_that_goes(socket: &mut TcpStream, bytes: &[u8]) -> io::Result<usize> {
    let mut written = 0;
    loop {
        let rest = bytes.get(written..).unwrap_or_default();
        if rest.is_empty() {
            return Ok(written);
        }
        match socket.write(rest) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(len) => written += len,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(written),
            Err(error) => return Err(error),
        }
    }
}
