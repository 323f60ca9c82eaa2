//! Half blocks: two pixels in a cell, one above the other, by a character's foreground and background colour. They work
//! everywhere.

use image::RgbImage;

use super::super::answers::Answers;
use super::super::cells::Cells;
use super::super::colours::ColourDepth;
use super::encoded::{EncodeError, Encoded};
use super::protocol::{Delivery, Protocol};

/// The approximate size of a cell: two colours and a character.
const BYTES_OF_A_CELL: usize = 40;
const PIXELS_OF_A_ROW: u32 = 2;

pub struct HalfBlocks;

impl Protocol for HalfBlocks {
    fn name(&self) -> &'static str {
        "half blocks"
    }

    fn word(&self) -> &'static str {
        "halfblocks"
    }

    /// Suits all terminals; the reason why nothing finer is shown.
    fn suits(&self, answers: &Answers, _: bool) -> Option<String> {
        Some(match answers.version.as_deref() {
            None if !answers.complete => "it did not answer".into(),
            None => "it reports no name and lists no sixel".into(),
            Some(version) if answers.is_called("konsole") => {
                format!("{version} has no placeholders, and its sixel is buggy")
            }
            Some(version) if answers.tmux_colours.is_some_and(|colours| colours != ColourDepth::True) => {
                format!("{version} in tmux, which doesn't know its 24-bit colours, and without sixel")
            }
            Some(version) => format!("{version} has neither kitty's placeholders nor sixel"),
        })
    }

    fn encode(&self, image: &RgbImage, _: Cells, delivery: Delivery) -> Result<Encoded, EncodeError> {
        Ok(Encoded::HalfBlocks(delivery.colours.dithered(image.clone())))
    }

    fn are_painted(&self) -> bool {
        false
    }

    fn pixels(&self, _: (u32, u32), cells: Cells, _: bool) -> (u32, u32) {
        (u32::from(cells.width), u32::from(cells.height) * PIXELS_OF_A_ROW)
    }

    fn pixels_of_a_row(&self, _: (u16, u16)) -> u32 {
        PIXELS_OF_A_ROW
    }

    fn bytes_of_a_cell(&self, _: (u16, u16)) -> usize {
        BYTES_OF_A_CELL
    }
}
