//! Starting workers and servers, as processes or as threads, and hearing what they say.

use std::io::{self, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::protocol::{read_message, write_message};
use crate::{origin, worker};

/// How workers and servers are started.
#[derive(Debug, Clone)]
pub enum Launcher {
    /// As threads of this process, over the same pipes. They share its descriptors.
    Threads,
    /// As processes.
    Processes {
        /// The program.
        program: PathBuf,
        /// What makes it [`work`](crate::work) over its stdin and stdout.
        worker: Vec<String>,
        /// What makes it [`serve`](crate::origin::serve) over its stdin and stdout.
        server: Vec<String>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Worker,
    Server,
}

/// What was heard of a helper.
#[derive(Debug)]
pub(crate) enum Heard<M> {
    Message(M),
    /// It has ended; why, where it broke off.
    Gone(Option<String>),
}

/// A worker or a server that runs.
pub(crate) struct Helper {
    input: Option<Box<dyn Write + Send>>,
    process: Option<Child>,
    threads: Vec<JoinHandle<()>>,
}

impl Launcher {
    /// Starts one; what it says is handed over in a thread of its own.
    pub(crate) fn launch<M: DeserializeOwned + 'static>(
        &self,
        role: Role,
        hear: impl FnMut(Heard<M>) + Send + 'static,
    ) -> io::Result<Helper> {
        match self {
            Self::Threads => in_thread(role, hear),
            Self::Processes { program, worker, server } => {
                let arguments = if role == Role::Worker { worker } else { server };
                as_process(Command::new(program).args(arguments), hear)
            }
        }
    }
}

fn in_thread<M: DeserializeOwned + 'static>(
    role: Role,
    hear: impl FnMut(Heard<M>) + Send + 'static,
) -> io::Result<Helper> {
    let (their_input, input) = io::pipe()?;
    let (output, their_output) = io::pipe()?;
    let helper = std::thread::Builder::new().spawn(move || {
        // What goes wrong shows at the other end of the pipe.
        let _ = match role {
            Role::Worker => worker::work(their_input, their_output),
            Role::Server => origin::serve(their_input, their_output),
        };
    })?;
    let listener = std::thread::Builder::new().spawn(move || listen(output, hear))?;
    Ok(Helper { input: Some(Box::new(input)), process: None, threads: vec![helper, listener] })
}

fn as_process<M: DeserializeOwned + 'static>(
    command: &mut Command,
    hear: impl FnMut(Heard<M>) + Send + 'static,
) -> io::Result<Helper> {
    // A Ctrl-C in the terminal is for the parent, which tells its helpers what to do.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let input = process.stdin.take().map(|input| Box::new(input) as Box<dyn Write + Send>);
    let mut threads = Vec::new();
    if let Some(output) = process.stdout.take() {
        threads.push(std::thread::Builder::new().spawn(move || listen(output, hear))?);
    }
    Ok(Helper { input, process: Some(process), threads })
}

fn listen<M: DeserializeOwned>(output: impl Read, mut hear: impl FnMut(Heard<M>)) {
    let mut output = BufReader::with_capacity(1 << 16, output);
    let why = loop {
        match read_message(&mut output) {
            Ok(Some(message)) => hear(Heard::Message(message)),
            Ok(None) => break None,
            Err(error) => break Some(error.to_string()),
        }
    };
    hear(Heard::Gone(why));
}

impl Helper {
    /// Tells it something. One that has gone is heard of otherwise.
    pub(crate) fn tell(&mut self, message: &impl Serialize) {
        if let Some(input) = &mut self.input {
            let _ = write_message(input, message);
        }
    }

    /// Closes its input, which ends it.
    pub(crate) fn close(&mut self) {
        self.input = None;
    }

    /// Ends it by force, where it is a process.
    pub(crate) fn kill(&mut self) {
        self.input = None;
        if let Some(process) = &mut self.process {
            let _ = process.kill();
        }
    }

    /// How it ended, where it is a process.
    pub(crate) fn status(&mut self) -> Option<String> {
        self.process.as_mut()?.wait().ok().map(|status| status.to_string())
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        self.kill();
        self.status();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
