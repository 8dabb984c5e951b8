//! What became of each event of a stream: lost, duplicated, reordered.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How many ranges of missing ids one stream keeps open. The oldest is settled as lost when there
/// are more, so that a server that loses every other event costs bounded memory.
pub const OPEN_RANGES: usize = 32;

/// What one event was, judged by the ids before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// The first, or the one after the one before.
    InOrder,
    /// It came after a hole: the ids from here to there have not come, so far.
    AfterHole(Range),
    /// Its id has come before.
    Duplicated,
    /// It fills a hole: a later id came first.
    Reordered,
    /// It has no number, or no id of its own.
    Unnumbered,
    /// It is older than what is remembered, so nobody knows whether it had come.
    Unjudged,
}

/// Ids from the first to the last, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Range {
    /// The first id.
    pub from: u64,
    /// The last id.
    pub to: u64,
}

impl Range {
    /// How many ids; at most [`u64::MAX`].
    pub fn count(self) -> u64 {
        (self.to - self.from).saturating_add(1)
    }
}

/// The sequence state of one stream: 56 bytes, and on the heap only where ids are missing.
#[derive(Debug, Default)]
pub struct Delivery {
    begun: bool,
    first: u64,
    highest: u64,
    fingerprint: u64,
    /// Ids below this are not remembered one by one.
    settled_below: u64,
    /// In order, none touching the next.
    #[expect(clippy::box_collection, reason = "8 bytes a stream in place of 24")]
    missing: Option<Box<Vec<Range>>>,
}

impl Delivery {
    /// The sequence of a stream whose first event has this id, so that its loss shows as well.
    pub fn from_first(first: u64) -> Self {
        let highest = first.saturating_sub(1);
        Self { begun: true, first, highest, ..Self::default() }
    }

    /// Judges an event by its last event id, and by a fingerprint of its type and data.
    ///
    /// An event without an id of its own shows the id of the one before it. It is told from a
    /// repeated one by its content: the same id with the same content is a duplicate. A range that
    /// is given up for want of room is handed to `on_lost`.
    pub fn observe(&mut self, id: &str, fingerprint: u64, on_lost: impl FnMut(Range)) -> Arrival {
        let Some(id) = number(id) else {
            return Arrival::Unnumbered;
        };
        if !self.begun {
            self.begun = true;
            self.first = id;
            self.highest = id;
            self.fingerprint = fingerprint;
            return Arrival::InOrder;
        }
        if id > self.highest {
            let hole = Range { from: self.highest + 1, to: id - 1 };
            self.highest = id;
            self.fingerprint = fingerprint;
            if hole.from > hole.to {
                return Arrival::InOrder;
            }
            self.miss(hole, on_lost);
            return Arrival::AfterHole(hole);
        }
        if id == self.highest && fingerprint != self.fingerprint {
            return Arrival::Unnumbered;
        }
        self.late(id, on_lost)
    }

    /// An id that is not beyond the highest.
    fn late(&mut self, id: u64, on_lost: impl FnMut(Range)) -> Arrival {
        if id < self.settled_below {
            return Arrival::Unjudged;
        }
        if id < self.first {
            // The stream began in disorder: what lies between has not come.
            let hole = Range { from: id + 1, to: self.first - 1 };
            self.first = id;
            if hole.from <= hole.to {
                self.miss_first(hole, on_lost);
            }
            return Arrival::Reordered;
        }
        let Some(missing) = &mut self.missing else {
            return Arrival::Duplicated;
        };
        let Some(index) = missing.iter().position(|range| range.from <= id && id <= range.to)
        else {
            return Arrival::Duplicated;
        };
        let range = missing.remove(index);
        if id < range.to {
            missing.insert(index, Range { from: id + 1, to: range.to });
        }
        if range.from < id {
            missing.insert(index, Range { from: range.from, to: id - 1 });
        }
        self.trim(on_lost);
        Arrival::Reordered
    }

    fn miss(&mut self, hole: Range, on_lost: impl FnMut(Range)) {
        self.missing.get_or_insert_default().push(hole);
        self.trim(on_lost);
    }

    fn miss_first(&mut self, hole: Range, on_lost: impl FnMut(Range)) {
        self.missing.get_or_insert_default().insert(0, hole);
        self.trim(on_lost);
    }

    /// Settles the oldest ranges where there are too many, and gives back what is not needed.
    fn trim(&mut self, mut on_lost: impl FnMut(Range)) {
        let Some(missing) = &mut self.missing else {
            return;
        };
        while missing.len() > OPEN_RANGES {
            let range = missing.remove(0);
            self.settled_below = range.to.saturating_add(1);
            on_lost(range);
        }
        if missing.is_empty() {
            self.missing = None;
        }
    }

    /// The end of the stream: what is missing now is lost.
    pub fn finish(&mut self) -> Vec<Range> {
        self.missing.take().map(|missing| *missing).unwrap_or_default()
    }
}

/// The number that an id is, if it is one.
#[inline]
fn number(id: &str) -> Option<u64> {
    match leading_number(id.as_bytes())? {
        (number, len) if len == id.len() => Some(number),
        _ => None,
    }
}

/// The number that a text begins with, and how many digits it has; `None` where there is no digit,
/// or one too many.
#[inline]
pub(crate) fn leading_number(text: &[u8]) -> Option<(u64, usize)> {
    let mut number: u64 = 0;
    let mut len = 0;
    for byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        len += 1;
        // So many digits always fit.
        number = if len < 20 {
            number * 10 + u64::from(digit)
        } else {
            number.checked_mul(10)?.checked_add(u64::from(digit))?
        };
    }
    (len > 0).then_some((number, len))
}

