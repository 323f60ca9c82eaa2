//! Reads rows from a file's bytes. Everything is checked before use. At the first error, such as a segment not written
//! to its end, reading stops, and the rest is ignored.

use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use super::head::{Head, head};
use super::layout::{
    Entry, Header, Identity, MAGIC, Matching, READABLE, SKETCH_BYTES, VERSION, aligned, parts_of, pod,
};
use super::version3;
use crate::checksum::is_sound;
use crate::dataset::Stamp;
use crate::descriptor::derived::DerivedPart;
use crate::descriptor::{DESCRIPTOR_LEN, Descriptor, FeatureMatrix, Row, RowChecksums};
use crate::error::Result;
use crate::mapped::Mapped;

/// The contents of a file.
#[derive(Debug, PartialEq)]
pub struct Sparse {
    pub matrix: FeatureMatrix,
    /// The number of its rows, including outdated ones: of rows with the same name, only the last counts.
    pub rows: usize,
    pub segments: usize,
    pub model: String,
    /// The matching `features.npz`.
    pub npz: Identity,
    /// Whether the file is undamaged up to its end.
    pub whole: bool,
    /// Whether rows were appended that this `features.npz` lacks.
    pub is_appended: bool,
    /// Whether it has the current version and all of today's derived data; only then can rows be appended.
    pub current: bool,
}

/// When descriptors are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RowCheck {
    Now,
    /// Only if the file has the checksums for it.
    OnFirstUse,
}

/// Reads the file at `path`; None if it is missing or unusable.
pub fn open(path: &Path) -> Option<Sparse> {
    open_checked(path, RowCheck::Now)
}

/// The same without reading descriptors, each of which is checked on first use
/// ([`crate::descriptor::Descriptor::checked_on_use`]). For files larger than memory.
pub fn open_large(path: &Path) -> Option<Sparse> {
    open_checked(path, RowCheck::OnFirstUse)
}

fn open_checked(path: &Path, checked: RowCheck) -> Option<Sparse> {
    if cfg!(target_endian = "big") {
        return None;
    }
    // Opening a pipe would wait for a writer.
    if !path.is_file() {
        return None;
    }
    let file = Arc::new(Mapped::open(path).ok()?);
    // A file cut short meanwhile is unusable.
    read(&file, checked).filter(|_| file.is_whole())
}

/// A file of which only the segment heads were read and checked. Descriptors are checked when asked for.
pub struct ByRow {
    file: Arc<Mapped>,
    /// Each segment, with the number of its first row.
    heads: Vec<(usize, Head)>,
    rows: usize,
}

impl ByRow {
    /// None unless the file exists, has the current version, and all its heads are undamaged.
    pub fn open(path: &Path) -> Option<ByRow> {
        let file = Arc::new(Mapped::open(path).ok()?);
        let (_, _, mut at) = header(&file)?;
        let (mut heads, mut rows) = (Vec::new(), 0);
        while at < file.len() {
            if Matching::at(&file, at, rows).is_some() {
                at += size_of::<Matching>();
                continue;
            }
            let head = head(&file, at)?;
            (at, rows) = (head.end, rows + head.entries.len());
            heads.push((rows - head.entries.len(), head));
        }
        file.seal(at);
        file.is_whole().then_some(ByRow { file, heads, rows })
    }

    /// The number of rows.
    pub fn count(&self) -> usize {
        self.rows
    }

    /// A checksum of all heads. They contain the checksums of the descriptors, so it tells these rows from any others.
    pub fn checksum(&self) -> u32 {
        let checksums: Vec<u32> = self.heads.iter().map(|(_, head)| head.checksum.to_le()).collect();
        crc32fast::hash(bytemuck::cast_slice(&checksums))
    }

    /// The rows: names and other data, but no descriptors, which aren't even read. None for an invalid name.
    pub fn names(&self) -> Option<Vec<Arc<Row>>> {
        let mut rows = Vec::with_capacity(self.rows);
        for (_, head) in &self.heads {
            for (i, name) in head.row_names().enumerate() {
                rows.push(Arc::new(Row { columns: head.known.row(i), ..Row::new(name?, None, Descriptor::default()) }));
            }
        }
        self.file.is_whole().then_some(rows)
    }

