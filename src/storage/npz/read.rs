//! Reads an npz into the rows of a `FeatureMatrix`: in blocks on all threads if the file has them, else row by row.
//! The dense matrix is never in memory.

use std::io::{self, BufRead, Read};
use std::ops::Range;

use npyz::{DType, Order};
use rawzip::ReaderAt;

use super::blocks::{ROW_BYTES, RowBlock, from_table};
use super::columns;
use super::member::{Archive, Array, Member};
use crate::dataset::Stamp;
use crate::descriptor::{DESCRIPTOR_LEN, Descriptor, Row};
use crate::parallel;
use crate::storage::{Failure, Prepared, Stored};

/// Rows converted to sparse form while as many are inflated: 3 MB, twice.
const ROWS_AT_ONCE: usize = 32;

pub fn from_archive<R: ReaderAt + Sync>(archive: &Archive<R>) -> Result<Stored, Failure> {
    let features = archive.required("features")?.open()?;
    let n = rows_of(&features)?;
    let each = |shape: &[u64]| shape == [n as u64];
    let filenames = archive.required("filenames")?.open()?;
    if !each(filenames.header.shape()) {
        let shape = filenames.header.shape();
        return Err(format!("\"features\" is [{n}, {DESCRIPTOR_LEN}], but \"filenames\" {shape:?}").into());
    }
    let names: Vec<String> = filenames.values(&each)?;
    // All three are ours: one without the others means a damaged directory, not another program's file.
    let (model, stamps) = match (archive.member("sizes"), archive.member("mtimes"), archive.member("model")) {
        (Some(sizes), Some(mtimes), Some(model)) => {
            let sizes: Vec<u64> = sizes.open()?.values(&each)?;
            let mtimes: Vec<i64> = mtimes.open()?.values(&each)?;
            let stamps = sizes.into_iter().zip(mtimes).map(|(size, mtime_ns)| Some(Stamp { size, mtime_ns }));
            (model.open()?.values(&<[u64]>::is_empty)?.pop(), stamps.collect())
        }
        (None, None, None) => (None, vec![None; n]),
        _ => return Err("\"sizes\", \"mtimes\" and \"model\" are not all there".into()),
    };
    // In another program's file, arrays with these names are its own.
    let columns = if model.is_some() { Some(columns::read(archive, n)?) } else { None };
    let descriptors = descriptors(archive, features, n)?;
    let row = |(i, ((name, stamp), descriptor))| {
        let columns = columns.as_ref().map(|table| table.row(i)).unwrap_or_default();
        Row { columns, ..Row::new(name, stamp, descriptor) }
    };
    let matrix = names.into_iter().zip(stamps).zip(descriptors).enumerate().map(row).collect();
    Ok(Stored { matrix, model, prepared: Prepared::No, is_behind: false })
}

/// n, if `features` is float32 `[n, 25088]`.
fn rows_of(features: &Array) -> Result<usize, Failure> {
    let header = &features.header;
    let (dtype, shape) = (header.dtype(), header.shape());
    let float32 = matches!(&dtype, DType::Plain(t) if t.to_string() == "<f4");
    match shape {
        [n, values] if float32 && header.order() == Order::C && *values == DESCRIPTOR_LEN as u64 => {
            usize::try_from(*n).map_err(|_| "\"features\" has more rows than there is memory for".into())
        }
        _ => {
            let order = if header.order() == Order::C { "" } else { " in Fortran order" };
            let n = shape.first().copied().unwrap_or_default();
            let is = format!("{}{order} {shape:?}", dtype.descr());
            Err(format!("\"features\" is {is}, expected float32 [{n}, {DESCRIPTOR_LEN}]").into())
        }
    }
}

fn descriptors<R: ReaderAt + Sync>(
    archive: &Archive<R>,
    features: Array,
    n: usize,
) -> Result<Vec<Descriptor>, Failure> {
    // If anything is wrong with the blocks, reading row by row reports it, or succeeds.
    by_blocks(archive, &features, n).map_or_else(|| one_by_one(features, n), Ok)
}

/// All rows, if the file has blocks that cover them; None if not, or if anything is wrong with them.
pub fn by_blocks<R: ReaderAt + Sync>(archive: &Archive<R>, features: &Array, n: usize) -> Option<Vec<Descriptor>> {
    let member = archive.member("features").filter(Member::is_deflated)?;
    let table = archive.member("blocks")?.open().ok()?;
    let table: Vec<u64> = table.values(&|shape| matches!(shape, [b, 2] if *b <= n as u64)).ok()?;
    all_blocks(&member, &from_table(&table, n, member.stored_bytes())?, features.content.crc())
}

