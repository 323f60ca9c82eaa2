//! Blocks of `features`: runs of rows deflated independently, so that several threads can write and read a single
//! member. Each ends on a whole byte (a sync flush), so that together they form one deflate stream, as any reader
//! expects.
//!
//! The member `blocks`, uint64 `[b, 2]`, has for each block its first row and the byte where it begins in the
//! compressed `features.npy`; the bytes before the first block are the array's header. Other programs don't need it.

use std::ops::Range;

use crate::descriptor::DESCRIPTOR_LEN;

pub const ROW_BYTES: usize = DESCRIPTOR_LEN * size_of::<f32>();
/// 4 MB of values: each block restarts compression, which costs space, and 100 pictures still make three blocks.
pub const ROWS_PER_BLOCK: usize = 40;
/// An empty last deflate block, which ends a stream. Only the last block of rows contains it.
pub const END: [u8; 2] = [3, 0];

/// A run of rows, and their position in the compressed member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowBlock {
    pub rows: Range<usize>,
    pub bytes: Range<u64>,
}

/// The blocks in `table`, the values of the member `blocks`. None unless they cover all `rows` and end with the
/// member's `bytes`, in order and without gaps: the table may be from another program, or malicious.
pub fn from_table(table: &[u64], rows: usize, bytes: u64) -> Option<Vec<RowBlock>> {
    let end = [rows as u64, bytes];
    let (starts, []) = table.as_chunks::<2>() else { return None };
    let ends = starts.iter().skip(1).chain([&end]);
    let blocks = starts.iter().zip(ends).map(|([row, byte], [next_row, next_byte])| {
        let rows = usize::try_from(*row).ok()?..usize::try_from(*next_row).ok()?;
        (!rows.is_empty() && byte < next_byte).then_some(RowBlock { rows, bytes: *byte..*next_byte })
    });
    let blocks: Vec<RowBlock> = blocks.collect::<Option<_>>()?;
    (blocks.first()?.rows.start == 0).then_some(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_taken_only_if_it_covers_all_rows_and_bytes() {
        let block = |rows, bytes| RowBlock { rows, bytes };
        let good = from_table(&[0, 90, 4, 120], 5, 200);
        assert_eq!(good, Some(vec![block(0..4, 90..120), block(4..5, 120..200)]));
        for (table, says) in [
            (&[][..], "nothing"),
            (&[0], "half a block"),
            (&[1, 90], "not the first row"),
            (&[0, 200], "an empty block"),
            (&[0, 90, 5, 120], "a block without rows"),
            (&[0, 90, 4, 90], "a block without bytes"),
            (&[0, 120, 4, 90], "backwards in bytes"),
            (&[0, 90, 4, 120, 2, 150], "backwards in rows"),
            (&[0, 90, u64::MAX, 120], "rows beyond the last"),
            (&[0, 90, 4, u64::MAX], "bytes beyond the last"),
        ] {
            assert_eq!(from_table(table, 5, 200), None, "{says}");
        }
    }
}
