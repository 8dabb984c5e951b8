//! What happened on the connections of a run, when, with the chunk edges.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use ssespec_net::{Request, Taken};
use ssespec_scenario::Coding;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Since the run was mounted. For what we wrote, the instant before the write.
    pub at: Duration,
    /// The number of the request it belongs to, from 1.
    pub connection: u32,
    /// What happened.
    pub what: Happening,
}

/// What happened on a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// The subject asked. `excess`: the script foresees no such request; it was answered 204.
    Request {
        /// The request.
        request: Request,
        /// Whether the script foresees no such request.
        excess: bool,
        /// The address that it came to: one of the mock's origins.
        at: SocketAddr,
    },
    /// We sent the head of a response; its bytes, or for HTTP/2 what they stand for.
    Head(Vec<u8>),
    /// We sent a chunk of the body.
    Chunk {
        /// The bytes of the body.
        bytes: Vec<u8>,
        /// Whether the subject had taken all that came before: [`Taken::No`] voids the cut.
        before: Taken,
    },
    /// We gave a chunk of the body to the encoder.
    Encoded {
        /// The bytes before they were coded.
        plain: Vec<u8>,
        /// Whether a flush followed; the chunks that follow hold what came of it.
        flushed: bool,
    },
    /// The case wants a coding that the request does not ask for; the body was sent uncoded.
    NotAskedFor(Coding),
    /// We sent bytes below the body.
    Raw(Vec<u8>),
    /// We sent the sentinel event.
    Sentinel,
    /// We ended the body cleanly.
    End,
    /// We ended the connection with the body unfinished.
    Truncated,
    /// We reset the connection.
    Reset,
    /// We reset the HTTP/2 stream, with this code.
    H2Reset(String),
    /// We sent GOAWAY, with this code.
    Goaway(String),
    /// The subject left: by FIN, RST or an HTTP/2 reset.
    Left {
        /// How, for people.
        how: &'static str,
    },
    /// We asked the harness to close the subject.
    CloseAsked,
    /// We asked the harness to have the subject connect again.
    RestartAsked,
}

impl Happening {
    /// Whether we ended the connection or the stream by it.
    pub fn is_end(&self) -> bool {
        matches!(
            self,
            Self::End | Self::Truncated | Self::Reset | Self::H2Reset(_) | Self::Goaway(_)
        )
    }
}

/// The entries of a run.
#[derive(Debug)]
pub(crate) struct Journal {
    began: Instant,
    entries: Mutex<Vec<Entry>>,
}

impl Journal {
    pub(crate) fn new() -> Self {
        Self { began: Instant::now(), entries: Mutex::default() }
    }

    pub(crate) fn began(&self) -> Instant {
        self.began
    }

    pub(crate) fn add(&self, connection: u32, what: Happening) {
        let entry = Entry { at: self.began.elapsed(), connection, what };
        if let Ok(mut entries) = self.entries.lock() {
            entries.push(entry);
        }
    }

    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.entries.lock().map(|entries| entries.clone()).unwrap_or_default()
    }
}
