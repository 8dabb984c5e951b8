//! Connections to the server, in cleartext or under TLS.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use socket2::SockRef;
use ssespec_net::{Trust, TrustError, client_config};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use super::exchange::{Asked, Trouble, Version};

/// The receive buffer of a reader that is to stall, in bytes.
const SMALL_BUFFER_BYTES: usize = 2048;

/// Either end of a connection.
pub(super) trait Line: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Line for T {}

/// Opens connections.
#[derive(Clone)]
pub(super) struct Dialler {
    http1: TlsConnector,
    http2: TlsConnector,
    limit: Duration,
}

impl Dialler {
    /// One that trusts as it is told, and waits no longer than this.
    pub(super) fn new(trust: &Trust, limit: Duration) -> Result<Self, TrustError> {
        let connector = |protocols: &[&str]| {
            client_config(trust, protocols).map(|config| TlsConnector::from(Arc::new(config)))
        };
        Ok(Self { http1: connector(&["http/1.1"])?, http2: connector(&["h2"])?, limit })
    }

    /// Connects for a request. Cancel safe.
    pub(super) async fn dial(&self, asked: &Asked, stall: bool) -> Result<Box<dyn Line>, Trouble> {
        let limit = self.limit.as_millis();
        let (host, port) = asked.address.host_and_port();
        let unreachable =
            |error: io::Error| Trouble::Unreachable(format!("`{host}` port {port}: {error}"));
        let connected = TcpStream::connect((host.as_str(), port));
        let stream = tokio::time::timeout(self.limit, connected)
            .await
            .map_err(|_| Trouble::Unreachable(format!("it was not made within {limit} ms")))?
            .map_err(unreachable)?;
        // Neither matters where it cannot be set.
        let _ = stream.set_nodelay(true);
        if stall {
            let _ = SockRef::from(&stream).set_recv_buffer_size(SMALL_BUFFER_BYTES);
        }
        if !asked.address.https {
            return Ok(Box::new(stream));
        }
        let name = ServerName::try_from(host.clone()).map_err(|_| {
            Trouble::Tls(format!("`{host}` is no name that a certificate can have"))
        })?;
        let http2 = asked.version == Version::Http2;
        let connector = if http2 { &self.http2 } else { &self.http1 };
        let shaken = tokio::time::timeout(self.limit, connector.connect(name, stream)).await;
        let stream = shaken
            .map_err(|_| Trouble::Tls(format!("it was not over within {limit} ms")))?
            .map_err(|error| Trouble::Tls(error.to_string()))?;
        if http2 && stream.get_ref().1.alpn_protocol() != Some(b"h2") {
            return Err(Trouble::Tls("the server does not choose `h2` by ALPN".to_owned()));
        }
        Ok(Box::new(stream))
    }
}
