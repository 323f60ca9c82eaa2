//! Files as they are written today, by an older and by a later version, damaged, and malicious.

mod columns;
mod damage;
mod large;
mod update;
mod versions;

use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use tempfile::NamedTempFile;

use super::layout::{BY_ROW, ColumnEntry, Entry, FileParts, Header, SEGMENT, SKETCH_BYTES, Segment, aligned, pod};
use super::version3::{DERIVED, Entry3, Segment3};
use super::{Identity, Sparse, append, open, write};
use crate::checksum::checksum;
use crate::dataset::Stamp;
use crate::descriptor::{DESCRIPTOR_LEN, Descriptor, Row};

const NPZ: Identity = Identity { size: 7, mtime_ns: -1, end: 3, unused: 0 };
const MODEL: &str = "the model";

fn row(name: &str, seed: usize) -> Arc<Row> {
    let mut dense = vec![0.0; DESCRIPTOR_LEN];
    (0..30).for_each(|i| dense[(i * 787 + seed) % DESCRIPTOR_LEN] = (i + seed) as f32 / 7.0);
    let stamp = seed.is_multiple_of(2).then_some(Stamp { size: seed as u64, mtime_ns: -5 });
    Arc::new(Row::new(name, stamp, Descriptor::from_dense(&dense).unwrap()))
}

fn bytes(segments: &[&[Arc<Row>]]) -> Vec<u8> {
    let file = NamedTempFile::new().unwrap();
    let (first, more) = segments.split_first().unwrap();
    write(file.as_file(), first, MODEL, NPZ).unwrap();
    more.iter().for_each(|rows| append(file.path(), rows).unwrap());
    std::fs::read(file.path()).unwrap()
}

fn opened(bytes: &[u8]) -> Option<Sparse> {
    Probe::new(bytes).open()
}

/// Two rows, as written today.
static TODAY: LazyLock<Vec<u8>> = LazyLock::new(|| bytes(&[&[row("a", 1), row("b", 2)]]));
/// Two rows, as written by version 3.
static VERSION_3: LazyLock<Vec<u8>> = LazyLock::new(|| std::fs::read(fixture().join("features.simages")).unwrap());

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/version3")
}

/// A file changed in place and opened repeatedly, because creating it takes longest.
struct Probe(NamedTempFile);

impl Probe {
    fn new(bytes: &[u8]) -> Probe {
        let file = NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        Probe(file)
    }

    fn open(&self) -> Option<Sparse> {
        open(self.0.path())
    }

    fn cut(&self, len: usize) {
        self.0.as_file().set_len(len as u64).unwrap();
    }

    fn put(&self, at: usize, bytes: &[u8]) {
        let mut file = self.0.as_file();
        file.seek(SeekFrom::Start(at as u64)).unwrap();
        file.write_all(bytes).unwrap();
    }
}

/// The layout of a file with one segment of two rows.
struct Places {
    segment: usize,
    /// Entries, names and the rest of the head.
    head: usize,
    names: usize,
    sketches: usize,
    /// For each column checked by row: the range of its values, and the offset of each row's checksum.
    derived: Vec<(std::ops::Range<usize>, [usize; 2])>,
    descriptors: usize,
}

const ROWS: usize = 2;

/// Computes the layout from the file's own numbers; None if they lead beyond its end.
fn places(bytes: &[u8]) -> Option<Places> {
    let header: Header = pod(bytes, 0)?;
    let segment = aligned(size_of::<Header>() + header.model_len as usize);
    let mut derived = Vec::new();
    if header.version == 3 {
        let read: Segment3 = pod(bytes, segment)?;
        let mut parts = FileParts { at: segment + size_of::<Segment3>(), len: bytes.len() };
        let head = parts.next(ROWS, size_of::<Entry3>())?;
        let names = parts.next(read.names_len as usize, 1)?;
        let sketches = parts.next(ROWS, SKETCH_BYTES)?;
        for (i, (_, row_bytes)) in DERIVED.into_iter().enumerate() {
            let sum = |row| head + row * size_of::<Entry3>() + std::mem::offset_of!(Entry3, derived) + i * 4;
            let at = parts.next(ROWS, row_bytes)?;
            derived.push((at..at + ROWS * row_bytes, [sum(0), sum(1)]));
        }
        return Some(Places { segment, head, names, sketches, derived, descriptors: parts.at });
    }
    let read: Segment = pod(bytes, segment)?;
    let mut parts = FileParts { at: segment + size_of::<Segment>(), len: bytes.len() };
    let head = parts.next(ROWS, size_of::<Entry>())?;
    let names = parts.next(read.names_len as usize, 1)?;
    let table = parts.next(read.columns as usize, size_of::<ColumnEntry>())?;
    let columns: Vec<ColumnEntry> = bytemuck::pod_collect_to_vec(&bytes[table..parts.at]);
    let mut sums = Vec::new();
    for column in &columns {
        let each = if column.checked == BY_ROW { 4 } else { column.row_bytes as usize };
        sums.push(parts.next(ROWS, each)?);
    }
    let sketches = parts.next(ROWS, SKETCH_BYTES)?;
    for (column, sum) in columns.iter().zip(sums).filter(|(column, _)| column.checked == BY_ROW) {
        let at = parts.next(ROWS, column.row_bytes as usize)?;
        derived.push((at..at + ROWS * column.row_bytes as usize, [sum, sum + 4]));
    }
    Some(Places { segment, head, names, sketches, derived, descriptors: parts.at })
}

