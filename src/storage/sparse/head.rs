//! The head of a segment: everything about its rows except descriptors and derived data.

use std::collections::HashSet;
use std::sync::Arc;

use bytemuck::pod_collect_to_vec;

use super::layout::{BY_ROW, ColumnEntry, Entry, FileParts, SEGMENT, SKETCH_BYTES, Segment, WITH_THE_HEAD, pod};
use crate::checksum::is_sound;
use crate::descriptor::columns::{Checksums, Column, StoredColumn, Table};
use crate::mapped::Mapped;

/// The head of a segment in any version.
pub struct Head {
    pub entries: Vec<Entry>,
    pub names: Vec<u8>,
    /// Other data about the pictures.
    pub known: Arc<Table>,
    /// Data derived from the descriptors.
    pub derived: Arc<Table>,
    /// Offsets of the sketches, of the rows' entries, and of the segment's end.
    pub sketches: usize,
    pub descriptors: usize,
    pub end: usize,
    /// Of all above that is stored, which includes the checksums of descriptors.
    pub checksum: u32,
}

impl Head {
    /// The names of the rows; None for an invalid one.
    pub fn row_names(&self) -> impl Iterator<Item = Option<String>> {
        let begins = std::iter::once(0).chain(self.entries.iter().map(|entry| entry.name_end));
        begins.zip(&self.entries).map(|(begin, entry)| {
            let name = self.names.get(usize::try_from(begin).ok()?..usize::try_from(entry.name_end).ok()?)?;
            String::from_utf8(name.to_vec()).ok()
        })
    }
}

/// Reads the head of the segment at `at`. None if it is damaged.
pub fn head(file: &Arc<Mapped>, at: usize) -> Option<Head> {
    let segment: Segment = pod(file, at)?;
    if segment.magic != SEGMENT || !is_sound(&[segment.covered()], segment.checksum) {
        return None;
    }
    let rows = usize::try_from(segment.rows).ok()?;
    let (names_len, columns) = (usize::try_from(segment.names_len).ok()?, segment.columns as usize);
    let mut parts = FileParts { at: at + size_of::<Segment>(), len: file.len() };
    let table = parts.next(rows, size_of::<Entry>())?;
    let names = parts.next(names_len, 1)?;
    let column_table = parts.next(columns, size_of::<ColumnEntry>())?;
    file.fetch(table..parts.at);
    // Copied before the check: offsets and lengths must not change afterwards, whatever happens to the file.
    let entries: Vec<Entry> = pod_collect_to_vec(&file[table..][..rows * size_of::<Entry>()]);
    let name_bytes = file[names..column_table].to_vec();
    let column_entries: Vec<ColumnEntry> = pod_collect_to_vec(&file[column_table..parts.at]);
    let rest = parts.at;
    let mut in_head = Vec::new();
    for entry in &column_entries {
        let each = if entry.checked == BY_ROW { size_of::<u32>() } else { entry.row_bytes as usize };
        in_head.push(parts.next(rows, each)?);
    }
    file.fetch(rest..parts.at);
    let covered: [&[u8]; 4] =
        [bytemuck::cast_slice(&entries), &name_bytes, bytemuck::cast_slice(&column_entries), &file[rest..parts.at]];
    if !is_sound(&covered, segment.head_checksum) {
        return None;
    }
    let sketches = parts.next(rows, SKETCH_BYTES)?;
    let (mut known, mut derived, mut names) = (Vec::new(), Vec::new(), HashSet::new());
    for (entry, at) in column_entries.iter().zip(in_head) {
        let column = entry.column()?;
        if !names.insert(column.name().to_owned()) {
            return None;
        }
        match entry.checked {
            WITH_THE_HEAD => known.push(StoredColumn { column, at, checksums: None }),
            BY_ROW => {
                let checksums = Some(Checksums { at, stride: size_of::<u32>() });
                derived.push(StoredColumn { at: parts.next(rows, column.row_bytes())?, column, checksums });
            }
            _ => return None,
        }
    }
    let descriptors = parts.next(usize::try_from(segment.entries_len).ok()?, 1)?;
    let table = |columns| Table::mapped(file, rows, columns).map(Arc::new);
    let (known, derived, end) = (table(known)?, table(derived)?, parts.at);
    let checksum = segment.head_checksum;
    Some(Head { entries, names: name_bytes, known, derived, sketches, descriptors, end, checksum })
}

impl ColumnEntry {
    fn column(&self) -> Option<Column> {
        let len = self.name.iter().position(|byte| *byte == 0).unwrap_or(self.name.len());
        Column::new(std::str::from_utf8(&self.name[..len]).ok()?, self.row_bytes as usize)
    }
}
