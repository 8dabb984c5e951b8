//! Proof that a peer on this machine has taken what it was sent.
//!
//! Writes on loopback coalesce before the peer reads, and then a bug in how it treats a cut never
//! shows. The kernel can be asked: through `inet_diag` it tells of any TCP socket how many bytes
//! it has received in all and how many of them its process has not read yet.

use std::net::SocketAddr;
use std::time::Duration;

/// Whether a peer has taken all that was written to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It has read every byte.
    Yes,
    /// Not yet.
    No,
    /// It has no such socket any more.
    Gone,
    /// It cannot be seen from here: another machine, another system.
    Unseen,
}

/// How long to wait where the peer's socket cannot be seen.
const BLIND_PAUSE: Duration = Duration::from_millis(20);

/// How long until the next look, at first.
const SHORT_LOOK: Duration = Duration::from_millis(1);

/// How long until the next look at a peer that has been slow: of a thousand streams at once, most
/// wait for their turn in the client, and a look takes the processor that the client needs.
const LONG_LOOK: Duration = Duration::from_millis(50);

/// Asks the kernel about the sockets of peers.
#[derive(Debug, Default)]
pub struct Intake {
    #[cfg(target_os = "linux")]
    diag: std::sync::Mutex<Option<linux::Diag>>,
}

impl Intake {
    /// Opens the kernel's socket diagnosis where there is one.
    pub fn new() -> Self {
        Self {
            #[cfg(target_os = "linux")]
            diag: std::sync::Mutex::new(linux::Diag::open().ok()),
        }
    }

    /// Whether the peer of the connection `local` → `peer` has read all `written_bytes`.
    pub fn taken(&self, local: SocketAddr, peer: SocketAddr, written_bytes: u64) -> Taken {
        #[cfg(target_os = "linux")]
        if let Ok(mut diag) = self.diag.lock()
            && let Some(diag) = diag.as_mut()
        {
            return diag.query(peer, local).map_or(Taken::Unseen, |answer| match answer {
                None => Taken::Gone,
                Some(queue) if queue.received >= written_bytes && queue.unread == 0 => Taken::Yes,
                Some(_) => Taken::No,
            });
        }
        let _ = (local, peer, written_bytes);
        Taken::Unseen
    }

    /// Waits until the peer has read all that `written_bytes` counts, at most `limit`.
    ///
    /// Returns [`Taken::No`] when the limit was reached, [`Taken::Unseen`] after a pause where
    /// the peer's socket cannot be seen. Cancel safe.
    pub async fn wait(
        &self,
        local: SocketAddr,
        peer: SocketAddr,
        written_bytes: impl Fn() -> Option<u64>,
        limit: Duration,
    ) -> Taken {
        let began = tokio::time::Instant::now();
        let mut tries = 0_u32;
        loop {
            let taken = written_bytes().map_or(Taken::No, |n| self.taken(local, peer, n));
            let waited = began.elapsed();
            match taken {
                Taken::No if waited >= limit => return Taken::No,
                Taken::No if tries < 4 => tokio::task::yield_now().await,
                Taken::No => tokio::time::sleep((waited / 8).clamp(SHORT_LOOK, LONG_LOOK)).await,
                Taken::Unseen => {
                    tokio::time::sleep(BLIND_PAUSE).await;
                    return Taken::Unseen;
                }
                Taken::Yes | Taken::Gone => return taken,
            }
            tries = tries.saturating_add(1);
        }
    }
}

#[cfg(target_os = "linux")]
mod linux {
    //! `NETLINK_SOCK_DIAG`, for one socket at a time: constant cost however many there are.

    use std::io::{self, Read, Write};
    use std::net::{IpAddr, SocketAddr};
    use std::time::Duration;

    use socket2::{Domain, Protocol, Socket, Type};

    const AF_NETLINK: i32 = 16;
    const NETLINK_SOCK_DIAG: i32 = 4;
    const SOCK_DIAG_BY_FAMILY: u16 = 20;
    const NLMSG_ERROR: u16 = 2;
    const NLM_F_REQUEST: u16 = 1;
    const AF_INET: u8 = 2;
    const AF_INET6: u8 = 10;
    const IPPROTO_TCP: u8 = 6;
    const INET_DIAG_INFO: u16 = 2;
    const ENOENT: i32 = -2;
    /// Length of the netlink header.
    const HEADER: usize = 16;
    /// Length of `struct inet_diag_msg`.
    const MESSAGE: usize = 72;
    /// Offset of `idiag_rqueue` in it.
    const RQUEUE: usize = 56;
    /// Offset of `tcpi_bytes_received` in `struct tcp_info` (Linux 4.1 and later).
    const BYTES_RECEIVED: usize = 128;

    /// What a socket has received.
    #[derive(Debug, Clone, Copy)]
    pub(super) struct Queue {
        /// Payload bytes received in all.
        pub(super) received: u64,
        /// Bytes of them that the process has not read.
        pub(super) unread: u32,
    }

