//! Counts the HTTP/2 DATA bytes that leave through a transport.
//!
//! The h2 crate says when it has taken bytes, not when they are on the wire; a cut is only real
//! once the frame before it has left.

use std::collections::HashMap;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// DATA payload bytes by stream, as of the last flush.
#[derive(Debug, Default)]
pub struct FrameTally {
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    written: HashMap<u32, u64>,
    flushed: HashMap<u32, u64>,
}

impl FrameTally {
    /// DATA bytes of a stream that have been written to the socket and flushed.
    pub fn flushed(&self, stream: u32) -> u64 {
        self.counts
            .lock()
            .ok()
            .and_then(|counts| counts.flushed.get(&stream).copied())
            .unwrap_or_default()
    }

    /// Forgets a stream that has ended.
    pub fn forget(&self, stream: u32) {
        if let Ok(mut counts) = self.counts.lock() {
            counts.written.remove(&stream);
            counts.flushed.remove(&stream);
        }
    }
}

const FRAME_HEADER: usize = 9;
const DATA: u8 = 0;

/// Passes everything on and reads the frame headers that go by.
#[derive(Debug)]
pub struct FrameTap<T> {
    inner: T,
    tally: Arc<FrameTally>,
    header: Vec<u8>,
    payload_left: usize,
    /// The stream, when the payload that goes by is DATA.
    data_stream: Option<u32>,
}

impl<T> FrameTap<T> {
    /// Wraps the transport of a server, before anything was written.
    pub fn new(inner: T) -> Self {
        Self {
            inner,
            tally: Arc::new(FrameTally::default()),
            header: Vec::with_capacity(FRAME_HEADER),
            payload_left: 0,
            data_stream: None,
        }
    }

    /// The counts, readable while somebody else owns the transport.
    pub fn tally(&self) -> Arc<FrameTally> {
        Arc::clone(&self.tally)
    }

    fn observe(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.payload_left > 0 {
                let count = self.payload_left.min(bytes.len());
                self.payload_left -= count;
                bytes = bytes.get(count..).unwrap_or_default();
                if let (Some(stream), Ok(mut counts)) = (self.data_stream, self.tally.counts.lock())
                {
                    *counts.written.entry(stream).or_default() += count as u64;
                }
                continue;
            }
            let count = (FRAME_HEADER - self.header.len()).min(bytes.len());
            let (head, rest) = bytes.split_at(count);
            self.header.extend_from_slice(head);
            bytes = rest;
            if let [l0, l1, l2, kind, _, s0, s1, s2, s3] = *self.header.as_slice() {
                self.payload_left = u32::from_be_bytes([0, l0, l1, l2]) as usize;
                let stream = u32::from_be_bytes([s0 & 0x7f, s1, s2, s3]);
                self.data_stream = (kind == DATA).then_some(stream);
                self.header.clear();
            }
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for FrameTap<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for FrameTap<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(cx, bytes);
        if let Poll::Ready(Ok(count)) = written {
            self.observe(bytes.get(..count).unwrap_or_default());
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.inner).poll_flush(cx);
        if matches!(flushed, Poll::Ready(Ok(())))
            && let Ok(mut counts) = self.tally.counts.lock()
            && counts.flushed != counts.written
        {
            let counts = &mut *counts;
            counts.flushed.clone_from(&counts.written);
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;

    use super::*;

    #[tokio::test]
    async fn data_bytes_count_once_flushed_whatever_the_writes() {
        let mut frames = Vec::new();
        frames.extend_from_slice(&[0, 0, 2, 4, 0, 0, 0, 0, 0, 9, 9]); // SETTINGS
        frames.extend_from_slice(&[0, 0, 3, 0, 0, 0, 0, 0, 5, b'a', b'b', b'c']);
        frames.extend_from_slice(&[0, 0, 0, 0, 1, 0, 0, 0, 7]);
        for size in 1..frames.len() {
            let mut tap = FrameTap::new(tokio::io::sink());
            let tally = tap.tally();
            for piece in frames.chunks(size) {
                tap.write_all(piece).await.unwrap();
            }
            assert_eq!(tally.flushed(5), 0);
            tap.flush().await.unwrap();
            assert_eq!((tally.flushed(5), tally.flushed(7), tally.flushed(0)), (3, 0, 0));
        }
    }
}
