//! The connection of a stream: a socket, or a socket with TLS. Plain ones pay nothing for that.

use std::fmt;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::sync::Arc;

use mio::net::TcpStream;
use rustls::client::Resumption;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, HandshakeKind};
use serde::{Deserialize, Serialize};
use ssespec_net::Trust;

use crate::end::{Doing, End};

/// Servers whose sessions are remembered, of each the last few.
const SESSIONS: usize = 64;

/// TLS, as workers are told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tls {
    /// The name that the certificate must be for.
    pub name: String,
    /// Whose certificates are accepted.
    pub trust: Trusted,
    /// Whether HTTP/2 is asked for, in place of HTTP/1.1.
    #[serde(default)]
    pub http2: bool,
    /// Whether sessions are resumed, as by one user who comes again and again.
    #[serde(default)]
    pub resume: bool,
}

/// Whose certificates are accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trusted {
    /// Those that the system trusts.
    #[default]
    System,
    /// Those that these certificates, in PEM, have signed.
    Roots(String),
    /// All of them.
    Anyone,
}

/// TLS as it is used: made once for all streams of a worker.
#[derive(Clone, Default)]
pub struct PreparedTls(Option<(Arc<ClientConfig>, ServerName<'static>)>);

impl fmt::Debug for PreparedTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PreparedTls")
    }
}

impl PartialEq for PreparedTls {
    fn eq(&self, _: &Self) -> bool {
        // It follows from what a plan says otherwise.
        true
    }
}

impl PreparedTls {
    /// The client's side of a new connection; `None` where no TLS is spoken.
    pub(crate) fn connection(&self) -> Option<ClientConnection> {
        let (config, name) = self.0.as_ref()?;
        ClientConnection::new(Arc::clone(config), name.clone()).ok()
    }
}

impl Tls {
    /// Makes what all streams use. Sessions are not resumed unasked: each stream stands for another
    /// user, who has never been there.
    ///
    /// # Errors
    /// When the certificates or the name cannot be used; says why.
    pub(crate) fn prepare(&self) -> Result<PreparedTls, String> {
        let trust = match &self.trust {
            Trusted::System => Trust::System,
            Trusted::Roots(pem) => Trust::Roots(pem.clone().into_bytes()),
            Trusted::Anyone => Trust::Anyone,
        };
        let protocol = if self.http2 { "h2" } else { "http/1.1" };
        let mut config =
            ssespec_net::client_config(&trust, &[protocol]).map_err(|error| error.to_string())?;
        config.resumption = if self.resume {
            Resumption::in_memory_sessions(SESSIONS)
        } else {
            Resumption::disabled()
        };
        let name = ServerName::try_from(self.name.clone())
            .map_err(|_| format!("`{}` is no name for a certificate", self.name))?;
        Ok(PreparedTls(Some((Arc::new(config), name))))
    }
}

/// A connection.
#[derive(Debug)]
pub(crate) enum Pipe {
    Plain(TcpStream),
    Tls(Box<TlsPipe>),
}

/// A socket and its TLS.
#[derive(Debug)]
pub(crate) struct TlsPipe {
    socket: TcpStream,
    connection: ClientConnection,
}

impl Pipe {
    /// A connection over this socket.
    pub(crate) fn new(socket: TcpStream, tls: &PreparedTls) -> Result<Self, End> {
        let Some((config, name)) = &tls.0 else {
            return Ok(Self::Plain(socket));
        };
        let connection = ClientConnection::new(Arc::clone(config), name.clone())
            .map_err(|error| End::failed("tls.handshake", error.to_string()))?;
        Ok(Self::Tls(Box::new(TlsPipe { socket, connection })))
    }

