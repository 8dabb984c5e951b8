//! Values to wire bytes, refusing what the format cannot carry.
//!
//! Whatever an encoder accepts decodes to the same values again (`server.encode`); what would open
//! a field or an event of its own is refused (`server.no-injection`). Each function writes nothing
//! at all when it refuses.
//!
//! ```
//! use ssespec_parser::encode;
//!
//! let mut body = Vec::new();
//! encode::encode_retry(&mut body, 500);
//! encode::encode_comment(&mut body, " hello")?;
//! encode::encode_event(&mut body, Some("greeting"), "one\ntwo", Some("7"))?;
//! assert_eq!(
//!     String::from_utf8_lossy(&body),
//!     "retry: 500\n: hello\nevent: greeting\ndata: one\ndata: two\nid: 7\n\n",
//! );
//! assert!(encode::encode_event(&mut body, None, "", Some("7\ndata: injected")).is_err());
//! # Ok::<(), ssespec_parser::EncodeError>(())
//! ```

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::error::Error;
use core::fmt;

use memchr::{memchr, memchr2, memchr3};

use crate::item::Event;

/// Why a value cannot be carried. `at` is its first offending byte, counted from its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EncodeError {
    /// The caller gave a type with CR or LF (`server.no-injection`).
    LineBreakInType {
        /// Bytes before the line break.
        at: usize,
    },
    /// The caller gave an id with CR or LF (`server.no-injection`).
    LineBreakInId {
        /// Bytes before the line break.
        at: usize,
    },
    /// The caller gave an id with U+0000, which clients ignore whole (`id.nul`).
    NulInId {
        /// Bytes before the NUL.
        at: usize,
    },
    /// The caller gave a comment with CR or LF (`server.no-injection`).
    LineBreakInComment {
        /// Bytes before the line break.
        at: usize,
    },
    /// The caller gave data with CR, which would come back as LF; [`normalize`] makes it LF
    /// beforehand (`server.encode`).
    CarriageReturnInData {
        /// Bytes before the CR.
        at: usize,
    },
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LineBreakInType { at } => {
                write!(f, "event type with a line break at byte {at}; help: remove it")
            }
            Self::LineBreakInId { at } => {
                write!(f, "id with a line break at byte {at}; help: remove it")
            }
            Self::NulInId { at } => write!(f, "id with U+0000 at byte {at}; help: remove it"),
            Self::LineBreakInComment { at } => write!(
                f,
                "comment with a line break at byte {at}; help: encode each line as a comment"
            ),
            Self::CarriageReturnInData { at } => write!(
                f,
                "data with a CR at byte {at}, which would come back as LF; \
                 help: pass it through `normalize` first"
            ),
        }
    }
}

impl Error for EncodeError {}

/// Encodes the events of one body, writing `id` only where the last event id changes.
///
/// Feeding what it writes to a new [`Parser`](crate::Parser) yields the same [`Event`]s.
///
/// ```
/// use ssespec_parser::{Encoder, Event};
///
/// let mut encoder = Encoder::new();
/// let mut body = Vec::new();
/// for data in ["a", "b"] {
///     encoder.event(&mut body, Event { event_type: "message", data, last_event_id: "1" })?;
/// }
/// assert_eq!(body, b"data: a\nid: 1\n\ndata: b\n\n");
/// # Ok::<(), ssespec_parser::EncodeError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Encoder {
    last_event_id: String,
}

impl Encoder {
    /// An encoder for a client without a last event id.
    pub fn new() -> Self {
        Self::default()
    }

    /// An encoder for a client that already has a last event id (`id.fresh-buffer`).
    pub fn with_last_event_id(id: &str) -> Self {
        Self { last_event_id: id.to_string() }
    }

    /// Appends an event (`server.encode`). An empty type means `message` (`event.type`).
    ///
    /// # Errors
    ///
    /// As [`encode_event`].
    pub fn event(&mut self, out: &mut Vec<u8>, event: Event<'_>) -> Result<(), EncodeError> {
        let id = Some(event.last_event_id).filter(|&id| id != self.last_event_id);
        encode_event(out, Some(event.event_type), event.data, id)?;
        if let Some(id) = id {
            self.last_event_id.clear();
            self.last_event_id.push_str(id);
        }
        Ok(())
    }

