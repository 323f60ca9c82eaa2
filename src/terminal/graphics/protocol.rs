//! What a way of showing pictures has to say.

use image::RgbImage;

use super::super::answers::Answers;
use super::super::cells::Cells;
use super::super::colours::ColourDepth;
use super::encoded::{EncodeError, Encoded};

/// How an image reaches the terminal.
#[derive(Clone, Copy, Debug)]
pub struct Delivery {
    /// With nothing left out.
    pub fine: bool,
    /// The terminal reads files that we write.
    pub reads_files: bool,
    /// Inside tmux, what is meant for the terminal goes through its passthrough.
    pub tmux: bool,
    /// Those that cells can have.
    pub colours: ColourDepth,
}

/// A way of showing pictures.
pub trait Protocol: Sync {
    /// As a person reads it.
    fn name(&self) -> &'static str;

    /// As it is typed.
    fn word(&self) -> &'static str;

    /// Why a terminal that answered so shows pictures like this, if it does. `cell_known`: a cell's size in pixels is.
    fn suits(&self, answers: &Answers, cell_known: bool) -> Option<String>;

    /// What the terminal is to be sent of an image that covers these cells.
    fn encode(&self, image: &RgbImage, cells: Cells, delivery: Delivery) -> Result<Encoded, EncodeError>;

    /// Whether pictures stay where no text is written over them.
    fn are_painted(&self) -> bool;

    /// Width and height in pixels of an image for these cells, of which it covers `shown` pixels.
    fn pixels(&self, shown: (u32, u32), _cells: Cells, _fine: bool) -> (u32, u32) {
        shown
    }

    /// Height in pixels of an image that covers a row of cells of this size.
    fn pixels_of_a_row(&self, cell: (u16, u16)) -> u32 {
        cell.1.into()
    }

    /// Whether pictures that aren't fine leave something out: some pixels of previews, or some colours.
    fn leaves_out(&self, _preview: bool) -> bool {
        false
    }

    /// Whether the terminal scales what isn't fine: in strips it would show their seams.
    fn scales(&self, _fine: bool) -> bool {
        false
    }

    /// About what a cell takes on the way, in bytes; `cell` is its size in pixels. Of photographs, in any of the protocols
    /// that send pixels.
    fn bytes_of_a_cell(&self, cell: (u16, u16)) -> usize {
        usize::from(cell.0) * usize::from(cell.1) * 3 / 5
    }
}
