//! Codes of many descriptors, block of groups by block of groups: laid out as they are compared, and as they are
//! stored.

use std::ops::{Deref, Range};
use std::sync::Arc;

use super::codes::{BLOCK, Code, CodedVector};
use crate::mapped::Mapped;
use crate::simd::{KEYS, Quads};

/// The codes of rows, laid out to be read sequentially.
pub struct GroupedRows {
    /// First the number of groups that each row has in each block, `[blocks, rows]`. Then all groups, block by block
    /// and row by row: first their indices in their block, a byte each, then their codes, four bytes each.
    bytes: CodeBytes,
    rows: usize,
    counts: usize,
    /// The number of groups of all rows.
    groups: usize,
}

/// In memory, or mapped from a file.
enum CodeBytes {
    Owned(Vec<u8>),
    Mapped { file: Arc<Mapped>, range: Range<usize> },
}

impl Deref for CodeBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            CodeBytes::Owned(bytes) => bytes,
            CodeBytes::Mapped { file, range } => &file[range.clone()],
        }
    }
}

impl GroupedRows {
    pub fn new(coded: &[CodedVector], code: Code) -> GroupedRows {
        let all = coded.iter().map(|c| c.groups.len()).sum();
        let counts = code.blocks() * coded.len();
        let mut bytes = vec![0; size(counts, all)];
        let (places, rest) = bytes.split_at_mut(counts);
        let (groups, quads) = rest.split_at_mut(all);
        let quads = quads.as_chunks_mut().0;
        let (mut at, mut from) = (0, vec![0; coded.len()]);
        let mut counts_of = places.iter_mut();
        for block in 0..code.blocks() {
            let end = (block + 1) * BLOCK;
            for (coded, begin) in coded.iter().zip(&mut from) {
                let some = &coded.groups[*begin..];
                let count = some.iter().take_while(|g| usize::from(**g) < end).count();
                let into = groups[at..at + count].iter_mut().zip(some);
                into.for_each(|(place, group)| *place = (usize::from(*group) % BLOCK) as u8);
                quads[at..at + count].copy_from_slice(&coded.quads[*begin..*begin + count]);
                *counts_of.next().expect("one for each row and block") = count as u8;
                (at, *begin) = (at + count, *begin + count);
            }
        }
        GroupedRows { bytes: CodeBytes::Owned(bytes), rows: coded.len(), counts, groups: all }
    }

    /// The codes of `rows` rows at `at` in `file`. None if the bytes there can't be codes.
    pub fn mapped(file: &Arc<Mapped>, at: usize, rows: usize, code: Code) -> Option<GroupedRows> {
        let counts = code.blocks().checked_mul(rows)?;
        let groups = file.get(at..)?.get(..counts)?.iter().map(|count| usize::from(*count)).sum();
        let range = at..at.checked_add(size(counts, groups))?;
        let bytes = file.get(range.clone())?;
        let largest = bytes[counts..counts + groups].iter().fold(0, |largest, place| largest.max(*place));
        let bytes = CodeBytes::Mapped { file: file.clone(), range };
        (usize::from(largest) < BLOCK).then_some(GroupedRows { bytes, rows, counts, groups })
    }

    /// The bytes that [`GroupedRows::mapped`] reads.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub fn len(&self) -> usize {
        self.rows
    }

    /// For each block: the number of groups of each row, then the groups of all rows in sequence: their indices in the
    /// block, and their codes.
    pub fn blocks(&self) -> impl Iterator<Item = (&[u8], &[u8], &[[u8; 4]])> {
        let (counts, rest) = self.bytes.split_at(self.counts);
        let (groups, quads) = rest.split_at(self.groups);
        let quads: &[[u8; 4]] = quads.as_chunks().0;
        let mut at = 0;
        counts.chunks_exact(self.rows.max(1)).map(move |counts| {
            let begin = at;
            at += counts.iter().map(|c| usize::from(*c)).sum::<usize>();
            (counts, &groups[begin..at], &quads[begin..at])
        })
    }
}

/// The size in bytes of counts and groups.
fn size(counts: usize, groups: usize) -> usize {
    counts + groups * (1 + size_of::<[u8; 4]>())
}

/// Up to [`KEYS`] keys, group by group: `[groups, keys, 4]`, including zeros.
#[derive(Default)]
pub struct Panel {
    groups: Vec<Quads>,
}

impl Panel {
    /// Replaces the keys.
    pub fn set(&mut self, keys: &[CodedVector], code: Code) {
        assert!(keys.len() <= KEYS);
        self.clear(code.blocks());
        for (key, coded) in keys.iter().enumerate() {
            for (group, quad) in coded.groups.iter().zip(&coded.quads) {
                self.groups[usize::from(*group)].0[key] = *quad;
            }
        }
    }

    /// Replaces the keys by `len` of the coded rows, from `first` on.
    pub fn set_among(&mut self, rows: &GroupedRows, first: usize, len: usize) {
        assert!(len <= KEYS);
        self.clear(rows.counts / rows.rows.max(1));
        let (panel, _) = self.groups.as_chunks_mut::<BLOCK>();
        for ((counts, groups, quads), block) in rows.blocks().zip(panel) {
            let mut at = counts[..first].iter().map(|c| usize::from(*c)).sum();
            for (key, count) in counts[first..first + len].iter().enumerate() {
                let end = at + usize::from(*count);
                for (group, quad) in groups[at..end].iter().zip(&quads[at..end]) {
                    block[usize::from(*group)].0[key] = *quad;
                }
                at = end;
            }
        }
    }

    fn clear(&mut self, blocks: usize) {
        self.groups.clear();
        self.groups.resize(blocks * BLOCK, Quads([[0; 4]; KEYS]));
    }

    pub fn blocks(&self) -> impl Iterator<Item = &[Quads; BLOCK]> {
        self.groups.as_chunks().0.iter()
    }
}
