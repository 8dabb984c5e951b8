//! Completions for the shells that clap knows.

use clap::ValueEnum as _;
use clap_complete::{Generator as _, Shell};

use crate::generate::Generated;

#[expect(clippy::unnecessary_wraps, reason = "one of the generators")]
pub(crate) fn generate() -> Result<Vec<Generated>, String> {
    let script = |shell: &Shell| {
        let mut contents = Vec::new();
        clap_complete::generate(*shell, &mut ssespec::command(), "ssespec", &mut contents);
        let path = format!("assets/completions/{}", shell.file_name("ssespec"));
        Generated { path, contents }
    };
    Ok(Shell::value_variants().iter().map(script).collect())
}
