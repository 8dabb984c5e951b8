//! The block being read: the standard's three buffers.

use alloc::string::String;

use crate::item::Event;

/// What the current block holds so far, as far as it lies in the piece of text at hand.
///
/// Values stay borrowed while their block lies in one piece; [`Buffers::keep`] copies them when the
/// piece ends first.
#[derive(Default)]
pub(crate) struct Borrowed<'t> {
    pub(crate) data: Option<&'t str>,
    pub(crate) event_type: Option<&'t str>,
    pub(crate) id: Option<&'t str>,
}

/// The buffers of the standard, holding whatever could not stay borrowed.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    /// The data buffer without its last line feed; meaningful if `has_data`.
    data: String,
    /// The type buffer.
    event_type: String,
    /// The committed last event id, and behind it the pending one, so that a commit copies and
    /// allocates nothing more than it must.
    ids: String,
    /// How much of `ids` is committed.
    committed_len: usize,
    has_data: bool,
    has_id: bool,
}

impl Buffers {
    /// Adds a whole `data` value and joins it to those before it (`data.append`).
    #[inline]
    pub(crate) fn add_data<'t>(&mut self, borrowed: &mut Borrowed<'t>, value: &'t str) {
        if !self.has_data {
            match borrowed.data.take() {
                None => {
                    borrowed.data = Some(value);
                    return;
                }
                Some(first) => self.open_data(first),
            }
        }
        self.data.push('\n');
        self.data.push_str(value);
    }

    fn open_data(&mut self, first: &str) {
        self.data.clear();
        self.data.push_str(first);
        self.has_data = true;
    }

    /// Starts a `data` value whose end has not arrived.
    pub(crate) fn begin_data(&mut self, part: &str) {
        if self.has_data {
            self.data.push('\n');
            self.data.push_str(part);
        } else {
            self.open_data(part);
        }
    }

    /// Goes on with the value that [`Self::begin_data`] started.
    #[inline]
    pub(crate) fn extend_data(&mut self, part: &str) {
        self.data.push_str(part);
    }

    /// Bytes that the data of this block has so far.
    #[inline]
    pub(crate) fn data_len(&self, borrowed: &Borrowed<'_>) -> usize {
        if self.has_data {
            self.data.len() + 1
        } else {
            borrowed.data.map_or(0, |data| data.len() + 1)
        }
    }

    /// Copies what is still borrowed.
    pub(crate) fn keep(&mut self, borrowed: &mut Borrowed<'_>) {
        if let Some(data) = borrowed.data.take() {
            self.open_data(data);
        }
        if let Some(event_type) = borrowed.event_type.take() {
            self.event_type.clear();
            self.event_type.push_str(event_type);
        }
        if let Some(id) = borrowed.id.take() {
            self.ids.truncate(self.committed_len);
            self.ids.push_str(id);
            self.has_id = true;
        }
    }

    /// Ends the block at its blank line: commits the id (`id.commit`), and yields an event if and only if
    /// there is data (`dispatch.blank`). [`Self::clear`] must follow.
    #[inline]
    pub(crate) fn close<'s>(&'s mut self, borrowed: &Borrowed<'s>) -> Option<Event<'s>> {
        if let Some(id) = borrowed.id {
            self.ids.clear();
            self.ids.push_str(id);
            self.committed_len = self.ids.len();
        } else if self.has_id {
            self.ids.drain(..self.committed_len);
            self.committed_len = self.ids.len();
        }
        let data = if self.has_data {
            self.data.as_str()
        } else {
            borrowed.data?
        };
        let event_type = match borrowed.event_type.unwrap_or(&self.event_type) {
            "" => "message",
            event_type => event_type,
        };
        Some(Event {
            event_type,
            data,
            last_event_id: &self.ids,
        })
    }

    /// Whether the block has named a type (`event.type`).
    pub(crate) fn has_type(&self, borrowed: &Borrowed<'_>) -> bool {
        !borrowed.event_type.unwrap_or(&self.event_type).is_empty()
    }

    /// Empties the buffers for the next block (`event.reset`), keeping their memory.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.data.clear();
        self.event_type.clear();
        self.has_data = false;
        self.has_id = false;
    }

    /// Whether nothing of a block is held.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        !self.has_data && !self.has_id && self.event_type.is_empty()
    }

    /// Gives memory back, all but that of the committed id. Only between blocks.
    #[inline]
    pub(crate) fn release(&mut self) {
        if self.data.capacity() != 0 {
            self.data = String::new();
        }
        if self.event_type.capacity() != 0 {
            self.event_type = String::new();
        }
        if self.ids.capacity() > 32.max(2 * self.ids.len()) || self.ids.is_empty() {
            self.ids.shrink_to_fit();
        }
    }

    /// The committed last event id.
    pub(crate) fn last_event_id(&self) -> &str {
        self.ids.get(..self.committed_len).unwrap_or_default()
    }

    /// Replaces the committed id; a pending one stays pending.
    pub(crate) fn set_last_event_id(&mut self, id: &str) {
        self.ids.replace_range(..self.committed_len, id);
        self.committed_len = id.len();
    }
}
