//! `features.npz`: the record of a dataset's descriptors that other programs read too.
//!
//! | member | type | meaning |
//! |---|---|---|
//! | `features` | float32 `[n, 25088]`, C order | descriptor rows, Keras' order height x width x channel |
//! | `filenames` | `<U...` `[n]` | path inside the dataset, `/` between folders |
//! | `sizes`, `mtimes` | uint64, int64 `[n]` | bytes, nanoseconds since 1970: tell a changed picture from a known one |
//! | `model` | `<U...` scalar | weights' SHA-256, preprocessing, version |
//!
//! The last three are ours; a file written by `numpy.savez_compressed(features=..., filenames=...)` loads without.

use std::io::{BufReader, Read, Seek, Write};
use std::path::Path;

use npyz::{DType, NpyFile, NpyHeader, Order, WriteOptions, WriterBuilder};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::{Descriptor, FeatureMatrix, Row, Stamp};
use crate::error::{Error, Result};
use crate::vgg16::DESCRIPTOR_LEN;

const ROW_BYTES: usize = DESCRIPTOR_LEN * size_of::<f32>();
/// Names, sizes and times of a million pictures fit; a file that asks for more is not ours.
const MAX_MEMBER_BYTES: u64 = 1 << 30;
/// Nine values in ten are zero: stronger levels take twice as long for a tenth less.
const DEFLATE_LEVEL: i64 = 3;

/// What a `features.npz` holds.
#[derive(Debug, PartialEq)]
pub struct Stored {
    pub matrix: FeatureMatrix,
    /// None in files we didn't write.
    pub model: Option<String>,
    /// Whether `features.simages` holds the same, so that it need not be made.
    pub prepared: bool,
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Reads the file at `path`. Anything wrong with it is an [`Error::Features`] that says what.
pub fn read(path: &Path) -> Result<Stored> {
    let file = std::fs::File::open(path).map_err(Error::io(path))?;
    read_from(BufReader::new(file)).map_err(|e| Error::Features { path: path.to_owned(), reason: e.to_string() })
}

/// Reads an npz from `reader`.
pub fn read_from(reader: impl Read + Seek) -> Result<Stored, Failure> {
    let mut archive = ZipArchive::new(reader).map_err(|e| format!("not an npz file, or damaged ({e})"))?;
    let names: Vec<String> = required(&mut archive, "filenames")?;
    let sizes: Option<Vec<u64>> = member(&mut archive, "sizes")?;
    let mtimes: Option<Vec<i64>> = member(&mut archive, "mtimes")?;
    let model = member::<String>(&mut archive, "model")?.and_then(|m| m.into_iter().next());
    // All three are ours: one without the others is a damaged directory, not somebody else's file.
    let stamps = match (sizes, mtimes, &model) {
        (Some(sizes), Some(mtimes), Some(_)) if sizes.len() == names.len() && mtimes.len() == names.len() => {
            sizes.into_iter().zip(mtimes).map(|(size, mtime_ns)| Some(Stamp { size, mtime_ns })).collect()
        }
        (None, None, None) => vec![None; names.len()],
        _ => return Err("\"sizes\", \"mtimes\", \"model\" and \"filenames\" don't match".into()),
    };
    let descriptors = features(&mut archive, names.len())?;
    let rows = names.into_iter().zip(stamps).zip(descriptors);
    let matrix = rows.map(|((name, stamp), descriptor)| Row { name, stamp, descriptor }).collect();
    Ok(Stored { matrix, model, prepared: false })
}

fn required<T: npyz::Deserialize>(archive: &mut ZipArchive<impl Read + Seek>, name: &str) -> Result<Vec<T>, Failure> {
    member(archive, name)?.ok_or_else(|| format!("has no member \"{name}\"").into())
}

/// A whole member as a list; None if there is none.
fn member<T: npyz::Deserialize>(
    archive: &mut ZipArchive<impl Read + Seek>,
    name: &str,
) -> Result<Option<Vec<T>>, Failure> {
    let entry = match archive.by_name(&format!("{name}.npy")) {
        Err(zip::result::ZipError::FileNotFound) => return Ok(None),
        entry => entry?,
    };
    let bad = |e: &dyn std::fmt::Display| format!("\"{name}\" can't be read ({e})");
    let mut bytes = Vec::new();
    entry.take(MAX_MEMBER_BYTES).read_to_end(&mut bytes).map_err(|e| bad(&e))?;
    let array = NpyFile::new(bytes.as_slice()).map_err(|e| bad(&e))?;
    if array.len() > bytes.len() as u64 {
        return Err(bad(&"its shape promises more than it holds").into());
    }
    Ok(Some(array.into_vec().map_err(|e| bad(&e))?))
}

/// The descriptors, streamed: the dense matrix is never in memory.
fn features(archive: &mut ZipArchive<impl Read + Seek>, n: usize) -> Result<Vec<Descriptor>, Failure> {
    let mut entry = archive.by_name("features.npy").map_err(|e| format!("has no member \"features\" ({e})"))?;
    let header = NpyHeader::from_reader(&mut entry).map_err(|e| format!("\"features\" can't be read ({e})"))?;
    let float32 = matches!(&header.dtype(), DType::Plain(t) if t.to_string() == "<f4");
    if !float32 || header.order() != Order::C || header.shape() != [n as u64, DESCRIPTOR_LEN as u64] {
        let (dtype, shape) = (header.dtype().descr(), header.shape());
        return Err(format!("\"features\" is {dtype} {shape:?}, expected float32 [{n}, {DESCRIPTOR_LEN}]").into());
    }
    let mut bytes = vec![0; ROW_BYTES];
    let mut dense = vec![0.0; DESCRIPTOR_LEN];
    let mut descriptors = Vec::new();
    for row in 0..n {
        entry.read_exact(&mut bytes).map_err(|e| format!("\"features\" ends in row {row} ({e})"))?;
        for (value, b) in dense.iter_mut().zip(bytes.chunks_exact(4)) {
            *value = f32::from_le_bytes([b[0], b[1], b[2], b[3]]);
        }
        let descriptor = Descriptor::from_dense(&dense);
        descriptors.push(descriptor.ok_or_else(|| format!("row {row} holds values that are not finite"))?);
    }
    // Reading past the end makes the archive check its CRC.
    if entry.read(&mut bytes[..1]).map_err(|e| format!("\"features\" is damaged ({e})"))? != 0 {
        return Err("\"features\" is longer than its shape says".into());
    }
    Ok(descriptors)
}

/// Writes `matrix` to `writer`, rows sorted by name.
pub fn write_to(writer: impl Write + Seek, matrix: &FeatureMatrix, model: &str) -> Result<(), Failure> {
    let rows = matrix.rows();
    let n = [rows.len() as u64];
    let mut zip = ZipWriter::new(writer);
    let stamps = || rows.iter().map(|r| r.stamp.unwrap_or(Stamp { size: 0, mtime_ns: 0 }));

    start(&mut zip, "filenames", &text_dtype(rows.iter().map(|r| r.name.as_str())), &n)?;
    let width = text_width(rows.iter().map(|r| r.name.as_str()));
    rows.iter().try_for_each(|r| write_text(&mut zip, &r.name, width))?;
    start(&mut zip, "sizes", "'<u8'", &n)?;
    stamps().try_for_each(|s| zip.write_all(&s.size.to_le_bytes()))?;
    start(&mut zip, "mtimes", "'<i8'", &n)?;
    stamps().try_for_each(|s| zip.write_all(&s.mtime_ns.to_le_bytes()))?;
    start(&mut zip, "model", &text_dtype([model]), &[])?;
    write_text(&mut zip, model, text_width([model]))?;

    start(&mut zip, "features", "'<f4'", &[n[0], DESCRIPTOR_LEN as u64])?;
    let mut bytes = Vec::with_capacity(ROW_BYTES);
    for row in rows {
        bytes.clear();
        bytes.extend(row.descriptor.to_dense().iter().flat_map(|v| v.to_le_bytes()));
        zip.write_all(&bytes)?;
    }
    zip.finish()?.flush()?;
    Ok(())
}

/// Begins the member `name`: its entry in the archive and its npy header.
fn start(zip: &mut ZipWriter<impl Write + Seek>, name: &str, dtype: &str, shape: &[u64]) -> Result<(), Failure> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(DEFLATE_LEVEL))
        .large_file(true);
    zip.start_file(format!("{name}.npy"), options)?;
    let header = WriteOptions::new_header_only().dtype(DType::parse(dtype)?).shape(shape);
    header.writer(zip).write_header_only()?;
    Ok(())
}

