//! The interface of a way of showing pictures.

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
    /// We run in tmux: sequences for the terminal need its passthrough.
    pub tmux: bool,
    /// The colours of cells.
    pub colours: ColourDepth,
}

/// A way of showing pictures.
pub trait Protocol: Sync {
    /// Its name for people.
    fn name(&self) -> &'static str;

    /// Its name on the command line.
    fn word(&self) -> &'static str;

    /// Why it suits a terminal with these answers, if it does. `cell_known`: whether a cell's size in pixels is known.
    fn suits(&self, answers: &Answers, cell_known: bool) -> Option<String>;

    /// Encodes an image that covers these cells.
    fn encode(&self, image: &RgbImage, cells: Cells, delivery: Delivery) -> Result<Encoded, EncodeError>;

    /// Whether pictures stay until text is written over them.
    fn are_painted(&self) -> bool;

    /// Width and height in pixels of the image to encode for these cells, of which it covers `shown` pixels.
    fn pixels(&self, shown: (u32, u32), _cells: Cells, _fine: bool) -> (u32, u32) {
        shown
    }

    /// Height in pixels of an image that covers one row of cells of this size.
    fn pixels_of_a_row(&self, cell: (u16, u16)) -> u32 {
        cell.1.into()
    }

    /// Whether pictures that aren't fine leave something out: some pixels of previews, or some colours.
    fn leaves_out(&self, _preview: bool) -> bool {
        false
    }

    /// Whether the terminal scales pictures that aren't fine: in strips, their seams would show.
    fn scales(&self, _fine: bool) -> bool {
        false
    }

    /// The approximate bytes per cell; `cell` is its size in pixels. For photographs, in any of the protocols that send
    /// pixels.
    fn bytes_of_a_cell(&self, cell: (u16, u16)) -> usize {
        usize::from(cell.0) * usize::from(cell.1) * 3 / 5
    }
}
