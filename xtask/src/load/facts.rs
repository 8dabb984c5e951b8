//! What a server was and took in a run, which the result of the run does not tell.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::workspace;

/// Beside the result, as `NAME.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Facts {
    /// What it is, with its version: `axum 0.8.9`.
    pub(super) server: String,
    pub(super) processes: usize,
    /// Of all its processes, before the first stream.
    pub(super) memory_before_bytes: u64,
    pub(super) memory_peak_bytes: u64,
    /// Over the run.
    pub(super) cpu_ms: u64,
}

impl Facts {
    /// Those of the run with this result.
    pub(super) fn read(result: &Path) -> Result<Self, String> {
        let path = result.with_extension("toml");
        let failed = |error: &str| format!("failed to read `{}`: {error}", path.display());
        let bytes = workspace::read(&path)?.ok_or_else(|| failed("there is no such file"))?;
        toml::from_str(&String::from_utf8_lossy(&bytes)).map_err(|error| failed(&error.to_string()))
    }

    /// Writes them beside the result.
    pub(super) fn write(&self, result: &Path) -> Result<(), String> {
        let text = toml::to_string(self).map_err(|error| error.to_string())?;
        workspace::write(&result.with_extension("toml"), text.as_bytes())
    }
}
