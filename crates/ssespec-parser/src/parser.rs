//! The state machine over lines.

use alloc::string::String;
use alloc::vec::Vec;
use core::mem;

use memchr::{memchr2, memrchr2};

use crate::block::{Borrowed, Buffers};
use crate::decode::{self, BOM, Block};
use crate::ending;
use crate::error::{Limits, ParseError};
use crate::item::{Item, Violation, ViolationKind};

/// An incremental parser for the body of one connection after another.
///
/// Feed it the body in pieces cut anywhere; items come out as soon as the byte that completes them
/// is in. What comes out does not depend on where the cuts are.
///
/// # Memory
///
/// An event that lies whole in one piece and has one `data` line is handed out as a borrow of that
/// piece; nothing is allocated or copied. What a piece leaves unfinished is copied into the event's
/// own buffer, and that buffer is kept for the events that follow. When a piece ends between two
/// blocks the buffers are given back, so that an idle parser holds no heap memory but the last
/// event id. The price is that each piece which ends between blocks *and* holds an event that could
/// not stay borrowed allocates that event's buffers anew, a number that grows with the logarithm of
/// its length. Lines and bytes cost no allocation, but for lines with ill-formed UTF-8: those are
/// decoded into a copy each.
///
/// # Failure
///
/// The only errors are exceeded [`Limits`]. After one the parser stays failed: each call returns
/// the same error until [`Self::finish`] has returned it too and made the parser ready for another
/// body.
#[derive(Debug)]
pub struct Parser {
    pub(crate) buffers: Buffers,
    /// A line whose end has not arrived, unless its value goes to the data buffer directly.
    pub(crate) line: Vec<u8>,
    pub(crate) open: Open,
    /// How many bytes of a BOM the body has begun with, while it may be one (`decode.bom`).
    bom: Option<u8>,
    /// A CR ended the last line, so that an LF which comes next belongs to it (`line.crlf-split`).
    pub(crate) after_cr: bool,
    pub(crate) report: bool,
    /// Of an open `data` line: where its value starts in the data buffer, how many bytes came before
    /// the value, and how many more may come.
    value_start: usize,
    name_len: usize,
    room: usize,
    pub(crate) line_start: u64,
    pub(crate) block_start: u64,
    offset: u64,
    pub(crate) limits: Limits,
    failed: Option<ParseError>,
}

/// What kind of line the text so far ends in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Open {
    /// None: the next character starts a line.
    None,
    /// A `data` line; its value goes straight to the data buffer.
    Data,
    /// Another line, or one that cannot be told yet.
    Held,
}

impl Default for Parser {
    fn default() -> Self {
        Self::new()
    }
}

impl Parser {
    /// A parser with the default [`Limits`] that does not report violations.
    pub fn new() -> Self {
        Self::with_limits(Limits::default())
    }

    /// A parser with limits of your own.
    pub fn with_limits(limits: Limits) -> Self {
        Self {
            buffers: Buffers::default(),
            line: Vec::new(),
            open: Open::None,
            bom: Some(0),
            after_cr: false,
            report: false,
            value_start: 0,
            name_len: 0,
            room: 0,
            line_start: 0,
            block_start: 0,
            offset: 0,
            limits,
            failed: None,
        }
    }

    /// Whether breaches of the format come out as [`Item::Violation`].
    pub fn report_violations(mut self, report: bool) -> Self {
        self.report = report;
        self
    }

    /// Takes the next piece of the body and calls `on_item` for each item that it completes, in
    /// stream order (`dispatch.order`, `dispatch.prompt`).
    ///
    /// # Errors
    ///
    /// When a line or an event exceeds its limit; items before it have been handed out.
    pub fn feed<F: FnMut(Item<'_>)>(
        &mut self,
        chunk: &[u8],
        mut on_item: F,
    ) -> Result<(), ParseError> {
        // Where pieces are short, most lie within one line; this is all there is to do for them.
        if self.open == Open::Data
            && let Ok(block) = <&Block>::try_from(chunk)
            && self.room >= block.len()
            && !ending::any(block)
        {
            self.room -= block.len();
            self.offset += block.len() as u64;
            self.buffers.extend_data_block(block, block.len());
            return Ok(());
        }
        self.piece(chunk, &mut on_item)
    }

