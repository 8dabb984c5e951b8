//! What a stream consists of, borrowed from the parser or owned.

use alloc::borrow::{Cow, ToOwned};
use alloc::string::String;
use core::fmt;

/// One thing that the parser found. Borrows from the chunk that was fed, or from the parser.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Item<'a> {
    /// A block with data was closed by its blank line (`dispatch.blank`).
    Event(Event<'a>),
    /// A comment line ended; the text is all that follows the colon, a leading space included
    /// (`comment.ignored`: it changes nothing).
    Comment(&'a str),
    /// A valid `retry` line ended. It holds at once, without a blank line (`retry.digits`).
    Retry(Retry),
    /// A breach of the format. Only after
    /// [`Parser::report_violations`](crate::Parser::report_violations).
    Violation(Violation),
}

impl Item<'_> {
    /// A copy that outlives the callback.
    pub fn to_owned(&self) -> OwnedItem {
        match self {
            Self::Event(event) => OwnedItem::Event(event.to_owned()),
            Self::Comment(text) => OwnedItem::Comment((*text).to_owned()),
            Self::Retry(retry) => OwnedItem::Retry(*retry),
            Self::Violation(violation) => OwnedItem::Violation(*violation),
        }
    }
}

/// An event, as the standard dispatches it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Event<'a> {
    /// The type: the last non-empty `event` of the block, else `message` (`event.type`).
    pub event_type: &'a str,
    /// The values of the block's `data` lines, joined by line feeds (`data.append`).
    pub data: &'a str,
    /// The last event id in force, which an earlier block may have set (`id.sticky`).
    pub last_event_id: &'a str,
}

impl Event<'_> {
    /// A copy that outlives the callback.
    #[inline]
    pub fn to_owned(&self) -> OwnedEvent {
        OwnedEvent {
            event_type: match self.event_type {
                "message" => Cow::Borrowed("message"),
                event_type => Cow::Owned(event_type.to_owned()),
            },
            data: self.data.to_owned(),
            last_event_id: self.last_event_id.to_owned(),
        }
    }
}

/// A reconnection time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Retry {
    /// The time in milliseconds; the greatest `u64` where the digits say more (`retry.overflow`).
    pub milliseconds: u64,
    /// Whether the value on the wire was greater than `milliseconds` can say.
    pub clamped: bool,
}

/// A breach of the format, with the place where it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Violation {
    /// The id of the rule, such as `retry.digits`.
    pub rule: &'static str,
    /// Where: bytes since the start of the body. [`ViolationKind`] says which byte is meant.
    pub offset: u64,
    /// What.
    pub kind: ViolationKind,
}

impl Violation {
    pub(crate) fn new(kind: ViolationKind, offset: u64) -> Self {
        Self { rule: kind.rule(), offset, kind }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {} [{}]", self.kind, self.offset, self.rule)
    }
}

/// What kind of breach a [`Violation`] is, and which byte its offset points at.
///
/// Where the offset is that of a byte within a value and the same line also holds ill-formed UTF-8,
/// it is that of the line's first byte instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ViolationKind {
    /// Ill-formed UTF-8; the offset is that of the sequence's first byte (`decode.utf8`).
    InvalidUtf8,
    /// A byte order mark at the start of a line that is not the start of the stream: the name of
    /// the field now begins with U+FEFF, so the line is ignored (`decode.bom`).
    ByteOrderMark,
    /// A field that no client knows; the offset is that of its name (`field.unknown`).
    UnknownField,
    /// A known field spelled with other case or with blanks around it, hence unknown; the offset is
    /// that of its name (`field.case`).
    FieldSpelling,
    /// A `retry` whose value has other characters than digits; the offset is that of the first such
    /// byte (`retry.digits`).
    RetryNotDigits,
    /// A `retry` without a value, ignored here; the offset is that of the line's end
    /// (`retry.empty`).
    RetryEmpty,
    /// An `id` with U+0000 in it, ignored whole; the offset is that of the NUL (`id.nul`).
    IdNul,
    /// The body ended within a line or a block; the offset is that of the block's first byte, or of
    /// the line's where the block is empty (`eof.discard`).
    PendingAtEnd,
    /// A block with a type but without data, which dispatches nothing; the offset is that of the
    /// blank line (`server.grammar`).
    TypeWithoutData,
}

impl ViolationKind {
    /// The id of the rule that is breached.
    pub const fn rule(self) -> &'static str {
        match self {
            Self::InvalidUtf8 => "decode.utf8",
            Self::ByteOrderMark => "decode.bom",
            Self::UnknownField => "field.unknown",
            Self::FieldSpelling => "field.case",
            Self::RetryNotDigits => "retry.digits",
            Self::RetryEmpty => "retry.empty",
            Self::IdNul => "id.nul",
            Self::PendingAtEnd => "eof.discard",
            Self::TypeWithoutData => "server.grammar",
        }
    }
}

impl fmt::Display for ViolationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InvalidUtf8 => "ill-formed UTF-8, decoded as U+FFFD",
            Self::ByteOrderMark => {
                "byte order mark at the start of a line, so its field is unknown"
            }
            Self::UnknownField => "unknown field, ignored",
            Self::FieldSpelling => "field name in other case or with blanks around it, ignored",
            Self::RetryNotDigits => "`retry` with other characters than digits, ignored",
            Self::RetryEmpty => "`retry` without a value, ignored",
            Self::IdNul => "`id` with U+0000, ignored whole",
            Self::PendingAtEnd => "end of body before the blank line, pending block dropped",
            Self::TypeWithoutData => "block with a type but no data, nothing dispatched",
        })
    }
}

/// An [`Event`] that owns its strings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct OwnedEvent {
    /// The type; `message` by default, which costs no allocation (`event.type`).
    pub event_type: Cow<'static, str>,
    /// The data (`data.append`).
    pub data: String,
    /// The last event id in force (`id.sticky`).
    pub last_event_id: String,
}

/// An [`Item`] that owns its strings.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OwnedItem {
    /// See [`Item::Event`].
    Event(OwnedEvent),
    /// See [`Item::Comment`].
    Comment(String),
    /// See [`Item::Retry`].
    Retry(Retry),
    /// See [`Item::Violation`].
    Violation(Violation),
}
