//! `features.simages`: the descriptors as they are used, opened without being read.
//!
//! It lies beside `features.npz`, which is the record; this file can be made from that one at any time, and is whenever
//! there is doubt. While a dataset is being indexed it is ahead: descriptors are appended as they are computed.
//!
//! A header, the model's name, then segments; each is a header, a table, names, sketches one after the other, then what is
//! derived, each part of all rows one after the other ([`derived`]), and entries as [`Descriptor::bytes`]. All numbers are
//! little-endian, all parts begin at a multiple of eight. Of two rows of the same name the later one counts. Everything is
//! checked before it is used; what follows the first thing that is wrong, such as a segment that was not written to its
//! end, does not count. What is derived is checked when it is used, and made again if it is wrong.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use bytemuck::{Pod, Zeroable, bytes_of};
use memmap2::Mmap;
use rayon::prelude::*;

use super::derived::{self, Derived, checksum, is_sound};
use super::{Descriptor, FeatureMatrix, Row, Shape, Stamp, sketch};
use crate::vgg16::DESCRIPTOR_LEN;

pub const FILE: &str = "features.simages";
const MAGIC: [u8; 8] = *b"SIMAGES\n";
const VERSION: u32 = 3;
const SEGMENT: [u8; 8] = *b"segment\n";
const ALIGNMENT: usize = 8;
/// Rows that become a segment at most: what is derived of them is in memory when it is written.
const SEGMENT_ROWS: usize = 1024;

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

/// What was found in a file.
#[derive(Debug, PartialEq)]
pub struct Sparse {
    pub matrix: FeatureMatrix,
    pub model: String,
    /// The `features.npz` that this file goes with.
    pub npz: Identity,
    /// Whether the file is sound up to its end.
    pub whole: bool,
}

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Header {
    magic: [u8; 8],
    version: u32,
    descriptor_len: u32,
    npz: Identity,
    /// Rows of the segments that it began with.
    rows: u64,
    model_len: u32,
    /// Of what comes before, and of the model's name.
    checksum: u32,
}

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Segment {
    magic: [u8; 8],
    rows: u64,
    names_len: u64,
    entries_len: u64,
    /// Of table and names.
    table_checksum: u32,
    /// Of what comes before.
    checksum: u32,
}

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Entry {
    /// Where its descriptor's entries begin among the segment's.
    at: u64,
    /// Where its name ends among the segment's names.
    name_end: u64,
    squared_norm: f64,
    step: f64,
    size: u64,
    mtime_ns: i64,
    /// Of sketch and entries.
    checksum: u32,
    has_stamp: u16,
    entries: u16,
    others: u16,
    shift: u16,
    bands: [u16; sketch::BANDS - 1],
    /// Of what is derived.
    derived: [u32; derived::PARTS],
}

/// Reads the file at `path`; None if there is none, or none that can be used.
pub fn open(path: &Path) -> Option<Sparse> {
    if cfg!(target_endian = "big") {
        return None;
    }
    let file = File::open(path).ok()?;
    // SAFETY: nothing writes to bytes that are in a file already: it is appended to or replaced by another one. Where
    // another program does so all the same, values change; no index is used without being checked.
    #[allow(unsafe_code)]
    let file = unsafe { Mmap::map(&file) }.ok()?;
    read(Arc::new(file))
}

/// Reads a file's bytes.
fn read(file: Arc<Mmap>) -> Option<Sparse> {
    let header: Header = pod(&file, 0)?;
    let sound = header.magic == MAGIC && header.version == VERSION && header.descriptor_len == DESCRIPTOR_LEN as u32;
    let from = size_of::<Header>();
    let model = file.get(from..from.checked_add(header.model_len as usize)?)?;
    let covered = &bytes_of(&header)[..size_of::<Header>() - size_of::<u32>()];
    if !sound || !is_sound(&[covered, model], header.checksum) {
        return None;
    }
    let model = std::str::from_utf8(model).ok()?.to_owned();
    let mut at = aligned(from + header.model_len as usize);
    let mut rows = Vec::new();
    while let Some((segment, end)) = read_segment(&file, at) {
        rows.extend(segment);
        at = end;
    }
    let whole = at == file.len() && rows.len() as u64 >= header.rows;
    Some(Sparse { matrix: rows.into_iter().collect(), model, npz: header.npz, whole })
}

