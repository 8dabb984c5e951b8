//! Defective clients, servers and proxies, and a naive parser, that prove the suite.
//!
//! A case that nobody can fail is not a case. So each case names the *mutants* that it catches:
//! clients that are correct but for one [`Defect`]. The binary `ssespec-mutant` is any of them, or
//! the correct one, behind the adapter protocol.
//!
//! ```
//! use ssespec_testkit::{Defect, Place};
//!
//! let defect = Defect::named("bom-kept").unwrap();
//! assert_eq!(defect.place(), Place::Decode);
//! assert_eq!(defect.description(), "no byte order mark is dropped");
//! ```
//!
//! What it deliberately does not do: it is no library for clients. It speaks HTTP as far as the
//! scenarios need it, HTTP/2 without TLS, and shares no code with the reference parser and client.

#![forbid(unsafe_code)]

pub mod adapter;
mod client;
mod decode;
mod defect;
pub mod naive;
mod named;
mod relay;
mod server;
mod table;

pub use client::Trust;
pub use defect::{Defect, Place, Switch};
pub use relay::{MutantRelay, RelayDefect};
pub use server::{MutantServer, ServerDefect};
pub use table::{PENDING, UNPROVEN, kills, table};
