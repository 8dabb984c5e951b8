//! A proxy with one defect, or with none: it passes on whatever comes, as it comes, from one origin
//! to clients of HTTP/1 and of HTTP/2 in cleartext. It shares no code with the harness.

mod defect;
mod downstream;
mod exchange;
mod filter;
mod injector;
mod message;
mod sharing;
mod upstream;
mod world;

pub use defect::RelayDefect;
pub use world::MutantRelay;
