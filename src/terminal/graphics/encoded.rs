//! An encoded picture.

use std::error::Error;

use image::RgbImage;
use tempfile::TempPath;

use super::super::cells::Cells;

pub enum Encoded {
    /// The terminal stores it, and shows it wherever placeholder characters stand.
    Kept(Kept),
    /// Painted at the cursor when sent.
    Painted(String),
    /// Drawn with characters: two pixels in a cell, one above the other.
    HalfBlocks(RgbImage),
}

/// A picture in the terminal's memory.
pub struct Kept {
    /// Its id, chosen by us.
    pub id: u32,
    /// The sequence that stores it.
    pub transmission: String,
    /// Keeps the file with the pixels until the terminal has read it, unless they are part of the transmission.
    #[allow(dead_code, reason = "its drop deletes the file")]
    pub file: Option<TempPath>,
}

#[derive(Debug, thiserror::Error)]
#[error("can't encode it as {what}: {source}")]
pub struct EncodeError {
    what: &'static str,
    source: Box<dyn Error + Send + Sync>,
}

impl EncodeError {
    /// For `map_err`; `what` is the format that failed.
    pub fn making<E: Into<Box<dyn Error + Send + Sync>>>(what: &'static str) -> impl Fn(E) -> EncodeError {
        move |source| EncodeError { what, source: source.into() }
    }
}

/// Clears the last column and row of these cells; the cursor stays. A picture doesn't fill them, and painting doesn't
/// erase what was there. The other cells are covered; clearing them would flicker.
pub fn edges_cleared(cells: Cells) -> String {
    let (last_column, last_row) = (cells.width.saturating_sub(1), cells.height.saturating_sub(1));
    let column = match last_column {
        0 => "\x1b[X\x1b[1B".to_owned(),
        n => format!("\x1b[{n}C\x1b[X\x1b[{n}D\x1b[1B"),
    };
    let back = if last_row > 0 { format!("\x1b[{last_row}A") } else { String::new() };
    column.repeat(last_row.into()) + &format!("\x1b[{}X", cells.width) + &back
}
