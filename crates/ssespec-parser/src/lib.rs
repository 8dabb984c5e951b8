//! Reference parser and encoder for `text/event-stream`, the format of Server-Sent Events.
//!
//! [`Parser`] takes the body of a response in pieces of any size and hands every event, comment and
//! reconnection time to a closure, in stream order and as soon as the byte that completes it has
//! arrived. It follows the WHATWG HTML standard, section 9.2, to the letter; each rule that a
//! function implements is cited by its id, such as `line.crlf-split`. On request it also reports
//! what a server should not have sent, as [`Violation`]s with the rule and the offset of the byte.
//!
//! ```
//! use ssespec_parser::{Item, Parser};
//!
//! let mut parser = Parser::new();
//! let mut seen = Vec::new();
//! for chunk in [&b"id: 7\r"[..], b"\ndata: gr\xc3", b"\xbc\xc3\x9fe\r", b"\r: bye"] {
//!     parser.feed(chunk, |item| {
//!         if let Item::Event(event) = item {
//!             seen.push(event.to_owned());
//!         }
//!     })?;
//! }
//! parser.finish(|_| {})?;
//! assert_eq!(seen.len(), 1);
//! assert_eq!(seen[0].event_type, "message");
//! assert_eq!(seen[0].data, "grüße");
//! assert_eq!(seen[0].last_event_id, "7");
//! # Ok::<(), ssespec_parser::ParseError>(())
//! ```
//!
//! What it does not do: no I/O, no HTTP, no reconnection and no timers. It does not remember the
//! last event id or the reconnection time from one connection to the next; the caller carries them
//! over (see [`Parser::finish`]). It does not judge: a violation says what was on the wire, and a
//! rule's level says whether that matters.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod block;
mod decode;
pub mod encode;
mod ending;
mod error;
mod field;
mod item;
mod lines;
mod parser;
mod runs;
mod short;

pub use decode::decode;
pub use encode::{EncodeError, Encoder, encode_comment, encode_event, encode_retry};
pub use error::{Limits, ParseError};
pub use item::{Event, Item, OwnedEvent, OwnedItem, Retry, Violation, ViolationKind};
pub use parser::Parser;
