//! Writes rows as a file.

use std::borrow::Cow;
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::sync::Arc;

use bytemuck::{Zeroable, bytes_of};

use super::layout::{
    ALIGNMENT, BY_ROW, ColumnEntry, Entry, Header, Identity, MAGIC, SEGMENT, Segment, VERSION, WITH_THE_HEAD, aligned,
    parts_of,
};
use crate::checksum::checksum;
use crate::dataset::Stamp;
use crate::descriptor::derived::{DerivedPart, RETIRED};
use crate::descriptor::{Column, Columns, DESCRIPTOR_LEN, Descriptor, Row, check_whole};
use crate::parallel;
use crate::storage::Failure;

/// The most rows per segment: their derived data is in memory while the segment is written.
pub const SEGMENT_ROWS: usize = 1024;

/// Writes a complete file to `out`.
pub fn write(mut out: impl Write, rows: &[Arc<Row>], model: &str, npz: Identity) -> Result<(), Failure> {
    let mut header = Header {
        magic: MAGIC,
        version: VERSION,
        descriptor_len: DESCRIPTOR_LEN as u32,
        npz,
        rows: rows.len() as u64,
        model_len: model.len() as u32,
        checksum: 0,
    };
    header.checksum = checksum(&[header.covered(), model.as_bytes()]);
    out.write_all(bytes_of(&header))?;
    padded(&mut out, model.as_bytes())?;
    segments(&mut out, rows)?;
    Ok(out.flush()?)
}

/// Appends rows to an undamaged file of the current version.
pub fn append(path: &Path, rows: &[Arc<Row>]) -> Result<(), Failure> {
    append_by(path, |out| segments(out, rows))
}

/// Appends whatever `write` writes, or nothing if that fails.
pub fn append_by(path: &Path, write: impl FnOnce(&mut BufWriter<&File>) -> Result<(), Failure>) -> Result<(), Failure> {
    let mut file = OpenOptions::new().read(true).append(true).open(path)?;
    let mut header = Header::zeroed();
    file.read_exact(bytemuck::bytes_of_mut(&mut header))?;
    if (header.magic, header.version) != (MAGIC, VERSION) {
        return Err("it has another version, which nothing can be appended to".into());
    }
    let before = file.metadata()?.len();
    let mut out = BufWriter::new(&file);
    let written = write(&mut out).and_then(|()| Ok(out.flush()?)).and_then(|()| Ok(file.sync_data()?));
    if written.is_err() {
        // Without writing what is still buffered.
        let _ = out.into_parts();
        // Anything after half a record would be ignored.
        file.set_len(before)?;
    }
    written
}

fn segments(out: &mut dyn Write, rows: &[Arc<Row>]) -> Result<(), Failure> {
    let written = rows.chunks(SEGMENT_ROWS).try_for_each(|rows| segment(out, rows));
    // Even if writing succeeded or failed otherwise: rows that were cut short read as zeros, which must not be stored.
    // That is the error to report.
    check_whole(rows).map_err(Failure::Torn)?;
    Ok(written?)
}

/// A column, with its values in the head or in the body.
struct Filled<'a> {
    entry: ColumnEntry,
    /// The values, or their checksums.
    head: Vec<u8>,
    body: Vec<Cow<'a, [u8]>>,
}

fn segment(out: &mut dyn Write, rows: &[Arc<Row>]) -> std::io::Result<()> {
    let checksums = parallel::map_each(rows, |row| row_checksums(&row.descriptor));
    let columns = columns(rows);
    let (mut table, mut names, mut at) = (Vec::with_capacity(rows.len()), Vec::new(), 0);
    for (row, checksums) in rows.iter().zip(checksums) {
        names.extend_from_slice(row.name.as_bytes());
        table.push(entry(row, at, names.len(), checksums));
        at = aligned(at + row.descriptor.bytes().len());
    }
    let mut head = Vec::new();
    padded(&mut head, bytemuck::cast_slice(&table))?;
    let names_at = head.len();
    padded(&mut head, &names)?;
    let names_len = head.len() - names_at;
    columns.iter().try_for_each(|column| head.write_all(bytes_of(&column.entry)))?;
    columns.iter().try_for_each(|column| padded(&mut head, &column.head))?;

    let mut segment = Segment {
        magic: SEGMENT,
        rows: rows.len() as u64,
        names_len: names_len as u64,
        entries_len: at as u64,
        columns: columns.len() as u32,
        unused: 0,
        head_checksum: checksum(&[&head]),
        checksum: 0,
    };
    segment.checksum = checksum(&[segment.covered()]);
    out.write_all(bytes_of(&segment))?;
    out.write_all(&head)?;
    rows.iter().try_for_each(|row| out.write_all(row.descriptor.sketch().codes))?;
    for column in &columns {
        column.body.iter().try_for_each(|value| out.write_all(value))?;
        padding(out, column.body.iter().map(|value| value.len()).sum())?;
    }
    rows.iter().try_for_each(|row| padded(out, row.descriptor.bytes()))
}

