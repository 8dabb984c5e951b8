//! A connection to a server: TCP as it is, or TLS on it.

use std::fmt::Debug;
use std::io;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::address::Address;
use super::trust::Trust;

/// What a connection can do.
pub(super) trait Wire: AsyncRead + AsyncWrite + Unpin + Debug {}

impl<W: AsyncRead + AsyncWrite + Unpin + Debug> Wire for W {}

/// A connection.
pub(super) type Connection = Box<dyn Wire>;

/// Connects to the host of an address.
pub(super) async fn connect(address: &Address, trust: &Trust) -> io::Result<Connection> {
    let stream = TcpStream::connect(&address.authority).await?;
    stream.set_nodelay(true)?;
    if !address.is_secure {
        return Ok(Box::new(stream));
    }
    let config = trust.config().ok_or_else(|| io::Error::other("no certificate is trusted"))?;
    let name = ServerName::try_from(address.host().to_owned()).map_err(io::Error::other)?;
    let stream = TlsConnector::from(Arc::clone(config)).connect(name, stream).await?;
    Ok(Box::new(stream))
}
