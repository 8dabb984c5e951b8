//! The command from outside: what it says and what it exits with, whatever a subject does.
//!
//! Subjects here are shell scripts, so that nothing but a POSIX shell is needed.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod adapters;
mod browser;
mod ci;
mod comparison;
mod decode;
mod each;
mod known;
mod libraries;
mod load;
mod load_clients;
mod load_workloads;
mod mock;
mod place;
mod processes;
mod proxies;
mod reports;
mod selection;
mod servers;
mod service;
mod signals;
mod streams;
mod verdicts;