    /// The socket.
    pub(crate) fn socket(&self) -> &TcpStream {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls(tls) => &tls.socket,
        }
    }

    /// Whether it speaks TLS. Then a short read does not say that there is no more.
    pub(crate) fn is_tls(&self) -> bool {
        matches!(self, Self::Tls(_))
    }

    /// Whether the connection has come about.
    ///
    /// # Errors
    /// When it will not.
    pub(crate) fn is_connected(&self) -> Result<bool, End> {
        let socket = self.socket();
        match socket.take_error() {
            Ok(Some(error)) | Err(error) => Err(End::io(Doing::Connecting, &error)),
            // It may have been woken before its time.
            Ok(None) => Ok(socket.peer_addr().is_ok()),
        }
    }

    /// Whether the other side has chosen this protocol by ALPN.
    pub(crate) fn has_agreed_on(&self, protocol: &[u8]) -> bool {
        matches!(self, Self::Tls(tls) if tls.connection.alpn_protocol() == Some(protocol))
    }

    /// Whether the handshake has resumed a session.
    pub(crate) fn is_resumed(&self) -> bool {
        matches!(self, Self::Tls(tls)
            if tls.connection.handshake_kind() == Some(HandshakeKind::Resumed))
    }

    /// Goes on with the handshake; whether it is complete.
    ///
    /// # Errors
    /// When the other side, or its certificate, is refused, or refuses.
    pub(crate) fn shake_hands(&mut self) -> Result<bool, End> {
        let Self::Tls(tls) = self else {
            return Ok(true);
        };
        while tls.connection.is_handshaking() {
            tls.flush().map_err(|error| End::io(Doing::Asking, &error))?;
            match tls.fill() {
                Ok(0) => {
                    let message = "the connection was closed within the handshake";
                    return Err(End::failed("tls.closed", message));
                }
                Ok(_) => {}
                Err(Filled::Socket(error)) if error.kind() == ErrorKind::WouldBlock => {
                    return Ok(false);
                }
                Err(Filled::Socket(error)) => return Err(End::io(Doing::Asking, &error)),
                Err(Filled::Tls(error)) => {
                    // The other side is told, if it still listens.
                    let _ = tls.flush();
                    let certificate = matches!(error, rustls::Error::InvalidCertificate(_));
                    let cause = if certificate { "tls.certificate" } else { "tls.handshake" };
                    return Err(End::failed(cause, error.to_string()));
                }
            }
        }
        tls.flush().map_err(|error| End::io(Doing::Asking, &error))?;
        Ok(true)
    }

    /// Writes what waits to be written.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(_) => Ok(()),
            Self::Tls(tls) => tls.flush(),
        }
    }

    /// Writes as much as is taken at once.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.write(bytes),
            Self::Tls(tls) => {
                let len = tls.connection.writer().write(bytes)?;
                tls.flush()?;
                // Full, until the socket takes what waits.
                if len == 0 { Err(ErrorKind::WouldBlock.into()) } else { Ok(len) }
            }
        }
    }

    /// Reads what has come; 0 at the end.
    #[inline]
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.read(buffer),
            Self::Tls(tls) => tls.read(buffer),
        }
    }
}

/// What kept bytes from coming in.
enum Filled {
    Socket(io::Error),
    Tls(rustls::Error),
}

impl TlsPipe {
    fn flush(&mut self) -> io::Result<()> {
        while self.connection.wants_write() {
            match self.connection.write_tls(&mut self.socket) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // What is left goes when the socket takes bytes again.
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Takes bytes from the socket; how many.
    fn fill(&mut self) -> Result<usize, Filled> {
        let len = loop {
            match self.connection.read_tls(&mut self.socket) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                other => break other.map_err(Filled::Socket)?,
            }
        };
        self.connection.process_new_packets().map_err(Filled::Tls)?;
        Ok(len)
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.connection.reader().read(buffer) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                // Closed without a word of farewell, as many servers do; whether the body was whole
                // is told by its framing.
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(0),
                other => return other,
            }
            match self.fill() {
                Ok(_) => {}
                Err(Filled::Socket(error)) => return Err(error),
                Err(Filled::Tls(error)) => {
                    let _ = self.flush();
                    return Err(io::Error::new(ErrorKind::InvalidData, error));
                }
            }
            // Such as an answer to new keys.
            self.flush()?;
        }
    }
}
