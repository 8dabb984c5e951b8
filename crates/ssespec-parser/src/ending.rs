//! Finding line endings: LF and CR, and nothing else (`line.only-these`).

/// The longest piece whose endings fit a mask. memchr costs as much per call as scanning this much.
pub(crate) const SHORT_BYTES: usize = 64;

/// Blocks that are scanned at once.
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
    /// The last block can add 32 runs to a batch; two are written at a time.
    batch: [u16; BATCH + 34],
    len: usize,
    next: usize,
}

impl<'t> Runs<'t> {
    #[inline]
    pub(crate) fn new(text: &'t [u8]) -> Self {
        Self {
            text,
            base: 0,
            scanned: 0,
            masks: [0; SEGMENT_BLOCKS],
            blocks: 0,
            taken: 0,
            carry: 0,
            batch: [0; BATCH + 34],
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
            *mask = columns(block);
        }
        // In a loop of its own, for the vector units do two at a time.
        for mask in masks {
            *mask = in_order(*mask);
        }
        if let Some(rest) = rest.first_mut() {
            *rest = mask(last);
        }
    }

    fn write_down(&mut self) {
        let masks = self.masks.get(self.taken..self.blocks).unwrap_or_default();
        let mut len = 0;
        let mut base = self.taken * SHORT_BYTES;
        let mut carry = self.carry;
        for &mask in masks {
            let mut starts = mask & !(mask << 1 | carry);
            carry = mask >> 63;
            let Some(slots) = self.batch.get_mut(len..).and_then(<[u16]>::first_chunk_mut::<2>)
            else {
                break;
            };
            for slot in slots {
                // The highest bit keeps this from depending on whether there is one.
                *slot = (base as u32 + (starts | 1 << 63).trailing_zeros()) as u16;
                len += usize::from(starts != 0);
                starts &= starts.wrapping_sub(1);
            }
            while starts != 0
                && let Some(slot) = self.batch.get_mut(len)
            {
                *slot = (base as u32 + starts.trailing_zeros()) as u16;
                len += 1;
                starts &= starts - 1;
            }
            base += SHORT_BYTES;
            if len >= BATCH {
                break;
            }
        }
        self.taken = base / SHORT_BYTES;
        self.carry = carry;
        self.len = len;
    }
}

/// Length of the ending at the start of `bytes`: LF, CR, or CR with LF (`line.lf`, `line.cr`,
/// `line.crlf`). A CR at the very end counts at once (`line.prompt`).
#[inline]
pub(crate) fn len(bytes: &[u8]) -> usize {
    if bytes.starts_with(b"\r\n") { 2 } else { 1 }
}

/// The same for an ending at `at`, without a branch: which ending a stream uses may change from
/// block to block.
#[inline]
pub(crate) fn len_at(bytes: &[u8], at: usize) -> usize {
    let is = |at: usize, byte: u8| bytes.get(at) == Some(&byte);
    1 + usize::from(is(at, b'\r') & is(at + 1, b'\n'))
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
