//! Pieces: files in the shared folder, each with some of the rows, for tasks to read. Plain `features.simages`.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::shared_file::{DAMAGED, REMEDY, SharedFile, TEMPORARY, patiently, unusable};
use crate::cancel::Cancel;
use crate::checksum::{Sum, Summing};
use crate::descriptor::{Descriptor, FeatureMatrix, Row};
use crate::error::{Error, Result};
use crate::storage::sparse::{self, ByRow, Identity};
use crate::whole_file::WholeFile;

/// The most rows per piece: about 115 MB.
pub const MOST_ROWS: usize = 4096;

/// A file with some of the rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    pub file: SharedFile,
    pub rows: usize,
    /// See [`ByRow::checksum`]: for readers of a few rows, for whom the file's own checksum would take too long. Plans of
    /// earlier versions lack it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heads: Option<u32>,
}

impl Piece {
    /// The file, opened to read single rows, if its names, sizes and checksums are those written.
    fn by_row(&self, shared: &Path) -> Result<ByRow> {
        let path = self.file.place(shared)?;
        patiently(|| {
            let found = path.metadata().map_err(|error| unusable(&path, &error))?;
            let rows = ByRow::open(&path).filter(|rows| {
                let is_same = self.heads.is_none_or(|heads| rows.checksum() == heads);
                found.len() == self.file.size && rows.count() == self.rows && is_same
            });
            rows.ok_or_else(|| damaged(path.clone()))
        })
    }
}

/// Identifies these rows, cut into pieces of `each`.
pub fn digest(matrix: &FeatureMatrix, model: &str, each: usize) -> String {
    matrix.digest(&format!("{model}\n{each}\n"))
}

/// Writes rows into the folder `name` in the shared folder: blocks of `block` rows, in pieces of `each` rows. Keeps
/// complete pieces that exist.
pub fn write(
    shared: &Path,
    name: &str,
    matrix: &FeatureMatrix,
    model: &str,
    block: usize,
    cancel: &Cancel,
    told: &mut dyn FnMut(usize),
) -> Result<Vec<Vec<Piece>>> {
    let folder = shared.join(name);
    std::fs::create_dir_all(&folder).map_err(Error::io(&folder)).map_err(Error::of_store)?;
    let (mut numbers, mut done) = (0.., 0);
    let mut piece = |rows: &[Arc<Row>]| {
        cancel.check()?;
        let number: usize = numbers.next().expect("it has no end");
        let file = piece(shared, format!("{name}/{number:06}.simages"), rows, model)?;
        let written = Piece { file, rows: rows.len(), heads: None };
        let heads = Some(written.by_row(shared)?.checksum());
        done += rows.len();
        told(done);
        Ok(Piece { heads, ..written })
    };
    let mut in_block = |rows: &[Arc<Row>]| rows.chunks(MOST_ROWS).map(&mut piece).collect();
    matrix.rows().chunks(block).map(&mut in_block).collect()
}

fn piece(shared: &Path, path: String, rows: &[Arc<Row>], model: &str) -> Result<SharedFile> {
    let place = shared.join(&path);
    let failed = |failure: crate::storage::Failure| match failure {
        crate::storage::Failure::Torn(error) => error,
        crate::storage::Failure::Io(error) => Error::io(&place)(error).of_store(),
        other => Error::Plan { path: place.clone(), reason: format!("can't be written ({other})") },
    };
    if place.is_file() {
        let mut summing = Summing::new(io::sink());
        sparse::write(&mut summing, rows, model, Identity::default()).map_err(failed)?;
        let Sum { size, crc32 } = summing.sum();
        if Sum::of_file(&place).is_ok_and(|there| there == summing.sum()) {
            return Ok(SharedFile { path, size, crc32 });
        }
        tracing::warn!(piece = %crate::shown::path(&place), "{DAMAGED}; making it again");
    }
    let write = || {
        let mut summing = Summing::new(WholeFile::create(&place, TEMPORARY)?);
        sparse::write(&mut summing, rows, model, Identity::default())?;
        let sum = summing.sum();
        summing.to.replace()?;
        Ok(sum)
    };
    let Sum { size, crc32 } = write().map_err(failed)?;
    Ok(SharedFile { path, size, crc32 })
}

/// The rows of pieces, after checking all of them.
pub fn open(shared: &Path, pieces: &[Piece]) -> Result<FeatureMatrix> {
    let mut matrix = FeatureMatrix::default();
    for piece in pieces {
        let path = piece.file.check(shared)?;
        let rows = sparse::open(&path).filter(|sparse| sparse.whole && sparse.matrix.len() == piece.rows);
        let rows = rows.ok_or_else(|| damaged(path))?;
        matrix.extend(rows.matrix.rows().iter().cloned());
    }
    Ok(matrix)
}

/// The same without descriptors: names and the other facts about pictures.
pub fn names(shared: &Path, pieces: &[Piece]) -> Result<Vec<Arc<Row>>> {
    let mut all = Vec::new();
    for piece in pieces {
        let names = piece.by_row(shared)?.names();
        all.extend(names.map_or_else(|| Err(damaged(piece.file.place(shared)?)), Ok)?);
    }
    Ok(all)
}

/// Reads single rows of pieces by number, checking each; for readers of few rows.
pub struct PiecesByRow<'a> {
    shared: &'a Path,
    /// The number of each piece's first row, and the piece.
    pieces: Vec<(usize, &'a Piece, ByRow)>,
}

impl<'a> PiecesByRow<'a> {
    pub fn new(shared: &'a Path, pieces: impl Iterator<Item = &'a Piece>) -> Result<PiecesByRow<'a>> {
        let mut next = 0;
        let open = |piece: &'a Piece| {
            let rows = piece.by_row(shared)?;
            next += piece.rows;
            Ok((next - piece.rows, piece, rows))
        };
        Ok(PiecesByRow { shared, pieces: pieces.map(open).collect::<Result<_>>()? })
    }

    /// The descriptor of a row, given its number in the order of names.
    pub fn descriptor(&self, row: usize) -> Result<Descriptor> {
        let (first, piece, rows) = &self.pieces[self.pieces.partition_point(|(first, ..)| *first <= row) - 1];
        rows.descriptor(row - first).map_or_else(|| Err(damaged(piece.file.place(self.shared)?)), Ok)
    }

    /// An error if a file was cut short meanwhile.
    pub fn check_whole(&self) -> Result<()> {
        self.pieces.iter().try_for_each(|(.., rows)| rows.check_whole())
    }
}

fn damaged(path: PathBuf) -> Error {
    Error::Plan { path, reason: format!("{DAMAGED}; {REMEDY}") }
}
