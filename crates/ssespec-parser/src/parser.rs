//! The state machine over lines.

use alloc::string::String;
use core::mem;

use memchr::memchr2;

use crate::block::{Borrowed, Buffers};
use crate::decode::{Partial, Step};
use crate::error::{Limits, ParseError};
use crate::field::{self, Line};
use crate::item::{Event, Item, Retry, Violation, ViolationKind};

/// An incremental parser for the body of one connection after another.
///
/// Feed it the body in pieces cut anywhere; items come out as soon as the byte that completes them is
/// in. What comes out does not depend on where the cuts are.
///
/// # Memory
///
/// An event that lies whole in one piece and has one `data` line is handed out as a borrow of that
/// piece; nothing is allocated or copied. What a piece leaves unfinished is copied into the
/// event's own buffer, and that buffer is kept for the events that follow. When a piece ends between two
/// blocks the buffers are given back, so that an idle parser holds no heap memory but the last
/// event id. The price is one allocation for each piece that ends between blocks *and* holds an event
/// which could not stay borrowed; lines and bytes cost none.
///
/// # Failure
///
/// The only errors are exceeded [`Limits`]. After one the parser stays failed: each call returns the
/// same error until [`Self::finish`] has returned it too and made the parser ready for another body.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own; see the fields"
)]
pub struct Parser {
    buffers: Buffers,
    /// A line whose end has not arrived, unless its value goes to the data buffer directly.
    line: String,
    open: Open,
    /// A CR ended the last line, so that an LF which comes next belongs to it (`line.crlf-split`).
    after_cr: bool,
    /// Nothing has been decoded yet, so that a BOM is dropped (`decode.bom`).
    at_start: bool,
    /// The open line had ill-formed UTF-8: its bytes and its text differ in length.
    replaced: bool,
    report: bool,
    partial: Partial,
    /// The bytes of the open line so far.
    line_len: usize,
    line_start: u64,
    block_start: u64,
    offset: u64,
    limits: Limits,
    failed: Option<ParseError>,
}

