//! The block being read: the standard's three buffers.

use alloc::string::String;
use alloc::vec::Vec;
use core::mem;

use crate::item::{Event, Item};

/// What the current block holds so far, as far as it lies in the text at hand.
///
/// Values stay borrowed while their block lies in one piece; [`Buffers::keep`] copies them when the
/// piece ends first.
#[derive(Default)]
pub(crate) struct Borrowed<'t> {
    data: Option<&'t str>,
    pub(crate) event_type: Option<&'t str>,
    pub(crate) id: Option<&'t str>,
}

impl Borrowed<'_> {
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.data.is_none() && self.event_type.is_none() && self.id.is_none()
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
    /// The same, if `data` says `Raw`. The two hand one allocation to and fro.
    raw: Vec<u8>,
    data: Data,
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
        match self.data {
            Data::None => match borrowed.data.take() {
                None => {
                    borrowed.data = Some(value);
                    return;
                }
                Some(first) => self.open_text(first),
            },
            Data::Text => {}
            Data::Raw => {
                self.raw.push(b'\n');
                self.raw.extend_from_slice(value.as_bytes());
                return;
            }
        }
        self.text.push('\n');
        self.text.push_str(value);
    }

    fn open_text(&mut self, first: &str) {
        self.text.push_str(first);
        self.data = Data::Text;
    }

    /// Starts a `data` value whose end has not arrived (`data.append`).
    #[inline]
    pub(crate) fn begin_data(&mut self, part: &[u8]) {
        if self.data != Data::Raw {
            self.raw = mem::take(&mut self.text).into_bytes();
        }
        if self.data != Data::None {
            self.raw.push(b'\n');
        }
        self.raw.extend_from_slice(part);
        self.data = Data::Raw;
    }

    /// Goes on with the value that [`Self::begin_data`] started.
    #[inline]
    pub(crate) fn extend_data(&mut self, part: &[u8]) {
        self.raw.extend_from_slice(part);
    }

    /// The end of the data so far, of which the last `len` bytes came in pieces.
    pub(crate) fn last_data(&self, len: usize) -> &[u8] {
        self.raw.len().checked_sub(len).and_then(|start| self.raw.get(start..)).unwrap_or_default()
    }

    /// The length of the data so far, and of the line feed that joins more to it.
    #[inline]
    pub(crate) fn data_len(&self, borrowed: &Borrowed<'_>) -> usize {
        match self.data {
            Data::None => borrowed.data.map_or(0, |data| data.len() + 1),
            Data::Text => self.text.len() + 1,
            Data::Raw => self.raw.len() + 1,
        }
    }

    /// Copies what is still borrowed.
    #[inline]
    pub(crate) fn keep(&mut self, borrowed: &Borrowed<'_>) {
        if let Some(data) = borrowed.data {
            self.open_text(data);
        }
        if let Some(event_type) = borrowed.event_type {
            self.event_type.clear();
            self.event_type.push_str(event_type);
        }
        if let Some(id) = borrowed.id {
            self.ids.truncate(self.committed_len);
            self.ids.push_str(id);
            self.has_id = true;
        }
    }

    /// Ends the block at its blank line: commits the id (`id.commit`), and hands out an event if
    /// and only if there is data (`dispatch.blank`); returns whether. [`Self::clear`] must follow.
    #[inline]
    pub(crate) fn close<F: FnMut(Item<'_>)>(
        &mut self,
        borrowed: &Borrowed<'_>,
        on_item: &mut F,
    ) -> bool {
        if let Some(id) = borrowed.id {
            self.ids.clear();
            self.ids.push_str(id);
            self.committed_len = self.ids.len();
        } else if self.has_id {
            self.ids.drain(..self.committed_len);
            self.committed_len = self.ids.len();
        }
        let data = match self.data {
            Data::None => {
                let Some(data) = borrowed.data else {
                    return false;
                };
                data
            }
            Data::Text => &self.text,
            Data::Raw => {
                if let Ok(data) = simdutf8::basic::from_utf8(&self.raw) {
                    data
                } else {
                    self.text = String::from_utf8_lossy(&self.raw).into_owned();
                    &self.text
                }
            }
        };
        let event_type = match borrowed.event_type.unwrap_or(&self.event_type) {
            "" => "message",
            event_type => event_type,
        };
        on_item(Item::Event(Event { event_type, data, last_event_id: &self.ids }));
        true
    }

    /// Whether the block has named a type (`event.type`).
    pub(crate) fn has_type(&self, borrowed: &Borrowed<'_>) -> bool {
        !borrowed.event_type.unwrap_or(&self.event_type).is_empty()
    }

    /// Empties the buffers for the next block (`event.reset`), keeping their memory.
    #[inline]
    pub(crate) fn clear(&mut self) {
        if self.data == Data::Raw {
            self.raw.clear();
            self.text = String::from_utf8(mem::take(&mut self.raw)).unwrap_or_default();
        }
        self.text.clear();
        self.event_type.clear();
        self.data = Data::None;
        self.has_id = false;
    }

    /// Whether nothing of a block is held.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.data == Data::None && !self.has_id && self.event_type.is_empty()
    }

    /// Gives memory back, all but that of the committed id. Only between blocks.
    #[inline]
    pub(crate) fn release(&mut self) {
        if self.text.capacity() != 0 {
            self.text = String::new();
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
        self.clear();
        self.release();
    }

    /// The committed last event id.
    #[inline]
    pub(crate) fn last_event_id(&self) -> &str {
        self.ids.get(..self.committed_len).unwrap_or_default()
    }

    /// Replaces the committed id; a pending one stays pending.
    pub(crate) fn set_last_event_id(&mut self, id: &str) {
        self.ids.replace_range(..self.committed_len, id);
        self.committed_len = id.len();
    }
}