/// A fingerprint of what an event says, cheap enough for every event.
#[inline]
pub fn fingerprint(event_type: &str, data: &str) -> u64 {
    let lens = ((event_type.len() as u64) << 32) ^ data.len() as u64;
    mixed(mixed(lens, event_type.as_bytes()), data.as_bytes())
}

/// Mixes bytes into a hash, sixteen at a time.
#[inline]
fn mixed(mut hash: u64, mut bytes: &[u8]) -> u64 {
    const SALT: u64 = 0x9E37_79B9_7F4A_7C15;
    let word = |word: &[u8]| {
        let mut whole = [0; 8];
        for (place, byte) in whole.iter_mut().zip(word) {
            *place = *byte;
        }
        u64::from_le_bytes(whole)
    };
    while let Some((pair, rest)) = bytes.split_first_chunk::<16>() {
        let (a, b) = pair.split_at(8);
        hash = folded(hash ^ word(a), SALT ^ word(b));
        bytes = rest;
    }
    let (a, b) = bytes.split_at(bytes.len().min(8));
    folded(hash ^ word(a), SALT ^ word(b))
}

/// Both halves of a product, so that each bit of the factors counts.
#[inline]
fn folded(a: u64, b: u64) -> u64 {
    const FACTOR: u64 = 0xD6E8_FEB8_6659_FD93;
    let product = (u128::from(a ^ FACTOR) * u128::from(b)).to_le_bytes();
    let half = |bytes: &[u8]| <[u8; 8]>::try_from(bytes).map_or(0, u64::from_le_bytes);
    let (low, high) = product.split_at(8);
    half(low) ^ half(high).rotate_left(32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observe(delivery: &mut Delivery, id: u64) -> Arrival {
        delivery.observe(&id.to_string(), id, |_| {})
    }

    #[test]
    fn holes_are_filled_or_lost() {
        let mut delivery = Delivery::from_first(1);
        assert_eq!(observe(&mut delivery, 1), Arrival::InOrder);
        assert_eq!(observe(&mut delivery, 5), Arrival::AfterHole(Range { from: 2, to: 4 }));
        assert_eq!(observe(&mut delivery, 3), Arrival::Reordered);
        assert_eq!(observe(&mut delivery, 3), Arrival::Duplicated);
        assert_eq!(observe(&mut delivery, 5), Arrival::Duplicated);
        let lost = delivery.finish();
        assert_eq!(lost, [Range { from: 2, to: 2 }, Range { from: 4, to: 4 }]);
    }

    #[test]
    fn the_first_event_can_be_lost() {
        let mut delivery = Delivery::from_first(1);
        assert_eq!(observe(&mut delivery, 2), Arrival::AfterHole(Range { from: 1, to: 1 }));
    }

    #[test]
    fn an_event_without_an_id_is_no_duplicate() {
        let mut delivery = Delivery::default();
        assert_eq!(delivery.observe("7", 1, |_| {}), Arrival::InOrder);
        assert_eq!(delivery.observe("7", 2, |_| {}), Arrival::Unnumbered);
        assert_eq!(delivery.observe("7", 2, |_| {}), Arrival::Unnumbered);
        assert_eq!(delivery.observe("7", 1, |_| {}), Arrival::Duplicated);
        for id in ["", "+7", "a", "99999999999999999999"] {
            assert_eq!(delivery.observe(id, 1, |_| {}), Arrival::Unnumbered, "{id}");
        }
    }

    #[test]
    fn memory_is_bounded() {
        let mut delivery = Delivery::default();
        let mut lost = 0;
        for id in (0..1000).step_by(2) {
            delivery.observe(&id.to_string(), id, |range| lost += range.count());
        }
        assert_eq!(delivery.missing.as_ref().map_or(0, |missing| missing.len()), OPEN_RANGES);
        assert_eq!(observe(&mut delivery, 1), Arrival::Unjudged);
        lost += delivery.finish().into_iter().map(Range::count).sum::<u64>();
        assert_eq!(lost, 499);
        assert!(size_of::<Delivery>() <= 56, "{}", size_of::<Delivery>());
    }

    #[test]
    fn the_last_id_of_all_does_not_overflow() {
        let mut delivery = Delivery::from_first(0);
        observe(&mut delivery, u64::MAX);
        assert_eq!(observe(&mut delivery, u64::MAX), Arrival::Duplicated);
    }

    #[test]
    fn ids_are_numbers_or_not() {
        assert_eq!(number("18446744073709551615"), Some(u64::MAX));
        assert_eq!(number("00000000000000000000007"), Some(7));
        for id in ["", "x", "7 ", "-1", "18446744073709551616"] {
            assert_eq!(number(id), None, "{id}");
        }
        assert_eq!(leading_number(b"12 x"), Some((12, 2)));
    }

    #[test]
    fn fingerprints_tell_events_apart() {
        let all = [("a", "b"), ("ab", ""), ("", "ab"), ("a", "c"), ("message", "12345678")];
        for (index, a) in all.iter().enumerate() {
            for b in &all[index + 1..] {
                assert_ne!(fingerprint(a.0, a.1), fingerprint(b.0, b.1), "{a:?} {b:?}");
            }
        }
    }
}
