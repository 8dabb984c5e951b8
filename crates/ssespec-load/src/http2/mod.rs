//! HTTP/2: many streams over few sockets, by the h2 crate, polled without a runtime.
//!
//! What wakes a task elsewhere puts it on a list here, and the one loop of the process works the
//! list off. Frames and HPACK are those of h2; when a stream is read, and when its window is
//! opened again, is decided here, so that a slow reader is one stream and not its connection.

mod asking;
mod carrier;
mod ends;
mod link;
mod mux;
mod probe;
mod waking;

pub use self::asking::OF_A_CONNECTION;
pub(crate) use self::carrier::Carrier;
pub(crate) use self::mux::Mux;
pub(crate) use self::probe::greet;
pub(crate) use self::waking::{Ready, Whom, waker};

/// What a connection begins with.
pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
