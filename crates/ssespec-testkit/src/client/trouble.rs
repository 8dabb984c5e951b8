//! Why a connection is over.

/// Why a connection is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It was lost: the client reconnects.
    Lost(Loss),
    /// It failed for good.
    Failed(String),
}

/// How a connection was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Loss {
    pub(super) kind: LossKind,
    pub(super) message: String,
}

/// The kinds of loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LossKind {
    /// No response came; whether it had begun.
    NoResponse {
        /// Some bytes of it did come.
        begun: bool,
    },
    /// The body ended as it should (`reconnect.eof`).
    Clean,
    /// The connection ended inside the body, or what it said is malformed.
    Cut,
    /// TCP reset inside the body.
    Reset,
    /// Silence.
    Timeout,
    /// The stream was reset over HTTP/2.
    StreamReset,
    /// The server went away over HTTP/2.
    GoAway,
    /// The response is none that opens the stream, and a mutant tries again.
    Refused {
        /// As soon as this, if the server says so.
        after_ms: Option<u64>,
    },
}

impl LossKind {
    /// With these words.
    pub(super) fn because(self, message: impl Into<String>) -> Trouble {
        Trouble::Lost(Loss { kind: self, message: message.into() })
    }

    /// The network broke, and no part of HTTP says so.
    pub(super) fn is_network_error(self) -> bool {
        !matches!(self, Self::Clean | Self::Refused { .. })
    }

    /// The connection broke inside the body.
    pub(super) fn is_inside_the_body(self) -> bool {
        self.is_network_error() && !matches!(self, Self::NoResponse { .. })
    }
}