/// Of the sketch, and of sketch and entries.
fn row_checksums(descriptor: &Descriptor) -> [u32; 2] {
    let [sketch, entries] = parts_of(descriptor);
    [checksum(&[sketch]), checksum(&[sketch, entries])]
}

fn entry(row: &Row, at: usize, name_end: usize, [sketch_checksum, checksum]: [u32; 2]) -> Entry {
    let (shape, stamp) = (row.descriptor.shape(), row.stamp.unwrap_or(Stamp { size: 0, mtime_ns: 0 }));
    Entry {
        at: at as u64,
        name_end: name_end as u64,
        squared_norm: shape.squared_norm,
        step: shape.step,
        size: stamp.size,
        mtime_ns: stamp.mtime_ns,
        checksum,
        has_stamp: u16::from(row.stamp.is_some()),
        entries: shape.entries,
        others: shape.others,
        shift: shape.shift,
        bands: shape.bands,
        sketch_checksum,
    }
}

/// All columns: derived data, data that only another version derives, and other data about the rows.
fn columns(rows: &[Arc<Row>]) -> Vec<Filled<'_>> {
    let derived = parallel::map_each(rows, |row| row.descriptor.derived());
    // Column by column instead of row by row.
    let mut parts: Vec<Vec<Cow<[u8]>>> = DerivedPart::all().map(|_| Vec::with_capacity(rows.len())).collect();
    for row in derived {
        parts.iter_mut().zip(row).for_each(|(part, bytes)| part.push(bytes));
    }
    let mut columns: Vec<_> =
        DerivedPart::all().map(DerivedPart::column).zip(parts).map(|(c, body)| Filled::by_row(&c, body)).collect();
    let stored = || rows.iter().map(|row| row.descriptor.stored_columns());
    let others = |column: &Column| {
        let written = DerivedPart::all().any(|part| part.name() == column.name());
        !written && !RETIRED.contains(&column.name())
    };
    for column in Columns::of_all(stored(), others) {
        columns.push(Filled::by_row(&column, stored().map(|row| column.value(row)).collect()));
    }
    let known = || rows.iter().map(|row| &row.columns);
    for column in Columns::of_all(known(), |_| true) {
        let values: Vec<_> = known().map(|row| column.value(row)).collect();
        columns.push(Filled { entry: column_entry(&column, WITH_THE_HEAD), head: values.concat(), body: Vec::new() });
    }
    columns
}

impl<'a> Filled<'a> {
    fn by_row(column: &Column, body: Vec<Cow<'a, [u8]>>) -> Filled<'a> {
        let checksums = parallel::map_each(&body, |value| checksum(&[value]).to_le_bytes());
        Filled { entry: column_entry(column, BY_ROW), head: checksums.concat(), body }
    }
}

fn column_entry(column: &Column, checked: u32) -> ColumnEntry {
    let mut entry = ColumnEntry { name: [0; 24], row_bytes: column.row_bytes() as u32, checked };
    entry.name[..column.name().len()].copy_from_slice(column.name().as_bytes());
    entry
}

/// Writes bytes, padded to a multiple of eight.
fn padded(out: &mut dyn Write, bytes: &[u8]) -> std::io::Result<()> {
    out.write_all(bytes)?;
    padding(out, bytes.len())
}

fn padding(out: &mut dyn Write, len: usize) -> std::io::Result<()> {
    out.write_all(&[0; ALIGNMENT][..aligned(len) - len])
}
