//! Bytes to text: the UTF-8 decode of the Encoding Standard.
//!
//! A line ending is ASCII and so ends any sequence of bytes, well-formed or not. Lines can
//! therefore be found in the bytes and decoded one by one, or many at once (`decode.utf8`): the
//! outcome is that of decoding the whole stream first.

use alloc::vec::Vec;

use crate::error::ParseError;
use crate::item::OwnedItem;
use crate::parser::Parser;

/// The byte order mark in UTF-8 (`decode.bom`).
pub(crate) const BOM: [u8; 3] = [0xEF, 0xBB, 0xBF];

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

/// Where the ill-formed sequences start.
pub(crate) fn ill_formed(bytes: &[u8]) -> impl Iterator<Item = usize> {
    bytes
        .utf8_chunks()
        .scan(0, |end, chunk| {
            let start = *end + chunk.valid().len();
            *end = start + chunk.invalid().len();
            Some((!chunk.invalid().is_empty()).then_some(start))
        })
        .flatten()
}
