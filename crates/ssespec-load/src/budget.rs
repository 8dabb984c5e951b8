//! What a run takes of the machine, told before it starts, and refused where it cannot fit.

use std::fmt;
use std::fs;
use std::num::NonZero;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
pub(crate) use ssespec_report::quantity::Bytes;

use crate::memory;

/// Descriptors of a process that are not streams: pipes, polls, timers, libraries.
const SPARE_DESCRIPTORS: u64 = 64;
/// What the kernel keeps for each end of a connection.
const KERNEL_BYTES: u64 = 5 * 1024;
/// What a worker keeps for a stream, and the built-in server for one.
const CLIENT_BYTES: u64 = 1024;
const SERVER_BYTES: u64 = 512;
/// The same where streams share connections of HTTP/2, and what each end keeps for a connection.
const SHARED_BYTES: u64 = 2048;
const LINK_BYTES: u64 = 32 * 1024;
/// What a worker keeps for the TLS of a connection.
const TLS_BYTES: u64 = 12 * 1024;
/// What a process takes without streams: histograms, buffers, code.
const PROCESS_BYTES: u64 = 16 << 20;

/// What this machine has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Machine {
    /// Descriptors that a process may have.
    pub descriptors: u64,
    /// Descriptors that all processes together may have.
    pub system_descriptors: u64,
    /// Ports that an address has for outgoing connections.
    pub ports: u64,
    /// Memory that can be had, in bytes; `None` where it cannot be told.
    pub memory_bytes: Option<u64>,
    /// Processors.
    pub processors: u64,
}

impl Machine {
    /// This one.
    pub fn this() -> Self {
        ssespec_net::allow_open_files();
        let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
        Self {
            descriptors: ssespec_net::open_files_limit(),
            system_descriptors: number("/proc/sys/fs/file-max").unwrap_or(u64::MAX),
            ports: ports().unwrap_or(16_384),
            memory_bytes: memory::available_bytes(),
            processors: processors as u64,
        }
    }
}

fn number(path: &str) -> Option<u64> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

fn ports() -> Option<u64> {
    let text = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok()?;
    let mut ends = text.split_whitespace().map(str::parse::<u64>);
    let (first, last) = (ends.next()?.ok()?, ends.next()?.ok()?);
    Some(last.checked_sub(first)? + 1)
}

/// What is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Streams.
    pub streams: u64,
    /// Whether TLS is spoken.
    pub tls: bool,
    /// Streams of one connection, where they share them.
    pub streams_per_socket: Option<u64>,
    /// Worker processes, where the user says how many.
    pub workers: Option<u64>,
    /// Whether the built-in server runs on this machine as well.
    pub builtin: bool,
    /// Addresses to connect to.
    pub targets: u64,
    /// Addresses to connect from; `None` where there are as many as it takes.
    pub sources: Option<u64>,
}

/// What a run takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Budget {
    /// Streams.
    pub streams: u64,
    /// Connections: as many, but where HTTP/2 lets streams share them.
    #[serde(default)]
    pub sockets: u64,
    /// Worker processes.
    pub workers: u64,
    /// Processes of the built-in server.
    pub servers: u64,
    /// Descriptors that the fullest process needs.
    pub descriptors: u64,
    /// Descriptors that a process may have.
    pub descriptors_limit: u64,
    /// Streams that there are ports for; `None` where there is no limit in sight.
    pub ports_limit: Option<u64>,
    /// Memory that all processes and the kernel need, in bytes.
    pub memory_bytes: u64,
    /// Memory that can be had, in bytes; `None` where it cannot be told.
    pub memory_limit_bytes: Option<u64>,
}

/// Why a run does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// What does not suffice.
    pub message: String,
    /// What to change.
    pub help: String,
}

