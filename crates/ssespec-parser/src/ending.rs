//! Finding line endings: LF and CR, and nothing else (`line.only-these`).

use crate::decode::Block;

/// The longest piece whose endings fit a mask. memchr costs as much per call as scanning this much.
pub(crate) const SHORT_BYTES: usize = 64;

/// Where the endings of a short piece are: bit `n` stands for byte `n`.
#[inline]
pub(crate) fn mask(piece: &[u8]) -> u64 {
    if let Ok(block) = piece.try_into() {
        return in_order(columns(block));
    }
    let mut block = [0; SHORT_BYTES];
    if let Some(start) = block.get_mut(..piece.len()) {
        start.copy_from_slice(piece);
    }
    in_order(columns(&block))
}

/// Whether there is an ending in the block.
#[inline]
pub(crate) fn any(block: &Block) -> bool {
    columns(block) != 0
}

/// Compares and ORs in a form that compilers turn into vector code: byte `c` of the outcome
/// collects bytes `c`, `c + 8`, `c + 16`... of the block as its bits 0, 1, 2...
#[inline]
pub(crate) fn columns(block: &Block) -> u64 {
    let mut bits = [0_u8; SHORT_BYTES];
    for (index, (bit, &byte)) in bits.iter_mut().zip(block).enumerate() {
        *bit = if byte == b'\n' || byte == b'\r' { 1 << (index >> 3) } else { 0 };
    }
    let (rows, _) = bits.as_chunks::<8>();
    rows.iter().fold(0, |columns, &row| columns | u64::from_le_bytes(row))
}

/// Puts the bits of [`columns`] in order by turning that 8 by 8 square about its diagonal.
#[inline]
pub(crate) fn in_order(columns: u64) -> u64 {
    let swap = |square: u64, distance: u32, half: u64| {
        let moved = (square ^ (square >> distance)) & half;
        square ^ moved ^ (moved << distance)
    };
    let square = swap(columns, 7, 0x00AA_00AA_00AA_00AA);
    let square = swap(square, 14, 0x0000_CCCC_0000_CCCC);
    swap(square, 28, 0x0000_0000_F0F0_F0F0)
}

/// What comes after a line: an ending, and then the next line or, after a second ending that makes
/// a blank line of it, the one after that. Found without branches, as which endings a stream uses
/// may change from block to block.
pub(crate) struct After {
    /// Where the next line starts.
    pub(crate) next: usize,
    /// Whether that is blank, where the line after it starts, and whether that is blank too.
    pub(crate) blank: bool,
    pub(crate) second: usize,
    pub(crate) more: bool,
}

/// Reads the endings at `at`.
#[inline]
pub(crate) fn after(bytes: &[u8], at: usize) -> After {
    let rest = bytes.get(at..).unwrap_or_default();
    let word = rest.first_chunk().copied().map_or_else(|| last_word(rest), u64::from_le_bytes);
    let len = |word: u64| 1 + usize::from(word & 0xFFFF == u64::from(u16::from_le_bytes(*b"\r\n")));
    let is_ending = |word: u64| {
        let [byte, ..] = word.to_le_bytes();
        is_ending(byte)
    };
    let first = len(word);
    let word = word >> (8 * first);
    let second = len(word);
    let next = at + first;
    After {
        next,
        blank: is_ending(word),
        second: next + second,
        more: is_ending(word >> (8 * second)),
    }
}

#[cold]
fn last_word(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte))
}

/// memchr's vector code for finding the first ending, where the machine has it. Holding on to it
/// saves choosing it anew for each line, a twentieth of the time for short events.
#[cfg(all(feature = "std", target_arch = "x86_64"))]
pub(crate) fn vector_search() -> Option<memchr::arch::x86_64::avx2::memchr::Two> {
    memchr::arch::x86_64::avx2::memchr::Two::new(b'\n', b'\r')
}

/// Length of the ending at `at`: LF, CR, or CR with LF (`line.lf`, `line.cr`, `line.crlf`). A CR at
/// the very end counts at once (`line.prompt`).
#[inline]
pub(crate) fn len(bytes: &[u8], at: usize) -> usize {
    let is = |at: usize, byte: u8| u8::from(bytes.get(at) == Some(&byte));
    1 + usize::from(is(at, b'\r') & is(at + 1, b'\n'))
}

/// Whether the line that starts at `at` is blank.
#[inline]
pub(crate) fn is_at(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_some_and(|&byte| is_ending(byte))
}

/// Not two branches, of which one would be hard to predict where both endings are in use.
#[inline]
fn is_ending(byte: u8) -> bool {
    u8::from(byte == b'\n') | u8::from(byte == b'\r') != 0
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
