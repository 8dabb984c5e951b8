//! The command line of `test proxy`.

use std::net::{SocketAddr, ToSocketAddrs as _};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use ssespec_scenario::Span;

use crate::cli::CommonArgs;

#[derive(Debug, Args)]
pub(crate) struct ProxyArgs {
    /// The URL of the proxy, where the client comes in.
    #[arg(long, value_name = "URL")]
    pub(crate) via: String,
    /// The address that the proxy forwards to; the origin listens there.
    #[arg(long, value_name = "ADDR", value_parser = address)]
    pub(crate) origin: SocketAddr,
    /// A shell command that starts the proxy in the foreground, once the origin listens.
    #[arg(long, value_name = "CMD")]
    pub(crate) start: Option<String>,
    /// For how long the streams are silent that the proxy is to keep.
    #[arg(long, value_name = "TIME", default_value = "3s", value_parser = watch)]
    pub(crate) idle: Duration,
    /// Trust the certificates in this file, in PEM, in place of the system's.
    #[arg(long, value_name = "FILE", conflicts_with = "insecure")]
    pub(crate) cacert: Option<PathBuf>,
    /// Accept any certificate.
    #[arg(long)]
    pub(crate) insecure: bool,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

/// An address of this machine, by number or by name.
fn address(text: &str) -> Result<SocketAddr, String> {
    let found = text.to_socket_addrs().map_err(|error| format!("not HOST:PORT ({error})"))?;
    let mut found: Vec<_> = found.collect();
    // Proxies are told names as well, and most try IPv4 first.
    found.sort_by_key(SocketAddr::is_ipv6);
    found.first().copied().ok_or_else(|| "a name without an address".to_owned())
}

/// How long something is watched.
pub(crate) fn watch(text: &str) -> Result<Duration, String> {
    let Span(watch) = Span::parse(text)?;
    if (Duration::from_millis(100)..=Duration::from_hours(1)).contains(&watch) {
        return Ok(watch);
    }
    Err("a time from 100ms to 1h".to_owned())
}
