//! A TCP connection that notices GOAWAY, which the h2 crate tells its streams only where it
//! concerns them.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Length of a frame's header.
const HEADER_BYTES: usize = 9;
/// The type of a GOAWAY frame.
const GOAWAY: u8 = 7;

/// A TCP connection whose incoming frames are looked at.
#[derive(Debug)]
pub(super) struct Tap {
    connection: TcpStream,
    frames: Frames,
    goaway: Arc<AtomicBool>,
}

impl Tap {
    /// Taps a connection; the flag is set when GOAWAY has come.
    pub(super) fn new(connection: TcpStream) -> (Self, Arc<AtomicBool>) {
        let goaway = Arc::new(AtomicBool::new(false));
        let tap = Self { connection, frames: Frames::default(), goaway: Arc::clone(&goaway) };
        (tap, goaway)
    }
}

/// Walks over frames that come in pieces.
#[derive(Debug, Default)]
struct Frames {
    header: Vec<u8>,
    /// What is left of the frame behind its header.
    left: usize,
}

impl Frames {
    /// Whether GOAWAY is among the frames that begin in these bytes.
    fn has_goaway(&mut self, bytes: &[u8]) -> bool {
        let mut found = false;
        for byte in bytes {
            if self.left > 0 {
                self.left -= 1;
                continue;
            }
            self.header.push(*byte);
            if let (HEADER_BYTES, [a, b, c, kind, ..]) = (self.header.len(), &*self.header) {
                self.left = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
                found |= *kind == GOAWAY;
                self.header.clear();
            }
        }
        found
    }
}

impl AsyncRead for Tap {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.connection).poll_read(context, buffer))?;
        let read = buffer.filled().get(before..).unwrap_or_default();
        if self.frames.has_goaway(read) {
            self.goaway.store(true, Ordering::Release);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Tap {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.connection).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goaway_is_found_wherever_the_bytes_are_cut() {
        let data = b"\0\0\x02\0\0\0\0\0\x01\x07\x07";
        let goaway = b"\0\0\x08\x07\0\0\0\0\0\0\0\0\x01\0\0\0\x02";
        for cut in 1..data.len() {
            let mut frames = Frames::default();
            let (left, right) = data.split_at(cut);
            assert!(!frames.has_goaway(left) && !frames.has_goaway(right));
            assert!(frames.has_goaway(goaway));
        }
    }
}
