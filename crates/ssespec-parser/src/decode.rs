//! Bytes to text: the UTF-8 decode of the Encoding Standard, over chunks cut anywhere.

use alloc::vec::Vec;

use crate::error::ParseError;
use crate::item::OwnedItem;
use crate::parser::Parser;

/// Parses a whole body at once, violations included.
///
/// # Errors
///
/// Only if the body exceeds the default [`Limits`](crate::Limits).
///
/// ```
/// use ssespec_parser::{OwnedItem, decode};
///
/// let items = decode(b"retry: 10\n\n:ok\n")?;
/// assert!(matches!(&items[0], OwnedItem::Retry(retry) if retry.milliseconds == 10));
/// assert_eq!(items[1], OwnedItem::Comment("ok".to_owned()));
/// # Ok::<(), ssespec_parser::ParseError>(())
/// ```
pub fn decode(bytes: &[u8]) -> Result<Vec<OwnedItem>, ParseError> {
    let mut items = Vec::new();
    let mut parser = Parser::new().report_violations(true);
    parser.feed(bytes, |item| items.push(item.to_owned()))?;
    parser.finish(|item| items.push(item.to_owned()))?;
    Ok(items)
}

/// The start of a code point whose other bytes have not arrived (`decode.utf8-split`).
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Partial {
    bytes: [u8; 4],
    len: u8,
}

/// What one more byte makes of a [`Partial`].
pub(crate) enum Step {
    /// Still incomplete.
    More,
    /// The code point is complete.
    Whole(char),
    /// The byte does not continue the sequence: the bytes before it are ill-formed, and it is
    /// decoded again (`decode.utf8`).
    Broken,
}

impl Partial {
    pub(crate) fn len(self) -> usize {
        usize::from(self.len)
    }

    pub(crate) fn is_empty(self) -> bool {
        self.len == 0
    }

    /// Takes one more byte.
    pub(crate) fn push(&mut self, byte: u8) -> Step {
        let len = self.len();
        let Some(slot) = self.bytes.get_mut(len) else {
            return Step::Broken;
        };
        *slot = byte;
        match core::str::from_utf8(self.bytes.get(..=len).unwrap_or_default()) {
            Ok(text) => text.chars().next().map_or(Step::Broken, Step::Whole),
            Err(error) if error.error_len().is_none() => {
                self.len += 1;
                Step::More
            }
            Err(_) => Step::Broken,
        }
    }

    /// Cuts the incomplete code point off the end of `bytes`, if there is one: what remains, and
    /// what was cut off.
    #[inline]
    pub(crate) fn split(bytes: &[u8]) -> (&[u8], Self) {
        match bytes.last() {
            Some(last) if !last.is_ascii() => Self::split_rare(bytes),
            _ => (bytes, Self::default()),
        }
    }

    fn split_rare(bytes: &[u8]) -> (&[u8], Self) {
        for len in 1..=bytes.len().min(3) {
            let (head, tail) = bytes.split_at(bytes.len() - len);
            if tail.first().is_some_and(|byte| byte & 0xC0 != 0x80) {
                // The lead byte: incomplete only if nothing in the tail is wrong already.
                let mut partial = Self::default();
                if tail
                    .iter()
                    .all(|&byte| matches!(partial.push(byte), Step::More))
                {
                    return (head, partial);
                }
                break;
            }
        }
        (bytes, Self::default())
    }
}