    /// The descriptor of a row, by its index in the file. None if it is damaged.
    pub fn descriptor(&self, row: usize) -> Option<Descriptor> {
        let (first, head) = &self.heads[self.heads.partition_point(|(first, _)| *first <= row) - 1];
        descriptor(&self.file, head, row - first, RowCheck::Now)
    }

    /// See `Mapped::check_whole`.
    pub fn check_whole(&self) -> Result<()> {
        self.file.check_whole()
    }
}

/// The header, the model's name, and the offset of the segments. None if damaged.
fn header(file: &Arc<Mapped>) -> Option<(Header, String, usize)> {
    let header: Header = pod(file, 0)?;
    let readable = header.magic == MAGIC && READABLE.contains(&header.version);
    let from = size_of::<Header>();
    let model = file.get(from..from.checked_add(header.model_len as usize)?)?.to_vec();
    let sound = readable && header.descriptor_len == DESCRIPTOR_LEN as u32;
    if !sound || !is_sound(&[header.covered(), &model], header.checksum) {
        return None;
    }
    let at = aligned(from + model.len());
    Some((header, String::from_utf8(model).ok()?, at))
}

fn read(file: &Arc<Mapped>, checked: RowCheck) -> Option<Sparse> {
    let (header, model, mut at) = header(file)?;
    let (mut npz, mut npz_rows) = (header.npz, header.rows);
    let (mut rows, mut segments, mut derived) = (Vec::new(), 0, true);
    loop {
        if let Some(matching) = Matching::at(file, at, rows.len()) {
            (npz, npz_rows) = (matching.npz, matching.rows);
            at += size_of::<Matching>();
        } else if let Some((segment, has_all, end)) = segment(file, at, header.version, checked) {
            rows.extend(segment);
            segments += 1;
            derived &= has_all;
            at = end;
        } else {
            break;
        }
    }
    file.seal(at);
    let is_appended = rows.len() as u64 > npz_rows;
    let whole = at == file.len() && rows.len() as u64 >= npz_rows;
    let current = header.version == VERSION && derived;
    let (count, matrix) = (rows.len(), rows.into_iter().collect());
    Some(Sparse { matrix, rows: count, segments, model, npz, whole, is_appended, current })
}

/// The descriptor of a segment's row `i`; None if damaged.
fn descriptor(file: &Arc<Mapped>, head: &Head, i: usize, checked: RowCheck) -> Option<Descriptor> {
    let entry = &head.entries[i];
    let at = head.descriptors.checked_add(usize::try_from(entry.at).ok()?)?;
    let sketch = head.sketches + i * SKETCH_BYTES;
    // Files from older versions have no checksum of the sketch.
    if checked == RowCheck::OnFirstUse && entry.sketch_checksum != 0 {
        let checksums = RowChecksums { sketch: entry.sketch_checksum, row: entry.checksum };
        return Descriptor::checked_on_use(file, at, sketch, entry.shape(), head.derived.row(i), checksums);
    }
    let descriptor = Descriptor::mapped(file, at, sketch, entry.shape(), head.derived.row(i))?;
    is_sound(&parts_of(&descriptor), entry.checksum).then_some(descriptor)
}

/// The rows of the segment at `at`, whether it has all of today's derived data, and the offset of its end. None if
/// damaged.
fn segment(file: &Arc<Mapped>, at: usize, version: u32, checked: RowCheck) -> Option<(Vec<Row>, bool, usize)> {
    let head = if version == VERSION { head(file, at)? } else { version3::head(file, at)? };
    let named: Vec<_> = head.row_names().zip(&head.entries).collect();
    let row = |(i, (name, entry)): (usize, &(Option<String>, &Entry))| -> Option<Row> {
        let name = name.clone()?;
        let descriptor = descriptor(file, &head, i, checked)?;
        let stamp = Stamp { size: entry.size, mtime_ns: entry.mtime_ns };
        Some(Row { columns: head.known.row(i), ..Row::new(name, (entry.has_stamp != 0).then_some(stamp), descriptor) })
    };
    // By rayon's own loop: with `crate::parallel`, opening took 1.07 of the time.
    let rows = named.par_iter().enumerate().map(row).collect::<Option<Vec<_>>>()?;
    let has_all = DerivedPart::all().all(|part| head.derived.has(&part.column()));
    Some((rows, has_all, head.end))
}
