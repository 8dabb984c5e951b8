//! The origin's side of an exchange: its head, and its body as it comes.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::defect::RelayDefect as Defect;
use super::message::{Head, read_head};

/// Where the body stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Length(usize),
    ChunkSize,
    /// What is left of the chunk.
    Chunk(usize),
    ChunkEnd,
    Trailers,
    UntilClose,
    Over,
}

/// What comes next of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    Bytes(Vec<u8>),
    End,
    Cut,
}

/// A response that is being read.
pub(super) struct Upstream {
    socket: TcpStream,
    bytes: Vec<u8>,
    state: State,
    pub(super) head: Head,
}

impl Upstream {
    /// Sends a request and waits for the final head.
    pub(super) async fn ask(
        origin: SocketAddr,
        request: &[u8],
        defect: Option<Defect>,
    ) -> io::Result<Self> {
        let mut socket = TcpStream::connect(origin).await?;
        socket.set_nodelay(true)?;
        socket.write_all(request).await?;
        let mut bytes = Vec::new();
        let head = loop {
            let head = read_head(&mut socket, &mut bytes).await?;
            let is_interim = (100..200).contains(&head.status());
            if !is_interim || defect == Some(Defect::InterimTakenForFinal) {
                break head;
            }
        };
        let state = match head.length() {
            _ if matches!(head.status(), 100..=199 | 204 | 304) => State::Over,
            _ if defect == Some(Defect::ChunkedTwice) => State::UntilClose,
            _ if head.is_chunked() => State::ChunkSize,
            Some(length) => State::Length(length),
            None => State::UntilClose,
        };
        Ok(Self { socket, bytes, state, head })
    }

    /// Whether the end of the connection is the end of the body.
    pub(super) fn is_delimited_by_close(&self) -> bool {
        self.state == State::UntilClose
    }

    /// Waits for more of the body. Cancel safe.
    pub(super) async fn next(&mut self) -> Next {
        loop {
            if let Some(next) = self.take() {
                return next;
            }
            match self.socket.read_buf(&mut self.bytes).await {
                Ok(1..) => {}
                Ok(0) if self.state == State::UntilClose => return Next::End,
                Ok(_) | Err(_) => return Next::Cut,
            }
        }
    }

    /// What can be had without waiting.
    fn take(&mut self) -> Option<Next> {
        loop {
            match self.state {
                State::Over | State::Length(0) => return Some(Next::End),
                _ if self.bytes.is_empty() => return None,
                State::UntilClose => return Some(Next::Bytes(std::mem::take(&mut self.bytes))),
                State::Length(left) => {
                    let piece = self.part(left);
                    self.state = State::Length(left - piece.len());
                    return Some(Next::Bytes(piece));
                }
                State::Chunk(0) => self.state = State::ChunkEnd,
                State::Chunk(left) => {
                    let piece = self.part(left);
                    self.state = State::Chunk(left - piece.len());
                    return Some(Next::Bytes(piece));
                }
                State::ChunkEnd => {
                    self.line()?;
                    self.state = State::ChunkSize;
                }
                State::ChunkSize => {
                    let line = self.line()?;
                    let text = String::from_utf8_lossy(&line);
                    let size = text.split(';').next().unwrap_or_default().trim();
                    self.state = match usize::from_str_radix(size, 16) {
                        Ok(0) => State::Trailers,
                        Ok(size) => State::Chunk(size),
                        Err(_) => return Some(Next::Cut),
                    };
                }
                State::Trailers => {
                    if self.line()?.is_empty() {
                        self.state = State::Over;
                    }
                }
            }
        }
    }

    fn part(&mut self, most: usize) -> Vec<u8> {
        let count = most.min(self.bytes.len());
        self.bytes.drain(..count).collect()
    }

    fn line(&mut self) -> Option<Vec<u8>> {
        let end = self.bytes.iter().position(|byte| *byte == b'\n')?;
        let line: Vec<u8> = self.bytes.drain(..=end).collect();
        Some(line.trim_ascii().to_vec())
    }
}
