//! Whether a server speaks HTTP/2, found out before a run is blamed on it.

use std::io::{self, Read as _};
use std::net::TcpStream;
use std::time::Duration;

use rustls::StreamOwned;

use super::PREFACE;
use crate::pipe::PreparedTls;

/// The head of a frame.
const FRAME_HEAD_BYTES: usize = 9;
/// The type of the frame that comes first.
const SETTINGS: u8 = 4;
/// Which of the settings is the number of streams.
const MAX_CONCURRENT_STREAMS: u16 = 3;

/// Why it does not; in words that follow "the server does not speak HTTP/2: ".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unspoken(pub(crate) String);

/// Greets a server; how many streams it takes on a connection, where it says so.
///
/// Where TLS itself fails, nothing is found out: the streams will tell why.
pub(crate) fn greet(
    socket: TcpStream,
    tls: &PreparedTls,
    limit: Duration,
) -> Result<Option<u64>, Unspoken> {
    let limited =
        socket.set_read_timeout(Some(limit)).and_then(|()| socket.set_write_timeout(Some(limit)));
    if limited.is_err() {
        return Ok(None);
    }
    let Some(connection) = tls.connection() else {
        return settings(socket);
    };
    let mut secure = StreamOwned::new(connection, socket);
    while secure.conn.is_handshaking() {
        match secure.conn.complete_io(&mut secure.sock) {
            Ok(_) => {}
            Err(error) if is_no_alpn(&error) => return Err(not_chosen()),
            Err(_) => return Ok(None),
        }
    }
    if secure.conn.alpn_protocol() != Some(b"h2") {
        return Err(not_chosen());
    }
    settings(secure)
}

fn not_chosen() -> Unspoken {
    Unspoken("it does not choose `h2` by ALPN".to_owned())
}

/// Whether the server has refused the handshake because there is no protocol that both speak.
fn is_no_alpn(error: &io::Error) -> bool {
    let tls = error.get_ref().and_then(|it| it.downcast_ref::<rustls::Error>());
    tls.is_some_and(|it| {
        matches!(
            it,
            rustls::Error::AlertReceived(rustls::AlertDescription::NoApplicationProtocol)
                | rustls::Error::NoApplicationProtocol
        )
    })
}

fn settings(mut stream: impl io::Read + io::Write) -> Result<Option<u64>, Unspoken> {
    let empty = [0, 0, 0, SETTINGS, 0, 0, 0, 0, 0];
    let mut greeting = PREFACE.to_vec();
    greeting.extend_from_slice(&empty);
    let said = |what: &io::Error| match what.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
            Unspoken("it does not answer the preface with its settings".to_owned())
        }
        _ => Unspoken(format!("it breaks the connection off after the preface ({what})")),
    };
    stream.write_all(&greeting).and_then(|()| stream.flush()).map_err(|it| said(&it))?;
    let mut head = [0; FRAME_HEAD_BYTES];
    stream.read_exact(&mut head).map_err(|it| said(&it))?;
    if head.starts_with(b"HTTP/") {
        let mut line = head.to_vec();
        let _ = (&mut stream).take(64).read_to_end(&mut line);
        let line = line.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let line = String::from_utf8_lossy(line);
        return Err(Unspoken(format!("it answers `{}`", line.escape_debug())));
    }
    let [a, b, c, kind, ..] = head;
    let len = u64::from(u32::from_be_bytes([0, a, b, c]));
    if kind != SETTINGS || len % 6 != 0 || len > 16_384 {
        return Err(Unspoken("its first bytes are no settings".to_owned()));
    }
    let mut payload = Vec::new();
    stream.take(len).read_to_end(&mut payload).map_err(|it| said(&it))?;
    Ok(payload.chunks_exact(6).find_map(|setting| {
        let (id, value) = setting.split_first_chunk::<2>()?;
        let value = <[u8; 4]>::try_from(value).ok()?;
        (u16::from_be_bytes(*id) == MAX_CONCURRENT_STREAMS)
            .then(|| u64::from(u32::from_be_bytes(value)))
    }))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// A server that says this, whatever it is told.
    struct Saying(Cursor<Vec<u8>>);

    impl io::Read for Saying {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.read(buffer)
        }
    }

    impl io::Write for Saying {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn greeted(bytes: &[u8]) -> Result<Option<u64>, String> {
        settings(Saying(Cursor::new(bytes.to_vec()))).map_err(|it| it.to_string())
    }

    #[test]
    fn settings_tell_how_many_streams_there_may_be() {
        assert_eq!(greeted(&[0, 0, 0, 4, 0, 0, 0, 0, 0]), Ok(None));
        let limited = [0, 0, 12, 4, 0, 0, 0, 0, 0, 0, 4, 0, 0, 255, 255, 0, 3, 0, 0, 0, 128];
        assert_eq!(greeted(&limited), Ok(Some(128)));
    }

    #[test]
    fn other_answers_are_told() {
        let old = greeted(b"HTTP/1.1 400 Bad Request\r\nserver: a\r\n\r\n").unwrap_err();
        assert_eq!(old, "it answers `HTTP/1.1 400 Bad Request`");
        assert!(greeted(b"SSH-2.0-OpenSSH").unwrap_err().contains("no settings"));
        assert!(greeted(b"").unwrap_err().contains("breaks the connection off"));
    }
}