/// The rows of the segment at `at`, and where it ends. None if it is not sound.
fn read_segment(file: &Arc<Mmap>, at: usize) -> Option<(Vec<Row>, usize)> {
    let segment: Segment = pod(file, at)?;
    let covered = &bytes_of(&segment)[..size_of::<Segment>() - size_of::<u32>()];
    if segment.magic != SEGMENT || !is_sound(&[covered], segment.checksum) {
        return None;
    }
    let len = |n: u64| usize::try_from(n).ok();
    let table = at + size_of::<Segment>();
    let names = table.checked_add(len(segment.rows)?.checked_mul(size_of::<Entry>())?)?;
    let sketches = names.checked_add(len(segment.names_len)?)?;
    let derived = sketches.checked_add(len(segment.rows)?.checked_mul(sketch::LEN)?)?;
    let derived_len: usize = derived::LENS.iter().sum();
    let descriptors = derived.checked_add(len(segment.rows)?.checked_mul(derived_len)?)?;
    let end = descriptors.checked_add(len(segment.entries_len)?)?;
    if end > file.len() || !is_sound(&[&file[table..sketches]], segment.table_checksum) {
        return None;
    }
    let entries: &[Entry] = bytemuck::try_cast_slice(&file[table..names]).ok()?;
    let begins = std::iter::once(0).chain(entries.iter().map(|e| e.name_end));
    let named: Vec<_> = begins.zip(entries).collect();
    let row = |(i, (begin, entry)): (usize, &(u64, &Entry))| -> Option<Row> {
        let name = file[names..sketches].get(len(*begin)?..len(entry.name_end)?)?;
        let Entry { squared_norm, step, entries, others, shift, bands, .. } = **entry;
        let shape = Shape { squared_norm, step, entries, others, shift, bands };
        let (at, sketch) = (descriptors.checked_add(len(entry.at)?)?, sketches + i * sketch::LEN);
        let mut begin = derived;
        let parts = derived::LENS.map(|len| {
            let at = begin + i * len;
            begin += named.len() * len;
            at
        });
        let derived = Derived::stored(file, parts, entry.derived);
        let descriptor = Descriptor::mapped(file, at, sketch, shape, derived)?;
        if !is_sound(&parts_of(&descriptor), entry.checksum) {
            return None;
        }
        let stamp = Stamp { size: entry.size, mtime_ns: entry.mtime_ns };
        let name = std::str::from_utf8(name).ok()?.to_owned();
        Some(Row { name, stamp: (entry.has_stamp != 0).then_some(stamp), descriptor })
    };
    let rows = named.par_iter().enumerate().map(row).collect::<Option<Vec<_>>>()?;
    Some((rows, end))
}

/// Writes a whole file.
pub fn write(file: &File, rows: &[Arc<Row>], model: &str, npz: Identity) -> std::io::Result<()> {
    let mut out = BufWriter::new(file);
    let mut header = Header {
        magic: MAGIC,
        version: VERSION,
        descriptor_len: DESCRIPTOR_LEN as u32,
        npz,
        rows: rows.len() as u64,
        model_len: model.len() as u32,
        checksum: 0,
    };
    let covered = &bytes_of(&header)[..size_of::<Header>() - size_of::<u32>()];
    header.checksum = checksum(&[covered, model.as_bytes()]);
    out.write_all(bytes_of(&header))?;
    out.write_all(model.as_bytes())?;
    let padding = aligned(model.len()) - model.len();
    out.write_all(&[0; ALIGNMENT][..padding])?;
    write_segments(&mut out, rows)?;
    out.flush()
}

