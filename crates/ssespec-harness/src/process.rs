//! An adapter process: lines in, lines out, and its whole process group killed at the end.

use std::collections::VecDeque;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use process_wrap::tokio::{ChildWrapper, CommandWrap, KillOnDrop, ProcessGroup};
use ssespec_scenario::Feature;
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, BufReader,
};
use tokio::process::{ChildStderr, ChildStdin, ChildStdout};
use tokio::sync::{mpsc, watch};

use crate::instance::{Death, Identity, Instance, Router};
use crate::protocol::{Command, Hello, Line, PROTOCOL_VERSION, read_line};
use crate::starvation::Starvation;
use crate::words::Words;

/// Longest line that an adapter may print, in bytes.
const MAX_LINE_BYTES: u64 = 64 << 20;
/// How much of stderr is kept for messages, in lines.
const STDERR_LINES: usize = 8;
/// How long the stderr of a process that has ended is read on.
const STDERR_LIMIT: Duration = Duration::from_millis(500);
/// How long an adapter may take to end once it was asked to.
const GRACE: Duration = Duration::from_secs(3);

/// What an adapter is started with.
#[derive(Debug, Clone)]
pub(crate) struct Launch {
    /// The shell command.
    pub(crate) command: String,
    /// Variables that tell where the run's CA certificate is.
    pub(crate) environment: Vec<(String, String)>,
    /// How long it may take to say `hello`.
    pub(crate) hello_limit: Duration,
}

/// A started process with its pipes.
pub(crate) struct Spawned {
    pub(crate) child: Group,
    pub(crate) stdin: Option<ChildStdin>,
    pub(crate) stdout: ChildStdout,
    pub(crate) stderr: Tail,
}

/// A process with its group, which is killed when this is dropped: a run that is interrupted must
/// leave nothing behind, and `kill_on_drop` would spare what the shell has started.
pub(crate) struct Group {
    child: Box<dyn ChildWrapper>,
    killed: bool,
}

impl Group {
    /// The id of the process, and of its group; `None` once it has ended.
    pub(crate) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits until the process has ended.
    pub(crate) async fn wait(&mut self) -> std::io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Asks the whole group to end, unless it was killed before; whether it could be asked.
    pub(crate) fn ask_to_end(&self) -> bool {
        #[cfg(unix)]
        const TERMINATE: i32 = 15;
        #[cfg(unix)]
        return !self.killed && self.child.signal(TERMINATE).is_ok();
        #[cfg(not(unix))]
        false
    }

    /// Kills the whole group and waits for it.
    pub(crate) async fn kill(&mut self) {
        let _ = self.child.start_kill();
        self.killed = true;
        let _ = tokio::time::timeout(GRACE, self.child.wait()).await;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if !self.killed {
            let _ = self.child.start_kill();
        }
    }
}

