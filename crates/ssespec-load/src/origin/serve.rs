//! The built-in server as a process: what its parent says to it and hears from it.

use std::io::{self, BufReader, Read, Write};
use std::net::SocketAddr;
use std::thread;

use serde::{Deserialize, Serialize};

use super::server::Server;
use crate::latency::Latency;
use crate::plan::Storm;
use crate::protocol::{read_message, write_message};

/// What a server is to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OriginPlan {
    /// Where to listen; port 0 for a free one.
    pub listen: SocketAddr,
    /// When it stands still.
    pub stalls: Vec<Stall>,
    /// When it cuts connections; which of them goes by the order in which they came.
    #[serde(default)]
    pub cuts: Vec<Storm>,
}

/// A time at which a server does nothing at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stall {
    /// When, after the start of the run, in nanoseconds.
    pub at_ns: u64,
    /// For how long, in nanoseconds.
    pub for_ns: u64,
}

/// What a server is told.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "kebab-case")]
pub enum ToOrigin {
    /// First: what it is to do.
    Serve {
        /// That.
        plan: OriginPlan,
    },
    /// When the run starts, by [`now_ns`](crate::clock::now_ns).
    Go {
        /// That instant.
        at_ns: u64,
    },
    /// To end.
    Stop,
}

/// What a server says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "kebab-case")]
pub enum FromOrigin {
    /// It listens.
    Serving {
        /// Here.
        address: SocketAddr,
        /// Its process.
        pid: u32,
    },
    /// It has ended.
    Done {
        /// What it did.
        report: Box<OriginReport>,
    },
    /// It cannot serve.
    Failed {
        /// Why.
        message: String,
    },
}

/// What a server did.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct OriginReport {
    /// How late it wrote each event, by its schedule.
    pub emission: Latency,
    /// Events written.
    pub events: u64,
    /// Connections accepted.
    pub connections: u64,
    /// Streams that it cut.
    #[serde(default)]
    pub cut: u64,
    /// Processor time, in microseconds.
    pub cpu_us: u64,
}

/// Serves over these pipes, until it is told to stop or the input ends.
///
/// # Errors
/// When the pipes break; the other side is told what else goes wrong.
pub fn serve<R, W>(input: R, mut output: W) -> io::Result<()>
where
    R: Read + Send + 'static,
    W: Write,
{
    ssespec_net::allow_open_files();
    let mut input = BufReader::new(input);
    let Some(message) = read_message(&mut input)? else {
        return Ok(());
    };
    let ToOrigin::Serve { plan } = message else {
        return Err(io::Error::other("the plan did not come first"));
    };
    let server = Server::bind(&plan).and_then(|server| Ok((server.address()?, server)));
    let (address, server) = match server {
        Ok(made) => made,
        Err(error) => {
            let message = format!("failed to listen on `{}`: {error}", plan.listen);
            return write_message(&mut output, &FromOrigin::Failed { message });
        }
    };
    write_message(&mut output, &FromOrigin::Serving { address, pid: std::process::id() })?;
    let control = server.control();
    let ran = thread::scope(|scope| {
        scope.spawn(move || {
            loop {
                match read_message(&mut input) {
                    Ok(Some(ToOrigin::Go { at_ns })) => control.go(at_ns),
                    Ok(Some(ToOrigin::Serve { .. })) => {}
                    Ok(Some(ToOrigin::Stop) | None) | Err(_) => break,
                }
            }
            control.stop();
        });
        server.run()
    });
    let last = match ran {
        Ok(report) => FromOrigin::Done { report: Box::new(report) },
        Err(error) => FromOrigin::Failed { message: format!("failed to poll: {error}") },
    };
    write_message(&mut output, &last)
}
