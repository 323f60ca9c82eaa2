//! Version 3, which had no columns: derived data had fixed places, and its checksums were in the table. Read as it is;
//! rewritten in the current version when something is stored.

use std::mem::offset_of;
use std::sync::Arc;

use bytemuck::{Pod, Zeroable, pod_collect_to_vec};

use super::head::Head;
use super::layout::{Entry, FileParts, SEGMENT, SKETCH_BYTES, pod};
use crate::checksum::is_sound;
use crate::descriptor::columns::{Checksums, Column, StoredColumn, Table};
use crate::mapped::Mapped;

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub struct Segment3 {
    pub magic: [u8; 8],
    pub rows: u64,
    pub names_len: u64,
    pub entries_len: u64,
    /// Of table and names.
    pub table_checksum: u32,
    /// Of the fields before.
    pub checksum: u32,
}

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub struct Entry3 {
    pub at: u64,
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
    /// Of the derived data.
    pub derived: [u32; 5],
}

const _: () = assert!(size_of::<Segment3>() == 40 && offset_of!(Segment3, checksum) == 36);
const _: () = assert!(size_of::<Entry3>() == 88 && offset_of!(Entry3, derived) == 68);

/// The derived data, in this order after the sketches, each for all rows.
pub const DERIVED: [(&str, usize); 5] =
    [("gap", 2048), ("gem", 2048), ("mac", 2048), ("rmac", 2048), ("regions", 7168)];

/// Reads the head of the segment at `at`. None if it is damaged.
pub fn head(file: &Arc<Mapped>, at: usize) -> Option<Head> {
    let segment: Segment3 = pod(file, at)?;
    let covered = &bytemuck::bytes_of(&segment)[..offset_of!(Segment3, checksum)];
    if segment.magic != SEGMENT || !is_sound(&[covered], segment.checksum) {
        return None;
    }
    let rows = usize::try_from(segment.rows).ok()?;
    let mut parts = FileParts { at: at + size_of::<Segment3>(), len: file.len() };
    let table = parts.next(rows, size_of::<Entry3>())?;
    let names = parts.next(usize::try_from(segment.names_len).ok()?, 1)?;
    let sketches = parts.next(rows, SKETCH_BYTES)?;
    // Copied before the check: offsets and lengths must not change afterwards, whatever happens to the file.
    let entries: Vec<Entry3> = pod_collect_to_vec(&file[table..names]);
    let names = file[names..sketches].to_vec();
    if !is_sound(&[bytemuck::cast_slice(&entries), &names], segment.table_checksum) {
        return None;
    }
    let mut derived = Vec::new();
    for (i, (name, row_bytes)) in DERIVED.into_iter().enumerate() {
        let at = parts.next(rows, row_bytes)?;
        let sums = table + offset_of!(Entry3, derived) + i * size_of::<u32>();
        let checksums = Some(Checksums { at: sums, stride: size_of::<Entry3>() });
        derived.push(StoredColumn { column: Column::new(name, row_bytes)?, at, checksums });
    }
    let descriptors = parts.next(usize::try_from(segment.entries_len).ok()?, 1)?;
    Some(Head {
        entries: entries.into_iter().map(Entry::from).collect(),
        names,
        known: Arc::new(Table::mapped(file, rows, Vec::new())?),
        derived: Arc::new(Table::mapped(file, rows, derived)?),
        sketches,
        descriptors,
        end: parts.at,
        checksum: segment.table_checksum,
    })
}

impl From<Entry3> for Entry {
    fn from(entry: Entry3) -> Entry {
        let Entry3 { at, name_end, squared_norm, step, size, mtime_ns, checksum, has_stamp, .. } = entry;
        let Entry3 { entries, others, shift, bands, .. } = entry;
        Entry {
            at,
            name_end,
            squared_norm,
            step,
            size,
            mtime_ns,
            checksum,
            has_stamp,
            entries,
            others,
            shift,
            bands,
            sketch_checksum: 0,
        }
    }
}
