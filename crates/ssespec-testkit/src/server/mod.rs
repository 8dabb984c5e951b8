//! A server with one defect, or with none: an event every tenth of a second, the same for all. It
//! shares no code with the reference server.

mod connection;
mod defect;
mod emission;
mod encoding;
mod head;
mod http2;
mod request;
mod stream;
mod world;

pub use defect::ServerDefect;
pub use world::MutantServer;
