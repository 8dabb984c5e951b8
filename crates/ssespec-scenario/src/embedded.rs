//! The scenario files that the binary carries.

use crate::SourceFile;

/// Where workloads of `load` lie below `scenarios/`; they hold no cases.
const WORKLOADS: &str = "load/";

/// The files of cases and rules: path below `scenarios/`, and text.
pub(crate) fn scenarios() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    FILES.iter().filter(|(name, _)| !name.starts_with(WORKLOADS))
}

/// The workloads of `load` that the binary carries, by name: `llm` for `scenarios/load/llm.toml`.
pub fn builtin_workloads() -> Vec<SourceFile> {
    let workload = |(name, text): &(&str, &str)| {
        let name = name.strip_prefix(WORKLOADS)?.strip_suffix(".toml")?;
        Some(SourceFile { name: name.to_owned(), text: (*text).to_owned() })
    };
    FILES.iter().filter_map(workload).collect()
}

/// Path below `scenarios/`, and text.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/scenarios.rs"));
