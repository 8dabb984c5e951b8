//! The engine from outside: what it finds in servers of all kinds.
//!
//! Nothing here is decided by how long something takes.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod answers;
mod arrivals;
mod causes;
mod delivery;
mod merging;
mod multiplexed;
mod place;
mod publishing;
mod reconnects;
mod secure;
mod slowness;
mod stalls;
