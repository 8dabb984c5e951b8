//! Hard limits, and the errors that name them.

use core::error::Error;
use core::fmt;

/// How much a parser takes before it gives up, so that a hostile stream costs bounded memory.
///
/// The standard sets no limits; these exist because a process has them anyway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limits {
    /// The longest line in bytes, without its ending.
    pub max_line_bytes: usize,
    /// The longest data of one event in bytes, with the line feeds between its lines. What a parser
    /// holds on the heap is at most a small multiple of the two limits together.
    pub max_event_bytes: usize,
}

impl Default for Limits {
    /// 64 MiB each.
    fn default() -> Self {
        Self { max_line_bytes: 64 << 20, max_event_bytes: 64 << 20 }
    }
}

/// Why a parser stopped. Malformed input is never an error, only input beyond the [`Limits`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ParseError {
    /// The server sent a line longer than [`Limits::max_line_bytes`].
    LineTooLong {
        /// The limit in bytes.
        limit_bytes: usize,
        /// Where the line starts: bytes since the start of the body.
        offset: u64,
    },
    /// The server sent an event whose data is longer than [`Limits::max_event_bytes`].
    EventTooLong {
        /// The limit in bytes.
        limit_bytes: usize,
        /// Where the line starts that went over the limit: bytes since the start of the body.
        offset: u64,
    },
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LineTooLong { limit_bytes, offset } => write!(
                f,
                "line at byte {offset} is longer than {limit_bytes} bytes; help: raise `max_line_bytes`"
            ),
            Self::EventTooLong { limit_bytes, offset } => write!(
                f,
                "event data grows past {limit_bytes} bytes in the line at byte {offset}; \
                 help: raise `max_event_bytes`"
            ),
        }
    }
}

impl Error for ParseError {}
