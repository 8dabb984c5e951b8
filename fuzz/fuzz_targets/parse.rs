//! Any bytes at all: the cuts do not matter, the naive parser agrees, and what is found survives
//! encoding.
//!
//! `crates/ssespec-parser/tests/corpus.rs` replays the corpus with the same checks on a stable
//! compiler.
#![no_main]

#[path = "../../crates/ssespec-parser/tests/common/mod.rs"]
mod common;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| common::check::check(bytes));