    #[derive(Debug)]
    pub(super) struct Diag {
        socket: Socket,
        sequence: u32,
    }

    impl Diag {
        pub(super) fn open() -> io::Result<Self> {
            let socket = Socket::new(
                Domain::from(AF_NETLINK),
                Type::RAW,
                Some(Protocol::from(NETLINK_SOCK_DIAG)),
            )?;
            // The kernel answers within the send; the limit guards against a lost answer.
            socket.set_read_timeout(Some(Duration::from_millis(200)))?;
            Ok(Self { socket, sequence: 0 })
        }

        /// The queue of the socket bound to `local` and connected to `remote`; `None` if there
        /// is no such socket.
        pub(super) fn query(
            &mut self,
            local: SocketAddr,
            remote: SocketAddr,
        ) -> io::Result<Option<Queue>> {
            self.sequence = self.sequence.wrapping_add(1);
            let request = request(local, remote, self.sequence);
            self.socket.write_all(&request)?;
            let mut buffer = [0_u8; 4096];
            loop {
                let length = self.socket.read(&mut buffer)?;
                let answer = buffer.get(..length).unwrap_or_default();
                // An answer to an earlier question whose read timed out is passed over.
                if u32_at(answer, 8) == Some(self.sequence) {
                    return read_answer(answer);
                }
            }
        }
    }

    fn request(local: SocketAddr, remote: SocketAddr, sequence: u32) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEADER + 56);
        out.extend_from_slice(&72_u32.to_ne_bytes());
        out.extend_from_slice(&SOCK_DIAG_BY_FAMILY.to_ne_bytes());
        out.extend_from_slice(&NLM_F_REQUEST.to_ne_bytes());
        out.extend_from_slice(&sequence.to_ne_bytes());
        out.extend_from_slice(&0_u32.to_ne_bytes());
        let family = if local.is_ipv4() { AF_INET } else { AF_INET6 };
        let extensions = 1_u8 << (INET_DIAG_INFO - 1);
        out.extend_from_slice(&[family, IPPROTO_TCP, extensions, 0]);
        out.extend_from_slice(&u32::MAX.to_ne_bytes());
        out.extend_from_slice(&local.port().to_be_bytes());
        out.extend_from_slice(&remote.port().to_be_bytes());
        for address in [local.ip(), remote.ip()] {
            let mut bytes = [0_u8; 16];
            match address {
                IpAddr::V4(v4) => bytes[..4].copy_from_slice(&v4.octets()),
                IpAddr::V6(v6) => bytes = v6.octets(),
            }
            out.extend_from_slice(&bytes);
        }
        out.extend_from_slice(&0_u32.to_ne_bytes());
        // No cookie: any socket with this address pair.
        out.extend_from_slice(&u64::MAX.to_ne_bytes());
        out
    }

    fn read_answer(answer: &[u8]) -> io::Result<Option<Queue>> {
        let short = || io::Error::new(io::ErrorKind::InvalidData, "short netlink answer");
        let kind = u16_at(answer, 4).ok_or_else(short)?;
        if kind == NLMSG_ERROR {
            let code = u32_at(answer, HEADER).ok_or_else(short)?.cast_signed();
            return if code == ENOENT {
                Ok(None)
            } else {
                Err(io::Error::from_raw_os_error(-code))
            };
        }
        let unread = u32_at(answer, HEADER + RQUEUE).ok_or_else(short)?;
        let mut offset = HEADER + MESSAGE;
        while let (Some(length), Some(kind)) = (u16_at(answer, offset), u16_at(answer, offset + 2))
        {
            if kind == INET_DIAG_INFO {
                let at = offset + 4 + BYTES_RECEIVED;
                let bytes = answer.get(at..at + 8).and_then(|bytes| bytes.try_into().ok());
                let received = u64::from_ne_bytes(bytes.ok_or_else(short)?);
                return Ok(Some(Queue { received, unread }));
            }
            offset += usize::from(length.max(4)).next_multiple_of(4);
        }
        Err(short())
    }

    fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
        Some(u16::from_ne_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
    }

    fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
        Some(u32::from_ne_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn the_kernel_tells_what_a_peer_has_read() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(listener) = TcpListener::bind(address) else {
                continue;
            };
            let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            let (mut server, peer) = listener.accept().unwrap();
            let local = server.local_addr().unwrap();
            let intake = Intake::new();
            assert_eq!(intake.taken(local, peer, 0), Taken::Yes);
            server.write_all(b"hello").unwrap();
            assert_eq!(intake.taken(local, peer, 5), Taken::No);
            client.read_exact(&mut [0; 3]).unwrap();
            assert_eq!(intake.taken(local, peer, 5), Taken::No);
            client.read_exact(&mut [0; 2]).unwrap();
            assert_eq!(intake.taken(local, peer, 5), Taken::Yes);
            assert_eq!(intake.taken(local, peer, 6), Taken::No, "more was written than received");
            drop(client);
            drop(server);
        }
    }
}
