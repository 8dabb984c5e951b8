//! HTTP/1 on the wire: each head and each chunk is one write.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ssespec_net::{Intake, Request, Taken, Transport, read_request};
use ssespec_scenario::{Framing, HttpVersion, Respond};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::Happening;
use crate::play::{After, Exchange, INTAKE_LIMIT, NEXT_REQUEST};
use crate::shared::Shared;

/// How long a peer may take to close after our FIN.
const LINGER: Duration = Duration::from_secs(2);
/// How long a client may take to send a request on a new or idle connection.
const IDLE_LIMIT: Duration = Duration::from_mins(10);

/// Serves a connection until one side ends it.
pub(crate) async fn serve(shared: Arc<Shared>, transport: Transport) -> io::Result<()> {
    let (local, peer) = transport.addresses()?;
    let written = transport.written();
    let mut exchange = Http1 {
        transport,
        stash: Vec::new(),
        framing: Framing::Chunked,
        intake: Arc::clone(&shared.intake),
        addresses: (local, peer),
        written,
    };
    loop {
        let read = read_request(&mut exchange.transport, &mut exchange.stash);
        let request = match tokio::time::timeout(IDLE_LIMIT, read).await {
            Ok(Ok(Some(request))) => request,
            Ok(Err(error)) => {
                let text = format!("{error}\n");
                let headers = [("content-type", &b"text/plain"[..]), ("connection", b"close")];
                let mut out = ssespec_net::head("1.1", 400, headers);
                out.extend_from_slice(text.as_bytes());
                exchange.transport.write_all(&out).await?;
                return exchange.close().await;
            }
            Ok(Ok(None)) | Err(_) => return Ok(()),
        };
        let keeps_alive = request.keeps_alive();
        let after = shared.answer(&mut exchange, request).await?;
        match after {
            After::Drop => return Ok(()),
            After::Reusable if keeps_alive => {}
            After::Reusable | After::Close => return exchange.close().await,
            After::Cut => {
                exchange.drain().await;
                return Ok(());
            }
        }
    }
}

/// One request and its response.
pub(crate) struct Http1 {
    transport: Transport,
    /// Bytes of a next request that came early.
    stash: Vec<u8>,
    framing: Framing,
    intake: Arc<Intake>,
    addresses: (SocketAddr, SocketAddr),
    written: Arc<AtomicU64>,
}

impl Http1 {
    /// Ends our direction, under TLS with a `close_notify`, and drains the peer's.
    async fn close(&mut self) -> io::Result<()> {
        // A peer that does not read leaves no room for the `close_notify`.
        let ended = tokio::time::timeout(LINGER, self.transport.shutdown()).await;
        ended.unwrap_or(Ok(()))?;
        self.drain().await;
        Ok(())
    }

    /// Waits for the peer to end its direction, so that no RST overtakes data.
    async fn drain(&mut self) {
        let mut piece = [0_u8; 1024];
        let drained = async {
            // A peer that sends on where it should read is cut short.
            for _ in 0..1024 {
                if !matches!(self.transport.read(&mut piece).await, Ok(1..)) {
                    break;
                }
            }
        };
        let _ = tokio::time::timeout(LINGER, drained).await;
    }

    /// Sends a plain answer that is no event stream.
    pub(crate) async fn plain(
        &mut self,
        status: u16,
        content_type: &str,
        body: &[u8],
    ) -> io::Result<()> {
        let length = body.len().to_string();
        let headers =
            [("content-type", content_type.as_bytes()), ("content-length", length.as_bytes())];
        let mut out = ssespec_net::head("1.1", status, headers);
        out.extend_from_slice(body);
        self.transport.write_all(&out).await
    }
}

impl Exchange for Http1 {
    fn local(&self) -> SocketAddr {
        self.addresses.0
    }

    async fn head(
        &mut self,
        respond: &Respond,
        body_bytes: Option<u64>,
        _is_empty: bool,
    ) -> io::Result<Vec<u8>> {
        self.framing = respond.framing;
        let bytes = if let Some(raw) = &respond.raw {
            raw.0.clone()
        } else {
            let length = body_bytes.unwrap_or_default().to_string();
            let mut headers: Vec<(&str, &[u8])> = Vec::new();
            if !respond.content_type.0.is_empty() {
                headers.push(("content-type", respond.content_type.0.as_bytes()));
            }
            headers.push(("cache-control", b"no-store"));
            for (name, value) in &respond.header {
                headers.retain(|(present, _)| !present.eq_ignore_ascii_case(name));
                headers.push((name, value.0.as_bytes()));
            }
            let bodyless = matches!(respond.status, 100..=199 | 204 | 304);
            match respond.framing {
                Framing::Chunked if bodyless => self.framing = Framing::Length,
                Framing::Chunked => headers.push(("transfer-encoding", b"chunked")),
                Framing::Length => headers.push(("content-length", length.as_bytes())),
                Framing::Close => headers.push(("connection", b"close")),
            }
            let version = match respond.version {
                HttpVersion::Http11 => "1.1",
                HttpVersion::Http10 => "1.0",
            };
            ssespec_net::head(version, respond.status, headers)
        };
        self.transport.write_all(&bytes).await?;
        self.transport.flush().await?;
        Ok(bytes)
    }

    async fn taken(&mut self) -> Taken {
        let written = self.written.load(Ordering::Acquire);
        let (local, peer) = self.addresses;
        self.intake.wait(local, peer, || Some(written), INTAKE_LIMIT).await
    }

    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self.framing {
            Framing::Chunked => self.transport.write_all(&ssespec_net::chunk(bytes)).await?,
            Framing::Length | Framing::Close => self.transport.write_all(bytes).await?,
        }
        self.transport.flush().await
    }

    async fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.transport.write_all(bytes).await?;
        self.transport.flush().await
    }

    async fn end(&mut self, trailers: Option<&[u8]>) -> io::Result<()> {
        if self.framing == Framing::Chunked {
            let mut last = b"0\r\n".to_vec();
            last.extend_from_slice(trailers.unwrap_or_default());
            last.extend_from_slice(b"\r\n");
            self.transport.write_all(&last).await?;
            self.transport.flush().await?;
        }
        Ok(())
    }

    async fn break_off(&mut self, how: &Happening) -> io::Result<()> {
        if *how == Happening::Reset {
            return self.transport.close_by_reset();
        }
        self.transport.finish()
    }

    async fn left(&mut self) -> &'static str {
        let mut piece = [0_u8; 1024];
        // Who sends another request has done with this response, whatever we still had in mind.
        if !self.stash.is_empty() {
            return NEXT_REQUEST;
        }
        match self.transport.read(&mut piece).await {
            Ok(0) => "FIN",
            Ok(count) => {
                self.stash.extend_from_slice(piece.get(..count).unwrap_or_default());
                NEXT_REQUEST
            }
            Err(_) => "RST",
        }
    }
}

impl Shared {
    /// Plays a run, or shows a page.
    async fn answer(&self, exchange: &mut Http1, request: Request) -> io::Result<After> {
        if let Some(run) = self.run(&request.target) {
            return crate::play::play(&run, exchange, request).await;
        }
        let page = self.page(&request);
        exchange.plain(page.status, page.content_type, page.body.as_bytes()).await?;
        Ok(After::Reusable)
    }
}
