//! The JSON result of a load run, as the pages read it. `ssespec-load` writes it, and its types are
//! there; here it is read as JSON, so that a page takes runs of workloads that this crate does not
//! know.

mod markdown;
mod read;
mod words;

pub use markdown::{comparison_to_markdown, runs_to_markdown};
pub(crate) use read::Second;
pub use read::{Run, is_load};
pub(crate) use words::{family, is_raw, meaning, of_generator, verdict};

/// The version of the JSON result of a load run that this crate reads.
pub const LOAD_SCHEMA_VERSION: u32 = 1;

/// Runs in one comparison, at most: more lines in one chart cannot be told apart.
pub const COMPARED: usize = 6;
