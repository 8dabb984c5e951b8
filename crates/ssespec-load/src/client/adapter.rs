//! The process of an adapter: its pipes, its log, and its end.

use std::collections::VecDeque;
use std::io::{self, BufRead as _, BufReader, ErrorKind, Read, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use mio::unix::pipe;
use mio::{Interest, Registry, Token};
use rustix::process::{Pid, Signal, kill_process_group};

/// Lines of its log that are kept, and characters of each.
const LOG_LINES: usize = 4;
const LOG_CHARS: usize = 300;
/// How long it may take to end once it was asked to.
const GRACE: Duration = Duration::from_secs(3);

/// An adapter that runs. Its whole process group is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Adapter {
    child: Child,
    input: Option<pipe::Sender>,
    output: pipe::Receiver,
    log: Arc<Mutex<VecDeque<String>>>,
    /// What the pipe did not take.
    unsent: Vec<u8>,
}

/// What a read brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Came {
    Bytes(usize),
    Nothing,
    End,
}

impl Adapter {
    /// Starts the shell command; `input` and `output` are the tokens of its pipes.
    pub(crate) fn start(
        command: &str,
        registry: &Registry,
        input: Token,
        output: Token,
    ) -> io::Result<Self> {
        let mut child = Command::new("sh")
            .args(["-c", command])
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
            return Err(io::Error::other("its pipes are missing"));
        };
        let (mut sender, mut receiver) = (pipe::Sender::from(stdin), pipe::Receiver::from(stdout));
        sender.set_nonblocking(true)?;
        receiver.set_nonblocking(true)?;
        registry.register(&mut sender, input, Interest::WRITABLE)?;
        registry.register(&mut receiver, output, Interest::READABLE)?;
        let log = Arc::default();
        let shared = Arc::clone(&log);
        // It ends with the last process that holds the pipe.
        std::thread::Builder::new().spawn(move || keep_log(stderr, &shared))?;
        Ok(Self { child, input: Some(sender), output: receiver, log, unsent: Vec::new() })
    }

    /// Its process, and its group.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Says a line to it, now or as soon as the pipe takes it.
    pub(crate) fn say(&mut self, line: &[u8]) {
        self.unsent.extend_from_slice(line);
        self.unsent.push(b'\n');
        self.flush();
    }

    /// The pipe takes bytes again.
    pub(crate) fn flush(&mut self) {
        let Some(input) = &mut self.input else {
            return;
        };
        let mut sent = 0;
        while let Some(rest) = self.unsent.get(sent..).filter(|rest| !rest.is_empty()) {
            match input.write(rest) {
                Ok(0) => break,
                Ok(len) => sent += len,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // One that has gone is noticed by its output.
                Err(_) => break,
            }
        }
        self.unsent.drain(..sent);
    }

    /// Whether all that was said has gone into the pipe.
    pub(crate) fn has_taken_all(&self) -> bool {
        self.unsent.is_empty()
    }

    /// Reads what it says, without waiting.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Came {
        loop {
            return match self.output.read(buffer) {
                Ok(0) => Came::End,
                Ok(len) => Came::Bytes(len),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::WouldBlock => Came::Nothing,
                Err(_) => Came::End,
            };
        }
    }

    /// Asks it to end, and waits for as long as it may take; `None` where it has to be killed.
    pub(crate) fn end(&mut self) -> Option<ExitStatus> {
        self.say(br#"{"op":"exit"}"#);
        self.input = None;
        self.wait()
    }

    /// How it ended, in words, with the end of its log.
    pub(crate) fn death(&mut self) -> String {
        self.input = None;
        let mut how = match self.wait() {
            Some(status) => format!("it ended before its time ({status})"),
            None => "it closed its output and lives on".to_owned(),
        };
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        if !log.is_empty() {
            let lines: Vec<_> = log.iter().map(String::as_str).collect();
            how.push_str("; its log ends with: ");
            how.push_str(&lines.join(" | "));
        }
        how
    }

    fn wait(&mut self) -> Option<ExitStatus> {
        let until = Instant::now() + GRACE;
        let mut rest = [0; 4096];
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Some(status);
            }
            // One that still reports is not to wait for a full pipe.
            while matches!(self.read(&mut rest), Came::Bytes(_)) {}
            if Instant::now() >= until {
                return None;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Adapter {
    fn drop(&mut self) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid {
            // Also where the first process has ended: what it started may live on.
            let _ = kill_process_group(pid, Signal::KILL);
        }
        let _ = self.child.wait();
    }
}

fn keep_log(log: impl Read, kept: &Mutex<VecDeque<String>>) {
    let mut log = BufReader::new(log);
    let mut line = Vec::new();
    loop {
        line.clear();
        // A line without end is no more than its start.
        match Read::by_ref(&mut log).take(1 << 16).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let text = String::from_utf8_lossy(&line);
        let text: String = text.trim_end().chars().take(LOG_CHARS).collect();
        if text.is_empty() {
            continue;
        }
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == LOG_LINES {
            kept.pop_front();
        }
        kept.push_back(text);
    }
}
