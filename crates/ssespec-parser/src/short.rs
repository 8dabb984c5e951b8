//! Pieces so short that the preparations for many lines would cost more than they save.

use crate::block::Borrowed;
use crate::decode::{self, Block};
use crate::ending::{self, SHORT_BYTES};
use crate::error::ParseError;
use crate::item::Item;
use crate::parser::{Open, Parser};

impl Parser {
    /// Takes a piece of 1 to 64 bytes that ends `end` bytes into the body; bit `n` of `endings` says
    /// whether its byte `n` is an LF or CR.
    pub(crate) fn short<F: FnMut(Item<'_>)>(
        &mut self,
        piece: &[u8],
        endings: u64,
        end: u64,
        on_item: &mut F,
    ) -> Result<(), ParseError> {
        let base = end - piece.len() as u64;
        let mut at = 0;
        if self.open != Open::None {
            let line_end = line_end(endings, 0);
            self.resume_short(piece, line_end.unwrap_or(piece.len()))?;
            let Some(line_end) = line_end else { return Ok(()) };
            self.end_open_line(on_item)?;
            at = self.after_short(piece, line_end);
        }
        let mut borrowed = Borrowed::default();
        let result = self.short_lines(piece, endings, at, base, &mut borrowed, on_item);
        self.buffers.keep(&mut borrowed);
        let at = result?;
        if at < piece.len() { self.begin_short(piece, at, base + at as u64) } else { Ok(()) }
    }

    /// Takes the lines that start at or after `at` and end in the piece; returns where they end.
    #[inline]
    fn short_lines<'p, F: FnMut(Item<'_>)>(
        &mut self,
        piece: &'p [u8],
        endings: u64,
        mut at: usize,
        base: u64,
        borrowed: &mut Borrowed<'p>,
        on_item: &mut F,
    ) -> Result<usize, ParseError> {
        // Most pieces are UTF-8 as a whole, and a whole piece is validated sooner than a few lines.
        let mut whole = None;
        while let Some(line_end) = line_end(endings, at) {
            let start = base + at as u64;
            let line = at..line_end;
            at = self.after_short(piece, line_end);
            if line.is_empty() {
                self.blank_line(borrowed, start, on_item);
                self.block_start = base + at as u64;
                continue;
            }
            let whole = *whole.get_or_insert_with(|| simdutf8::basic::from_utf8(piece).ok());
            let bytes = piece.get(line.clone()).unwrap_or_default();
            let line = whole.and_then(|whole| whole.get(line));
            if let Some(text) = line.or_else(|| core::str::from_utf8(bytes).ok()) {
                self.line(text, start, false, borrowed, on_item)?;
            } else {
                self.buffers.keep(borrowed);
                self.ill_formed_line(bytes, start, on_item)?;
            }
        }
        Ok(at)
    }

    /// Goes on with the open line, with so much of a piece.
    #[inline]
    fn resume_short(&mut self, piece: &[u8], len: usize) -> Result<(), ParseError> {
        let part = piece.get(..len).unwrap_or_default();
        if self.open == Open::Held {
            return self.resume_held(part);
        }
        self.grow_value(len)?;
        match piece.try_into() {
            Ok(block) => self.buffers.extend_data_block(block, len),
            Err(_) => self.buffers.extend_data(part),
        }
        Ok(())
    }

    /// Where the next line starts after the ending at `at`, to which an LF may belong that is still
    /// to come (`line.crlf-split`).
    #[inline]
    fn after_short(&mut self, piece: &[u8], at: usize) -> usize {
        self.after_cr = piece.get(at..) == Some(b"\r");
        at + ending::len(piece, at)
    }

    /// Starts a line whose end is not in this piece.
    #[inline]
    fn begin_short(&mut self, piece: &[u8], at: usize, start: u64) -> Result<(), ParseError> {
        let part = piece.get(at..).unwrap_or_default();
        let Ok(block) = <&Block>::try_from(piece) else {
            return self.begin_line(part, start);
        };
        if part.len() > self.limits.max_line_bytes {
            return Err(self.line_too_long(start));
        }
        self.line_start = start;
        // Room behind the piece, so that as much as a block can be copied from anywhere in it.
        let mut padded = [0; 2 * SHORT_BYTES];
        if let Some(start) = padded.first_chunk_mut() {
            *start = *block;
        }
        let block_at = |at: usize| padded.get(at..).and_then(<[u8]>::first_chunk).unwrap_or(block);
        match part.strip_prefix(b"data:") {
            Some(value) if !value.is_empty() => {
                let len = self.begin_value(value)?.len();
                self.buffers.begin_data_block(block_at(SHORT_BYTES - len), len);
            }
            _ => {
                self.line.clear();
                decode::append(&mut self.line, block_at(at), part.len());
                self.open = Open::Held;
            }
        }
        Ok(())
    }
}

/// Where the line ends in which the byte at `at` lies.
#[inline]
fn line_end(endings: u64, at: usize) -> Option<usize> {
    let endings = u32::try_from(at).ok().and_then(|at| endings.checked_shr(at)).unwrap_or_default();
    (endings != 0).then(|| at + endings.trailing_zeros() as usize)
}
