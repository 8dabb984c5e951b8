//! Opening sockets to a target, many at a time.

use std::io;
use std::net::{IpAddr, SocketAddr};

use mio::net::TcpStream;
use socket2::{Domain, Protocol, SockRef, Socket, Type};

/// Begins to connect; the socket becomes writable when the connection stands or has failed.
///
/// `receive_buffer_bytes` is what the system is asked for; it has a least size of its own.
pub(crate) fn dial(
    target: SocketAddr,
    source: Option<IpAddr>,
    receive_buffer_bytes: Option<u64>,
) -> io::Result<TcpStream> {
    let socket = nonblocking(Domain::for_address(target))?;
    if let Some(bytes) = receive_buffer_bytes {
        // Before the connection, so that the window is told by it.
        socket.set_recv_buffer_size(usize::try_from(bytes).unwrap_or(usize::MAX))?;
    }
    if let Some(source) = source {
        leave_port_open(&socket);
        socket.bind(&SocketAddr::new(source, 0).into())?;
    }
    match socket.connect(&target.into()) {
        Ok(()) => {}
        Err(error) if is_in_progress(&error) => {}
        Err(error) => return Err(error),
    }
    Ok(TcpStream::from_std(socket.into()))
}

/// A socket that waits for nothing, by one call where the system has one.
fn nonblocking(domain: Domain) -> io::Result<Socket> {
    #[cfg(target_os = "linux")]
    return Socket::new(domain, Type::STREAM.nonblocking(), Some(Protocol::TCP));
    #[cfg(not(target_os = "linux"))]
    {
        let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        Ok(socket)
    }
}

/// Lets the port be chosen when the target is known, so that one port serves several targets.
#[cfg(target_os = "linux")]
fn leave_port_open(socket: &Socket) {
    use nix::sys::socket::setsockopt;
    use nix::sys::socket::sockopt::IpBindAddressNoPort;

    // Without it ports run out sooner, and that has an error of its own.
    let _ = setsockopt(socket, IpBindAddressNoPort, &true);
}

#[cfg(not(target_os = "linux"))]
fn leave_port_open(_: &Socket) {}

fn is_in_progress(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
        || error.raw_os_error() == Some(rustix::io::Errno::INPROGRESS.raw_os_error())
}

/// Makes the close of this socket a reset.
pub(crate) fn reset_on_close(socket: &TcpStream) {
    // Where it fails, the socket is closed in order.
    let _ = SockRef::from(socket).set_linger(Some(std::time::Duration::ZERO));
}
