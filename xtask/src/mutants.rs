//! The table of mutants and the cases that catch them.

use crate::generate::Generated;

#[expect(clippy::unnecessary_wraps, reason = "one of the generators")]
pub(crate) fn generate() -> Result<Vec<Generated>, String> {
    let contents = ssespec_testkit::table().into_bytes();
    Ok(vec![Generated { path: "docs/mutants.md".to_owned(), contents }])
}
