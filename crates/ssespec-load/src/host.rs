//! The machine that a run was made on, as far as it bears on the figures.

use std::num::NonZero;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::memory;

/// A machine. Without its name, as results are published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Host {
    /// Operating system, version of the kernel, and architecture: `Linux 6.1, x86_64`.
    pub system: String,
    /// The model of the processors; `None` where it cannot be told.
    pub processor: Option<String>,
    /// Processors that a process may use.
    pub processors: u64,
    /// Memory, in bytes; `None` where it cannot be told.
    pub memory_bytes: Option<u64>,
}

impl Host {
    /// This one.
    pub fn this() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
        let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        let table = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        Self {
            system: system(&release),
            processor: processor(&table),
            processors: processors as u64,
            memory_bytes: memory::all_bytes(),
        }
    }
}

/// The system, with the first two numbers of its release: what follows names builds, not versions.
fn system(release: &str) -> String {
    let name = match std::env::consts::OS {
        "linux" => "Linux",
        "macos" => "macOS",
        "windows" => "Windows",
        other => other,
    };
    let mut parts = release.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    let version = match (parts.next(), parts.next()) {
        (Some(major), Some(minor)) => format!(" {major}.{minor}"),
        _ => String::new(),
    };
    format!("{name}{version}, {}", std::env::consts::ARCH)
}

/// The model of the first processor.
fn processor(table: &str) -> Option<String> {
    let line = table.lines().find(|line| line.starts_with("model name"))?;
    let (_, model) = line.split_once(':')?;
    let model = model.split_whitespace().collect::<Vec<_>>().join(" ");
    (!model.is_empty()).then_some(model)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_a_build_is_left_out() {
        let ends = |release: &str, end: &str| system(release).ends_with(end);
        assert!(ends("6.1.0-18-amd64\n", &format!(" 6.1, {}", std::env::consts::ARCH)));
        assert!(ends("", std::env::consts::ARCH));
    }

    #[test]
    fn the_table_of_processors_is_read() {
        assert_eq!(processor("processor: 0\nmodel name\t:  A  B\n"), Some("A B".to_owned()));
        assert_eq!(processor(""), None);
    }
}
