//! A browser under test. A control page of ours holds one frame for each origin of the mock; the
//! frames open the streams and say what they saw. A stream has the origin of its frame, so no case
//! is about CORS unless it means to be, and the browser's limit of six connections to an HTTP/1.1
//! host is kept away by the number of origins.

mod control;
mod launch;
mod pages;
mod profile;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use crate::instance::{Death, Instance, Router};
use crate::process::{Spawned, deliver, read_hello, spawn};
use crate::protocol::Command;
use control::Control;
use launch::Program;
pub(crate) use pages::pages;
use profile::Profile;

/// How many origins the mock has for a browser: more than streams that are open at once, so that
/// each stream has one of its own. Over HTTP/2 a browser carries all streams to an origin on one
/// connection, which a case may end.
pub(crate) const ORIGINS: usize = 40;
/// How long a browser may take to start and load the page.
const START_LIMIT: Duration = Duration::from_mins(3);
/// A page that asks for no commands for so long is gone.
const SILENCE_LIMIT: Duration = Duration::from_mins(1);
/// How long a browser may take to end once it was asked to: nothing that it writes is kept.
const GRACE: Duration = Duration::from_secs(2);

/// A browser, and what runs in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrowserSubject {
    /// `chromium`, `firefox`, `webkit`, or a path.
    pub browser: String,
    /// Where the streams are opened, if not by the page itself.
    pub worker: Option<Worker>,
    /// A JavaScript module that opens them with another client than the browser's own.
    pub module: Option<PathBuf>,
}

/// A worker of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worker {
    /// One of its own for each frame.
    Dedicated,
    /// One that all pages of an origin share.
    Shared,
}

impl Worker {
    /// Its name on the command line and in the page's URL.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dedicated => "dedicated",
            Self::Shared => "shared",
        }
    }
}

/// What is at hand for a browser.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Surroundings<'s> {
    /// The mock's origins.
    pub(crate) origins: &'s [SocketAddr],
    /// The file with the certificate of the run's CA.
    pub(crate) ca_file: &'s Path,
    /// What waiting times are multiplied by.
    pub(crate) time_scale: f64,
}

/// Starts the browser and waits until its page is there.
///
/// # Errors
/// Why it cannot be used, and how to mend it.
pub(crate) async fn start(
    subject: &BrowserSubject,
    surroundings: Surroundings<'_>,
) -> Result<Instance, Death> {
    let program = Program::find(&subject.browser)?;
    let set_up = |error: std::io::Error| Death {
        message: format!("failed to set the browser up: {error}"),
        help: "check TMPDIR, and that the loopback interface has free ports".to_owned(),
    };
    let profile = Profile::make().map_err(set_up)?;
    program.settle(profile.path()).map_err(set_up)?;
    let trusts = program.trust(profile.path(), surroundings.ca_file).await;
    let setup = serde_json::json!({
        "first": surroundings.origins.first().copied().map(ssespec_mock::origin),
        "frame": pages::frame(subject.worker),
        "tls": trusts,
    });
    let html = include_str!("page/control.html").replace("SETUP", &setup.to_string());
    let (control, mut lines) =
        Control::start(ssespec_mock::secret(), html).await.map_err(set_up)?;
    let command = program.command_line(profile.path(), &control.url());
    let spawned = spawn(&command, &profile.environment())?;
    let mut page = Page { spawned, control, _profile: profile };
    let limit = START_LIMIT.mul_f64(surroundings.time_scale);
    let hello = async {
        tokio::select! {
            line = lines.recv() => read_hello(&line.unwrap_or_default()),
            death = page.end() => Err(death),
            () = tokio::time::sleep(limit) => Err(Death {
                message: format!(
                    "the browser did not open the page within {} s{}",
                    limit.as_secs(),
                    page.spawned.stderr.shown()
                ),
                help: "start the browser by hand to see why, or use a larger --time-scale".to_owned(),
            }),
        }
    };
    let (identity, version) = tokio::join!(hello, program.version());
    let mut identity = match identity {
        Ok(identity) => identity,
        Err(death) => {
            page.close().await;
            return Err(death);
        }
    };
    // What pages are told of the browser's version is made unprecise on purpose.
    if let (None, Some(version)) = (&subject.module, version) {
        identity.hello.version = version;
    }
    let (commands, received) = mpsc::unbounded_channel();
    let (died, death) = watch::channel(None);
    let router = Arc::new(Router::default());
    let owner = Arc::clone(&router);
    let task = tokio::spawn(async move {
        let death = page.run(received, lines, &owner).await;
        page.close().await;
        died.send_replace(Some(death));
    });
    Ok(Instance::new(identity, commands, router, death, task))
}

/// A browser with our page in it. Both end when this is dropped.
struct Page {
    spawned: Spawned,
    control: Control,
    _profile: Profile,
}

impl Page {
    /// Passes on commands and reports until one side ends.
    async fn run(
        &mut self,
        mut commands: mpsc::UnboundedReceiver<Command>,
        mut lines: mpsc::UnboundedReceiver<String>,
        router: &Router,
    ) -> Death {
        loop {
            tokio::select! {
                Some(line) = lines.recv() => {
                    if let Err(death) = deliver(router, &line) {
                        return death;
                    }
                }
                command = commands.recv() => match command {
                    Some(Command::Exit) | None => {
                        return Death { message: "the run is over".to_owned(), help: String::new() };
                    }
                    Some(command) => match serde_json::to_string(&command) {
                        Ok(command) => self.control.tell(command),
                        Err(error) => {
                            return Death { message: error.to_string(), help: String::new() };
                        }
                    },
                },
                death = self.end() => return death,
            }
        }
    }

    /// Resolves when the browser has ended, when the page says that it cannot go on, or when it
    /// asks for nothing any more. Cancel safe.
    async fn end(&mut self) -> Death {
        let by_hand = "start the browser by hand to see why".to_owned();
        loop {
            tokio::select! {
                status = self.spawned.child.wait() => {
                    let how = status.map_or_else(|error| error.to_string(), |it| it.to_string());
                    let said = self.spawned.stderr.at_end().await;
                    return Death {
                        message: format!("the browser ended ({how}){said}"),
                        help: by_hand,
                    };
                }
                failure = self.control.failure() => {
                    return Death {
                        message: format!("the page cannot go on: {failure}"),
                        help: "is the browser recent enough, and the module sound? \
                               docs/browsers.md tells what a module exports"
                            .to_owned(),
                    };
                }
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
            }
            if self.control.silence() > SILENCE_LIMIT {
                let said = self.spawned.stderr.shown();
                return Death {
                    message: format!("the page does not answer any more{said}"),
                    help: by_hand,
                };
            }
        }
    }

    /// Ends the browser: politely, so that a display that was started for it goes too.
    async fn close(&mut self) {
        self.spawned.child.ask_to_end();
        let _ = tokio::time::timeout(GRACE, self.spawned.child.wait()).await;
        self.spawned.child.kill().await;
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // In a run that is interrupted nobody can wait for long; the rest is killed after this.
        if self.spawned.child.ask_to_end() {
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}
