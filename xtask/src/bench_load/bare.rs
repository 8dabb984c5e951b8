//! The peer: a pair of bare epoll loops over the same sockets, which send bytes and count them.
//!
//! No parser, no sequence, no clock: what the kernel alone allows. The server writes one chunk to
//! every connection when it is told, and the client tells it when all bytes have come.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Instant;

use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use socket2::{Domain, Socket, Type};

/// What the client found, on one line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counted {
    pub(crate) rounds: u64,
    pub(crate) seconds: f64,
    pub(crate) cpu_s: f64,
}

/// Listens, prints its address, takes so many connections and a control connection, and writes one
/// chunk of so many bytes to each for every byte of control.
pub(crate) fn serve(connections: usize, chunk_bytes: usize) -> Result<(), String> {
    ssespec_net::allow_open_files();
    let failed = |error: std::io::Error| error.to_string();
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).map_err(failed)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).map_err(failed)?;
    socket.listen(4096).map_err(failed)?;
    let listener = TcpListener::from(socket);
    println!("{}", listener.local_addr().map_err(failed)?);
    let accept = || {
        let socket = listener.accept().map_err(failed)?.0;
        socket.set_nodelay(true).map_err(failed)?;
        Ok::<_, String>(socket)
    };
    let mut sockets = Vec::with_capacity(connections);
    for _ in 0..connections {
        sockets.push(accept()?);
    }
    let mut control = accept()?;
    let chunk = vec![b'x'; chunk_bytes];
    let mut steps = [0; 64];
    loop {
        let asked = control.read(&mut steps).map_err(failed)?;
        if asked == 0 {
            return Ok(());
        }
        for _ in 0..asked {
            for socket in &mut sockets {
                socket.write_all(&chunk).map_err(failed)?;
            }
        }
    }
}

/// Connects, and counts the bytes of rounds for so many seconds.
pub(crate) fn count(
    server: SocketAddr,
    connections: usize,
    chunk_bytes: usize,
    seconds: f64,
) -> Result<Counted, String> {
    ssespec_net::allow_open_files();
    let failed = |error: std::io::Error| error.to_string();
    let poll = epoll::create(CreateFlags::CLOEXEC).map_err(|error| error.to_string())?;
    let mut sockets = Vec::with_capacity(connections);
    for index in 0..connections {
        let socket = connect(server, index).map_err(failed)?;
        socket.set_nonblocking(true).map_err(failed)?;
        let data = EventData::new_u64(index as u64);
        epoll::add(&poll, &socket, data, EventFlags::IN | EventFlags::ET)
            .map_err(|error| error.to_string())?;
        sockets.push(socket);
    }
    let mut control = TcpStream::connect(server).map_err(failed)?;
    control.set_nodelay(true).map_err(failed)?;
    let mut events = Vec::with_capacity(1024);
    let mut buffer = vec![0; 64 * 1024];
    let round = connections * chunk_bytes;
    let (began, used_ns) = (Instant::now(), ssespec_load::clock::cpu_ns());
    let mut rounds = 0;
    while began.elapsed().as_secs_f64() < seconds {
        control.write_all(b".").map_err(failed)?;
        let mut left = round;
        while left > 0 {
            events.clear();
            epoll::wait(&poll, rustix::buffer::spare_capacity(&mut events), None)
                .map_err(|error| error.to_string())?;
            for event in &events {
                let index = usize::try_from(event.data.u64()).unwrap_or(usize::MAX);
                let Some(socket) = sockets.get_mut(index) else {
                    continue;
                };
                match socket.read(&mut buffer) {
                    Ok(0) => return Err("the bare server has gone".to_owned()),
                    Ok(len) => left -= len,
                    Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                    Err(error) => return Err(error.to_string()),
                }
            }
        }
        rounds += 1;
    }
    let cpu_s = (ssespec_load::clock::cpu_ns() - used_ns) as f64 / 1e9;
    Ok(Counted { rounds, seconds: began.elapsed().as_secs_f64(), cpu_s })
}

/// Connects from an address of its own for each thousand.
fn connect(server: SocketAddr, index: usize) -> std::io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    let last = u8::try_from(index / 1000 + 1).unwrap_or(u8::MAX);
    socket.bind(&SocketAddr::from((Ipv4Addr::new(127, 9, 9, last), 0)).into())?;
    socket.connect(&server.into())?;
    Ok(socket.into())
}
