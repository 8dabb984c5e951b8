//! A server as a group of processes: started, watched and ended as a whole.

use std::fs;
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::workspace;

/// How long a server may take to listen, and to end.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often is looked whether it does.
const INTERVAL: Duration = Duration::from_millis(50);

/// The processes of a group, at one instant.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Usage {
    pub(crate) processes: usize,
    /// Memory, in which what processes share counts once.
    pub(crate) memory_bytes: u64,
    pub(crate) cpu_ms: u64,
}

impl Usage {
    /// The larger of each figure.
    pub(crate) fn larger(self, other: Self) -> Self {
        Self {
            processes: self.processes.max(other.processes),
            memory_bytes: self.memory_bytes.max(other.memory_bytes),
            cpu_ms: self.cpu_ms.max(other.cpu_ms),
        }
    }
}

/// A group of processes that ends with its owner.
#[derive(Debug)]
pub(crate) struct Group {
    leader: Child,
}

impl Group {
    /// Starts a server with `PORT` in its environment, and waits until it accepts connections.
    pub(crate) fn start(command: &[&str], port: u16) -> Result<Self, String> {
        let shown = command.join(" ");
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Err(format!("something listens on port {port} already\nhelp: end it"));
        }
        let (program, arguments) = command.split_first().ok_or("a server without a command")?;
        let mut command = Command::new(program);
        command.args(arguments).env("PORT", port.to_string()).current_dir(workspace::root());
        let mut group = Self::spawn(&mut command)?;
        let began = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if !group.runs()? {
                return Err(format!("`{shown}` ended before it listened"));
            }
            if began.elapsed() > PATIENCE {
                return Err(format!("`{shown}` does not listen on port {port}"));
            }
            std::thread::sleep(INTERVAL);
        }
        Ok(group)
    }

    /// Starts a command as the leader of a group.
    pub(crate) fn spawn(command: &mut Command) -> Result<Self, String> {
        let leader = command.process_group(0).spawn();
        let program = command.get_program().display();
        Ok(Self {
            leader: leader.map_err(|error| format!("failed to start `{program}`: {error}"))?,
        })
    }

    /// Whether the leader has not ended.
    pub(crate) fn runs(&mut self) -> Result<bool, String> {
        let ended = self.leader.try_wait().map_err(|error| error.to_string())?;
        Ok(ended.is_none())
    }

    /// What the processes take now: those of the group, and those that they have started.
    pub(crate) fn usage(&self) -> Usage {
        let leader = self.leader.id();
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let mut others: Vec<Process> = entries
            .filter_map(|it| Process::read(it.file_name().to_str()?.parse().ok()?))
            .collect();
        let mut members: Vec<Process> = Vec::new();
        loop {
            let belongs = |it: &Process| {
                it.group == leader || members.iter().any(|member| member.pid == it.parent)
            };
            let (mut found, rest): (Vec<_>, Vec<_>) = others.into_iter().partition(belongs);
            if found.is_empty() {
                break;
            }
            members.append(&mut found);
            others = rest;
        }
        Usage {
            processes: members.len(),
            memory_bytes: members.iter().filter_map(|it| memory_bytes(it.pid)).sum(),
            cpu_ms: members.iter().map(|it| it.cpu_ms).sum(),
        }
    }

    /// Calls `look` with what the processes take, until the other process has ended.
    pub(crate) fn watch(
        &self,
        other: &mut Child,
        look: &mut dyn FnMut(Usage),
    ) -> Result<i32, String> {
        loop {
            look(self.usage());
            if let Some(status) = other.try_wait().map_err(|error| error.to_string())? {
                return status.code().ok_or_else(|| format!("ssespec was ended: {status}"));
            }
            std::thread::sleep(INTERVAL * 10);
        }
    }

    fn signal(&self, signal: Signal) {
        let Some(pid) = i32::try_from(self.leader.id()).ok().and_then(Pid::from_raw) else {
            return;
        };
        // It may have ended by itself.
        let _ = kill_process_group(pid, signal);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // Some wait for streams that never end, and are killed.
        for signal in [Signal::TERM, Signal::KILL] {
            self.signal(signal);
            let began = Instant::now();
            while self.usage().processes > 0 && began.elapsed() < Duration::from_secs(2) {
                let _ = self.leader.try_wait();
                std::thread::sleep(INTERVAL);
            }
        }
        let _ = self.leader.wait();
    }
}

/// A process, as `/proc` tells of it.
#[derive(Debug, Clone, Copy)]
struct Process {
    pid: u32,
    parent: u32,
    group: u32,
    cpu_ms: u64,
}

impl Process {
    fn read(pid: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // After the name, in parentheses, which may hold anything: the state, the parent, the group;
        // user and system time are the 12th and 13th field, in hundredths of a second.
        let mut fields = stat.rsplit(')').next()?.split_whitespace().skip(1);
        let (parent, group) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        let mut times = fields.skip(8);
        let (user, system): (u64, u64) = (times.next()?.parse().ok()?, times.next()?.parse().ok()?);
        Some(Self { pid, parent, group, cpu_ms: (user + system) * 10 })
    }
}

/// The share of a process in the memory that it is in.
fn memory_bytes(pid: u32) -> Option<u64> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_seen_and_ends_as_a_whole() {
        let script = "sleep 60 & sleep 60";
        let mut group = Group::spawn(Command::new("sh").args(["-c", script])).unwrap();
        let began = Instant::now();
        while group.usage().processes < 3 {
            assert!(group.runs().unwrap() && began.elapsed() < PATIENCE);
        }
        assert!(group.usage().memory_bytes > 0);
        let leader = group.leader.id();
        drop(group);
        assert!(Process::read(leader).is_none());
    }
}
