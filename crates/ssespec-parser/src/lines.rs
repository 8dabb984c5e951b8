//! What whole lines do.

use memchr::{memchr, memchr2};

use crate::block::Borrowed;
use crate::ending;
use crate::error::ParseError;
use crate::field::{self, Line};
use crate::item::{Event, Item, Retry, ViolationKind};
use crate::parser::Parser;

impl Parser {
    /// Takes whole lines that start `base` bytes into the body.
    pub(crate) fn lines<F: FnMut(Item<'_>)>(
        &mut self,
        text: &str,
        base: u64,
        on_item: &mut F,
    ) -> Result<(), ParseError> {
        #[cfg(all(feature = "std", target_arch = "x86_64"))]
        if let Some(search) = ending::vector_search() {
            return self.lines_by(|bytes| search.find(bytes), text, base, on_item);
        }
        self.lines_by(|bytes| memchr2(b'\n', b'\r', bytes), text, base, on_item)
    }

    /// The same, with a way to find the first LF or CR.
    fn lines_by<F: FnMut(Item<'_>)>(
        &mut self,
        find: impl Fn(&[u8]) -> Option<usize>,
        text: &str,
        base: u64,
        on_item: &mut F,
    ) -> Result<(), ParseError> {
        let end = base + text.len() as u64;
        let max_bytes = self.limits.max_line_bytes.min(self.limits.max_event_bytes);
        let mut borrowed = Borrowed::default();
        let mut empty = self.buffers.is_empty();
        let mut rest = text;
        // Text that remained after the last blank line, so that no event has to store an offset.
        let mut block = None;
        loop {
            let start = end - rest.len() as u64;
            if ending::comes_next(rest.as_bytes()) {
                self.blank_line(&borrowed, start, on_item);
                borrowed = Borrowed::default();
                empty = true;
                rest = after_ending(rest);
                block = Some(rest.len());
                continue;
            }
            let Some(len) = find(rest.as_bytes()) else {
                break;
            };
            let Some((line, after)) = rest.split_at_checked(len) else {
                break;
            };
            if empty && let Some(value) = line.strip_prefix("data:") {
                // A block of one `data` line, which most are, leaves no traces.
                let skip = match after.as_bytes() {
                    [b'\n', b'\n', ..] => 2,
                    [b'\r', b'\n', b'\r', b'\n', ..] => 4,
                    _ => 0,
                };
                if skip != 0 && len <= max_bytes {
                    on_item(Item::Event(Event {
                        event_type: "message",
                        data: field::without_space(value),
                        last_event_id: self.buffers.last_event_id(),
                    }));
                    rest = after.get(skip..).unwrap_or_default();
                    block = Some(rest.len());
                    continue;
                }
            }
            self.line(line, start, false, &mut borrowed, on_item)?;
            empty = false;
            rest = after_ending(after);
        }
        self.buffers.keep(&borrowed);
        if let Some(block) = block {
            self.block_start = end - block as u64;
        }
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
            let value = field::without_space(value);
            self.check(line.len(), self.buffers.data_len(borrowed) + value.len(), start)?;
            self.buffers.add_data(borrowed, value);
            return Ok(());
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

/// What follows the line ending at the start of `text`.
#[inline]
fn after_ending(text: &str) -> &str {
    text.get(ending::len(text.as_bytes())..).unwrap_or_default()
}
