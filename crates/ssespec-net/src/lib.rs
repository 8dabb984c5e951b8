//! Sockets and wire forms for ssespec: counted transports, the raw HTTP/1 reader and writer,
//! proof that a peer has taken what it was sent, waits on a machine that may stand still, and a
//! certificate authority made per run.
//!
//! ```
//! let chunk = ssespec_net::chunk(b"data: a\n\n");
//! assert_eq!(chunk, b"9\r\ndata: a\n\n\r\n");
//! ```
//!
//! What it deliberately does not do: it knows no scenario and judges nothing. It also hides
//! nothing: what is written goes out in one piece, as it stands.

#![forbid(unsafe_code)]

mod countdown;
mod frames;
mod intake;
mod open_files;
mod reply;
mod request;
mod response;
mod tls;
mod transport;
mod trust;

pub use countdown::{Countdown, Hindrance, Over};
pub use frames::FrameTally;
pub use frames::FrameTap;
pub use intake::{Intake, Taken};
pub use open_files::{allow_open_files, open_files_limit};
pub use reply::{Ending, Malformed, ReplyHead, ReplyReader};
pub use request::{HeadError, Request, read_request};
pub use response::{chunk, head};
pub use tls::{Flaw, TestCa, TlsError};
pub use transport::{Counted, Transport};
pub use trust::{Trust, TrustError, client_config};
