//! Markdown as forges render it: the summary of a run for CI, the tables of a matrix, and what
//! changed between two runs.
//!
//! What a subject said is set as code, or with all that Markdown, HTML and mentions would make of
//! it escaped.

mod diff;
mod matrix;
mod run;
mod text;

pub use diff::diff_to_markdown;
pub use matrix::{matrix_to_markdown, ranking};
pub use run::run_to_markdown;
pub use text::{code, plain};