/// Corrects the checksums of a file with one segment of two rows, as an attacker would. If its numbers lead beyond its
/// end, corrects only the segment's own.
fn signed(mut bytes: Vec<u8>) -> Vec<u8> {
    let put = |bytes: &mut Vec<u8>, at: usize, sum: u32| bytes[at..at + 4].copy_from_slice(&sum.to_le_bytes());
    let header: Header = pod(&bytes, 0).unwrap();
    let segment = aligned(size_of::<Header>() + header.model_len as usize);
    if let Some(places) = places(&bytes) {
        for (values, sums) in &places.derived {
            let row_bytes = values.len() / ROWS;
            for (row, at) in sums.iter().enumerate() {
                let sum = checksum(&[&bytes[values.start + row * row_bytes..][..row_bytes]]);
                put(&mut bytes, *at, sum);
            }
        }
        for row in 0..ROWS {
            let (at, size, checksum_at) = entry(&bytes, &places, header.version, row);
            let sketch = &bytes[places.sketches + row * SKETCH_BYTES..][..SKETCH_BYTES];
            let begin = places.descriptors.saturating_add(at);
            let entries = bytes.get(begin..begin.saturating_add(size)).unwrap_or_default();
            let sum = checksum(&[sketch, entries]);
            put(&mut bytes, checksum_at, sum);
        }
        let sum = checksum(&[&bytes[places.head..places.sketches]]);
        put(&mut bytes, segment + if header.version == 3 { 32 } else { 40 }, sum);
    }
    let end = segment + if header.version == 3 { 36 } else { 44 };
    let sum = checksum(&[&bytes[segment..end]]);
    put(&mut bytes, end, sum);
    bytes
}

/// For a row: the offset of its entries, their size in bytes, and the offset of its checksum.
fn entry(bytes: &[u8], places: &Places, version: u32, row: usize) -> (usize, usize, usize) {
    let each = if version == 3 { size_of::<Entry3>() } else { size_of::<Entry>() };
    let at = places.head + row * each;
    let read: Entry = match version {
        3 => pod::<Entry3>(bytes, at).unwrap().into(),
        _ => pod(bytes, at).unwrap(),
    };
    (read.at as usize, read.shape().size(), at + std::mem::offset_of!(Entry, checksum))
}

#[test]
fn what_is_written_is_opened_and_later_rows_count() {
    let read = opened(&bytes(&[&[row("b", 1), row("späte/größe.jpg", 2)], &[row("a", 3)], &[row("b", 4)]])).unwrap();
    let matrix = [row("a", 3), row("b", 4), row("späte/größe.jpg", 2)].into_iter().collect();
    let (rows, segments, model) = (4, 3, MODEL.into());
    assert_eq!(read, Sparse { matrix, rows, segments, model, npz: NPZ, whole: true, is_appended: true, current: true });
    let empty = opened(&bytes(&[&[]])).unwrap();
    assert!(empty.whole && empty.matrix.is_empty());
}

#[test]
fn the_records_are_where_they_are_looked_for() {
    for (bytes, version) in [(&*TODAY, 4), (&*VERSION_3, 3)] {
        let places = places(bytes).unwrap();
        assert_eq!(pod::<Header>(bytes, 0).unwrap().version, version);
        assert_eq!(bytes[places.segment..][..8], SEGMENT);
        assert_eq!(places.derived.len(), 5);
        assert!(bytes[places.names..].starts_with(if version == 4 { b"ab" } else { b"grey.pngsub/steps.png" }));
        assert!(signed(bytes.clone()) == *bytes);
    }
}
