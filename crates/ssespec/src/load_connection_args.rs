//! The options of `ssespec load` that say how connections are made.

use std::fs;
use std::path::PathBuf;

use clap::Args;
use ssespec_load::{Multiplexing, OF_A_CONNECTION, Trusted};

use crate::error::CliError;

/// How connections are made.
#[derive(Debug, Args)]
pub(crate) struct ConnectionArgs {
    /// Speak HTTP/2, with many streams on a connection: agreed upon by ALPN where the URL is one with
    /// `https`, else with prior knowledge (h2c).
    #[arg(long, conflicts_with = "client")]
    pub(crate) http2: bool,
    /// How many streams share a connection of HTTP/2; fewer where the server takes fewer.
    #[arg(long, value_name = "N", default_value_t = 100, requires = "http2",
          value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub(crate) streams_per_connection: u64,
    /// Trust the CA certificates of this PEM file, where the URL is one with `https`.
    #[arg(long, value_name = "FILE", conflicts_with = "insecure")]
    pub(crate) cacert: Option<PathBuf>,
    /// Accept any certificate.
    #[arg(long)]
    pub(crate) insecure: bool,
    /// Resume TLS sessions, as one user does who comes again and again; without it each connection
    /// makes a full handshake.
    #[arg(long)]
    pub(crate) tls_resume: bool,
}

impl ConnectionArgs {
    /// HTTP/2, and whether these headers can be sent in it.
    pub(crate) fn http2(&self, headers: &[String]) -> Result<Option<Multiplexing>, CliError> {
        if !self.http2 {
            return Ok(None);
        }
        let name =
            |line: &str| line.split(':').next().unwrap_or_default().trim().to_ascii_lowercase();
        let of_connection = |line: &&String| OF_A_CONNECTION.contains(&name(line).as_str());
        if let Some(line) = headers.iter().find(of_connection) {
            return Err(CliError::Usage {
                message: format!("the header `{}` is one that HTTP/2 does not have", name(line)),
                help: "leave it out, or leave `--http2` out, which speaks HTTP/1.1".to_owned(),
            });
        }
        Ok(Some(Multiplexing { streams_per_connection: self.streams_per_connection }))
    }

    /// Whose certificates are accepted.
    pub(crate) fn trust(&self) -> Result<Trusted, CliError> {
        if self.insecure {
            return Ok(Trusted::Anyone);
        }
        let Some(path) = &self.cacert else {
            return Ok(Trusted::System);
        };
        let read = fs::read_to_string(path);
        let in_file = |source| CliError::Read { path: path.display().to_string(), source };
        read.map(Trusted::Roots).map_err(in_file)
    }
}
