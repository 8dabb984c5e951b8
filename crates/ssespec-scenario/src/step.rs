//! What the mock does on a connection, one verb a step.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Chunk, Span, Wire};

/// One step. The key is the verb: `{ send = 'data: a\n\n' }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// Writes one chunk of the body in one segment (HTTP/2: one DATA frame), once the client has
    /// taken all that was written before.
    Send(Chunk),
    /// Gives a chunk to the encoder and withholds the flush, so that nothing of it need go out
    /// before the next `send`, or the end; with a `coding`.
    Withhold(Chunk),
    /// Writes bytes below the body: whatever they are, they go out as they stand. HTTP/1 only.
    Raw(Wire),
    /// Sends the sentinel event and waits until the subject has reported it.
    Sentinel {},
    /// Waits; for stimuli that consist of waiting, never to hope for something to happen.
    Pause(Span),
    /// Withholds what follows until the subject has reported, or let go, at least so much.
    Await(AwaitCounts),
    /// Withholds what follows until each of the case's `streams` has come this far.
    Gather {},
    /// Tells the subject to do something; a `close` waits for its answer.
    Client(ClientCommand),
    /// Ends the body cleanly: the last chunk, FIN for a body delimited by close, `END_STREAM`.
    End {
        /// Trailer lines, as they stand between the last chunk and the blank line.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        trailers: Option<Wire>,
        /// The content coding is left without its end, though the body itself ends cleanly.
        #[serde(default, skip_serializing_if = "is_false")]
        unfinished: bool,
    },
    /// Ends the TCP connection (FIN) with the body unfinished.
    Truncate {},
    /// Resets the TCP connection (RST).
    Reset {},
    /// Resets the HTTP/2 stream.
    H2Reset {
        /// The name of the error code, such as `INTERNAL_ERROR`.
        code: String,
    },
    /// Sends GOAWAY and ends the connection, with this stream unfinished.
    Goaway {
        /// The name of the error code, such as `NO_ERROR`.
        code: String,
    },
    /// Keeps the connection open until the client leaves or the case is over.
    Hold {},
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

impl Step {
    /// The verb as it is written.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Send(_) => "send",
            Self::Withhold(_) => "withhold",
            Self::Raw(_) => "raw",
            Self::Sentinel {} => "sentinel",
            Self::Pause(_) => "pause",
            Self::Await(_) => "await",
            Self::Gather {} => "gather",
            Self::Client(_) => "client",
            Self::End { .. } => "end",
            Self::Truncate {} => "truncate",
            Self::Reset {} => "reset",
            Self::H2Reset { .. } => "h2-reset",
            Self::Goaway { .. } => "goaway",
            Self::Hold {} => "hold",
        }
    }

    /// Whether nothing can follow it on the same connection.
    pub fn is_final(&self) -> bool {
        matches!(
            self,
            Self::End { .. }
                | Self::Truncate {}
                | Self::Reset {}
                | Self::H2Reset { .. }
                | Self::Goaway { .. }
                | Self::Hold {}
        )
    }
}

/// The error codes of HTTP/2 by name (RFC 9113, section 7), in the order of their numbers.
pub const H2_ERROR_CODES: [(&str, u32); 14] = [
    ("NO_ERROR", 0x0),
    ("PROTOCOL_ERROR", 0x1),
    ("INTERNAL_ERROR", 0x2),
    ("FLOW_CONTROL_ERROR", 0x3),
    ("SETTINGS_TIMEOUT", 0x4),
    ("STREAM_CLOSED", 0x5),
    ("FRAME_SIZE_ERROR", 0x6),
    ("REFUSED_STREAM", 0x7),
    ("CANCEL", 0x8),
    ("COMPRESSION_ERROR", 0x9),
    ("CONNECT_ERROR", 0xa),
    ("ENHANCE_YOUR_CALM", 0xb),
    ("INADEQUATE_SECURITY", 0xc),
    ("HTTP_1_1_REQUIRED", 0xd),
];

/// How many reports of each kind the subject must have made on the stream, in total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct AwaitCounts {
    /// `event` lines.
    pub events: u32,
    /// `opened` lines.
    pub opened: u32,
    /// `error` lines.
    pub errors: u32,
    /// `comment` lines; nothing is awaited of subjects that do not report comments.
    pub comments: u32,
    /// `retry` lines; nothing is awaited of subjects that do not report them.
    pub retries: u32,
    /// Responses that the subject has let go before their end: by closing the connection, or by
    /// resetting the HTTP/2 stream. This is seen on the connection; no report is needed.
    pub left: u32,
}

/// What the subject is told in the middle of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum ClientCommand {
    /// Close the stream.
    Close {},
    /// Drop the connection and connect again, as after a loss; needs `restart`.
    Restart {},
}
