//! Finding many line endings at once.

use crate::ending::{self, SHORT_BYTES};

/// Blocks that are scanned at once.
const SEGMENT_BLOCKS: usize = 64;

/// A batch ends with the block that fills it to this many runs.
const BATCH: usize = 64;

/// Runs of a block that are written down without a branch; few blocks have more.
const SLOTS: usize = 2;

/// The endings in a text, as runs: a run is endings with nothing between them, so that it starts
/// where a line ends that is not blank (or at the start of the text).
///
/// Line lengths are hard to predict, so a search from ending to ending stumbles at each. This scans
/// without looking at the outcome, and then writes the places down without branching on them.
pub(crate) struct Runs<'t> {
    text: &'t [u8],
    /// Where the scanned segment starts in `text`, and where what is not scanned does.
    base: usize,
    scanned: usize,
    masks: [u64; SEGMENT_BLOCKS],
    /// Of `masks`, how many there are, and how many are written down already.
    blocks: usize,
    taken: usize,
    /// The highest bit of the mask before.
    carry: u64,
    /// A block has up to 32 runs, and the last slot that is written may come to nothing.
    batch: [u16; BATCH + 33],
    len: usize,
    next: usize,
}

impl<'t> Runs<'t> {
    #[inline]
    pub(crate) fn new(text: &'t [u8], start: usize) -> Self {
        Self {
            text,
            base: start,
            scanned: start,
            masks: [0; SEGMENT_BLOCKS],
            blocks: 0,
            taken: 0,
            carry: 0,
            batch: [0; BATCH + 33],
            len: 0,
            next: 0,
        }
    }

    /// Where the next run starts.
    #[inline]
    pub(crate) fn next(&mut self) -> Option<usize> {
        if self.next == self.len && !self.refill() {
            return None;
        }
        let start = self.batch.get(self.next).map(|&start| self.base + usize::from(start));
        self.next += 1;
        start
    }

    fn refill(&mut self) -> bool {
        self.len = 0;
        self.next = 0;
        loop {
            self.write_down();
            if self.len != 0 {
                return true;
            }
            if self.scanned == self.text.len() {
                return false;
            }
            self.scan();
        }
    }

    fn scan(&mut self) {
        let rest = self.text.get(self.scanned..).unwrap_or_default();
        let segment = rest.get(..SEGMENT_BLOCKS * SHORT_BYTES).unwrap_or(rest);
        self.base = self.scanned;
        self.scanned += segment.len();
        self.taken = 0;
        self.blocks = segment.len().div_ceil(SHORT_BYTES);
        let (blocks, last) = segment.as_chunks();
        let (masks, rest) = self.masks.split_at_mut(blocks.len());
        for (mask, block) in masks.iter_mut().zip(blocks) {
            *mask = ending::columns(block);
        }
        // In a loop of its own, for the vector units do two at a time.
        for mask in masks {
            *mask = ending::in_order(*mask);
        }
        if let Some(rest) = rest.first_mut() {
            *rest = ending::mask(last);
        }
    }

    fn write_down(&mut self) {
        let masks = self.masks.get(self.taken..self.blocks).unwrap_or_default();
        let mut len = 0;
        let mut carry = self.carry;
        let mut taken = self.taken;
        for &mask in masks {
            let base = u16::try_from(taken * SHORT_BYTES).unwrap_or_default();
            let mut starts = mask & !(mask << 1 | carry);
            carry = mask >> 63;
            taken += 1;
            for _ in 0..SLOTS {
                let Some(slot) = self.batch.get_mut(len) else { break };
                *slot = base + lowest(starts);
                len += usize::from(starts != 0);
                starts &= starts.wrapping_sub(1);
            }
            while starts != 0
                && let Some(slot) = self.batch.get_mut(len)
            {
                *slot = base + lowest(starts);
                len += 1;
                starts &= starts - 1;
            }
            if len >= BATCH {
                break;
            }
        }
        self.taken = taken;
        self.carry = carry;
        self.len = len;
    }
}

/// The number of the lowest bit that is set; the highest keeps this from depending on whether there
/// is one.
#[inline]
fn lowest(bits: u64) -> u16 {
    u16::try_from((bits | 1 << 63).trailing_zeros()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn finds_each_run_from_any_start() {
        // Every distance between endings up to 140, then the densest that there can be.
        let mut text = Vec::new();
        for len in (0..140).rev() {
            text.resize(text.len() + len, b'x');
            text.extend_from_slice([&b"\n"[..], b"\r\n", b"\r", b"\n\n\n"][len % 4]);
        }
        text.extend_from_slice(&b"x\n".repeat(5000));
        let is_ending = |at: usize| matches!(text[at], b'\n' | b'\r');
        for start in [0, 1, 63, 64, 139, 140, 141, 5000, text.len() - 1, text.len()] {
            let expected = (start..text.len())
                .filter(|&at| is_ending(at) && (at == start || !is_ending(at - 1)));
            let mut runs = Runs::new(&text, start);
            let found = core::iter::from_fn(|| runs.next());
            assert!(found.eq(expected), "from {start}");
        }
    }
}
