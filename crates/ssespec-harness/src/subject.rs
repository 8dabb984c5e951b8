//! How a subject is attached, and how a fresh one is started.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ssespec_mock::MockConfig;
use ssespec_net::TestCa;
use ssespec_scenario::Feature;

use crate::browser::{self, BrowserSubject, Surroundings};
use crate::instance::{Death, Instance};
use crate::process::{Launch, quoted};
use crate::service::{Address, OpenStreams};
use crate::{builtin, each, process, service};

/// How long an adapter may take to say `hello`.
const HELLO_LIMIT: Duration = Duration::from_mins(1);

/// Who is to be tested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The reference client.
    Builtin,
    /// An adapter that speaks the protocol over stdio, as a shell command.
    Exec(String),
    /// A shell command with `{url}` in it, started once a case.
    Each {
        /// The command.
        command: String,
        /// What it can do.
        features: Vec<Feature>,
    },
    /// A browser, by the client in a page of ours.
    Browser(BrowserSubject),
    /// A service that drives a client as LaunchDarkly's REST contract has it.
    Service {
        /// Where it listens.
        address: Address,
        /// Whether it is asked to end when the run is over.
        stop: bool,
    },
}

impl Subject {
    /// What the mock must offer for it.
    pub(crate) fn mock_config(&self) -> MockConfig {
        match self {
            Self::Browser(subject) => MockConfig {
                further_origins: browser::ORIGINS - 1,
                pages: browser::pages(subject),
                ..MockConfig::default()
            },
            // One more for `{other-url}`, and one in case the page has one of them.
            _ => MockConfig { further_origins: 2, ..MockConfig::default() },
        }
    }

    /// Whether a second one beside the first costs little and disturbs nobody.
    pub(crate) fn is_cheap(&self) -> bool {
        matches!(self, Self::Exec(_))
    }

    /// How a feature is claimed.
    pub(crate) fn how_to_claim(&self) -> &'static str {
        match self {
            Self::Service { .. } => {
                "name the capability in the service's status, if the client has it and the \
                 contract has a name for it"
            }
            Self::Each { .. } => "claim it by `--feature`, if the client has it",
            Self::Browser(_) => "name the feature in the module, if its client has it",
            Self::Builtin | Self::Exec(_) => {
                "claim the feature in the adapter's `hello` if the client has it"
            }
        }
    }
}

/// What a subject is started with.
#[derive(Debug)]
pub(crate) struct Starter<'s> {
    pub(crate) subject: &'s Subject,
    pub(crate) ca: &'s TestCa,
    /// The mock's addresses.
    pub(crate) origins: &'s [SocketAddr],
    /// The file with the CA's certificate.
    pub(crate) ca_file: &'s Path,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) time_scale: f64,
    /// The streams that a service has open.
    pub(crate) streams: &'s OpenStreams,
    /// Whether a service has answered before, so that it need not be waited for.
    pub(crate) attached: AtomicBool,
}

impl Starter<'_> {
    /// Starts a fresh one.
    pub(crate) async fn start(&self) -> Result<Instance, Death> {
        match self.subject {
            Subject::Builtin => builtin::start(self.ca)
                .map_err(|error| Death { message: error.to_string(), help: String::new() }),
            Subject::Exec(command) => {
                process::launch(&Launch {
                    command: command.clone(),
                    environment: self.environment.clone(),
                    hello_limit: HELLO_LIMIT.mul_f64(self.time_scale),
                })
                .await
            }
            Subject::Each { command, features } => {
                each::start(command, features, self.environment.clone())
            }
            Subject::Browser(subject) => {
                let surroundings = Surroundings {
                    origins: self.origins,
                    ca_file: self.ca_file,
                    time_scale: self.time_scale,
                };
                browser::start(subject, surroundings).await
            }
            Subject::Service { address, .. } => {
                let starts = !self.attached.load(Ordering::Acquire);
                let attach = service::Attach {
                    patience: (HELLO_LIMIT / 6).mul_f64(self.time_scale),
                    starts,
                };
                let instance = service::start(address, attach, self.streams).await?;
                self.attached.store(true, Ordering::Release);
                Ok(instance)
            }
        }
    }

    /// How a person reproduces a case with this subject.
    pub(crate) fn command_line(&self, id: &str) -> String {
        let subject = match self.subject {
            Subject::Builtin => "--builtin".to_owned(),
            Subject::Exec(command) => format!("--exec {}", quoted(command)),
            Subject::Each { command, features } => {
                let mut options = format!("--each {}", quoted(command));
                for feature in features {
                    options.push_str(&format!(" --feature {}", feature.name()));
                }
                options
            }
            Subject::Browser(subject) => {
                let mut options = format!("--browser {}", quoted(&subject.browser));
                if let Some(worker) = subject.worker {
                    options.push_str(&format!(" --worker {}", worker.name()));
                }
                if let Some(module) = &subject.module {
                    options
                        .push_str(&format!(" --module {}", quoted(&module.display().to_string())));
                }
                options
            }
            Subject::Service { address, .. } => {
                format!("--service {}", quoted(&address.to_string()))
            }
        };
        format!("ssespec test client {subject} --run {}", quoted(id))
    }
}
