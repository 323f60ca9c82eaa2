//! `features.npz`: the record of a dataset's descriptors that other programs read too.
//!
//! | member | type | meaning |
//! |---|---|---|
//! | `features` | float32 `[n, 25088]`, C order | descriptor rows, Keras' order height x width x channel |
//! | `filenames` | `<U...` `[n]` | path inside the dataset, `/` between folders |
//! | `sizes`, `mtimes` | uint64, int64 `[n]` | bytes, nanoseconds since 1970: tell a changed picture from a known one |
//! | `model` | `<U...` scalar | weights' SHA-256, preprocessing, version |
//! | `blocks` | uint64 `[b, 2]` | where in `features` a thread may begin to read, see `blocks.rs` |
//! | `columns`, `columns/NAME` | `<U...` `[c]`, uint8 `[n, bytes]` | what else is known of pictures, see `columns.rs` |
//!
//! All but the first two are ours; a file written by `numpy.savez_compressed(features=..., filenames=...)` loads without.
//! Nothing a file says is believed unchecked: on any bytes, reading ends with what was written or with an error.

mod arrays;
mod blocks;
mod columns;
mod member;
mod read;
#[cfg(test)]
mod tests;
mod write;

use std::io::Write;
use std::path::Path;

use rawzip::{RECOMMENDED_BUFFER_SIZE, ReaderAt, ZipArchive};

use super::failure::Failure;
use super::stored::Stored;
use crate::descriptor::FeatureMatrix;
use crate::error::{Error, Result};

/// Reads the file at `path`, on rayon's threads. Anything wrong with it is an [`Error::Features`] that says what.
pub fn read(path: &Path) -> Result<Stored> {
    let file = std::fs::File::open(path).map_err(Error::io(path))?;
    let zip = ZipArchive::from_file(file, &mut vec![0; RECOMMENDED_BUFFER_SIZE]);
    stored(zip).map_err(|e| Error::Features { path: path.to_owned(), reason: e.to_string() })
}

/// Reads an npz that is in memory.
pub fn read_bytes(npz: &[u8]) -> Result<Stored, Failure> {
    stored(ZipArchive::from_slice(npz).map(|zip| zip.into_reader_archive()))
}

fn stored<R: ReaderAt + Sync>(zip: Result<ZipArchive<R>, rawzip::Error>) -> Result<Stored, Failure> {
    read::stored(zip.map_err(|e| format!("not an npz file, or damaged ({e})"))?)
}

/// Writes `matrix` to `writer`, rows sorted by name, deflated on rayon's threads.
pub fn write_to(writer: impl Write, matrix: &FeatureMatrix, model: &str) -> Result<(), Failure> {
    let written = write::stored(writer, matrix, model, blocks::ROWS_PER_BLOCK);
    // Whatever came of writing: zeros in their place must not become rows, and that they are lost is what is wrong.
    matrix.check_whole().map_err(Failure::Torn)?;
    written
}
