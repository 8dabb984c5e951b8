//! The client's side of an exchange, over HTTP/1 or HTTP/2.

use std::io;

use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, SendStream};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::message::Head;

/// Where the response goes.
pub(super) enum Downstream {
    Http1 {
        socket: TcpStream,
        /// Whether the body goes out in chunks.
        chunked: bool,
    },
    Http2 {
        respond: SendResponse<Bytes>,
        stream: Option<SendStream<Bytes>>,
    },
}

impl Downstream {
    /// Sends the head of a response, which holds nothing about connections. `chunked`: of a body
    /// whose length is not known, over HTTP/1.
    pub(super) async fn head(&mut self, head: &Head, is_chunked: bool) -> io::Result<()> {
        match self {
            Self::Http1 { socket, chunked } => {
                *chunked = is_chunked;
                let mut head = head.clone();
                head.headers.push(("connection".to_owned(), b"close".to_vec()));
                if is_chunked {
                    head.headers.push(("transfer-encoding".to_owned(), b"chunked".to_vec()));
                }
                socket.write_all(&head.bytes()).await
            }
            Self::Http2 { respond, stream } => {
                let mut response = http::Response::builder().status(head.status());
                for (name, value) in &head.headers {
                    response = response.header(name.as_str(), value.as_slice());
                }
                let response = response.body(()).map_err(io::Error::other)?;
                *stream = Some(respond.send_response(response, false).map_err(io::Error::other)?);
                Ok(())
            }
        }
    }

    /// Sends a part of the body.
    pub(super) async fn data(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        match self {
            Self::Http1 { socket, chunked: true } => {
                let size = format!("{:x}\r\n", bytes.len()).into_bytes();
                socket.write_all(&[size, bytes, b"\r\n".to_vec()].concat()).await
            }
            Self::Http1 { socket, .. } => socket.write_all(&bytes).await,
            Self::Http2 { stream: Some(stream), .. } => {
                stream.send_data(bytes.into(), false).map_err(io::Error::other)
            }
            Self::Http2 { .. } => Ok(()),
        }
    }

    /// Ends the body cleanly.
    pub(super) async fn end(&mut self) -> io::Result<()> {
        match self {
            Self::Http1 { socket, chunked } => {
                if *chunked {
                    socket.write_all(b"0\r\n\r\n").await?;
                }
                socket.shutdown().await
            }
            Self::Http2 { stream: Some(stream), .. } => {
                stream.send_data(Bytes::new(), true).map_err(io::Error::other)
            }
            Self::Http2 { .. } => Ok(()),
        }
    }

    /// Ends the response without completing it.
    pub(super) async fn cut(&mut self) -> io::Result<()> {
        match self {
            Self::Http1 { socket, .. } => socket.shutdown().await,
            Self::Http2 { stream: Some(stream), .. } => {
                // What has been sent is to be read before the reset.
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                stream.send_reset(Reason::INTERNAL_ERROR);
                Ok(())
            }
            Self::Http2 { respond, .. } => {
                respond.send_reset(Reason::INTERNAL_ERROR);
                Ok(())
            }
        }
    }

    /// Resolves when the client has left. Cancel safe.
    pub(super) async fn left(&mut self) {
        match self {
            Self::Http1 { socket, .. } => {
                let mut piece = [0; 64];
                while socket.read(&mut piece).await.is_ok_and(|count| count > 0) {}
            }
            Self::Http2 { stream: Some(stream), .. } => {
                let _ = std::future::poll_fn(|context| stream.poll_reset(context)).await;
            }
            Self::Http2 { respond, .. } => {
                let _ = std::future::poll_fn(|context| respond.poll_reset(context)).await;
            }
        }
    }
}
