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

/// A piece of memory of fixed length: copying it takes no call, and no branch on a length that is
/// hard to predict.
pub(crate) type Block = [u8; 64];

/// Appends the first `len` bytes of a block.
#[inline]
pub(crate) fn append(bytes: &mut Vec<u8>, block: &Block, len: usize) {
    let end = bytes.len() + len;
    bytes.extend_from_slice(block);
    bytes.truncate(end);
}

/// Puts zeros behind the bytes up to a whole number of blocks, and returns how many bytes there
/// were. To validate what does not fill its last block, simdutf8 would copy it, with a branch for
/// each bit of its length.
#[inline]
pub(crate) fn pad(bytes: &mut Vec<u8>) -> usize {
    let len = bytes.len();
    append(bytes, &[0; 64], len.wrapping_neg() % 64);
    len
}

/// The first `len` of padded bytes as text, if they are UTF-8.
#[inline]
pub(crate) fn padded(bytes: &[u8], len: usize) -> Option<&str> {
    simdutf8::basic::from_utf8(bytes).ok()?.get(..len)
}
