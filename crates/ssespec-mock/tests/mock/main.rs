//! The mock from outside, through raw sockets: exact bytes, and no client that brings it down.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod crowds;
mod fixture;
mod journal;
mod malformed;
mod visits;
