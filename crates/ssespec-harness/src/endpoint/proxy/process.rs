//! The process of a proxy: started once the origin listens, and ended with all that it has started.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::Deserialize;
use tokio::net::TcpStream;
use tokio::process::{ChildStdin, ChildStdout};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::subject::ProxySubject;
use crate::instance::Death;
use crate::process::{Group, Lines, Tail, spawn};

/// How long a proxy may take until its port accepts connections.
const START_LIMIT: Duration = Duration::from_secs(30);
/// How often that is tried.
const GLANCE: Duration = Duration::from_millis(50);
/// How long it may take to end once it was asked to.
const GRACE: Duration = Duration::from_secs(3);

/// A running proxy. Dropping it kills the process group.
pub(super) struct Running {
    command: String,
    child: Group,
    stderr: Tail,
    listener: AbortHandle,
    hello: Arc<Mutex<Hello>>,
    /// Open for as long as the process is to run.
    _stdin: Option<ChildStdin>,
    /// Where it may put what it needs; removed at the end.
    _directory: tempfile::TempDir,
}

/// What a command may say of its proxy in a line of its stdout.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Hello {
    op: String,
    pub(super) name: String,
    pub(super) version: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

impl Running {
    /// Starts the command and waits until the proxy accepts connections.
    ///
    /// # Errors
    /// Why it cannot be used, and how to mend it.
    pub(super) async fn start(
        command: &str,
        subject: &ProxySubject,
        origin: SocketAddr,
    ) -> Result<Self, Death> {
        let directory = tempfile::Builder::new().prefix("ssespec-proxy-").tempdir();
        let directory = directory.map_err(|error| Death {
            message: format!("failed to make a directory for the proxy: {error}"),
            help: "check TMPDIR".to_owned(),
        })?;
        let (host, port) = subject.door();
        let environment = [
            ("SSESPEC_ORIGIN", origin.to_string()),
            ("SSESPEC_VIA", format!("{host}:{port}")),
            ("SSESPEC_DIR", directory.path().display().to_string()),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value));
        let spawned = spawn(command, &environment)?;
        let hello = Arc::default();
        let listener = tokio::spawn(listen(spawned.stdout, Arc::clone(&hello))).abort_handle();
        let mut running = Self {
            command: command.to_owned(),
            child: spawned.child,
            stderr: spawned.stderr,
            listener,
            hello,
            _stdin: spawned.stdin,
            _directory: directory,
        };
        match running.accepts(&host, port).await {
            Ok(()) => Ok(running),
            Err(death) => {
                running.end().await;
                Err(death)
            }
        }
    }

    async fn accepts(&mut self, host: &str, port: u16) -> Result<(), Death> {
        let until = Instant::now() + START_LIMIT;
        loop {
            let connected = TcpStream::connect((host, port));
            if tokio::time::timeout(GLANCE * 20, connected).await.is_ok_and(|it| it.is_ok()) {
                return Ok(());
            }
            if Instant::now() > until {
                return Err(Death {
                    message: format!(
                        "`{}` does not accept connections at `{host}` port {port} within {} s{}",
                        self.command,
                        START_LIMIT.as_secs(),
                        self.stderr.shown()
                    ),
                    help: "have the proxy listen where `--via` says".to_owned(),
                });
            }
            if let Ok(death) = tokio::time::timeout(GLANCE, self.death()).await {
                return Err(death);
            }
        }
    }

    /// Resolves when the command has ended by itself. Cancel safe.
    pub(super) async fn death(&mut self) -> Death {
        let status = self.child.wait().await;
        let how = status.map_or_else(|error| error.to_string(), |it| it.to_string());
        Death {
            message: format!("`{}` ended ({how}){}", self.command, self.stderr.at_end().await),
            help: "start the proxy in the foreground; run the command by hand to see why it ends"
                .to_owned(),
        }
    }

    /// What the command has said of the proxy.
    pub(super) fn hello(&self) -> Hello {
        self.hello.lock().map(|hello| hello.clone()).unwrap_or_default()
    }

    /// Asks the process group to end, and kills what does not.
    pub(super) async fn end(mut self) {
        self.child.ask_to_end();
        let _ = tokio::time::timeout(GRACE, self.child.wait()).await;
        self.child.kill().await;
    }
}

/// Reads stdout to its end, so that the process never waits for us.
async fn listen(stdout: ChildStdout, hello: Arc<Mutex<Hello>>) {
    let mut lines = Lines::new(stdout);
    while let Ok(Some(line)) = lines.next().await {
        if let Ok(said) = serde_json::from_str::<Hello>(&line)
            && said.op == "hello"
            && let Ok(mut hello) = hello.lock()
        {
            *hello = said;
        }
    }
}
