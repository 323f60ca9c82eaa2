//! Half blocks: two pixels in a cell, one above the other, by the colours of a character and of what is behind it. They
//! work everywhere.

use super::super::cells::Cells;
use super::super::probe::Answers;

/// About what one takes on the way: two colours and a character.
pub const BYTES_OF_A_CELL: usize = 40;

pub const PIXELS_OF_A_ROW: u32 = 2;

/// Why a terminal that answered so shows nothing finer.
pub fn reason(answers: &Answers) -> String {
    match answers.version.as_deref() {
        None if !answers.complete => "it did not answer".into(),
        None => "it tells no name and lists no sixel".into(),
        Some(version) if answers.is_called("konsole") => {
            format!("{version} has no placeholders, and its sixel is buggy")
        }
        Some(version) => format!("{version} has neither kitty's placeholders nor sixel"),
    }
}

pub fn pixels(cells: Cells) -> (u32, u32) {
    (u32::from(cells.width), u32::from(cells.height) * PIXELS_OF_A_ROW)
}