/// Appends rows to a file that is sound up to its end.
pub fn append(path: &Path, rows: &[Arc<Row>]) -> std::io::Result<()> {
    let file = OpenOptions::new().append(true).open(path)?;
    let before = file.metadata()?.len();
    let mut out = BufWriter::new(&file);
    let written = write_segments(&mut out, rows).and_then(|()| out.flush()).and_then(|()| file.sync_data());
    if written.is_err() {
        // Not to be written when dropped.
        let _ = out.into_parts();
        // Nothing that follows half a segment would count.
        file.set_len(before)?;
    }
    written
}

fn write_segments(out: &mut impl Write, rows: &[Arc<Row>]) -> std::io::Result<()> {
    rows.chunks(SEGMENT_ROWS).try_for_each(|rows| write_segment(out, rows))
}

fn write_segment(out: &mut impl Write, rows: &[Arc<Row>]) -> std::io::Result<()> {
    let checksums: Vec<u32> = rows.par_iter().map(|row| checksum(&parts_of(&row.descriptor))).collect();
    let derived: Vec<_> = rows.par_iter().map(|row| row.descriptor.derived()).collect();
    let (mut table, mut names, mut at) = (Vec::with_capacity(rows.len()), Vec::new(), 0);
    for ((row, sum), derived) in rows.iter().zip(checksums).zip(&derived) {
        names.extend_from_slice(row.name.as_bytes());
        let (shape, stamp) = (row.descriptor.shape(), row.stamp.unwrap_or(Stamp { size: 0, mtime_ns: 0 }));
        table.push(Entry {
            at: at as u64,
            name_end: names.len() as u64,
            squared_norm: shape.squared_norm,
            step: shape.step,
            size: stamp.size,
            mtime_ns: stamp.mtime_ns,
            checksum: sum,
            has_stamp: u16::from(row.stamp.is_some()),
            entries: shape.entries,
            others: shape.others,
            shift: shape.shift,
            bands: shape.bands,
            derived: derived.each_ref().map(|part| checksum(&[part])),
        });
        at = aligned(at + row.descriptor.bytes().len());
    }
    names.resize(aligned(names.len()), 0);
    let table: &[u8] = bytemuck::cast_slice(&table);
    let mut segment = Segment {
        magic: SEGMENT,
        rows: rows.len() as u64,
        names_len: names.len() as u64,
        entries_len: at as u64,
        table_checksum: checksum(&[table, &names]),
        checksum: 0,
    };
    segment.checksum = checksum(&[&bytes_of(&segment)[..size_of::<Segment>() - size_of::<u32>()]]);
    out.write_all(bytes_of(&segment))?;
    out.write_all(table)?;
    out.write_all(&names)?;
    rows.iter().try_for_each(|row| out.write_all(row.descriptor.sketch().codes))?;
    (0..derived::PARTS).try_for_each(|part| derived.iter().try_for_each(|parts| out.write_all(&parts[part])))?;
    for row in rows {
        let bytes = row.descriptor.bytes();
        out.write_all(bytes)?;
        out.write_all(&[0; ALIGNMENT][..aligned(bytes.len()) - bytes.len()])?;
    }
    Ok(())
}

fn pod<T: Pod>(file: &[u8], at: usize) -> Option<T> {
    file.get(at..at.checked_add(size_of::<T>())?).map(bytemuck::pod_read_unaligned)
}

fn aligned(at: usize) -> usize {
    at.next_multiple_of(ALIGNMENT)
}