    #[inline(never)]
    fn piece<F: FnMut(Item<'_>)>(
        &mut self,
        chunk: &[u8],
        on_item: &mut F,
    ) -> Result<(), ParseError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let result = self.bytes(chunk, on_item);
        if let Err(error) = result {
            self.failed = Some(error);
            self.open = Open::None;
            self.buffers.abandon();
            self.line = Vec::new();
        } else if self.open == Open::None && self.buffers.is_empty() {
            self.buffers.release();
            if self.line.capacity() != 0 {
                self.line = Vec::new();
            }
        }
        result
    }

    /// Ends the body: what is pending is dropped (`eof.discard`), and the parser is as new, ready
    /// for the body of the next connection (`decode.bom-each-stream`).
    ///
    /// It carries nothing over. Read [`Self::last_event_id`] before this call and, to do as
    /// browsers do, give it to [`Self::set_last_event_id`] after it (`id.fresh-buffer`).
    ///
    /// # Errors
    ///
    /// The error of an earlier [`Self::feed`], once more.
    pub fn finish<F: FnMut(Item<'_>)>(&mut self, mut on_item: F) -> Result<(), ParseError> {
        let fresh = Self::with_limits(self.limits).report_violations(self.report);
        let ended = mem::replace(self, fresh);
        if let Some(error) = ended.failed {
            return Err(error);
        }
        if ended.report {
            let start = if !ended.buffers.is_empty() {
                Some(ended.block_start)
            } else if ended.open != Open::None {
                Some(ended.line_start)
            } else if ended.bom.is_some_and(|len| len > 0) {
                Some(0)
            } else {
                None
            };
            if let Some(start) = start {
                on_item(Item::Violation(Violation::new(ViolationKind::PendingAtEnd, start)));
            }
        }
        Ok(())
    }

    /// The last event id in force: that of the last block closed (`id.commit`).
    pub fn last_event_id(&self) -> &str {
        self.buffers.last_event_id()
    }

    /// Sets the last event id, which browsers carry over to the next connection.
    pub fn set_last_event_id(&mut self, id: &str) {
        self.buffers.set_last_event_id(id);
    }

    /// The bytes of this body taken so far.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    fn bytes<F: FnMut(Item<'_>)>(
        &mut self,
        chunk: &[u8],
        on_item: &mut F,
    ) -> Result<(), ParseError> {
        let end = self.offset + chunk.len() as u64;
        self.offset = end;
        let mut rest = chunk;
        if let Some(seen) = self.bom {
            rest = self.skip_bom(seen, rest);
        }
        if self.after_cr && !rest.is_empty() {
            self.after_cr = false;
            if let Some(after) = rest.strip_prefix(b"\n") {
                if self.block_start == end - rest.len() as u64 {
                    self.block_start += 1;
                }
                rest = after;
            }
        }
        if rest.is_empty() {
            return Ok(());
        }
        if rest.len() <= ending::SHORT_BYTES {
            return self.short(rest, ending::mask(rest), end, on_item);
        }
        if self.open != Open::None {
            let len = memchr2(b'\n', b'\r', rest);
            self.resume(len.and_then(|len| rest.get(..len)).unwrap_or(rest))?;
            let Some(len) = len else { return Ok(()) };
            self.end_open_line(on_item)?;
            rest = self.after_ending(rest.get(len..).unwrap_or_default());
        }
        // Whole lines are decoded many at once, the start of another line when its end is in.
        let len = memrchr2(b'\n', b'\r', rest).map_or(0, |last| last + 1);
        let Some((lines, begun)) = rest.split_at_checked(len) else {
            return Ok(());
        };
        if !lines.is_empty() {
            let base = end - rest.len() as u64;
            match simdutf8::basic::from_utf8(lines) {
                Ok(text) => self.lines(text, base, on_item)?,
                Err(_) => self.lines_one_by_one(lines, base, on_item)?,
            }
        }
        self.after_cr |= begun.is_empty() && lines.ends_with(b"\r");
        if begun.is_empty() { Ok(()) } else { self.begin_line(begun, end - begun.len() as u64) }
    }

    /// What follows the ending at the start of `bytes`, where an LF that is still to come may
    /// belong to it (`line.crlf-split`).
    #[inline]
    fn after_ending<'c>(&mut self, bytes: &'c [u8]) -> &'c [u8] {
        self.after_cr = bytes == b"\r";
        bytes.get(ending::len(bytes, 0)..).unwrap_or_default()
    }

    /// Drops the BOM at the start of the body, which may come byte by byte (`decode.bom`). Bytes
    /// that turn out to be none start the first line.
    fn skip_bom<'c>(&mut self, seen: u8, chunk: &'c [u8]) -> &'c [u8] {
        let missing = BOM.get(usize::from(seen)..).unwrap_or_default();
        let same = missing.iter().zip(chunk).take_while(|(bom, byte)| bom == byte).count();
        let rest = chunk.get(same..).unwrap_or_default();
        let seen = usize::from(seen) + same;
        if seen == BOM.len() {
            self.bom = None;
            self.block_start = BOM.len() as u64;
            return rest;
        }
        if rest.is_empty() {
            self.bom = u8::try_from(seen).ok();
            return rest;
        }
        self.bom = None;
        if seen > same {
            // Some came in an earlier piece; this one has the others still.
            let held = BOM.get(..seen - same).unwrap_or_default();
            self.line.extend_from_slice(held);
            self.open = Open::Held;
        }
        chunk
    }

    /// Starts a line whose end is not in this piece.
    #[inline]
    pub(crate) fn begin_line(&mut self, part: &[u8], start: u64) -> Result<(), ParseError> {
        self.line_start = start;
        if part.len() > self.limits.max_line_bytes {
            return Err(self.line_too_long(start));
        }
        match part.strip_prefix(b"data:") {
            Some(value) if !value.is_empty() => {
                let value = self.begin_value(value)?;
                self.buffers.begin_data(value);
            }
            _ => {
                self.line.clear();
                self.line.extend_from_slice(part);
                self.open = Open::Held;
            }
        }
        Ok(())
    }

    /// Opens a `data` line, of whose value this part has come, which must follow into the data
    /// buffer; returns the part without the space.
    #[inline]
    pub(crate) fn begin_value<'p>(&mut self, part: &'p [u8]) -> Result<&'p [u8], ParseError> {
        let value = part.strip_prefix(b" ").unwrap_or(part);
        self.name_len = 5 + part.len() - value.len();
        self.value_start = self.buffers.data_len();
        let (line, data) = (self.name_len + value.len(), self.value_start + value.len());
        if data > self.limits.max_event_bytes {
            return Err(self.event_too_long(self.line_start));
        }
        self.room = (self.limits.max_event_bytes - data).min(self.limits.max_line_bytes - line);
        self.open = Open::Data;
        Ok(value)
    }

    /// Makes sure that the open `data` line may grow by so much.
    #[inline]
    pub(crate) fn grow_value(&mut self, len: usize) -> Result<(), ParseError> {
        let Some(room) = self.room.checked_sub(len) else {
            return Err(self.value_too_long(len));
        };
        self.room = room;
        Ok(())
    }

    #[cold]
    fn value_too_long(&self, len: usize) -> ParseError {
        let value = self.buffers.raw_data().len() - self.value_start + len;
        if self.name_len + value > self.limits.max_line_bytes {
            self.line_too_long(self.line_start)
        } else {
            self.event_too_long(self.line_start)
        }
    }

    /// Goes on with the open line.
    #[inline]
    fn resume(&mut self, part: &[u8]) -> Result<(), ParseError> {
        if self.open == Open::Data {
            self.grow_value(part.len())?;
            self.buffers.extend_data(part);
            return Ok(());
        }
        self.resume_held(part)
    }

    /// Goes on with an open line that is not known to be a `data` line.
    pub(crate) fn resume_held(&mut self, part: &[u8]) -> Result<(), ParseError> {
        if self.line.len() + part.len() > self.limits.max_line_bytes {
            return Err(self.line_too_long(self.line_start));
        }
        // Once it is clear that this is a `data` line, its value goes to the data buffer.
        let value = b"data:"
            .strip_prefix(self.line.as_slice())
            .and_then(|missing| part.strip_prefix(missing))
            .filter(|value| !value.is_empty());
        if let Some(value) = value {
            self.line.clear();
            let value = self.begin_value(value)?;
            self.buffers.begin_data(value);
            return Ok(());
        }
        self.line.extend_from_slice(part);
        Ok(())
    }

    /// Acts on the open line, whose end has come.
    #[inline]
    pub(crate) fn end_open_line<F: FnMut(Item<'_>)>(
        &mut self,
        on_item: &mut F,
    ) -> Result<(), ParseError> {
        let open = mem::replace(&mut self.open, Open::None);
        if open == Open::Held {
            return self.end_held_line(on_item);
        }
        self.buffers.end_data();
        if self.report {
            self.report_ill_formed_value(on_item);
        }
        Ok(())
    }

    #[cold]
    fn report_ill_formed_value<F: FnMut(Item<'_>)>(&self, on_item: &mut F) {
        let value = self.buffers.raw_data().get(self.value_start..).unwrap_or_default();
        let start = self.line_start + self.name_len as u64;
        for index in decode::ill_formed(value) {
            self.violation(ViolationKind::InvalidUtf8, start + index as u64, on_item);
        }
    }

    fn end_held_line<F: FnMut(Item<'_>)>(&mut self, on_item: &mut F) -> Result<(), ParseError> {
        let mut line = mem::take(&mut self.line);
        let mut borrowed = Borrowed::default();
        let len = decode::pad(&mut line);
        let result = if let Some(text) = decode::padded(&line, len) {
            self.line(text, self.line_start, false, &mut borrowed, on_item)
        } else {
            let line = line.get(..len).unwrap_or_default();
            self.ill_formed_line(line, self.line_start, on_item)
        };
        self.buffers.keep(&mut borrowed);
        line.clear();
        self.line = line;
        result
    }

    /// Takes whole lines among which there is ill-formed UTF-8, decoding them apart.
    #[cold]
    fn lines_one_by_one<F: FnMut(Item<'_>)>(
        &mut self,
        lines: &[u8],
        base: u64,
        on_item: &mut F,
    ) -> Result<(), ParseError> {
        let mut start = base;
        let mut rest = lines;
        while let Some(end) = memchr2(b'\n', b'\r', rest) {
            let len = end + ending::len(rest, end);
            let Some((whole, after)) = rest.split_at_checked(len) else {
                break;
            };
            let line = whole.get(..end).unwrap_or_default();
            if line.is_empty() {
                self.blank_line(&mut Borrowed::default(), start, on_item);
                self.block_start = start + len as u64;
            } else if let Ok(text) = simdutf8::basic::from_utf8(line) {
                let mut borrowed = Borrowed::default();
                self.line(text, start, false, &mut borrowed, on_item)?;
                self.buffers.keep(&mut borrowed);
            } else {
                self.ill_formed_line(line, start, on_item)?;
            }
            start += len as u64;
            rest = after;
        }
        Ok(())
    }

    /// Decodes and takes a line, without its ending, that is not UTF-8 (`decode.utf8`).
    #[cold]
    pub(crate) fn ill_formed_line<F: FnMut(Item<'_>)>(
        &mut self,
        line: &[u8],
        start: u64,
        on_item: &mut F,
    ) -> Result<(), ParseError> {
        if self.report {
            for index in decode::ill_formed(line) {
                self.violation(ViolationKind::InvalidUtf8, start + index as u64, on_item);
            }
        }
        let text = String::from_utf8_lossy(line);
        let mut borrowed = Borrowed::default();
        let result = self.line(&text, start, true, &mut borrowed, on_item);
        self.buffers.keep(&mut borrowed);
        result
    }

    pub(crate) fn violation<F: FnMut(Item<'_>)>(
        &self,
        kind: ViolationKind,
        offset: u64,
        on_item: &mut F,
    ) {
        if self.report {
            on_item(Item::Violation(Violation::new(kind, offset)));
        }
    }

    pub(crate) fn line_too_long(&self, offset: u64) -> ParseError {
        ParseError::LineTooLong { limit_bytes: self.limits.max_line_bytes, offset }
    }

    pub(crate) fn event_too_long(&self, offset: u64) -> ParseError {
        ParseError::EventTooLong { limit_bytes: self.limits.max_event_bytes, offset }
    }
}