/// numpy's fixed-width text, UTF-32: as wide as the longest, at least 1.
fn text_width<'a>(texts: impl IntoIterator<Item = &'a str>) -> usize {
    texts.into_iter().map(|t| t.chars().count()).max().unwrap_or(0).max(1)
}

fn text_dtype<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    format!("'<U{}'", text_width(texts))
}

fn write_text(writer: &mut impl Write, text: &str, width: usize) -> std::io::Result<()> {
    let padded = text.chars().map(u32::from).chain(std::iter::repeat(0)).take(width);
    let bytes: Vec<u8> = padded.flat_map(u32::to_le_bytes).collect();
    writer.write_all(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn matrix() -> FeatureMatrix {
        let row = |name: &str, seed: usize| {
            let mut dense = vec![0.0; DESCRIPTOR_LEN];
            (0..50).for_each(|i| dense[(i * 487 + seed) % DESCRIPTOR_LEN] = (i + seed) as f32 / 7.0);
            Row {
                name: name.into(),
                stamp: Some(Stamp { size: seed as u64, mtime_ns: -5 }),
                descriptor: Descriptor::from_dense(&dense).unwrap(),
            }
        };
        [row("späte/größe.jpg", 1), row("a.png", 2), row("日本.gif", 3)].into_iter().collect()
    }

    fn written(matrix: &FeatureMatrix) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        write_to(&mut file, matrix, "the model").unwrap();
        file.into_inner()
    }

    #[test]
    fn what_is_written_is_read_back() {
        for matrix in [matrix(), FeatureMatrix::default()] {
            let read = read_from(Cursor::new(written(&matrix))).unwrap();
            assert_eq!(read, Stored { matrix, model: Some("the model".into()), prepared: false });
        }
    }

    #[test]
    fn a_file_cut_anywhere_is_an_error() {
        let whole = written(&matrix());
        for length in (0..whole.len()).step_by(7) {
            assert!(read_from(Cursor::new(&whole[..length])).is_err(), "cut at {length}");
        }
    }

    #[test]
    fn no_flipped_byte_goes_unnoticed() {
        let whole = written(&matrix());
        let original = read_from(Cursor::new(&whole)).unwrap();
        for at in (0..whole.len()).step_by(3) {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x55;
            // Some bytes carry no meaning (times, attributes); then the content must be whole.
            if let Ok(read) = read_from(Cursor::new(damaged)) {
                assert!(read == original, "changed unnoticed by byte {at}");
            }
        }
    }
}
