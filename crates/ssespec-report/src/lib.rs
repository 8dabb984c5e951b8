//! The result model of ssespec, the versioned JSON contract, and its renderers.

#![forbid(unsafe_code)]

mod model;

pub use model::{
    CaseResult, Difference, Direction, Evidence, Reason, RunError, RunResult, SCHEMA_VERSION,
    Status, Subject, Summary, TimelineEntry, Tool, Verdict,
};
