//! The process of an adapter: started, heard, and ended with all that it has started.

use std::time::Duration;

use tokio::process::{ChildStdin, ChildStdout};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use super::{Announced, Library, Memory, ServerHello, memory};
use crate::instance::Death;
use crate::process::{Group, Lines, Tail, ended, spawn};
use crate::protocol::start_of;

/// How long an adapter may take to say `hello`.
const HELLO_LIMIT: Duration = Duration::from_secs(30);
/// How long it may take to end once its stdin is closed.
const GRACE: Duration = Duration::from_secs(3);

/// A running adapter. Dropping it kills the process group.
pub(in super::super) struct Running {
    pub(in super::super) library: Library,
    stop: oneshot::Sender<()>,
    died: watch::Receiver<Option<Death>>,
    task: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Running {
    /// Resolves when the process has ended by itself, or broken the protocol.
    pub(in super::super) async fn death(&self) -> Death {
        let mut died = self.died.clone();
        match died.wait_for(Option::is_some).await.map(|it| it.clone()) {
            Ok(Some(death)) => death,
            _ => std::future::pending().await,
        }
    }

    /// Asks the process to end, and kills it if it does not.
    pub(in super::super) async fn end(mut self) {
        let (stop, _) = oneshot::channel();
        let _ = std::mem::replace(&mut self.stop, stop).send(());
        let _ = (&mut self.task).await;
    }
}

/// Starts an adapter and waits for its `hello`.
///
/// # Errors
/// Why it cannot be used, and how to mend it.
pub(in super::super) async fn launch(command: &str) -> Result<Running, Death> {
    let mut spawned = spawn(command, &[])?;
    let mut lines = Lines::new(spawned.stdout);
    let read = match tokio::time::timeout(HELLO_LIMIT, lines.next()).await {
        Ok(Ok(Some(line))) => ServerHello::read(&line),
        Ok(Ok(None)) => Err(ended(&mut spawned.child, &spawned.stderr, "before its `hello`").await),
        Ok(Err(death)) => Err(death),
        Err(_) => Err(Death {
            message: format!(
                "`{command}` said no `hello` within {} s{}",
                HELLO_LIMIT.as_secs(),
                spawned.stderr.shown()
            ),
            help: "print the `hello` line first, and flush stdout after each line".to_owned(),
        }),
    };
    let (hello, features) = match read {
        Ok(read) => read,
        Err(death) => {
            spawned.child.kill().await;
            return Err(death);
        }
    };
    let announced = Announced::default();
    let group = spawned.child.id();
    let (stop, stopped) = oneshot::channel();
    let (ending, died) = watch::channel(None);
    let owner = Owner {
        child: spawned.child,
        stdin: spawned.stdin,
        stderr: spawned.stderr,
        lines,
        announced: announced.clone(),
    };
    let task = tokio::spawn(async move {
        if let Some(death) = owner.run(stopped).await {
            ending.send_replace(Some(death));
        }
    });
    let memory = Memory::new(move || memory::of_group(group?));
    Ok(Running { library: Library { hello, features, announced, memory }, stop, died, task })
}

/// The task that owns the process.
struct Owner {
    child: Group,
    stdin: Option<ChildStdin>,
    stderr: Tail,
    lines: Lines<ChildStdout>,
    announced: Announced,
}

impl Owner {
    /// Listens until the adapter is to end, or has ended by itself: why, then.
    async fn run(mut self, mut stopped: oneshot::Receiver<()>) -> Option<Death> {
        let death = loop {
            tokio::select! {
                _ = &mut stopped => {
                    drop(self.stdin.take());
                    let _ = tokio::time::timeout(GRACE, self.child.wait()).await;
                    break None;
                }
                line = self.lines.next() => match line {
                    Ok(Some(line)) => match serde_json::from_str(&line) {
                        Ok(announcement) => self.announced.hear(&announcement),
                        Err(error) => break Some(Death {
                            message: format!(
                                "the adapter broke the protocol: {error} in the line `{}`",
                                start_of(&line)
                            ),
                            help: "stdout takes protocol lines only; print logs to stderr"
                                .to_owned(),
                        }),
                    },
                    Ok(None) => {
                        let when = "in the middle of the run";
                        break Some(ended(&mut self.child, &self.stderr, when).await);
                    }
                    Err(death) => break Some(death),
                },
            }
        };
        self.child.kill().await;
        death
    }
}
