//! The result of a conformance run: the model, which is the versioned JSON contract, the verdict on
//! the run, and the renderers.
//!
//! ```
//! use ssespec_report::{
//!     RunError, RunResult, SCHEMA_VERSION, Subject, Summary, Tool, console, json, outcome,
//! };
//!
//! // A run in which the subject did not start.
//! let result = RunResult {
//!     schema_version: SCHEMA_VERSION,
//!     tool: Tool { name: "ssespec".to_owned(), version: "0.1.0".to_owned() },
//!     subject: Subject { role: "client".to_owned(), ..Subject::default() },
//!     suite: "client".to_owned(),
//!     profile: "eventsource".to_owned(),
//!     started: "2026-01-31T02:00:00Z".to_owned(),
//!     duration_ms: 12,
//!     interrupted: false,
//!     summary: Summary::default(),
//!     errors: vec![RunError {
//!         kind: "subject".to_owned(),
//!         message: "failed to start `node client.js`: not found".to_owned(),
//!         help: "install node, or give its path".to_owned(),
//!     }],
//!     cases: Vec::new(),
//! };
//! assert_eq!(json::from_json(&json::to_json(&result))?, result);
//!
//! let outcome = outcome::run_outcome(&result, outcome::FailOn::Must);
//! assert_eq!(outcome.exit_code, outcome::ExitCode::Subject);
//!
//! let text = console::summary(&result, outcome::FailOn::Must, console::Style::plain());
//! assert!(text.contains("help: install node"));
//! # Ok::<(), json::ReadError>(())
//! ```
//!
//! What it deliberately does not do: it judges no case (the harness does), opens no file, prints
//! nothing and reads no environment. Every renderer is a pure function from a [`RunResult`] or a
//! [`CaseResult`] to text.

#![forbid(unsafe_code)]

pub mod annotation;
pub mod badge;
mod chart;
pub mod console;
pub mod diff;
pub mod html;
pub mod json;
pub mod junit;
pub mod load;
pub mod markdown;
pub mod matrix;
mod model;
pub mod outcome;
pub mod picture;
pub mod quantity;
mod route;

pub use model::{
    CaseResult, Difference, Direction, Evidence, Reason, RunError, RunResult, SCHEMA_VERSION, Spot,
    Status, Subject, Summary, TimelineEntry, Tool, Verdict,
};
