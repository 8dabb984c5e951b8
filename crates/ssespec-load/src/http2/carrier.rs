//! A connection as the h2 crate wants it: read and written when it is polled.

use std::cell::Cell;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::pipe::Pipe;

/// A connection, of which somebody else keeps an account.
///
/// It wakes nobody: the socket is registered with the poll of the process, which polls the
/// connection whenever something has come.
#[derive(Debug)]
pub(crate) struct Carrier {
    pipe: Pipe,
    account: Rc<Account>,
    /// What was read before it was known that this is HTTP/2.
    early: Vec<u8>,
}

/// What has come by a connection.
#[derive(Debug, Default)]
pub(crate) struct Account {
    /// Bytes that nobody has counted yet.
    bytes: Cell<u64>,
    /// Whether the first bytes were those of HTTP/1.
    pub(crate) old: Cell<bool>,
    begun: Cell<bool>,
    /// Whether the other side will send no more.
    pub(crate) closed: Cell<bool>,
    /// What the socket failed with.
    pub(crate) failure: Cell<Option<ErrorKind>>,
}

impl Account {
    /// The bytes since the last time.
    pub(crate) fn take_bytes(&self) -> u64 {
        self.bytes.take()
    }

    fn add(&self, bytes: &[u8]) {
        self.bytes.set(self.bytes.get() + bytes.len() as u64);
        if !self.begun.replace(true) {
            self.old.set(bytes.starts_with(b"HTTP/"));
        }
        self.closed.set(bytes.is_empty());
    }
}

impl Carrier {
    pub(crate) fn new(pipe: Pipe, early: Vec<u8>) -> (Self, Rc<Account>) {
        let account = Rc::<Account>::default();
        (Self { pipe, account: Rc::clone(&account), early }, account)
    }

    fn poll<T>(&self, done: io::Result<T>) -> Poll<io::Result<T>> {
        match done {
            Err(error) if error.kind() == ErrorKind::WouldBlock => Poll::Pending,
            Err(error) => {
                self.account.failure.set(Some(error.kind()));
                Poll::Ready(Err(error))
            }
            done => Poll::Ready(done),
        }
    }
}

/// Does it again where a signal came in between.
fn persist<T>(mut done: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match done() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

impl AsyncRead for Carrier {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.early.is_empty() {
            let len = this.early.len().min(buffer.remaining());
            buffer.put_slice(this.early.get(..len).unwrap_or_default());
            this.early.drain(..len);
            return Poll::Ready(Ok(()));
        }
        let room = buffer.initialize_unfilled();
        let read = persist(|| this.pipe.read(room));
        if let Ok(len) = read {
            this.account.add(room.get(..len).unwrap_or_default());
            if this.account.old.get() {
                let message = "the answer is one of HTTP/1";
                return Poll::Ready(Err(io::Error::new(ErrorKind::InvalidData, message)));
            }
            buffer.advance(len);
        }
        this.poll(read.map(|_| ()))
    }
}

impl AsyncWrite for Carrier {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = persist(|| this.pipe.write(bytes));
        this.poll(written)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = persist(|| this.pipe.flush());
        this.poll(flushed)
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        // The socket is closed when it is dropped.
        let flushed = persist(|| this.pipe.flush());
        this.poll(flushed)
    }
}
