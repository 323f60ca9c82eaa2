//! Brings a file up to date without writing it anew.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use bytemuck::bytes_of;

use super::layout::{Identity, Matching};
use super::read::open_large;
use super::write::{SEGMENT_ROWS, append_by};
use crate::descriptor::Row;
use crate::parallel;
use crate::storage::Failure;

/// The most outdated rows in a file, as a fraction (1/n) of its rows.
const MOST_OUTDATED: usize = 8;
/// A file may have twice as many segments as one written anew, and this many more.
const MORE_SEGMENTS: usize = 64;

/// What a file lacks to have exactly certain rows.
#[derive(Debug)]
pub struct Lacking {
    /// The rows to append.
    pub rows: Vec<Arc<Row>>,
    /// The `features.npz` that the file names.
    npz: Identity,
    /// The number of its rows once those are appended, including outdated ones.
    total: usize,
}

/// What the file at `path` lacks to have exactly `rows`. None if it must be written anew: it is missing or damaged, has
/// another version or model, lacks derived data, has rows of other names or many outdated ones, or consists of many
/// small segments.
pub fn lacking(path: &Path, rows: &[Arc<Row>], model: &str) -> Option<Lacking> {
    let file = open_large(path).filter(|file| file.whole && file.current && file.model == model)?;
    let named = rows.iter().filter(|row| file.matrix.get(&row.name).is_some()).count();
    let has_row = parallel::map_each(rows, |row| file.matrix.get(&row.name).is_some_and(|stored| stored == row));
    let lacking: Vec<_> = rows.iter().zip(has_row).filter(|(_, has)| !has).map(|(row, _)| row.clone()).collect();
    let total = file.rows + lacking.len();
    let is_compact = file.segments <= 2 * rows.len() / SEGMENT_ROWS + MORE_SEGMENTS;
    let is_usable = named == file.matrix.len() && total - rows.len() <= rows.len() / MOST_OUTDATED && is_compact;
    is_usable.then_some(Lacking { rows: lacking, npz: file.npz, total })
}

impl Lacking {
    /// For when the rows are appended. Records at the end of the file at `path` that this `features.npz` has all of its
    /// rows, unless the file already names it. If other rows were added meanwhile, the record doesn't fit: the file then
    /// counts as damaged, and is made again.
    pub fn match_npz(&self, path: &Path, npz: Identity) -> Result<(), Failure> {
        if self.npz == npz {
            return Ok(());
        }
        append_by(path, |out| Ok(out.write_all(bytes_of(&Matching::new(npz, self.total)))?))
    }
}
