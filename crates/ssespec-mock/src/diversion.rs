//! Connections that others serve.

use std::fmt;
use std::net::TcpStream;
use std::sync::Arc;

/// Takes connections, as they come, whose first request is for a path that begins so. Of plain
/// HTTP/1 alone: what comes over TLS or HTTP/2 stays with the mock.
#[derive(Clone)]
pub struct Diversion {
    /// How the path begins, such as `/load/`.
    pub prefix: &'static str,
    /// Gets a connection that does not block, with nothing read from it.
    pub take: Arc<dyn Fn(TcpStream) + Send + Sync>,
}

impl fmt::Debug for Diversion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Diversion").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

/// Whether a connection is one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wants {
    Yes,
    No,
    /// Too little of it has come to tell.
    More,
}

/// How many bytes tell in any case.
pub(crate) const TELLING: usize = 24;
/// The longest method that is waited for, with its space.
const METHOD: usize = 8;

impl Diversion {
    /// Whether it wants the connection that begins so.
    pub(crate) fn wants(&self, head: &[u8]) -> Wants {
        let Some(space) = head.iter().position(|byte| *byte == b' ') else {
            return if head.len() < METHOD { Wants::More } else { Wants::No };
        };
        let path = head.get(space + 1..).unwrap_or_default();
        if path.starts_with(self.prefix.as_bytes()) {
            Wants::Yes
        } else if self.prefix.as_bytes().starts_with(path) {
            Wants::More
        } else {
            Wants::No
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_told_by_the_beginning_of_its_request() {
        let load = Diversion { prefix: "/load/", take: Arc::new(|_| {}) };
        for (head, wants) in [
            ("GET /load/stream?rate=1 HTT", Wants::Yes),
            ("POST /load/broadcast HTTP/1", Wants::Yes),
            ("GET /loa", Wants::More),
            ("GET", Wants::More),
            ("GET ", Wants::More),
            ("GET /case/line", Wants::No),
            ("GET /load HTTP/1.1", Wants::No),
            ("TOOLONGAMETHOD", Wants::No),
        ] {
            assert_eq!(load.wants(head.as_bytes()), wants, "{head}");
        }
    }
}