impl Budget {
    /// Works out what a run takes.
    ///
    /// # Errors
    /// When the machine has less.
    pub fn plan(wanted: Wanted, machine: Machine) -> Result<Self, Refusal> {
        let shared = wanted.streams_per_socket.unwrap_or(1).max(1);
        let capacity = machine.descriptors.saturating_sub(SPARE_DESCRIPTORS).max(1);
        let capacity = capacity.saturating_mul(shared);
        let needed = wanted.streams.div_ceil(capacity).max(1);
        let workers = wanted.workers.unwrap_or_else(|| {
            // One is enough for a few streams, and with the server here half of the processors.
            let share = if wanted.builtin { machine.processors / 2 } else { machine.processors };
            needed.max(share.clamp(1, wanted.streams.div_ceil(1000).max(1)))
        });
        let servers =
            if wanted.builtin { needed.max((machine.processors / 2).clamp(1, workers)) } else { 0 };
        let fullest = wanted.streams.div_ceil(workers.max(1)).div_ceil(shared);
        let sockets = fullest.saturating_mul(workers).min(wanted.streams);
        let descriptors = fullest + SPARE_DESCRIPTORS;
        if descriptors > machine.descriptors {
            return Err(refuse_workers(wanted.streams, workers, needed, descriptors, machine));
        }
        let ends = if wanted.builtin { 2 } else { 1 };
        let all = sockets.saturating_mul(ends) + (workers + servers) * SPARE_DESCRIPTORS;
        if all > machine.system_descriptors {
            return Err(Refusal {
                message: format!(
                    "{} streams need {all} descriptors, and the system has {}",
                    wanted.streams, machine.system_descriptors
                ),
                help: format!("raise it with `sysctl fs.file-max={all}`, or lower `-c`"),
            });
        }
        let targets = wanted.targets.max(servers).max(1);
        let ports_limit = wanted.sources.map(|sources| sources.max(1) * targets * machine.ports);
        if let Some(limit) = ports_limit.filter(|limit| *limit < sockets) {
            return Err(refuse_ports(&wanted, sockets, limit, machine.ports));
        }
        let (own, link) = match (wanted.streams_per_socket, wanted.builtin) {
            (Some(_), _) => (SHARED_BYTES * ends, LINK_BYTES * ends),
            (None, true) => (CLIENT_BYTES + SERVER_BYTES, 0),
            (None, false) => (CLIENT_BYTES, 0),
        };
        let tls = if wanted.tls { TLS_BYTES } else { 0 };
        let memory_bytes = wanted.streams.saturating_mul(own)
            + sockets.saturating_mul(KERNEL_BYTES * ends + link + tls)
            + (workers + servers) * PROCESS_BYTES;
        if let Some(limit) = machine.memory_bytes.filter(|limit| *limit < memory_bytes) {
            return Err(Refusal {
                message: format!(
                    "{} streams need about {} of memory, and {} can be had",
                    wanted.streams,
                    Bytes(memory_bytes),
                    Bytes(limit)
                ),
                help: "lower `-c`, or use a machine with more memory".to_owned(),
            });
        }
        Ok(Self {
            streams: wanted.streams,
            sockets,
            workers,
            servers,
            descriptors,
            descriptors_limit: machine.descriptors,
            ports_limit,
            memory_bytes,
            memory_limit_bytes: machine.memory_bytes,
        })
    }
}

fn refuse_workers(
    streams: u64,
    workers: u64,
    needed: u64,
    descriptors: u64,
    machine: Machine,
) -> Refusal {
    let noun = if workers == 1 { "worker" } else { "workers" };
    Refusal {
        message: format!(
            "{streams} streams in {workers} {noun} need {descriptors} descriptors each, and a \
             process may have {}",
            machine.descriptors
        ),
        help: format!("use `--workers {needed}`, or leave it out; `ulimit -Hn` sets the limit"),
    }
}

