//! A whole npz: read from a path or from memory, and written.

use std::io::Write;
use std::path::Path;

use rawzip::{FileReader, RECOMMENDED_BUFFER_SIZE, ReaderAt, ZipArchive};

use super::blocks::ROWS_PER_BLOCK;
use super::columns;
use super::member::Archive;
use super::read::{are_in_blocks, from_archive};
use super::write::to_zip;
use crate::descriptor::FeatureMatrix;
use crate::error::{Error, Result};
use crate::storage::{Failure, Stored};
use crate::whole_file;

/// Reads the file at `path`, on rayon's threads. Anything wrong with it is an [`Error::Features`] that says what.
pub fn read(path: &Path) -> Result<Stored> {
    stored(open(path)?).map_err(|e| of_file(path, &e))
}

/// Reads all of the file at `path` and compares it with its checksums, without keeping anything.
pub fn check(path: &Path) -> Result<()> {
    archive(open(path)?).and_then(|archive| archive.check()).map_err(|e| of_file(path, &e))
}

/// Whether it is an npz with descriptors, whoever wrote it.
pub fn has_descriptors(path: &Path) -> bool {
    let archive = open(path).ok().and_then(|zip| archive(zip).ok());
    archive.is_some_and(|archive| archive.member("features").is_some() && archive.member("filenames").is_some())
}

fn open(path: &Path) -> Result<Result<ZipArchive<FileReader>, rawzip::Error>> {
    let file = whole_file::open(path).map_err(Error::io(path))?;
    Ok(ZipArchive::from_file(file, &mut vec![0; RECOMMENDED_BUFFER_SIZE]))
}

fn of_file(path: &Path, failure: &Failure) -> Error {
    match failure.limit() {
        Some(limit) => Error::Limit(limit),
        None => Error::Features { path: path.to_owned(), reason: failure.to_string() },
    }
}

fn archive<R: ReaderAt>(zip: Result<ZipArchive<R>, rawzip::Error>) -> Result<Archive<R>, Failure> {
    let damaged = |e: &dyn std::fmt::Display| format!("not an npz file, or damaged ({e})");
    Ok(Archive::open(zip.map_err(|e| damaged(&e))?).map_err(|e| damaged(&e))?)
}

/// Whether we wrote the file at `path`: it says so, and contains nothing that we wouldn't write. An unreadable file
/// isn't ours; an error only if it can't be opened.
pub fn is_ours(path: &Path) -> Result<bool> {
    let archive = archive(open(path)?).ok();
    let is_ours = |archive: &Archive<_>| {
        archive.member("model").is_some()
            && !archive.has_others()
            && columns::are_ours(archive).unwrap_or(false)
            && are_in_blocks(archive).unwrap_or(false)
    };
    Ok(archive.as_ref().is_some_and(is_ours))
}

/// Reads an npz in memory.
pub fn read_bytes(npz: &[u8]) -> Result<Stored, Failure> {
    stored(ZipArchive::from_slice(npz).map(|zip| zip.into_reader_archive()))
}

fn stored<R: ReaderAt + Sync>(zip: Result<ZipArchive<R>, rawzip::Error>) -> Result<Stored, Failure> {
    from_archive(&archive(zip)?)
}

/// Writes `matrix` to `writer`, rows sorted by name, deflated on rayon's threads.
pub fn write_to(writer: impl Write, matrix: &FeatureMatrix, model: &str) -> Result<(), Failure> {
    let written = to_zip(writer, matrix, model, ROWS_PER_BLOCK);
    // Check this first, whatever the result of writing: zeros in place of lost rows must not be stored, and the loss is
    // the error to report.
    matrix.check_whole().map_err(Failure::Torn)?;
    written
}
