//! What whole lines do.

use memchr::memchr2;

use crate::block::Borrowed;
use crate::ending;
use crate::error::ParseError;
use crate::field::{self, Line};
use crate::item::{Event, Item, Retry, ViolationKind};
use crate::parser::Parser;
use crate::runs::Runs;

impl Parser {
    /// Takes whole lines that start `base` bytes into the body.
    pub(crate) fn lines<F: FnMut(Item<'_>)>(
        &mut self,
        text: &str,
        base: u64,
        on_item: &mut F,
    ) -> Result<(), ParseError> {
        let mut borrowed = Borrowed::default();
        let start = self.simple_blocks(text, base, &mut borrowed, on_item);
        let result = if start < text.len() {
            self.any_blocks(text, start, base, &mut borrowed, on_item)
        } else {
            Ok(())
        };
        self.buffers.keep(&mut borrowed);
        result
    }

    /// Takes blank lines and blocks of one `data` line, which most are, and returns where the first
    /// line starts that is neither.
    fn simple_blocks<F: FnMut(Item<'_>)>(
        &mut self,
        text: &str,
        base: u64,
        borrowed: &mut Borrowed<'_>,
        on_item: &mut F,
    ) -> usize {
        #[cfg(all(feature = "std", target_arch = "x86_64"))]
        if let Some(search) = ending::vector_search() {
            return self.simple_blocks_by(
                |bytes| search.find(bytes),
                text,
                base,
                borrowed,
                on_item,
            );
        }
        let find = |bytes: &[u8]| memchr2(b'\n', b'\r', bytes);
        self.simple_blocks_by(find, text, base, borrowed, on_item)
    }

    /// The same, with a way to find the first LF or CR.
    fn simple_blocks_by<F: FnMut(Item<'_>)>(
        &mut self,
        find: impl Fn(&[u8]) -> Option<usize>,
        text: &str,
        base: u64,
        borrowed: &mut Borrowed<'_>,
        on_item: &mut F,
    ) -> usize {
        let max_bytes = self.limits.max_line_bytes.min(self.limits.max_event_bytes);
        let mut empty = self.buffers.is_empty();
        let mut rest = text;
        // Text that remained after the last blank line, so that no event has to store an offset.
        let mut block = None;
        loop {
            if ending::is_at(rest.as_bytes(), 0) {
                self.blank_line(borrowed, base + (text.len() - rest.len()) as u64, on_item);
                rest = rest.get(ending::len(rest.as_bytes(), 0)..).unwrap_or_default();
                block = Some(rest.len());
                empty = true;
                continue;
            }
            if !empty {
                break;
            }
            let Some(len) = find(rest.as_bytes()).filter(|&len| len <= max_bytes) else { break };
            let Some((line, after)) = rest.split_at_checked(len) else { break };
            let Some(value) = line.strip_prefix("data:") else { break };
            let skip = match after.as_bytes() {
                [b'\n', b'\n', ..] => 2,
                [b'\r', b'\n', b'\r', b'\n', ..] => 4,
                _ => break,
            };
            on_item(Item::Event(Event {
                event_type: "message",
                data: field::without_space(value),
                last_event_id: self.buffers.last_event_id(),
            }));
            rest = after.get(skip..).unwrap_or_default();
            block = Some(rest.len());
        }
        if let Some(block) = block {
            self.block_start = base + (text.len() - block) as u64;
        }
        text.len() - rest.len()
    }

    /// Takes all lines from `start` on.
    fn any_blocks<'t, F: FnMut(Item<'_>)>(
        &mut self,
        text: &'t str,
        mut start: usize,
        base: u64,
        borrowed: &mut Borrowed<'t>,
        on_item: &mut F,
    ) -> Result<(), ParseError> {
        let bytes = text.as_bytes();
        let max_bytes = self.limits.max_line_bytes.min(self.limits.max_event_bytes);
        let mut runs = Runs::new(bytes, start);
        let mut empty = self.buffers.is_empty();
        // Where the last block ended, so that no event has to store it.
        let mut block = None;
        while let Some(end) = runs.next() {
            let mut after = ending::after(bytes, end);
            let head = bytes.get(start..).and_then(<[u8]>::first_chunk::<6>);
            if let Some([b'd', b'a', b't', b'a', b':', sixth]) = head {
                // A line of less than six bytes is followed by its ending.
                let value = start + 5 + usize::from(*sixth == b' ');
                let value = text.get(value..end).unwrap_or_default();
                // A block of one `data` line, which most are, leaves no traces.
                if empty && after.blank && end - start <= max_bytes {
                    on_item(Item::Event(Event {
                        event_type: "message",
                        data: value,
                        last_event_id: self.buffers.current_id(borrowed),
                    }));
                    start = after.second;
                    block = Some(start);
                    if !after.more {
                        continue;
                    }
                    after.next = start;
                } else {
                    self.data(value, end - start, base + start as u64, borrowed)?;
                }
            } else if end > start {
                let line = text.get(start..end).unwrap_or_default();
                self.line(line, base + start as u64, false, borrowed, on_item)?;
            } else {
                (after.next, after.blank) = (end, true);
            }
            start = after.next;
            empty = after.blank;
            while ending::is_at(bytes, start) {
                self.blank_line(borrowed, base + start as u64, on_item);
                start += ending::len(bytes, start);
                block = Some(start);
            }
        }
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
        self.check(line_len, self.buffers.data_len() + value.len(), start)?;
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
            Line::Event(value) => borrowed.set_event_type(value),
            Line::Id(value) => match field::nul(value) {
                None => borrowed.set_id(value),
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
                self.check(0, self.buffers.data_len(), start)?;
                self.buffers.add_data(borrowed, value);
            }
        }
        Ok(())
    }

    /// Ends the block (`dispatch.blank`).
    #[inline]
    pub(crate) fn blank_line<F: FnMut(Item<'_>)>(
        &mut self,
        borrowed: &mut Borrowed<'_>,
        offset: u64,
        on_item: &mut F,
    ) {
        let dispatched = self.buffers.close(borrowed, on_item);
        if !dispatched && self.report && self.buffers.has_type(borrowed) {
            self.violation(ViolationKind::TypeWithoutData, offset, on_item);
        }
        self.buffers.clear(borrowed);
    }
}
