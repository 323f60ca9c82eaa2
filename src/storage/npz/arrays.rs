//! Writes arrays as members of an npz, in numpy's format.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::DeflateEncoder;
use npyz::{DType, WriteOptions, WriterBuilder};
use rawzip::time::UtcDateTime;
use rawzip::{CompressionMethod, ZipArchiveWriter, ZipFileBuilder};

use crate::storage::Failure;

/// Nine values in ten are zero: stronger compression takes twice as long for a tenth less.
pub const LEVEL: Compression = Compression::new(3);
/// A zip's earliest time, 1980-01-01. Not the clock's, so that the same matrix gives the same bytes.
const TIME: i64 = 315_532_800;

/// Writes the member `name`; `write` supplies its values.
pub fn member<W: Write>(
    zip: &mut ZipArchiveWriter<W>,
    name: &str,
    dtype: &str,
    shape: &[u64],
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let (mut entry, config) = entry(zip, name).start()?;
    let mut content = config.wrap(DeflateEncoder::new(&mut entry, LEVEL));
    content.write_all(&header(dtype, shape)?)?;
    write(&mut content)?;
    let (encoder, descriptor) = content.finish()?;
    encoder.finish()?;
    entry.finish(descriptor)?;
    Ok(())
}

pub fn entry<'a, 'n, W: Write>(zip: &'a mut ZipArchiveWriter<W>, name: &str) -> ZipFileBuilder<'a, 'n, W> {
    let file = zip.new_file(format!("{name}.npy"));
    file.compression_method(CompressionMethod::DEFLATE).last_modified(UtcDateTime::from_unix(TIME))
}

/// An array's header in numpy's format.
pub fn header(dtype: &str, shape: &[u64]) -> Result<Vec<u8>, Failure> {
    let mut header = Vec::new();
    let options = WriteOptions::new_header_only().dtype(DType::parse(dtype)?).shape(shape);
    options.writer(&mut header).write_header_only()?;
    Ok(header)
}

/// The width of numpy's fixed-width text, UTF-32: that of the longest text, at least 1.
pub fn text_width<'a>(texts: impl IntoIterator<Item = &'a str>) -> usize {
    texts.into_iter().map(|t| t.chars().count()).max().unwrap_or(0).max(1)
}

pub fn text_dtype(width: usize) -> String {
    format!("'<U{width}'")
}

pub fn text(writer: &mut dyn Write, text: &str, width: usize) -> io::Result<()> {
    let padded = text.chars().map(u32::from).chain(std::iter::repeat(0)).take(width);
    let bytes: Vec<u8> = padded.flat_map(u32::to_le_bytes).collect();
    writer.write_all(&bytes)
}
