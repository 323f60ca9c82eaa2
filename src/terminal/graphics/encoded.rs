//! What comes of encoding a picture.

use std::error::Error;

use image::RgbImage;
use tempfile::TempPath;

use super::super::cells::Cells;

pub enum Encoded {
    /// The terminal keeps it, and shows it wherever characters stand for it.
    Kept(Kept),
    /// Sent to where the cursor is, it is painted there.
    Painted(String),
    /// It is drawn with characters: two pixels in a cell, one above the other.
    HalfBlocks(RgbImage),
}

/// A picture in the terminal's memory.
pub struct Kept {
    /// Our number for it.
    pub id: u32,
    /// What puts it there.
    pub transmission: String,
    /// Holds the pixels until the terminal has read them, where they aren't part of the transmission.
    #[allow(dead_code, reason = "its drop deletes the file")]
    pub file: Option<TempPath>,
}

#[derive(Debug, thiserror::Error)]
#[error("can't be made {what}: {source}")]
pub struct EncodeError {
    what: &'static str,
    source: Box<dyn Error + Send + Sync>,
}

impl EncodeError {
    /// For `map_err`; `what` is what it can't be made.
    pub fn making<E: Into<Box<dyn Error + Send + Sync>>>(what: &'static str) -> impl Fn(E) -> EncodeError {
        move |source| EncodeError { what, source: source.into() }
    }
}

/// Clears the last column and row of these cells, from the cursor on, which stays: a picture doesn't fill them, and
/// painted pictures don't drive away what was there before. The others it covers; were they cleared, that would blink.
pub fn edges_cleared(cells: Cells) -> String {
    let (last_column, last_row) = (cells.width.saturating_sub(1), cells.height.saturating_sub(1));
    let column = match last_column {
        0 => "\x1b[X\x1b[1B".to_owned(),
        n => format!("\x1b[{n}C\x1b[X\x1b[{n}D\x1b[1B"),
    };
    let back = if last_row > 0 { format!("\x1b[{last_row}A") } else { String::new() };
    column.repeat(last_row.into()) + &format!("\x1b[{}X", cells.width) + &back
}
