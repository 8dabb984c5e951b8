//! The block being read: the standard's three buffers.

use alloc::string::String;
use alloc::vec::Vec;

use crate::decode::{self, Block};
use crate::item::{Event, Item};

/// What lies in the text at hand: the current block as far as it has come, and the last event id.
///
/// Values stay borrowed while their block lies in one piece; [`Buffers::keep`] copies them when the
/// piece ends first.
pub(crate) struct Borrowed<'t> {
    data: Option<&'t str>,
    event_type: Option<&'t str>,
    /// The type for an event, which says `message` where `event_type` is empty or missing. Settled
    /// by the line, so that the end of the block need not branch on what lines it had.
    shown_type: &'t str,
    id: Option<&'t str>,
    /// The last event id, if a block in this text has set it.
    committed: Option<&'t str>,
}

impl Default for Borrowed<'_> {
    fn default() -> Self {
        Self { data: None, event_type: None, shown_type: "message", id: None, committed: None }
    }
}

impl<'t> Borrowed<'t> {
    #[inline]
    pub(crate) fn set_event_type(&mut self, event_type: &'t str) {
        self.event_type = Some(event_type);
        self.shown_type = if event_type.is_empty() { "message" } else { event_type };
    }

    #[inline]
    pub(crate) fn set_id(&mut self, id: &'t str) {
        self.id = Some(id);
    }
}

/// What the data buffer holds.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Data {
    /// No `data` line yet.
    #[default]
    None,
    /// Values whose encoding was checked when they came.
    Text,
    /// Values of which one came in pieces; the whole is checked at the blank line.
    Raw,
}

/// The buffers of the standard, holding whatever could not stay borrowed.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    /// The data buffer without its last line feed, if `data` says `Text`.
    text: String,
    /// The same, if `data` says `Raw`.
    raw: Vec<u8>,
    data: Data,
    /// The length of the data so far, borrowed data too, with a line feed behind it; 0 for none.
    /// While a value is coming in pieces it counts what was before.
    len: usize,
    /// The type buffer.
    event_type: String,
    /// The committed last event id, and behind it the pending one, so that a commit allocates
    /// nothing.
    ids: String,
    /// How much of `ids` is committed.
    committed_len: usize,
    has_id: bool,
}