fn refuse_ports(wanted: &Wanted, sockets: u64, limit: u64, ports: u64) -> Refusal {
    let sources = wanted.sources.unwrap_or(1).max(1);
    let missing = sockets.div_ceil((limit / sources).max(1));
    let many = if sockets == wanted.streams { "as many".to_owned() } else { sockets.to_string() };
    let streams = wanted.streams;
    Refusal {
        message: format!(
            "{streams} streams need {many} ports, and {limit} can be had from the addresses of \
             this machine that are used"
        ),
        help: format!(
            "give {missing} addresses of this machine with `--source` (now {sources}), or widen the \
             {ports} ports of `sysctl net.ipv4.ip_local_port_range`"
        ),
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let processes =
            |count: u64, name: &str| format!("{count} {name}{}", if count == 1 { "" } else { "s" });
        write!(f, "budget: {}", processes(self.workers, "worker"))?;
        if self.servers > 0 {
            write!(f, " and {}", processes(self.servers, "server"))?;
        }
        write!(f, "; {} of {} descriptors each", self.descriptors, self.descriptors_limit)?;
        if let Some(limit) = self.ports_limit {
            write!(f, "; {} of {limit} ports", self.sockets)?;
        }
        write!(f, "; about {} of memory", Bytes(self.memory_bytes))?;
        match self.memory_limit_bytes {
            Some(limit) => write!(f, " of {}", Bytes(limit)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MACHINE: Machine = Machine {
        descriptors: 20_000,
        system_descriptors: u64::MAX,
        ports: 28_232,
        memory_bytes: Some(24 << 30),
        processors: 2,
    };
    const WANTED: Wanted = Wanted {
        streams: 10_000,
        tls: false,
        streams_per_socket: None,
        workers: None,
        builtin: true,
        targets: 0,
        sources: None,
    };

    #[test]
    fn processes_are_as_many_as_descriptors_ask_for() {
        for (streams, workers) in [(10, 1), (19_936, 1), (19_937, 2), (100_000, 6), (1_000_000, 51)]
        {
            let budget = Budget::plan(Wanted { streams, ..WANTED }, MACHINE).unwrap();
            assert_eq!((budget.workers, budget.servers), (workers, workers), "{streams}");
            assert!(budget.descriptors <= MACHINE.descriptors);
        }
    }

    #[test]
    fn streams_that_share_connections_need_fewer() {
        let shared = Wanted { streams: 1_000_000, streams_per_socket: Some(100), ..WANTED };
        let budget = Budget::plan(shared, MACHINE).unwrap();
        assert_eq!((budget.workers, budget.sockets), (1, 10_000));
        let foreign = Wanted { builtin: false, targets: 1, sources: Some(1), ..shared };
        assert!(Budget::plan(foreign, MACHINE).is_ok());
        let few = Wanted { streams_per_socket: Some(10), ..foreign };
        let refused = Budget::plan(few, MACHINE).unwrap_err();
        assert!(refused.message.starts_with("1000000 streams need 10000"), "{refused:?}");
    }

    #[test]
    fn what_does_not_fit_is_refused_with_a_mend() {
        let refused = |wanted, machine| Budget::plan(wanted, machine).unwrap_err();
        let streams = 100_000;
        let few = refused(Wanted { streams, workers: Some(2), ..WANTED }, MACHINE);
        assert!(few.help.contains("--workers 6"), "{few:?}");
        let foreign = Wanted { streams, builtin: false, targets: 1, sources: Some(1), ..WANTED };
        let ports = refused(foreign, MACHINE);
        assert!(ports.help.contains("give 4 addresses"), "{ports:?}");
        let memory = refused(WANTED, Machine { memory_bytes: Some(1 << 20), ..MACHINE });
        assert!(memory.help.contains("-c"), "{memory:?}");
        let files = refused(WANTED, Machine { system_descriptors: 1000, ..MACHINE });
        assert!(files.help.contains("fs.file-max"), "{files:?}");
    }

    #[test]
    fn the_budget_reads_well() {
        let text = Budget::plan(WANTED, MACHINE).unwrap().to_string();
        assert_eq!(
            text,
            "budget: 1 worker and 1 server; 10064 of 20000 descriptors each; about 144 MiB of \
             memory of 24.0 GiB"
        );
    }
}
