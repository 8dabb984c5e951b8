//! How a stream ends before the run does.

use std::borrow::Cow;
use std::io;

use ssespec_parser::ParseError;

use crate::body::Malformed;
use crate::head::Fault;

/// Why a stream is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// The server ended the response in order.
    Ended,
    /// The event that ends it has come.
    Completed,
    /// The server tells a stream not to come back: status 204.
    Dismissed,
    /// The plan drops the stream.
    Dropped,
    /// Something is wrong.
    Failed {
        /// Under which it is counted.
        cause: Cow<'static, str>,
        /// What was seen.
        message: String,
    },
}

/// What a stream was doing when the socket failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doing {
    Connecting,
    Asking,
    Reading,
}

impl End {
    pub(crate) fn failed(cause: &'static str, message: impl Into<String>) -> Self {
        Self::Failed { cause: Cow::Borrowed(cause), message: message.into() }
    }

    /// Whether a browser would not come back: a response that is no event stream.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self, Self::Completed | Self::Dismissed)
            || matches!(self, Self::Failed { cause, .. }
            if cause.starts_with("status.") || cause == "media-type" || cause == "content-coding")
    }

    /// The socket failed.
    pub(crate) fn io(doing: Doing, error: &io::Error) -> Self {
        use io::ErrorKind as Kind;
        let cause = match (error.kind(), doing) {
            (Kind::ConnectionRefused, _) => "connect.refused",
            (Kind::TimedOut, Doing::Connecting) => "connect.timeout",
            (Kind::HostUnreachable | Kind::NetworkUnreachable, _) => "connect.unreachable",
            (Kind::AddrNotAvailable | Kind::AddrInUse, _) => "connect.no-port",
            (_, Doing::Connecting) if is_out_of_files(error) => "connect.no-descriptor",
            (Kind::ConnectionReset | Kind::ConnectionAborted, Doing::Connecting) => "connect.reset",
            (Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe, Doing::Asking) => {
                "reset.before-head"
            }
            (Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe, _) => "reset",
            (_, Doing::Connecting) => "connect.other",
            _ => "socket",
        };
        Self::failed(cause, error.to_string())
    }
}

fn is_out_of_files(error: &io::Error) -> bool {
    let files = [rustix::io::Errno::MFILE, rustix::io::Errno::NFILE];
    error.raw_os_error().is_some_and(|code| files.iter().any(|it| it.raw_os_error() == code))
}

impl From<Fault> for End {
    fn from(fault: Fault) -> Self {
        Self::Failed { cause: Cow::Owned(fault.cause()), message: fault.message() }
    }
}

impl From<Malformed> for End {
    fn from(Malformed(why): Malformed) -> Self {
        Self::failed("body.malformed", why)
    }
}

impl From<ParseError> for End {
    fn from(error: ParseError) -> Self {
        let message = match error {
            ParseError::LineTooLong { limit_bytes, offset } => {
                format!("the line at byte {offset} is longer than {limit_bytes} bytes")
            }
            ParseError::EventTooLong { limit_bytes, offset } => {
                format!("at byte {offset} the data of one event grows past {limit_bytes} bytes")
            }
            other => other.to_string(),
        };
        Self::failed("body.too-long", message)
    }
}