impl Buffers {
    /// Adds a whole `data` value and joins it to those before it (`data.append`).
    #[inline]
    pub(crate) fn add_data<'t>(&mut self, borrowed: &mut Borrowed<'t>, value: &'t str) {
        if self.len == 0 {
            borrowed.data = Some(value);
        } else if self.data == Data::Raw {
            self.raw.push(b'\n');
            self.raw.extend_from_slice(value.as_bytes());
        } else {
            if let Some(first) = borrowed.data.take() {
                self.open_text(first);
            }
            self.text.push('\n');
            self.text.push_str(value);
        }
        self.len += value.len() + 1;
    }

    fn open_text(&mut self, first: &str) {
        self.text.push_str(first);
        self.data = Data::Text;
    }

    /// Starts a `data` value whose end has not arrived (`data.append`).
    #[inline]
    pub(crate) fn begin_data(&mut self, part: &[u8]) {
        self.begin_value();
        self.raw.extend_from_slice(part);
    }

    /// The same, for the first `len` bytes of a block.
    #[inline]
    pub(crate) fn begin_data_block(&mut self, block: &Block, len: usize) {
        self.begin_value();
        decode::append(&mut self.raw, block, len);
    }

    #[inline]
    fn begin_value(&mut self) {
        if self.data != Data::None {
            if self.data == Data::Text {
                self.raw.extend_from_slice(self.text.as_bytes());
            }
            self.raw.push(b'\n');
        }
        self.data = Data::Raw;
    }

    /// Goes on with the value that [`Self::begin_data`] started.
    #[inline]
    pub(crate) fn extend_data(&mut self, part: &[u8]) {
        self.raw.extend_from_slice(part);
    }

    /// The same, for the first `len` bytes of a block.
    #[inline]
    pub(crate) fn extend_data_block(&mut self, block: &Block, len: usize) {
        decode::append(&mut self.raw, block, len);
    }

    /// The data so far, if it came in pieces.
    #[inline]
    pub(crate) fn raw_data(&self) -> &[u8] {
        &self.raw
    }

    /// Ends the value that [`Self::begin_data`] started.
    #[inline]
    pub(crate) fn end_data(&mut self) {
        self.len = self.raw.len() + 1;
    }

    /// The length of the data so far, and of the line feed that joins more to it.
    #[inline]
    pub(crate) fn data_len(&self) -> usize {
        self.len
    }

    /// Copies what is still borrowed.
    #[inline]
    pub(crate) fn keep(&mut self, borrowed: &mut Borrowed<'_>) {
        let fields = [borrowed.data, borrowed.event_type, borrowed.id, borrowed.committed];
        if fields.iter().any(Option::is_some) {
            self.copy(borrowed);
        }
    }

    fn copy(&mut self, borrowed: &mut Borrowed<'_>) {
        if let Some(data) = borrowed.data {
            self.open_text(data);
        }
        if let Some(event_type) = borrowed.event_type {
            self.event_type.clear();
            self.event_type.push_str(event_type);
        }
        if let Some(id) = borrowed.committed {
            self.ids.clear();
            self.ids.push_str(id);
            self.committed_len = id.len();
        }
        if let Some(id) = borrowed.id {
            self.ids.truncate(self.committed_len);
            self.ids.push_str(id);
            self.has_id = true;
        }
        *borrowed = Borrowed::default();
    }

    /// Ends the block at its blank line: commits the id (`id.commit`), and hands out an event if
    /// and only if there is data (`dispatch.blank`); returns whether. [`Self::clear`] must follow.
    #[inline]
    pub(crate) fn close<F: FnMut(Item<'_>)>(
        &mut self,
        borrowed: &mut Borrowed<'_>,
        on_item: &mut F,
    ) -> bool {
        if self.has_id {
            if borrowed.id.is_some() {
                self.ids.truncate(self.committed_len);
            } else {
                self.ids.drain(..self.committed_len);
                self.committed_len = self.ids.len();
            }
        }
        borrowed.committed = borrowed.id.or(borrowed.committed);
        let data = match self.data {
            Data::None => {
                let Some(data) = borrowed.data else {
                    return false;
                };
                data
            }
            Data::Text => &self.text,
            Data::Raw => {
                let len = decode::pad(&mut self.raw);
                if let Some(data) = decode::padded(&self.raw, len) {
                    data
                } else {
                    let raw = self.raw.get(..len).unwrap_or_default();
                    self.text = String::from_utf8_lossy(raw).into_owned();
                    &self.text
                }
            }
        };
        let event_type = if self.event_type.is_empty() || borrowed.event_type.is_some() {
            borrowed.shown_type
        } else {
            &self.event_type
        };
        let last_event_id = borrowed.committed.unwrap_or(&self.ids);
        on_item(Item::Event(Event { event_type, data, last_event_id }));
        true
    }

    /// Whether the block has named a type (`event.type`).
    pub(crate) fn has_type(&self, borrowed: &Borrowed<'_>) -> bool {
        !borrowed.event_type.unwrap_or(&self.event_type).is_empty()
    }

    /// Empties the buffers for the next block (`event.reset`), keeping their memory.
    #[inline]
    pub(crate) fn clear(&mut self, borrowed: &mut Borrowed<'_>) {
        *borrowed = Borrowed { committed: borrowed.committed, ..Borrowed::default() };
        self.text.clear();
        self.raw.clear();
        self.event_type.clear();
        self.data = Data::None;
        self.len = 0;
        self.has_id = false;
    }

    /// Whether nothing of a block is held.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0 && !self.has_id && self.event_type.is_empty()
    }

    /// Gives memory back, all but that of the committed id. Only between blocks.
    #[inline]
    pub(crate) fn release(&mut self) {
        if self.text.capacity() != 0 {
            self.text = String::new();
        }
        if self.raw.capacity() != 0 {
            self.raw = Vec::new();
        }
        if self.event_type.capacity() != 0 {
            self.event_type = String::new();
        }
        if self.ids.is_empty() || self.ids.capacity() > 32.max(2 * self.ids.len()) {
            self.ids.shrink_to_fit();
        }
    }

    /// Gives up the block and all memory but that of the committed id.
    pub(crate) fn abandon(&mut self) {
        self.ids.truncate(self.committed_len);
        self.clear(&mut Borrowed::default());
        self.release();
    }

    /// The committed last event id.
    #[inline]
    pub(crate) fn last_event_id(&self) -> &str {
        self.ids.get(..self.committed_len).unwrap_or_default()
    }

    /// The same, where text may have been parsed that is not kept yet.
    #[inline]
    pub(crate) fn current_id<'s>(&'s self, borrowed: &Borrowed<'s>) -> &'s str {
        borrowed.committed.unwrap_or_else(|| self.last_event_id())
    }

    /// Replaces the committed id; a pending one stays pending.
    pub(crate) fn set_last_event_id(&mut self, id: &str) {
        self.ids.replace_range(..self.committed_len, id);
        self.committed_len = id.len();
    }
}
