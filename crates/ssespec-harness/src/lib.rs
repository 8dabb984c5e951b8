//! The harness: plans cases, drives subjects through the mock, and judges what they report.
//!
//! ```no_run
//! use ssespec_harness::{Options, Subject, test_client};
//! use ssespec_scenario::Catalogue;
//!
//! # async fn run() {
//! let options = Options::new(Catalogue::builtin().clone());
//! let result = test_client(&Subject::Builtin, &options, &|_| {}, std::future::pending()).await;
//! assert_eq!(result.summary.fail, 0);
//! # }
//! ```
//!
//! What it deliberately does not do: it prints nothing and picks no exit code. Verdicts are pure
//! functions over what an attempt recorded, so that each can be replayed.

#![forbid(unsafe_code)]

mod attempt;
mod blocks;
mod browser;
mod builtin;
mod driver;
mod each;
mod endpoint;
mod evidence;
mod instance;
mod judge;
mod known;
mod lag;
mod lane;
mod matching;
mod plan;
mod probe;
mod process;
mod protocol;
mod punctuality;
mod seats;
mod select;
mod service;
mod starvation;
mod subject;
mod suite;
mod verdict;
mod wait;
mod words;

pub use browser::{BrowserSubject, Worker};
pub use endpoint::{
    Announced, Announcement, Emission, EmitCommand, Gauge, HttpChoice, Library, Memory,
    ProxySubject, ReferenceServer, Retry, ServerHello, ServerSubject, Target, TargetError, Trigger,
    WireEvent, test_proxy, test_server,
};
pub use instance::{Death, Identity};
pub use known::{Known, KnownError, KnownFailure, write_known};
pub use protocol::{Command, EventId, Hello, Message, Open, PROTOCOL_VERSION};
pub use select::{Selection, SelectionError};
pub use service::Address as ServiceAddress;
pub use subject::Subject;
pub use suite::{Options, Progress, not_started, test_client};
