//! The scenario files that the binary carries.

/// Path below `scenarios/`, and text.
pub(crate) const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/scenarios.rs"));