    /// Appends an id without an event, which clients commit all the same (`id.commit`).
    ///
    /// # Errors
    ///
    /// When the id holds CR, LF or U+0000.
    pub fn id(&mut self, out: &mut Vec<u8>, id: &str) -> Result<(), EncodeError> {
        encode_id(out, id)?;
        self.last_event_id.clear();
        self.last_event_id.push_str(id);
        Ok(())
    }

    /// Appends a comment line; see [`encode_comment`].
    ///
    /// # Errors
    ///
    /// When the text holds CR or LF.
    pub fn comment(&mut self, out: &mut Vec<u8>, text: &str) -> Result<(), EncodeError> {
        encode_comment(out, text)
    }

    /// Appends a reconnection time; see [`encode_retry`].
    pub fn retry(&mut self, out: &mut Vec<u8>, milliseconds: u64) {
        encode_retry(out, milliseconds);
    }
}

/// Appends a whole block that dispatches one event.
///
/// No type, an empty one and `message` are the same (`event.type`). No id leaves the client's last
/// event id as it is (`id.sticky`), an empty one resets it (`id.empty`).
///
/// # Errors
///
/// When the type holds CR or LF, the id CR, LF or U+0000, or the data CR.
pub fn encode_event(
    out: &mut Vec<u8>,
    event_type: Option<&str>,
    data: &str,
    id: Option<&str>,
) -> Result<(), EncodeError> {
    let event_type = event_type.filter(|event_type| !matches!(*event_type, "" | "message"));
    if let Some(at) = event_type.and_then(line_break) {
        return Err(EncodeError::LineBreakInType { at });
    }
    if let Some(at) = memchr(b'\r', data.as_bytes()) {
        return Err(EncodeError::CarriageReturnInData { at });
    }
    if let Some(id) = id {
        check_id(id)?;
    }
    if let Some(event_type) = event_type {
        field(out, "event", event_type);
    }
    for line in data.split('\n') {
        field(out, "data", line);
    }
    if let Some(id) = id {
        field(out, "id", id);
    }
    out.push(b'\n');
    Ok(())
}

/// Appends a block with an id and no data: it dispatches nothing and sets the last event id
/// (`id.commit`).
///
/// # Errors
///
/// When the id holds CR, LF or U+0000.
pub fn encode_id(out: &mut Vec<u8>, id: &str) -> Result<(), EncodeError> {
    check_id(id)?;
    field(out, "id", id);
    out.push(b'\n');
    Ok(())
}

/// Appends a comment line: a colon and the text as it is. To be called between blocks or within one
/// (`comment.ignored`).
///
/// # Errors
///
/// When the text holds CR or LF.
pub fn encode_comment(out: &mut Vec<u8>, text: &str) -> Result<(), EncodeError> {
    if let Some(at) = line_break(text) {
        return Err(EncodeError::LineBreakInComment { at });
    }
    out.push(b':');
    out.extend_from_slice(text.as_bytes());
    out.push(b'\n');
    Ok(())
}

/// Appends a reconnection time. It needs no blank line (`retry.digits`).
pub fn encode_retry(out: &mut Vec<u8>, milliseconds: u64) {
    field(out, "retry", &milliseconds.to_string());
}

/// Makes every CRLF and CR an LF, which is how data comes back from any client (`server.encode`).
pub fn normalize(data: &str) -> Cow<'_, str> {
    if memchr(b'\r', data.as_bytes()).is_none() {
        return Cow::Borrowed(data);
    }
    Cow::Owned(data.replace("\r\n", "\n").replace('\r', "\n"))
}

/// The space keeps a leading space of the value alive (`field.one-space`).
fn field(out: &mut Vec<u8>, name: &str, value: &str) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(if value.is_empty() { b":" } else { b": " });
    out.extend_from_slice(value.as_bytes());
    out.push(b'\n');
}

fn line_break(value: &str) -> Option<usize> {
    memchr2(b'\n', b'\r', value.as_bytes())
}

fn check_id(id: &str) -> Result<(), EncodeError> {
    match memchr3(b'\n', b'\r', b'\0', id.as_bytes()) {
        None => Ok(()),
        Some(at) if id.as_bytes().get(at) == Some(&b'\0') => Err(EncodeError::NulInId { at }),
        Some(at) => Err(EncodeError::LineBreakInId { at }),
    }
}
