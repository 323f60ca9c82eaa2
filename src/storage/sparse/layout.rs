//! The layout of a `features.simages`: its records, as they are in the file. All numbers are little-endian.
//!
//! ```text
//! Header, the model's name, then segments, and a Matching wherever a `features.npz` has all rows before it. All of
//! these, and all parts of a segment, begin at multiples of eight:
//!   Segment
//!   head      an Entry per row; everything after keeps this order
//!             the rows' names, without separators
//!             a ColumnEntry per column
//!             for each column, in that order: its values, or the checksums (u32) of its values in the body
//!   body      sketches, `[rows, 2560]`
//!             for each column checked by row: its values
//!             entries; those of each row begin at a multiple of eight
//! ```
//!
//! A value has `row_bytes` bytes, all zero if the row has none. Small columns are in the head, and checked when the
//! file is opened. Derived data is large and mostly unused: it is in the body, and checked row by row on use. Columns
//! with unknown names are skipped, and kept when the rows are rewritten.
//!
//! So an additional column needs no new version. A new version is needed for another order, other records, or
//! descriptors and sketches of another shape; the numbers below belong to the file format, so that nothing changes them
//! by accident. Each older version that can still be read has its own file ([`super::version3`]).

use std::mem::offset_of;
use std::ops::RangeInclusive;

use bytemuck::{Pod, Zeroable};

use crate::checksum::{checksum, is_sound};
use crate::descriptor::columns::LONGEST_NAME;
use crate::descriptor::{BANDS, DESCRIPTOR_LEN, Descriptor, Shape, sketch};
use crate::mapped::Mapped;

pub const MAGIC: [u8; 8] = *b"SIMAGES\n";
/// The version written.
pub const VERSION: u32 = 4;
/// The versions that can be read.
pub const READABLE: RangeInclusive<u32> = 3..=VERSION;
pub const SEGMENT: [u8; 8] = *b"segment\n";
pub const MATCHING: [u8; 8] = *b"matching";
pub const ALIGNMENT: usize = 8;
/// The size of a row's sketch in bytes.
pub const SKETCH_BYTES: usize = 2560;

/// Distinguishes one `features.npz` from another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Identity {
    /// In bytes; zero if there is no file.
    pub size: u64,
    pub mtime_ns: i64,
    /// The checksum of its end, which contains the checksums of its members.
    pub end: u32,
    pub unused: u32,
}

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub struct Header {
    pub magic: [u8; 8],
    pub version: u32,
    pub descriptor_len: u32,
    /// The matching `features.npz` when the file was first written.
    pub npz: Identity,
    /// The number of rows then, without appended ones.
    pub rows: u64,
    pub model_len: u32,
    /// Of the fields before, and of the model's name.
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
    /// Of the fields before.
    pub checksum: u32,
}

/// Names a later `features.npz`, which replaces the header's, and any named before. Earlier builds of this version stop
/// reading here, find that the header names another `features.npz`, and use that.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub struct Matching {
    pub magic: [u8; 8],
    pub npz: Identity,
    /// The number of all rows before.
    pub rows: u64,
    pub unused: u32,
    /// Of the fields before.
    pub checksum: u32,
}

/// A row.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub struct Entry {
    /// The offset of its descriptor's entries in the segment's entries.
    pub at: u64,
    /// The end of its name in the segment's names.
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
    /// Of the sketch alone, so that it can be used without reading the entries. Zero in files from older versions.
    pub sketch_checksum: u32,
}

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub struct ColumnEntry {
    /// Padded with zeros.
    pub name: [u8; 24],
    pub row_bytes: u32,
    pub checked: u32,
}

/// In the head, and checked with it.
pub const WITH_THE_HEAD: u32 = 0;
/// In the body, and checked row by row.
pub const BY_ROW: u32 = 1;

const _: () = assert!(size_of::<Identity>() == 24);
const _: () = assert!(size_of::<Header>() == 56 && offset_of!(Header, npz) == 16 && offset_of!(Header, checksum) == 52);
const _: () = assert!(size_of::<Segment>() == 48 && offset_of!(Segment, checksum) == 44);
const _: () = assert!(size_of::<Matching>() == 48 && offset_of!(Matching, checksum) == 44);
const _: () = assert!(size_of::<Entry>() == 72 && offset_of!(Entry, checksum) == 48 && offset_of!(Entry, bands) == 60);
const _: () = assert!(offset_of!(Entry, sketch_checksum) == 68);
const _: () = assert!(size_of::<ColumnEntry>() == 32 && offset_of!(ColumnEntry, row_bytes) == LONGEST_NAME);
// Changing these numbers needs a new version.
const _: () = assert!(DESCRIPTOR_LEN == 25_088 && sketch::LEN == SKETCH_BYTES && BANDS == 5);

impl Header {
    /// The bytes covered by its checksum, except for the model's name.
    pub fn covered(&self) -> &[u8] {
        &bytemuck::bytes_of(self)[..offset_of!(Header, checksum)]
    }
}

impl Segment {
    /// The bytes covered by its checksum.
    pub fn covered(&self) -> &[u8] {
        &bytemuck::bytes_of(self)[..offset_of!(Segment, checksum)]
    }
}

impl Matching {
    pub fn new(npz: Identity, rows: usize) -> Matching {
        let mut matching = Matching { magic: MATCHING, npz, rows: rows as u64, unused: 0, checksum: 0 };
        matching.checksum = checksum(&[matching.covered()]);
        matching
    }

    /// The one at `at`, after this many rows. None if there is none, or it is damaged.
    pub fn at(file: &Mapped, at: usize, rows: usize) -> Option<Matching> {
        // Whatever is here: a Segment has the same length.
        file.fetch(at..at + size_of::<Matching>());
        let read: Matching = pod(file, at)?;
        let sound = read.magic == MATCHING && is_sound(&[read.covered()], read.checksum);
        (sound && read.rows == rows as u64).then_some(read)
    }

    /// The bytes covered by its checksum.
    fn covered(&self) -> &[u8] {
        &bytemuck::bytes_of(self)[..offset_of!(Matching, checksum)]
    }
}

impl Entry {
    pub fn shape(&self) -> Shape {
        let Entry { squared_norm, step, entries, others, shift, bands, .. } = *self;
        Shape { squared_norm, step, entries, others, shift, bands }
    }
}

/// The bytes covered by a row's checksum.
pub fn parts_of(descriptor: &Descriptor) -> [&[u8]; 2] {
    [descriptor.sketch().codes, descriptor.bytes()]
}

/// The record at `at`, if the file contains all of it.
pub fn pod<T: Pod>(file: &[u8], at: usize) -> Option<T> {
    file.get(at..at.checked_add(size_of::<T>())?).map(bytemuck::pod_read_unaligned)
}

/// The next multiple of eight.
pub fn aligned(at: usize) -> usize {
    at.next_multiple_of(ALIGNMENT)
}

/// Walks through consecutive parts of a file of `len` bytes.
pub struct FileParts {
    pub at: usize,
    pub len: usize,
}

impl FileParts {
    /// The offset of the next part, which has `n` times `each` bytes. None if the file doesn't contain all of it.
    pub fn next(&mut self, n: usize, each: usize) -> Option<usize> {
        let at = self.at;
        self.at = n.checked_mul(each)?.checked_add(at)?.checked_next_multiple_of(ALIGNMENT)?;
        (self.at <= self.len).then_some(at)
    }
}
