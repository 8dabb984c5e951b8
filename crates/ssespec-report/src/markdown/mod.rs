//! Markdown as forges render it: the summary of a run for CI.
//!
//! What a subject said is set as code, or with all that Markdown, HTML and mentions would make of
//! it escaped.

mod run;
mod text;

pub use run::run_to_markdown;
pub use text::{code, plain};
