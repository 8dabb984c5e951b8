//! What the adapter of a library says.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ssespec_scenario::{ServerFeature, suggest};

use crate::instance::Death;
use crate::protocol::{PROTOCOL_VERSION, start_of};

/// A line that the adapter of a server library writes to its stdout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "op", rename_all = "kebab-case")]
pub enum Announcement {
    /// Who it is, where it listens and what it can do; the first line.
    Hello(ServerHello),
    /// The library has told the application that the client of a request has left.
    Disconnected {
        /// Which request, counted from 1 in order of receipt.
        request: u64,
    },
    /// The library has refused a value.
    Refused {
        /// Which step, counted from 0.
        step: u64,
        /// What it said.
        #[serde(default)]
        message: String,
    },
}

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ServerHello {
    /// The protocol version the adapter speaks.
    pub protocol: u32,
    /// `server`.
    pub role: String,
    /// The name of the library.
    pub name: String,
    /// Its version.
    #[serde(default)]
    pub version: String,
    /// The language it is written in.
    #[serde(default)]
    pub language: String,
    /// What runs it.
    #[serde(default)]
    pub runtime: String,
    /// Where it takes steps, by POST.
    pub url: String,
    /// What it claims to be able to do; unknown names are refused with a suggestion.
    #[serde(default)]
    pub features: Vec<String>,
}

impl ServerHello {
    /// Reads the first line.
    ///
    /// # Errors
    /// What is wrong with it, and how to mend it.
    pub(super) fn read(line: &str) -> Result<(Self, Vec<ServerFeature>), Death> {
        let help = || {
            format!(
                "the first line must be {{\"op\":\"hello\",\"protocol\":{PROTOCOL_VERSION},\
                 \"role\":\"server\",\"name\":…,\"url\":\"http://127.0.0.1:…\",\"features\":[…]}}; \
                 docs/server-adapter.md has more"
            )
        };
        let wrong = |message: String| Death { message, help: help() };
        let hello = match serde_json::from_str(line) {
            Ok(Announcement::Hello(hello)) => hello,
            Ok(_) => return Err(wrong("the adapter reported before its `hello`".to_owned())),
            Err(error) => {
                let start = start_of(line);
                return Err(wrong(format!(
                    "the adapter's first line is no `hello`: {error} in the line `{start}`"
                )));
            }
        };
        if hello.protocol != PROTOCOL_VERSION {
            let theirs = hello.protocol;
            return Err(wrong(format!(
                "the adapter speaks version {theirs} of the protocol, ssespec speaks \
                 {PROTOCOL_VERSION}"
            )));
        }
        if hello.role != "server" {
            return Err(Death {
                message: format!("the adapter's role is `{}`, and a server is tested", hello.role),
                help: "adapters of clients are for `ssespec test client --exec`".to_owned(),
            });
        }
        let features = hello.known_features().map_err(|message| Death {
            message: format!("the adapter's `hello` is wrong: {message}"),
            help: "docs/server-adapter.md lists the features".to_owned(),
        })?;
        Ok((hello, features))
    }

    /// The features, by their names.
    ///
    /// # Errors
    /// The first name that is no feature, with a suggestion.
    pub fn known_features(&self) -> Result<Vec<ServerFeature>, String> {
        let known = ServerFeature::ALL.map(ServerFeature::name);
        let one = |name: &String| {
            ServerFeature::from_name(name).ok_or_else(|| {
                let close = suggest(name, &known).map(|it| format!("; did you mean `{it}`?"));
                format!("`{name}` is no feature of a server{}", close.unwrap_or_default())
            })
        };
        self.features.iter().map(one).collect()
    }
}