/// Whether the rows are in blocks as we write them; files rewritten by other programs aren't. Checks the first block.
pub fn are_in_blocks<R: ReaderAt + Sync>(archive: &Archive<R>) -> Result<bool, Failure> {
    let n = rows_of(&archive.required("features")?.open()?)?;
    let first = || {
        let member = archive.member("features").filter(Member::is_deflated)?;
        let table: Vec<u64> = archive.member("blocks")?.open().ok()?.values(&|shape| shape.len() == 2).ok()?;
        let blocks = from_table(&table, n, member.stored_bytes())?;
        one_block(&member, blocks.first()?, &mut vec![0.0; DESCRIPTOR_LEN])
    };
    Ok(n == 0 || first().is_some())
}

/// The rows of all blocks, on all threads; `crc` is that of the header before them.
fn all_blocks<R: ReaderAt + Sync>(
    member: &Member<R>,
    blocks: &[RowBlock],
    mut crc: crc32fast::Hasher,
) -> Option<Vec<Descriptor>> {
    let read = |block| one_block(member, block, &mut vec![0.0; DESCRIPTOR_LEN]).ok_or(());
    let read = parallel::try_map_each(blocks, read).ok()?;
    read.iter().for_each(|(_, block)| crc.combine(block));
    (crc.finalize() == member.crc()).then(|| read.into_iter().flat_map(|(descriptors, _)| descriptors).collect())
}

/// A block's rows and the CRC-32 of their values; `dense` is a buffer for a row.
fn one_block<R: ReaderAt + Sync>(
    member: &Member<R>,
    block: &RowBlock,
    dense: &mut [f32],
) -> Option<(Vec<Descriptor>, crc32fast::Hasher)> {
    let mut bytes = member.inflate(block.bytes.clone());
    let mut crc = crc32fast::Hasher::new();
    let mut descriptors = Vec::new();
    for _ in block.rows.clone() {
        read_values(&mut bytes, dense, |bytes| crc.update(bytes)).ok()?;
        descriptors.push(Descriptor::from_dense(dense)?);
    }
    let at_its_end = bytes.read(&mut [0]).ok()? == 0 && bytes.get_mut().fill_buf().ok()?.is_empty();
    at_its_end.then_some((descriptors, crc))
}

/// All rows in order: some are converted to sparse form while the next are inflated.
fn one_by_one(mut features: Array, n: usize) -> Result<Vec<Descriptor>, Failure> {
    let mut descriptors = Vec::new();
    let (mut full, mut next) = (Vec::new(), Vec::new());
    loop {
        let first = descriptors.len();
        let content = &mut features.content;
        let following = first + full.len() / DESCRIPTOR_LEN..n;
        let (read, sparse) = rayon::join(|| read_some(content, following, &mut next), || sparse(&full, first));
        descriptors.extend(sparse?);
        read?;
        if next.is_empty() {
            break;
        }
        std::mem::swap(&mut full, &mut next);
    }
    features.content.finish().map_err(|e| format!("\"features\" can't be read ({e})"))?;
    Ok(descriptors)
}

/// Reads the first of `rows` into `dense`, [`ROWS_AT_ONCE`] or as many as there are.
fn read_some(content: &mut impl Read, rows: Range<usize>, dense: &mut Vec<f32>) -> Result<(), Failure> {
    dense.resize(rows.len().min(ROWS_AT_ONCE) * DESCRIPTOR_LEN, 0.0);
    for (row, values) in rows.zip(dense.chunks_exact_mut(DESCRIPTOR_LEN)) {
        read_values(content, values, |_| ()).map_err(|e| format!("\"features\" can't be read in row {row} ({e})"))?;
    }
    Ok(())
}

fn sparse(dense: &[f32], first: usize) -> Result<Vec<Descriptor>, Failure> {
    Ok(parallel::try_map(dense.len() / DESCRIPTOR_LEN, |row| {
        let values = &dense[row * DESCRIPTOR_LEN..][..DESCRIPTOR_LEN];
        Descriptor::from_dense(values).ok_or_else(|| format!("row {} holds values that are not finite", first + row))
    })?)
}

/// Reads little-endian values into `row` without a copy; passes their bytes to `seen`.
fn read_values(bytes: &mut impl Read, row: &mut [f32], seen: impl FnOnce(&[u8])) -> io::Result<()> {
    debug_assert_eq!(size_of_val(row), ROW_BYTES);
    let raw: &mut [u8] = bytemuck::cast_slice_mut(row);
    bytes.read_exact(raw)?;
    seen(raw);
    if cfg!(target_endian = "big") {
        row.iter_mut().for_each(|v| *v = f32::from_bits(v.to_bits().swap_bytes()));
    }
    Ok(())
}
