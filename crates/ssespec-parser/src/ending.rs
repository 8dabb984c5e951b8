//! Finding line endings: LF and CR, and nothing else (`line.only-these`).

/// The longest piece whose endings fit a mask. memchr costs as much per call as scanning this much.
pub(crate) const SHORT_BYTES: usize = 64;

/// How much is scanned at once. Less would call for validation more often, more would leave what
/// was scanned first to other data in the cache, and grow the stack.
pub(crate) const SEGMENT_BYTES: usize = SEGMENT_BLOCKS * SHORT_BYTES;

const SEGMENT_BLOCKS: usize = 64;

/// A batch ends with the block that fills it to this many runs.
const BATCH: usize = 64;

/// Where the endings of a short piece are: bit `n` stands for byte `n`.
#[inline]
pub(crate) fn mask(piece: &[u8]) -> u64 {
    if let Ok(block) = piece.try_into() {
        return mask_of_block(block);
    }
    let mut block = [0; SHORT_BYTES];
    if let Some(start) = block.get_mut(..piece.len()) {
        start.copy_from_slice(piece);
    }
    mask_of_block(&block)
}

#[inline]
fn mask_of_block(block: &[u8; SHORT_BYTES]) -> u64 {
    let columns = columns(block);
    if columns == 0 { 0 } else { in_order(columns) }
}

/// Compares and ORs in a form that compilers turn into vector code: byte `c` of the outcome
/// collects bytes `c`, `c + 8`, `c + 16`... of the block as its bits 0, 1, 2...
#[inline]
fn columns(block: &[u8; SHORT_BYTES]) -> u64 {
    let mut bits = [0_u8; SHORT_BYTES];
    for (index, (bit, &byte)) in bits.iter_mut().zip(block).enumerate() {
        *bit = if byte == b'\n' || byte == b'\r' { 1 << (index >> 3) } else { 0 };
    }
    let (rows, _) = bits.as_chunks::<8>();
    rows.iter().fold(0, |columns, &row| columns | u64::from_le_bytes(row))
}

/// Puts the bits of [`columns`] in order by turning that 8 by 8 square about its diagonal.
#[inline]
fn in_order(columns: u64) -> u64 {
    let swap = |square: u64, distance: u32, half: u64| {
        let moved = (square ^ (square >> distance)) & half;
        square ^ moved ^ (moved << distance)
    };
    let square = swap(columns, 7, 0x00AA_00AA_00AA_00AA);
    let square = swap(square, 14, 0x0000_CCCC_0000_CCCC);
    swap(square, 28, 0x0000_0000_F0F0_F0F0)
}

/// The endings of a segment, as runs: a run is endings with nothing between them, so that it starts
/// where a line ends that is not blank (or at the segment's start).
///
/// Line lengths are hard to predict, so a search from ending to ending stumbles at each. This scans
/// without looking at the outcome, and then writes the places down without branching on them.
pub(crate) struct Scan {
    masks: [u64; SEGMENT_BLOCKS],
    /// Of `masks`, those written down already.
    taken: usize,
    /// The highest bit of the mask before.
    carry: u64,
    /// How much room a batch needs: the last block can add 32 runs to it, with one slot more as
    /// two are written at a time.
    batch: [u16; BATCH + 40],
}

impl Scan {
    pub(crate) fn new() -> Self {
        Self { masks: [0; SEGMENT_BLOCKS], taken: 0, carry: 0, batch: [0; BATCH + 40] }
    }

    /// Scans a segment of at most [`SEGMENT_BYTES`]; returns how far it goes up to its last ending.
    pub(crate) fn segment(&mut self, segment: &[u8]) -> usize {
        let (blocks, rest) = segment.as_chunks();
        let mut masks = self.masks.iter_mut();
        for (block, mask) in blocks.iter().zip(&mut masks) {
            *mask = columns(block);
        }
        // The rest of the masks may be from a longer segment.
        let mut last = Some(mask(rest));
        for mask in masks {
            *mask = last.take().unwrap_or_default();
        }
        // In a loop of its own, for the vector units do two at a time.
        for mask in &mut self.masks[..blocks.len()] {
            *mask = in_order(*mask);
        }
        self.taken = 0;
        self.carry = 0;
        let end = self.masks.iter().rposition(|&mask| mask != 0);
        end.map_or(0, |index| {
            let mask = self.masks.get(index).copied().unwrap_or_default();
            (index + 1) * SHORT_BYTES - mask.leading_zeros() as usize
        })
    }

    /// Where the next runs start, counted from the start of the segment; empty after the last.
    #[inline]
    pub(crate) fn batch(&mut self) -> &[u16] {
        let mut len = 0;
        while len < BATCH
            && let Some(&mask) = self.masks.get(self.taken)
        {
            let mut starts = mask & !(mask << 1 | self.carry);
            self.carry = mask >> 63;
            let base = (self.taken * SHORT_BYTES) as u16;
            self.taken += 1;
            if let Some(slots) = self.batch.get_mut(len..).and_then(<[u16]>::first_chunk_mut::<2>) {
                for slot in slots {
                    // The highest bit keeps the count from depending on whether there is one.
                    *slot = base + (starts | 1 << 63).trailing_zeros() as u16;
                    len += usize::from(starts != 0);
                    starts &= starts.wrapping_sub(1);
                }
            }
            while starts != 0
                && let Some(slot) = self.batch.get_mut(len)
            {
                *slot = base + starts.trailing_zeros() as u16;
                len += 1;
                starts &= starts - 1;
            }
        }
        self.batch.get(..len).unwrap_or_default()
    }
}

/// Length of the ending at the start of `bytes`: LF, CR, or CR with LF (`line.lf`, `line.cr`,
/// `line.crlf`). A CR at the very end counts at once (`line.prompt`).
#[inline]
pub(crate) fn len(bytes: &[u8]) -> usize {
    if bytes.starts_with(b"\r\n") { 2 } else { 1 }
}

/// Whether the line that starts here is blank.
#[inline]
pub(crate) fn comes_next(bytes: &[u8]) -> bool {
    matches!(bytes.first(), Some(b'\n' | b'\r'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bit_stands_for_its_byte() {
        for len in 0..=SHORT_BYTES {
            let mut piece = [0x0B; SHORT_BYTES];
            assert_eq!(mask(&piece[..len]), 0);
            piece.fill(b'\r');
            assert_eq!(mask(&piece[..len]).count_ones() as usize, len);
            for at in 0..len {
                for byte in [b'\n', b'\r'] {
                    let mut piece = [0x8A; SHORT_BYTES];
                    piece[at] = byte;
                    assert_eq!(mask(&piece[..len]), 1 << at);
                }
            }
        }
    }
}
