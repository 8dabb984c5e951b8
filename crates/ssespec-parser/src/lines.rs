//! What whole lines do.

use memchr::memchr;

use crate::block::Borrowed;
use crate::ending::{self, Runs};
use crate::error::ParseError;
use crate::field::{self, Line};
use crate::item::{Event, Item, Retry, ViolationKind};
use crate::parser::Parser;

impl Parser {
    /// Takes whole lines that start `base` bytes into the body.
    pub(crate) fn lines<'c, F: FnMut(Item<'_>)>(
        &mut self,
        text: &'c str,
        base: u64,
        on_item: &mut F,
    ) -> Result<(), ParseError> {
        let search = memchr::arch::x86_64::avx2::memchr::Two::new(b'\n', b'\r').unwrap();
        self.lines_by(|start| Some(start + search.find(text.as_bytes().get(start..)?)?), text, base, on_item)
    }

    /// The same, with a way to find the first LF or CR.
    fn lines_by<F: FnMut(Item<'_>)>(
        &mut self,
        mut find: impl FnMut(usize) -> Option<usize>,
        text: &str,
        base: u64,
        on_item: &mut F,
    ) -> Result<(), ParseError> {
        let bytes = text.as_bytes();
        let max_bytes = self.limits.max_line_bytes.min(self.limits.max_event_bytes);
        let mut borrowed = Borrowed::default();
        let mut empty = self.buffers.is_empty();
        let mut start = 0;
        // Where the last block ended, so that no event has to store it.
        let mut block = None;
        while let Some(end) = find(start) {
            let line = bytes.get(start..).unwrap_or_default();
            let mut next = end + ending::len_at(bytes, end);
            if line.starts_with(b"data:") {
                let value = start + 5 + usize::from(line.get(5) == Some(&b' '));
                let value = text.get(value..end).unwrap_or_default();
                let blank = ending::comes_next(bytes.get(next..).unwrap_or_default());
                // A block of one `data` line, which most are, leaves no traces.
                if empty && blank && end - start <= max_bytes {
                    on_item(Item::Event(Event {
                        event_type: "message",
                        data: value,
                        last_event_id: self.buffers.last_event_id(),
                    }));
                    next += ending::len_at(bytes, next);
                    block = Some(next);
                } else {
                    self.data(value, end - start, base + start as u64, &mut borrowed)?;
                    empty = false;
                }
            } else if end > start {
                let line = text.get(start..end).unwrap_or_default();
                self.line(line, base + start as u64, false, &mut borrowed, on_item)?;
                empty = false;
            } else {
                next = end;
            }
            while ending::comes_next(bytes.get(next..).unwrap_or_default()) {
                self.blank_line(&borrowed, base + next as u64, on_item);
                borrowed = Borrowed::default();
                empty = true;
                next += ending::len(bytes.get(next..).unwrap_or_default());
                block = Some(next);
            }
            start = next;
        }
        self.buffers.keep(&borrowed);
        if let Some(block) = block {
            self.block_start = base + block as u64;
        }
        Ok(())
    }

    /// Acts on a `data` line that has a colon.
    #[inline]
    fn data<'t>(
        &mut self,
        value: &'t str,
        line_len: usize,
        start: u64,
        borrowed: &mut Borrowed<'t>,
    ) -> Result<(), ParseError> {
        self.check(line_len, self.buffers.data_len(borrowed) + value.len(), start)?;
        self.buffers.add_data(borrowed, value);
        Ok(())
    }

    #[inline]
    fn check(&self, line: usize, data: usize, start: u64) -> Result<(), ParseError> {
        if line > self.limits.max_line_bytes {
            return Err(self.line_too_long(start));
        }
        if data > self.limits.max_event_bytes {
            return Err(self.event_too_long(start));
        }
        Ok(())
    }

    /// Acts on one line that is not blank.
    ///
    /// `replaced` says that ill-formed UTF-8 was, so that bytes cannot be counted in the text.
    #[inline]
    pub(crate) fn line<'t, F: FnMut(Item<'_>)>(
        &mut self,
        line: &'t str,
        start: u64,
        replaced: bool,
        borrowed: &mut Borrowed<'t>,
        on_item: &mut F,
    ) -> Result<(), ParseError> {
        if let Some(value) = line.strip_prefix("data:") {
            return self.data(field::without_space(value), line.len(), start, borrowed);
        }
        self.check(line.len(), 0, start)?;
        self.field(line, start, replaced, borrowed, on_item)
    }

    /// Acts on a line that is neither blank nor starts with `data:`.
    fn field<'t, F: FnMut(Item<'_>)>(
        &mut self,
        line: &'t str,
        start: u64,
        replaced: bool,
        borrowed: &mut Borrowed<'t>,
        on_item: &mut F,
    ) -> Result<(), ParseError> {
        // Where a byte of the value lies; the value is the end of the line.
        let at = |value: &str, index: usize| {
            if replaced { start } else { start + (line.len() - value.len() + index) as u64 }
        };
        match Line::parse(line) {
            Line::Comment(text) => on_item(Item::Comment(text)),
            Line::Event(value) => borrowed.event_type = Some(value),
            Line::Id(value) => match memchr(b'\0', value.as_bytes()) {
                None => borrowed.id = Some(value),
                Some(index) => self.violation(ViolationKind::IdNul, at(value, index), on_item),
            },
            Line::Retry("") => self.violation(ViolationKind::RetryEmpty, at("", 0), on_item),
            Line::Retry(value) => match field::digits(value) {
                Ok((milliseconds, clamped)) => {
                    on_item(Item::Retry(Retry { milliseconds, clamped }));
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
            Line::Data(value) => {
                self.check(0, self.buffers.data_len(borrowed), start)?;
                self.buffers.add_data(borrowed, value);
            }
        }
        Ok(())
    }

    /// Ends the block (`dispatch.blank`).
    #[inline]
    pub(crate) fn blank_line<F: FnMut(Item<'_>)>(
        &mut self,
        borrowed: &Borrowed<'_>,
        offset: u64,
        on_item: &mut F,
    ) {
        let dispatched = self.buffers.close(borrowed, on_item);
        if !dispatched && self.report && self.buffers.has_type(borrowed) {
            self.violation(ViolationKind::TypeWithoutData, offset, on_item);
        }
        self.buffers.clear();
    }
}
