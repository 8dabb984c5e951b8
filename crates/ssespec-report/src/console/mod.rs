//! Text for people: a line for each case, a block for each failure, a summary.
//!
//! Nothing here prints or reads the environment: every function returns a string, set as a
//! [`Style`] says. What a subject reported is escaped, so that it cannot steer the terminal, and
//! shortened, so that 14 MB of data stay readable.

mod case;
mod comparison;
mod diff;
mod difference;
mod failure;
mod style;
mod summary;
mod text;
mod timeline;

pub use case::case_line;
pub use diff::diff_summary;
pub use failure::failure_block;
pub use style::Style;
pub use summary::summary;

pub(crate) use case::short_reason;
pub(crate) use text::{byte_count, clip_middle, cut_middle, is_invisible, thousands, visible};
