//! What lies where in a `features.simages`: the records, as they are in the file. All numbers are little-endian.
//!
//! ```text
//! Header, the model's name, then segments, each beginning at a multiple of eight, as all their parts do:
//!   Segment
//!   head      Entry of each row, in the order of all that follows
//!             the rows' names, one after the other
//!             ColumnEntry of each column
//!             of each column, in their order: its values, or the checksums (u32) of those that lie in the body
//!   body      sketches, `[rows, 2560]`
//!             of each column that is checked by row: its values
//!             entries, each row's at a multiple of eight
//! ```
//!
//! A value is `row_bytes` bytes, all zero where a row has none. Small ones lie in the head and are checked when the file is
//! opened; what is derived from descriptors, large and mostly not used, lies in the body and is checked row by row when it
//! is. Columns whose names are not known are passed over, and kept when the rows are written again.
//!
//! So a column more is no other version. Another version is what another order, another record, or descriptors and
//! sketches of another shape are; the numbers below are the file's own, so that nothing else changes them unnoticed.
//! An older version that can be read has a file of its own ([`super::version3`]).

use std::mem::offset_of;
use std::ops::RangeInclusive;

use bytemuck::{Pod, Zeroable};

use crate::descriptor::columns::LONGEST_NAME;
use crate::descriptor::{BANDS, DESCRIPTOR_LEN, Descriptor, Shape, sketch};

pub const MAGIC: [u8; 8] = *b"SIMAGES\n";
/// The version that is written.
pub const VERSION: u32 = 4;
/// The versions that can be read.
pub const READABLE: RangeInclusive<u32> = 3..=VERSION;
pub const SEGMENT: [u8; 8] = *b"segment\n";
pub const ALIGNMENT: usize = 8;
/// Bytes of a row's sketch.
pub const SKETCH_BYTES: usize = 2560;

/// Tells one `features.npz` from another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Identity {
    /// In bytes; zero if there is no file.
    pub size: u64,
    pub mtime_ns: i64,
    /// Checksum of its end, where its members' checksums are.
    pub end: u32,
    pub unused: u32,
}

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub struct Header {
    pub magic: [u8; 8],
    pub version: u32,
    pub descriptor_len: u32,
    pub npz: Identity,
    /// Rows of the segments that it began with.
    pub rows: u64,
    pub model_len: u32,
    /// Of what comes before, and of the model's name.
    pub checksum: u32,
}

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub struct Segment {
    pub magic: [u8; 8],
    pub rows: u64,
    pub names_len: u64,
    pub entries_len: u64,
    pub columns: u32,
    pub unused: u32,
    /// Of the head.
    pub head_checksum: u32,
    /// Of what comes before.
    pub checksum: u32,
}

/// A row.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub struct Entry {
    /// Where its descriptor's entries begin among the segment's.
    pub at: u64,
    /// Where its name ends among the segment's names.
    pub name_end: u64,
    pub squared_norm: f64,
    pub step: f64,
    pub size: u64,
    pub mtime_ns: i64,
    /// Of sketch and entries.
    pub checksum: u32,
    pub has_stamp: u16,
    pub entries: u16,
    pub others: u16,
    pub shift: u16,
    pub bands: [u16; 4],
    pub unused: u32,
}

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub struct ColumnEntry {
    /// Zeros after its end.
    pub name: [u8; 24],
    pub row_bytes: u32,
    pub checked: u32,
}

/// In the head, with it.
pub const WITH_THE_HEAD: u32 = 0;
/// In the body, row by row.
pub const BY_ROW: u32 = 1;

const _: () = assert!(size_of::<Identity>() == 24);
const _: () = assert!(size_of::<Header>() == 56 && offset_of!(Header, npz) == 16 && offset_of!(Header, checksum) == 52);
const _: () = assert!(size_of::<Segment>() == 48 && offset_of!(Segment, checksum) == 44);
const _: () = assert!(size_of::<Entry>() == 72 && offset_of!(Entry, checksum) == 48 && offset_of!(Entry, bands) == 60);
const _: () = assert!(size_of::<ColumnEntry>() == 32 && offset_of!(ColumnEntry, row_bytes) == LONGEST_NAME);
// These numbers can't change without a version that has others.
const _: () = assert!(DESCRIPTOR_LEN == 25_088 && sketch::LEN == SKETCH_BYTES && BANDS == 5);

impl Header {
    /// What its checksum is of, but for the model's name.
    pub fn covered(&self) -> &[u8] {
        &bytemuck::bytes_of(self)[..offset_of!(Header, checksum)]
    }
}

impl Segment {
    /// What its checksum is of.
    pub fn covered(&self) -> &[u8] {
        &bytemuck::bytes_of(self)[..offset_of!(Segment, checksum)]
    }
}

impl Entry {
    pub fn shape(&self) -> Shape {
        let Entry { squared_norm, step, entries, others, shift, bands, .. } = *self;
        Shape { squared_norm, step, entries, others, shift, bands }
    }
}

/// What a row's checksum is of.
pub fn parts_of(descriptor: &Descriptor) -> [&[u8]; 2] {
    [descriptor.sketch().codes, descriptor.bytes()]
}

/// The record at `at`, if all of it is in the file.
pub fn pod<T: Pod>(file: &[u8], at: usize) -> Option<T> {
    file.get(at..at.checked_add(size_of::<T>())?).map(bytemuck::pod_read_unaligned)
}

/// The next multiple of eight.
pub fn aligned(at: usize) -> usize {
    at.next_multiple_of(ALIGNMENT)
}

/// Parts one after the other, in a file of so many bytes.
pub struct Parts {
    pub at: usize,
    pub len: usize,
}

impl Parts {
    /// Where the next part begins: `n` times `each` bytes. None if it isn't all in the file.
    pub fn next(&mut self, n: usize, each: usize) -> Option<usize> {
        let at = self.at;
        self.at = n.checked_mul(each)?.checked_add(at)?.checked_next_multiple_of(ALIGNMENT)?;
        (self.at <= self.len).then_some(at)
    }
}