/// What a row's checksum is of.
fn parts_of(descriptor: &Descriptor) -> [&[u8]; 2] {
    [descriptor.sketch().codes, descriptor.bytes()]
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileExt;
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::features::Pooling;

    const NPZ: Identity = Identity { size: 7, mtime_ns: -1, end: 3, unused: 0 };

    fn row(name: &str, seed: usize) -> Arc<Row> {
        let mut dense = vec![0.0; DESCRIPTOR_LEN];
        (0..30).for_each(|i| dense[(i * 787 + seed) % DESCRIPTOR_LEN] = (i + seed) as f32 / 7.0);
        let stamp = seed.is_multiple_of(2).then_some(Stamp { size: seed as u64, mtime_ns: -5 });
        Arc::new(Row { name: name.into(), stamp, descriptor: Descriptor::from_dense(&dense).unwrap() })
    }

    fn bytes(segments: &[&[Arc<Row>]]) -> Vec<u8> {
        let file = tempfile::NamedTempFile::new().unwrap();
        let (first, more) = segments.split_first().unwrap();
        write(file.as_file(), first, "the model", NPZ).unwrap();
        more.iter().for_each(|rows| append(file.path(), rows).unwrap());
        std::fs::read(file.path()).unwrap()
    }

    fn opened(bytes: &[u8]) -> Option<Sparse> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        open(file.path())
    }

    #[test]
    fn what_is_written_is_opened_and_later_rows_count() {
        let read =
            opened(&bytes(&[&[row("b", 1), row("späte/größe.jpg", 2)], &[row("a", 3)], &[row("b", 4)]])).unwrap();
        let matrix = [row("a", 3), row("b", 4), row("späte/größe.jpg", 2)].into_iter().collect();
        assert_eq!(read, Sparse { matrix, model: "the model".into(), npz: NPZ, whole: true });
        let empty = opened(&bytes(&[&[]])).unwrap();
        assert!(empty.whole && empty.matrix.is_empty());
    }

    #[test]
    fn cut_anywhere_the_segments_before_are_still_there() {
        let (first, second) = ([row("a", 1), row("b", 2)], [row("c", 3)]);
        let (one, two) = (bytes(&[&first]), bytes(&[&first, &second]));
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &two).unwrap();
        for length in (0..two.len()).rev() {
            // Writing it anew each time takes a minute.
            file.as_file().set_len(length as u64).unwrap();
            match open(file.path()) {
                None => assert!(length < one.len()),
                Some(read) => {
                    let expected = if length < one.len() { 0 } else { 2 };
                    assert_eq!(read.matrix.len(), expected, "cut at {length}");
                    assert_eq!(read.whole, length == one.len(), "cut at {length}");
                }
            }
        }
    }

    #[test]
    fn no_flipped_byte_goes_unnoticed() {
        let whole = bytes(&[&[row("a", 1), row("b", 2)]]);
        let original = opened(&whole).unwrap();
        let mut unnoticed = 0;
        let derived = derived_at(&whole);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &whole).unwrap();
        let put = |at: usize, byte: u8| file.as_file().write_all_at(&[byte], at as u64).unwrap();
        for at in (0..whole.len()).filter(|at| !derived.contains(at)) {
            put(at, whole[at] ^ 0x55);
            match open(file.path()) {
                None => {}
                Some(read) if read.whole => {
                    unnoticed += 1;
                    assert!(read == original, "changed unnoticed by byte {at}");
                }
                Some(read) => assert!(read.matrix.is_empty()),
            }
            put(at, whole[at]);
        }
        // Only what fills up between the parts means nothing.
        assert!(unnoticed < 3 * ALIGNMENT, "{unnoticed}");
    }

    /// Where what is derived lies in a file of one segment with two rows.
    fn derived_at(bytes: &[u8]) -> std::ops::Range<usize> {
        let segment = size_of::<Header>() + aligned("the model".len());
        let names_len = pod::<Segment>(bytes, segment).unwrap().names_len as usize;
        let begin = segment + size_of::<Segment>() + 2 * size_of::<Entry>() + names_len + 2 * sketch::LEN;
        begin..begin + 2 * derived::LENS.iter().sum::<usize>()
    }

    #[test]
    fn what_is_derived_is_stored_and_made_again_where_it_is_damaged() {
        let rows = [row("a", 1), row("b", 2)];
        let whole = bytes(&[&rows]);
        let derived = derived_at(&whole);
        let same = |bytes: &[u8], what: &str| {
            let read = opened(bytes).unwrap();
            assert!(read.whole);
            for (read, row) in read.matrix.rows().iter().zip(&rows) {
                for pooling in Pooling::POOLED {
                    assert_eq!(read.descriptor.pooled(pooling), row.descriptor.pooled(pooling), "{pooling}, {what}");
                }
                assert_eq!(read.descriptor.regions().bytes(), row.descriptor.regions().bytes(), "{what}");
                assert_eq!(read.descriptor.derived(), row.descriptor.derived(), "{what}");
            }
        };
        same(&whole, "as written");
        for at in derived.clone().step_by(509) {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x55;
            same(&damaged, &format!("byte {at}"));
        }
        // It is read, not made again, where it is sound: other values of the right checksums count.
        let mut other = whole.clone();
        other[derived.clone()].fill(1);
        let read = opened(&signed(other)).unwrap();
        assert!(read.matrix.rows()[0].descriptor.regions().bytes().iter().all(|code| *code == 1));
    }

    /// Makes the checksums right of a file of one segment, as one who means harm would.
    fn signed(mut bytes: Vec<u8>) -> Vec<u8> {
        let segment = size_of::<Header>() + aligned("the model".len());
        let table = segment + size_of::<Segment>();
        let read: Segment = pod(&bytes, segment).unwrap();
        let names = table + 2 * size_of::<Entry>();
        let sketches = names.saturating_add(read.names_len as usize).min(bytes.len());
        for i in 0..2 {
            let at = table + i * size_of::<Entry>();
            let entry: Entry = pod(&bytes, at).unwrap();
            let size = Shape { entries: entry.entries, others: entry.others, ..Shape::default() }.size();
            let sketch = bytes.get(sketches + i * sketch::LEN..sketches + (i + 1) * sketch::LEN);
            let mut part = sketches + 2 * sketch::LEN;
            let derived = derived::LENS.map(|len| {
                let at = part + i * len;
                part += 2 * len;
                checksum(&[bytes.get(at..at + len).unwrap_or_default()])
            });
            let begin = part.saturating_add(entry.at as usize);
            let entries = bytes.get(begin..begin.saturating_add(size));
            let signed = checksum(&[sketch.unwrap_or_default(), entries.unwrap_or_default()]);
            let entry = Entry { checksum: signed, derived, ..entry };
            bytes[at..][..size_of::<Entry>()].copy_from_slice(bytes_of(&entry));
        }
        let table_checksum = checksum(&[&bytes[table..sketches]]);
        let mut signed = Segment { table_checksum, checksum: 0, ..read };
        signed.checksum = checksum(&[&bytes_of(&signed)[..size_of::<Segment>() - size_of::<u32>()]]);
        bytes[segment..table].copy_from_slice(bytes_of(&signed));
        bytes
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// Whatever numbers and checksums say: none, or descriptors that can be used.
        #[test]
        fn what_is_hostile_is_refused_or_harmless(changes in prop::collection::vec((64usize..400, any::<u8>()), 1..6)) {
            static WHOLE: LazyLock<Vec<u8>> = LazyLock::new(|| bytes(&[&[row("a", 1), row("b", 2)]]));
            let mut bytes = WHOLE.clone();
            changes.iter().for_each(|(at, value)| bytes[*at] = *value);
            let Some(read) = opened(&signed(bytes)) else { return Ok(()) };
            for row in read.matrix.rows() {
                prop_assert_eq!(row.descriptor.to_dense().len(), DESCRIPTOR_LEN);
                prop_assert!(row.descriptor.bands().is_sorted());
                row.descriptor.squared_distance(&read.matrix.rows()[0].descriptor);
                Pooling::POOLED.into_iter().for_each(|pooling| drop(row.descriptor.pooled(pooling).clone()));
                row.descriptor.regions().dot(read.matrix.rows()[0].descriptor.regions());
            }
        }
    }
}