/// What kind of line the text so far ends in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
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
            line: String::new(),
            open: Open::None,
            after_cr: false,
            at_start: true,
            replaced: false,
            report: false,
            partial: Partial::default(),
            line_len: 0,
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
        if let Some(error) = self.failed {
            return Err(error);
        }
        let result = self.bytes(chunk, &mut on_item);
        self.failed = result.err();
        if self.open == Open::None && self.buffers.is_empty() {
            self.buffers.release();
            if self.line.capacity() != 0 {
                self.line = String::new();
            }
        }
        result
    }

    /// Ends the body: what is pending is dropped (`eof.discard`), and the parser is as new, ready
    /// for the body of the next connection (`decode.bom-each-stream`).
    ///
    /// It carries nothing over. Read [`Self::last_event_id`] before this call and, to do as browsers do,
    /// give it to [`Self::set_last_event_id`] after it (`id.fresh-buffer`).
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
            } else if !ended.partial.is_empty() {
                Some(ended.offset - ended.partial.len() as u64)
            } else {
                None
            };
            if let Some(start) = start {
                on_item(Item::Violation(Violation::new(
                    ViolationKind::PendingAtEnd,
                    start,
                )));
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

    /// Decodes (`decode.utf8`): the piece is validated whole, and only around ill-formed or cut
    /// sequences bit by bit.
    fn bytes<F: FnMut(Item<'_>)>(
        &mut self,
        chunk: &[u8],
        on_item: &mut F,
    ) -> Result<(), ParseError> {
        let mut rest = chunk;
        while !self.partial.is_empty() {
            let Some((&byte, after)) = rest.split_first() else {
                return Ok(());
            };
            let start = self.offset - self.partial.len() as u64;
            match self.partial.push(byte) {
                Step::More => {
                    self.offset += 1;
                    rest = after;
                }
                Step::Whole(char) => {
                    self.partial = Partial::default();
                    self.offset += 1;
                    rest = after;
                    self.text(char.encode_utf8(&mut [0; 4]), start, on_item)?;
                }
                Step::Broken => {
                    self.partial = Partial::default();
                    self.replacement(start, on_item)?;
                }
            }
        }
        let (mut whole, partial) = Partial::split(rest);
        self.partial = partial;
        let base = self.offset;
        self.offset += rest.len() as u64;
        if let Ok(text) = simdutf8::basic::from_utf8(whole) {
            return self.text(text, base, on_item);
        }
        let mut base = base;
        while let Err(error) = simdutf8::compat::from_utf8(whole) {
            let (valid, ill) = whole.split_at(error.valid_up_to());
            // The cut above leaves no incomplete sequence, hence there is always a length.
            let (ill, after) = ill.split_at(error.error_len().unwrap_or(ill.len()));
            self.text(
                simdutf8::basic::from_utf8(valid).unwrap_or_default(),
                base,
                on_item,
            )?;
            base += valid.len() as u64;
            self.replacement(base, on_item)?;
            base += ill.len() as u64;
            whole = after;
        }
        self.text(
            simdutf8::basic::from_utf8(whole).unwrap_or_default(),
            base,
            on_item,
        )
    }

    /// Puts U+FFFD where an ill-formed sequence began.
    fn replacement<F: FnMut(Item<'_>)>(
        &mut self,
        start: u64,
        on_item: &mut F,
    ) -> Result<(), ParseError> {
        self.violation(ViolationKind::InvalidUtf8, start, on_item);
        self.text("\u{FFFD}", start, on_item)?;
        self.replaced = true;
        Ok(())
    }

    /// Takes decoded text that starts `base` bytes into the body.
    fn text<F: FnMut(Item<'_>)>(
        &mut self,
        text: &str,
        base: u64,
        on_item: &mut F,
    ) -> Result<(), ParseError> {
        let bytes = text.as_bytes();
        let mut pos = 0;
        if (self.at_start || self.after_cr) && !bytes.is_empty() {
            // A CR may have ended the line at the very end of the last piece (`line.crlf-split`).
            pos = match bytes {
                [b'\n', ..] if self.after_cr => 1,
                [0xEF, 0xBB, 0xBF, ..] if self.at_start => 3,
                _ => 0,
            };
            if self.block_start == base {
                self.block_start += pos as u64;
            }
            self.at_start = false;
            self.after_cr = false;
        }
        if self.open != Open::None {
            match self.resume(text.get(pos..).unwrap_or_default(), on_item)? {
                Some(len) => pos = self.after_ending(bytes, pos + len),
                None => return Ok(()),
            }
        }
        let mut borrowed = Borrowed::default();
        while let Some(&first) = bytes.get(pos) {
            if first == b'\n' || first == b'\r' {
                self.blank_line(&borrowed, base + pos as u64, on_item);
                borrowed = Borrowed::default();
                pos = self.after_ending(bytes, pos);
                self.block_start = base + pos as u64;
                continue;
            }
            let Some(rest) = bytes.get(pos..) else { break };
            let start = base + pos as u64;
            let Some(len) = memchr2(b'\n', b'\r', rest) else {
                self.buffers.keep(&mut borrowed);
                return self.begin_line(text.get(pos..).unwrap_or_default(), start);
            };
            let line = text.get(pos..pos + len).unwrap_or_default();
            if len > self.limits.max_line_bytes {
                return Err(self.line_too_long(start));
            }
            match Line::parse(line) {
                Line::Data(value) => {
                    if self.buffers.data_len(&borrowed) + value.len() > self.limits.max_event_bytes
                    {
                        return Err(self.event_too_long(start));
                    }
                    self.buffers.add_data(&mut borrowed, value);
                }
                other => self.field(&other, line, start, &mut borrowed, on_item),
            }
            pos = self.after_ending(bytes, pos + len);
        }
        self.buffers.keep(&mut borrowed);
        Ok(())
    }

    /// Steps over the line ending at `end`: LF, CR, or CR with LF (`line.lf`, `line.cr`,
    /// `line.crlf`). A CR at the end of the piece counts at once (`line.prompt`).
    #[inline]
    fn after_ending(&mut self, bytes: &[u8], end: usize) -> usize {
        if bytes.get(end) == Some(&b'\r') {
            match bytes.get(end + 1) {
                Some(b'\n') => return end + 2,
                Some(_) => {}
                None => self.after_cr = true,
            }
        }
        end + 1
    }

    /// Starts a line whose end is not in this piece.
    fn begin_line(&mut self, part: &str, start: u64) -> Result<(), ParseError> {
        self.line_start = start;
        self.line_len = part.len();
        if part.len() > self.limits.max_line_bytes {
            return Err(self.line_too_long(start));
        }
        match part.strip_prefix("data:") {
            Some(value) if !value.is_empty() => self.begin_data(field::without_space(value)),
            _ => {
                self.line.clear();
                self.line.push_str(part);
                self.open = Open::Held;
                Ok(())
            }
        }
    }

    fn begin_data(&mut self, part: &str) -> Result<(), ParseError> {
        let len = self.buffers.data_len(&Borrowed::default()) + part.len();
        if len > self.limits.max_event_bytes {
            return Err(self.event_too_long(self.line_start));
        }
        self.buffers.begin_data(part);
        self.open = Open::Data;
        Ok(())
    }

    /// Goes on with the open line: the length of what belonged to it, if it ends in this piece.
    fn resume<F: FnMut(Item<'_>)>(
        &mut self,
        text: &str,
        on_item: &mut F,
    ) -> Result<Option<usize>, ParseError> {
        let end = memchr2(b'\n', b'\r', text.as_bytes());
        let part = end.map_or(text, |end| text.get(..end).unwrap_or_default());
        self.line_len += part.len();
        if self.line_len > self.limits.max_line_bytes {
            return Err(self.line_too_long(self.line_start));
        }
        if self.open == Open::Data {
            let len = self.buffers.data_len(&Borrowed::default()) - 1 + part.len();
            if len > self.limits.max_event_bytes {
                return Err(self.event_too_long(self.line_start));
            }
            self.buffers.extend_data(part);
        } else {
            // Once it is clear that this is a `data` line, its value goes to the data buffer.
            let value = "data:"
                .strip_prefix(self.line.as_str())
                .and_then(|missing| part.strip_prefix(missing))
                .filter(|value| !value.is_empty());
            if let Some(value) = value {
                self.begin_data(field::without_space(value))?;
                self.line.clear();
            } else {
                self.line.push_str(part);
            }
        }
        if end.is_some() {
            if self.open == Open::Held {
                self.end_held_line(on_item)?;
            }
            self.open = Open::None;
            self.replaced = false;
        }
        Ok(end)
    }

    fn end_held_line<F: FnMut(Item<'_>)>(&mut self, on_item: &mut F) -> Result<(), ParseError> {
        let mut line = mem::take(&mut self.line);
        match Line::parse(&line) {
            Line::Data(value) => self.begin_data(value)?,
            other => {
                let mut borrowed = Borrowed::default();
                self.field(&other, &line, self.line_start, &mut borrowed, on_item);
                self.buffers.keep(&mut borrowed);
            }
        }
        line.clear();
        self.line = line;
        Ok(())
    }

    /// Acts on a line that is neither blank nor `data`.
    fn field<'t, F: FnMut(Item<'_>)>(
        &mut self,
        parsed: &Line<'t>,
        line: &'t str,
        start: u64,
        borrowed: &mut Borrowed<'t>,
        on_item: &mut F,
    ) {
        // Where a byte of the value lies; the value is the end of the line.
        let replaced = self.replaced;
        let at = |value: &str, index: usize| {
            if replaced {
                start
            } else {
                start + (line.len() - value.len() + index) as u64
            }
        };
        match *parsed {
            Line::Comment(text) => on_item(Item::Comment(text)),
            Line::Event(value) => borrowed.event_type = Some(value),
            Line::Id(value) => match value.find('\0') {
                None => borrowed.id = Some(value),
                Some(index) => self.violation(ViolationKind::IdNul, at(value, index), on_item),
            },
            Line::Retry("") => self.violation(ViolationKind::RetryEmpty, at("", 0), on_item),
            Line::Retry(value) => match field::digits(value) {
                Ok((milliseconds, clamped)) => {
                    on_item(Item::Retry(Retry {
                        milliseconds,
                        clamped,
                    }));
                }
                Err(index) => {
                    self.violation(ViolationKind::RetryNotDigits, at(value, index), on_item);
                }
            },
            Line::Unknown(name) => {
                let kind = if name.starts_with('\u{FEFF}') {
                    ViolationKind::ByteOrderMark
                } else if field::is_misspelt(name) {
                    ViolationKind::FieldSpelling
                } else {
                    ViolationKind::UnknownField
                };
                self.violation(kind, start, on_item);
            }
            Line::Data(_) => {}
        }
    }

    /// Ends the block (`dispatch.blank`).
    #[inline]
    fn blank_line<F: FnMut(Item<'_>)>(
        &mut self,
        borrowed: &Borrowed<'_>,
        offset: u64,
        on_item: &mut F,
    ) {
        let event: Option<Event<'_>> = self.buffers.close(borrowed);
        if let Some(event) = event {
            on_item(Item::Event(event));
        } else if self.report && self.buffers.has_type(borrowed) {
            self.violation(ViolationKind::TypeWithoutData, offset, on_item);
        }
        self.buffers.clear();
    }

    fn violation<F: FnMut(Item<'_>)>(&self, kind: ViolationKind, offset: u64, on_item: &mut F) {
        if self.report {
            on_item(Item::Violation(Violation::new(kind, offset)));
        }
    }

    fn line_too_long(&self, offset: u64) -> ParseError {
        ParseError::LineTooLong {
            limit_bytes: self.limits.max_line_bytes,
            offset,
        }
    }

    fn event_too_long(&self, offset: u64) -> ParseError {
        ParseError::EventTooLong {
            limit_bytes: self.limits.max_event_bytes,
            offset,
        }
    }
}
