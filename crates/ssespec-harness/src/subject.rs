//! How a subject is attached, and how a fresh one is started.

use std::time::Duration;

use ssespec_net::TestCa;
use ssespec_scenario::Feature;

use crate::instance::{Death, Instance};
use crate::process::Launch;
use crate::{builtin, each, process};

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
}

/// What a subject is started with.
#[derive(Debug)]
pub(crate) struct Starter<'s> {
    pub(crate) subject: &'s Subject,
    pub(crate) ca: &'s TestCa,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) hello_limit: Duration,
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
                    hello_limit: self.hello_limit,
                })
                .await
            }
            Subject::Each { command, features } => {
                each::start(command, features, self.environment.clone())
            }
        }
    }

    /// How a person reproduces a case with this subject.
    pub(crate) fn command_line(&self, id: &str) -> String {
        let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
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
        };
        format!("ssespec test client {subject} --run {}", quoted(id))
    }
}
