//! Whether a server is there, found out before a run.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use crate::address::Address;
use crate::http2::greet;
use crate::pipe::PreparedTls;
use crate::plan::Multiplexing;
use crate::run::PrepareError;

/// How long a server may take to accept the connection that shows whether it is there.
const PROBE_LIMIT: Duration = Duration::from_secs(5);
/// Addresses of a name that are tried.
const PROBES: usize = 16;

/// Whether it is one of 127.0.0.0/8.
pub(crate) fn is_loopback_v4(address: IpAddr) -> bool {
    matches!(address, IpAddr::V4(address) if address.is_loopback())
}

/// The addresses of a server that accept connections, all of one family.
///
/// Where HTTP/2 is asked for, they must speak it, and no more streams are put on a connection than
/// they take.
pub(crate) fn reachable(
    address: &Address,
    mut http2: Option<(&mut Multiplexing, &PreparedTls)>,
) -> Result<Vec<SocketAddr>, PrepareError> {
    let resolve = |source| PrepareError::Resolve { host: address.host.clone(), source };
    let found = (address.host.as_str(), address.port).to_socket_addrs().map_err(resolve)?;
    let mut reachable: Vec<SocketAddr> = Vec::new();
    let mut refused = None;
    for target in found.take(PROBES) {
        if reachable.iter().any(|it| it.is_ipv4() != target.is_ipv4() || *it == target) {
            continue;
        }
        match TcpStream::connect_timeout(&target, PROBE_LIMIT) {
            Ok(socket) => {
                if let Some((asked, tls)) = &mut http2 {
                    let taken = greet(socket, tls, PROBE_LIMIT).map_err(|unspoken| {
                        let (address, tls) = (target, address.tls);
                        PrepareError::NotHttp2 { address, seen: unspoken.to_string(), tls }
                    })?;
                    let most = &mut asked.streams_per_connection;
                    *most = taken.filter(|taken| *taken > 0).map_or(*most, |it| it.min(*most));
                }
                reachable.push(target);
            }
            Err(source) => {
                refused = Some(PrepareError::Unreachable { address: target, source });
            }
        }
    }
    match refused {
        Some(error) if reachable.is_empty() => Err(error),
        None if reachable.is_empty() => Err(resolve(io::ErrorKind::NotFound.into())),
        _ => Ok(reachable),
    }
}