/// Starts a shell command in a process group of its own.
pub(crate) fn spawn(command: &str, environment: &[(String, String)]) -> Result<Spawned, Death> {
    let failed = |error: std::io::Error| Death {
        message: format!("failed to start `{command}`: {error}"),
        help: "give a shell command that starts the adapter".to_owned(),
    };
    let mut child = CommandWrap::with_new("sh", |process| {
        process
            .args(["-c", command])
            .envs(environment.iter().map(|(key, value)| (key, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
    })
    .wrap(ProcessGroup::leader())
    .wrap(KillOnDrop)
    .spawn()
    .map_err(failed)?;
    let stdin = child.stdin().take();
    let pipes = (child.stdout().take(), child.stderr().take());
    let child = Group { child, killed: false };
    let (Some(stdout), Some(stderr)) = pipes else {
        return Err(failed(std::io::Error::other("its pipes are missing")));
    };
    Ok(Spawned { child, stdin, stdout, stderr: Tail::follow(stderr) })
}

/// Starts an adapter and waits for its `hello`.
///
/// # Errors
/// Why it cannot be used, and how to mend it.
pub(crate) async fn launch(launch: &Launch) -> Result<Instance, Death> {
    let mut spawned = spawn(&launch.command, &launch.environment)?;
    let mut lines = Lines::new(spawned.stdout);
    let first = tokio::time::timeout(launch.hello_limit, lines.next()).await;
    let hello = match first {
        Ok(Ok(Some(line))) => read_hello(&line),
        Ok(Ok(None)) => Err(ended(&mut spawned.child, &spawned.stderr, "before its `hello`").await),
        Ok(Err(death)) => Err(death),
        Err(_) => Err(Death {
            message: format!(
                "`{}` said no `hello` within {} s{}",
                launch.command,
                launch.hello_limit.as_secs(),
                spawned.stderr.shown()
            ),
            help: "print the `hello` line first, and flush stdout after each line".to_owned(),
        }),
    };
    let identity = match hello {
        Ok(identity) => identity,
        Err(death) => {
            spawned.child.kill().await;
            return Err(death);
        }
    };
    let (commands, received) = mpsc::unbounded_channel();
    let (died, death) = watch::channel(None);
    let router = Arc::new(Router::default());
    let starvation = Starvation::of_group(spawned.child.id());
    let owner = Owner {
        child: spawned.child,
        stdin: spawned.stdin,
        stderr: spawned.stderr,
        lines,
        commands: received,
        router: Arc::clone(&router),
    };
    let task = tokio::spawn(async move {
        let death = owner.run().await;
        died.send_replace(Some(death));
    });
    Ok(Instance::new(identity, commands, router, death, task).excused(starvation))
}

/// A word of a shell command.
pub(crate) fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

pub(crate) fn read_hello(line: &str) -> Result<Identity, Death> {
    let help = format!(
        "the first line must be {{\"op\":\"hello\",\"protocol\":{PROTOCOL_VERSION},\"name\":…,\"features\":[…]}}"
    );
    let hello: Hello = match read_line(line) {
        Ok(Line::Hello(hello)) => *hello,
        Ok(Line::Report { .. }) => {
            return Err(Death {
                message: "the adapter reported before its `hello`".to_owned(),
                help,
            });
        }
        Err(bad) => {
            return Err(Death {
                message: format!("the adapter's first line is no `hello`: {}", bad.0),
                help,
            });
        }
    };
    if hello.protocol != PROTOCOL_VERSION {
        return Err(Death {
            message: format!(
                "the adapter speaks version {} of the protocol, ssespec speaks {PROTOCOL_VERSION}",
                hello.protocol
            ),
            help: format!(
                "say \"protocol\":{PROTOCOL_VERSION} in the `hello`, or use a matching ssespec"
            ),
        });
    }
    let features = hello.known_features().map_err(|message| Death {
        message: format!("the adapter's `hello` is wrong: {message}"),
        help: "docs/adapter-protocol.md lists the features".to_owned(),
    })?;
    if features.contains(&Feature::Cors) && hello.page_origin.is_none() {
        return Err(Death {
            message: "the adapter claims `cors` and does not say where its page is".to_owned(),
            help: "add \"page_origin\":\"http://…\" to the `hello`".to_owned(),
        });
    }
    Ok(Identity { hello, features, lives_on: false, words: Words::default() })
}

/// The task that owns the process.
struct Owner {
    child: Group,
    stdin: Option<ChildStdin>,
    stderr: Tail,
    lines: Lines<ChildStdout>,
    commands: mpsc::UnboundedReceiver<Command>,
    router: Arc<Router>,
}

impl Owner {
    async fn run(mut self) -> Death {
        let stdin = self.stdin.take();
        let mut commands = self.commands;
        // A writer of its own: an adapter that does not read must not keep us from reading it.
        let mut writer = tokio::spawn(async move { write_commands(stdin, &mut commands).await });
        let death = loop {
            tokio::select! {
                line = self.lines.next() => match line {
                    Ok(Some(line)) => {
                        if let Err(death) = deliver(&self.router, &line) {
                            break death;
                        }
                    }
                    Ok(None) => break ended(&mut self.child, &self.stderr, "in the middle of the run").await,
                    Err(death) => break death,
                },
                _ = &mut writer => {
                    // Asked to end, or its stdin is closed: it gets a grace period to finish.
                    let end = async {
                        while let Ok(Some(line)) = self.lines.next().await {
                            let _ = deliver(&self.router, &line);
                        }
                    };
                    if tokio::time::timeout(GRACE, end).await.is_ok() {
                        break ended(&mut self.child, &self.stderr, "in the middle of the run").await;
                    }
                    break Death {
                        message: format!(
                            "the adapter takes no more commands{}",
                            self.stderr.shown()
                        ),
                        help: "read commands until `exit`, or until stdin ends".to_owned(),
                    };
                }
            }
        };
        writer.abort();
        self.child.kill().await;
        death
    }
}

async fn write_commands(
    stdin: Option<ChildStdin>,
    commands: &mut mpsc::UnboundedReceiver<Command>,
) {
    let Some(mut stdin) = stdin else { return };
    while let Some(command) = commands.recv().await {
        let Ok(mut line) = serde_json::to_vec(&command) else {
            continue;
        };
        line.push(b'\n');
        if stdin.write_all(&line).await.is_err() || stdin.flush().await.is_err() {
            return;
        }
        if command == Command::Exit {
            return;
        }
    }
}

pub(crate) fn deliver(router: &Router, line: &str) -> Result<(), Death> {
    match read_line(line) {
        Ok(Line::Report { stream, report, note }) => router.deliver(stream, report, note),
        Ok(Line::Hello(_)) => Err(Death {
            message: "the adapter said `hello` twice".to_owned(),
            help: "say it once, first".to_owned(),
        }),
        Err(bad) => Err(Death {
            message: format!("the adapter broke the protocol: {}", bad.0),
            help: "stdout takes protocol lines only; print logs to stderr".to_owned(),
        }),
    }
}

/// What to say of a process whose stdout has ended.
pub(crate) async fn ended(child: &mut Group, stderr: &Tail, when: &str) -> Death {
    let status = tokio::time::timeout(GRACE, child.wait()).await;
    let (what, help) = match status {
        Ok(Ok(status)) if status.code() == Some(127) => {
            ("could not be found".to_owned(), "check the path and the PATH of the command")
        }
        Ok(Ok(status)) => {
            (format!("ended ({status}) {when}"), "run the command by hand to see why")
        }
        _ => (format!("closed its stdout {when}"), "keep stdout open until `exit`"),
    };
    Death { message: format!("the adapter {what}{}", stderr.at_end().await), help: help.to_owned() }
}

/// Reads lines of bounded length.
pub(crate) struct Lines<R> {
    reader: BufReader<R>,
    buffer: Vec<u8>,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self { reader: BufReader::with_capacity(64 << 10, reader), buffer: Vec::new() }
    }

    /// The next line that is not blank; `None` at the end. Cancel safe: a line begun is kept.
    pub(crate) async fn next(&mut self) -> Result<Option<String>, Death> {
        loop {
            let room = (MAX_LINE_BYTES + 1).saturating_sub(self.buffer.len() as u64);
            let read = (&mut self.reader).take(room).read_until(b'\n', &mut self.buffer).await;
            let count = read.map_err(|error| Death {
                message: format!("failed to read the adapter's stdout: {error}"),
                help: String::new(),
            })?;
            if self.buffer.len() as u64 > MAX_LINE_BYTES {
                return Err(Death {
                    message: format!(
                        "the adapter printed a line of more than {MAX_LINE_BYTES} bytes"
                    ),
                    help: "print one JSON object a line, and a newline after each".to_owned(),
                });
            }
            if count == 0 && self.buffer.is_empty() {
                return Ok(None);
            }
            let line = std::mem::take(&mut self.buffer);
            let text = String::from_utf8(line).map_err(|_| Death {
                message: "the adapter printed a line that is not UTF-8".to_owned(),
                help: "print JSON in UTF-8, or escape everything beyond ASCII".to_owned(),
            })?;
            let text = text.trim();
            if !text.is_empty() {
                return Ok(Some(text.to_owned()));
            }
        }
    }
}

/// The last lines of a process's stderr.
#[derive(Debug, Clone)]
pub(crate) struct Tail {
    lines: Arc<Mutex<VecDeque<String>>>,
    /// Closed once all of it was read.
    open: watch::Receiver<()>,
}

impl Tail {
    fn follow(stderr: ChildStderr) -> Self {
        let (reading, open) = watch::channel(());
        let tail = Self { lines: Arc::default(), open };
        let lines = Arc::clone(&tail.lines);
        tokio::spawn(async move {
            let _reading = reading;
            let mut reader = BufReader::new(stderr);
            let mut line = Vec::new();
            // A log may be anything; only its form for people is kept.
            while (&mut reader).take(4096).read_until(b'\n', &mut line).await.is_ok_and(|n| n > 0) {
                if let Ok(mut lines) = lines.lock() {
                    lines.push_back(String::from_utf8_lossy(&line).trim_end().to_owned());
                    if lines.len() > STDERR_LINES {
                        lines.pop_front();
                    }
                }
                line.clear();
            }
        });
        tail
    }

    /// For the end of a message about a process that has ended: what it printed last may still be
    /// on its way.
    pub(crate) async fn at_end(&self) -> String {
        let mut open = self.open.clone();
        let end = async { while open.changed().await.is_ok() {} };
        // A process that it has left behind may hold it open for ever.
        let _ = tokio::time::timeout(STDERR_LIMIT, end).await;
        self.shown()
    }

    /// For the end of a message.
    pub(crate) fn shown(&self) -> String {
        let lines = self.lines.lock().map(|lines| lines.iter().cloned().collect::<Vec<_>>());
        match lines {
            Ok(lines) if lines.len() == 1 => {
                format!("; its stderr ends with: {}", lines.concat())
            }
            Ok(lines) if !lines.is_empty() => {
                format!("; its stderr ends with:\n{}", lines.join("\n"))
            }
            _ => String::new(),
        }
    }
}
