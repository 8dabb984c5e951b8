//! Finding line endings: LF and CR, and nothing else (`line.only-these`).

/// The longest piece whose endings fit a mask. memchr costs as much per call as scanning this much.
pub(crate) const SHORT_BYTES: usize = 64;

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

/// Compares and ORs in a form that compilers turn into vector code: byte `c` of `columns` collects
/// bytes `c`, `c + 8`, `c + 16`... of the block as its bits 0, 1, 2...; turning that 8 by 8 square
/// of bits about its diagonal puts them in order.
#[inline]
fn mask_of_block(block: &[u8; SHORT_BYTES]) -> u64 {
    let mut bits = [0_u8; SHORT_BYTES];
    for (index, (bit, &byte)) in bits.iter_mut().zip(block).enumerate() {
        *bit = if byte == b'\n' || byte == b'\r' { 1 << (index >> 3) } else { 0 };
    }
    let (rows, _) = bits.as_chunks::<8>();
    let columns = rows.iter().fold(0, |columns, &row| columns | u64::from_le_bytes(row));
    if columns == 0 {
        return 0;
    }
    let swap = |square: u64, distance: u32, half: u64| {
        let moved = (square ^ (square >> distance)) & half;
        square ^ moved ^ (moved << distance)
    };
    let square = swap(columns, 7, 0x00AA_00AA_00AA_00AA);
    let square = swap(square, 14, 0x0000_CCCC_0000_CCCC);
    swap(square, 28, 0x0000_0000_F0F0_F0F0)
}

/// memchr's vector code for finding the first ending, where the machine has it. Holding on to it
/// saves choosing it anew for each line, a twentieth of the time for short events.
#[cfg(all(feature = "std", target_arch = "x86_64"))]
pub(crate) fn vector_search() -> Option<memchr::arch::x86_64::avx2::memchr::Two> {
    memchr::arch::x86_64::avx2::memchr::Two::new(b'\n', b'\r')
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
