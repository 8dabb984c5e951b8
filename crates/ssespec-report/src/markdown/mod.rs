//! Markdown as forges render it: the summary of a run for CI, and the tables of a matrix.
//!
//! What a subject said is set as code, or with all that Markdown, HTML and mentions would make of
//! it escaped.

mod matrix;
mod run;
mod text;

pub use matrix::{matrix_to_markdown, ranking};
pub use run::run_to_markdown;
pub use text::{code, plain};
