//! Writes the rows of a [`FeatureMatrix`] as an npz: all threads deflate blocks of rows, which are written in order.
//! The same matrix gives the same bytes, whatever the number of threads.

use std::io::{self, Write};
use std::sync::Arc;

use flate2::write::DeflateEncoder;
use rawzip::{DataDescriptorOutput, ZipArchiveWriter};

use super::arrays::{LEVEL, entry, header, member, text, text_dtype, text_width};
use super::blocks::{END, ROW_BYTES};
use super::columns;
use crate::dataset::Stamp;
use crate::descriptor::{DESCRIPTOR_LEN, FeatureMatrix, Row};
use crate::parallel;
use crate::storage::Failure;

/// Blocks deflated per thread before they are written: enough that no thread waits long for another, with at most 3 MB
/// per thread in memory.
const BLOCKS_AT_ONCE: usize = 4;
/// Writes `matrix` to `writer`, rows sorted by name, `rows_per_block` of them deflated together.
pub fn to_zip(writer: impl Write, matrix: &FeatureMatrix, model: &str, rows_per_block: usize) -> Result<(), Failure> {
    let mut zip = ZipArchiveWriter::new(writer);
    let blocks = rows(&mut zip, matrix.rows(), model, rows_per_block)?;
    table(&mut zip, &blocks)?;
    zip.finish()?.flush()?;
    Ok(())
}

/// Writes all members but `blocks`. Returns each block's first row and first byte.
pub fn rows<W: Write>(
    zip: &mut ZipArchiveWriter<W>,
    rows: &[Arc<Row>],
    model: &str,
    rows_per_block: usize,
) -> Result<Vec<[u64; 2]>, Failure> {
    let n = [rows.len() as u64];
    let names = || rows.iter().map(|r| r.name.as_str());
    let stamps = || rows.iter().map(|r| r.stamp.unwrap_or(Stamp { size: 0, mtime_ns: 0 }));
    let width = text_width(names());
    member(zip, "filenames", &text_dtype(width), &n, |w| names().try_for_each(|name| text(w, name, width)))?;
    member(zip, "sizes", "'<u8'", &n, |w| stamps().try_for_each(|s| w.write_all(&s.size.to_le_bytes())))?;
    member(zip, "mtimes", "'<i8'", &n, |w| stamps().try_for_each(|s| w.write_all(&s.mtime_ns.to_le_bytes())))?;
    let width = text_width([model]);
    member(zip, "model", &text_dtype(width), &[], |w| text(w, model, width))?;
    columns::write(zip, rows)?;
    features(zip, rows, rows_per_block)
}

/// Writes the member `blocks`.
pub fn table<W: Write>(zip: &mut ZipArchiveWriter<W>, blocks: &[[u64; 2]]) -> Result<(), Failure> {
    member(zip, "blocks", "'<u8'", &[blocks.len() as u64, 2], |w| {
        blocks.iter().flatten().try_for_each(|value| w.write_all(&value.to_le_bytes()))
    })
}

/// Writes the descriptors. Returns each block's first row and first byte.
fn features<W: Write>(
    zip: &mut ZipArchiveWriter<W>,
    rows: &[Arc<Row>],
    rows_per_block: usize,
) -> Result<Vec<[u64; 2]>, Failure> {
    let header = header("'<f4'", &[rows.len() as u64, DESCRIPTOR_LEN as u64])?;
    let size = (header.len() + rows.len() * ROW_BYTES) as u64;
    let (mut entry, _) = entry(zip, "features").start()?;
    let header = Deflated::deflate([header.as_slice()])?;
    entry.write_all(&header.bytes)?;
    let mut crc = header.crc;

    let mut blocks = Vec::new();
    for rows in rows.chunks(rows_per_block * BLOCKS_AT_ONCE * rayon::current_num_threads()) {
        let some: Vec<_> = rows.chunks(rows_per_block).collect();
        let deflated = parallel::try_map_each(&some, |rows| Deflated::deflate(rows.iter().map(|row| values(row))));
        for block in deflated? {
            blocks.push([(blocks.len() * rows_per_block) as u64, entry.compressed_bytes()]);
            entry.write_all(&block.bytes)?;
            crc.combine(&block.crc);
        }
    }
    entry.write_all(&END)?;
    entry.finish(DataDescriptorOutput::new(crc.finalize(), size))?;
    Ok(blocks)
}

/// A row's values, little-endian.
fn values(row: &Row) -> Vec<u8> {
    row.descriptor.to_dense().iter().flat_map(|v| v.to_le_bytes()).collect()
}

/// A part of a deflate stream that is independent of the part before it and ends on a whole byte.
struct Deflated {
    bytes: Vec<u8>,
    /// Of the data before compression.
    crc: crc32fast::Hasher,
}

impl Deflated {
    fn deflate(parts: impl IntoIterator<Item = impl AsRef<[u8]>>) -> io::Result<Deflated> {
        let mut encoder = DeflateEncoder::new(Vec::new(), LEVEL);
        let mut crc = crc32fast::Hasher::new();
        for part in parts {
            encoder.write_all(part.as_ref())?;
            crc.update(part.as_ref());
        }
        encoder.flush()?;
        // Taken before the encoder ends the stream, which it does when dropped.
        Ok(Deflated { bytes: std::mem::take(encoder.get_mut()), crc })
    }
}
