//! The ways of showing pictures, a file for each.
//!
//! A way to add is a file here that says which terminals it suits and what they are sent, and a line in each list below.

mod encoded;
mod half_blocks;
mod iterm2;
mod kitty;
mod sixel;

use image::RgbImage;

pub use encoded::{EncodeError, Encoded, Kept};
pub use kitty::forgotten;

use super::cells::Cells;
use super::probe::Answers;

/// How pictures are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Graphics {
    Kitty,
    Sixel,
    Iterm2,
    /// Coloured half characters: works everywhere.
    #[default]
    HalfBlocks,
}

/// What the user wants pictures to be drawn by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProtocolChoice {
    /// The best that the terminal answers to.
    #[default]
    Auto,
    Only(Graphics),
}

/// How an image reaches the terminal.
#[derive(Clone, Copy, Debug)]
pub struct Delivery {
    /// With nothing left out.
    pub fine: bool,
    /// The terminal reads files that we write.
    pub reads_files: bool,
    /// Inside tmux, what is meant for the terminal goes through its passthrough.
    pub tmux: bool,
}

impl Graphics {
    /// The better ones first.
    pub const ALL: [Graphics; 4] = [Graphics::Kitty, Graphics::Iterm2, Graphics::Sixel, Graphics::HalfBlocks];

    /// As a person reads it.
    pub fn name(self) -> &'static str {
        match self {
            Graphics::Kitty => "kitty",
            Graphics::Sixel => "sixel",
            Graphics::Iterm2 => "iTerm2",
            Graphics::HalfBlocks => "half blocks",
        }
    }

    /// As it is typed.
    pub fn word(self) -> &'static str {
        match self {
            Graphics::Kitty => "kitty",
            Graphics::Sixel => "sixel",
            Graphics::Iterm2 => "iterm2",
            Graphics::HalfBlocks => "halfblocks",
        }
    }

    /// Why a terminal that answered so shows pictures like this, if it does. `cell_known`: a cell's size in pixels is.
    fn suits(self, answers: &Answers, cell_known: bool) -> Option<String> {
        match self {
            Graphics::Kitty => kitty::suits(answers),
            Graphics::Sixel => sixel::suits(answers, cell_known),
            Graphics::Iterm2 => iterm2::suits(answers, cell_known),
            Graphics::HalfBlocks => Some(half_blocks::reason(answers)),
        }
    }

    /// What such a terminal shows best, and why.
    pub fn best(answers: &Answers, cell_known: bool) -> (Graphics, String) {
        let suits = |graphics: Graphics| Some((graphics, graphics.suits(answers, cell_known)?));
        Graphics::ALL.into_iter().find_map(suits).expect("half blocks suit all")
    }

    /// Width and height in pixels of an image for these cells, of which it covers `shown` pixels.
    pub fn pixels(self, shown: (u32, u32), cells: Cells, fine: bool) -> (u32, u32) {
        match self {
            Graphics::HalfBlocks => half_blocks::pixels(cells),
            Graphics::Kitty if !fine => kitty::fewer_pixels(shown),
            Graphics::Kitty | Graphics::Sixel | Graphics::Iterm2 => shown,
        }
    }

    /// Height in pixels of an image that covers a row of cells of this size.
    pub fn pixels_of_a_row(self, cell: (u16, u16)) -> u32 {
        match self {
            Graphics::HalfBlocks => half_blocks::PIXELS_OF_A_ROW,
            Graphics::Kitty | Graphics::Sixel | Graphics::Iterm2 => cell.1.into(),
        }
    }

    /// What the terminal is to be sent of an image that covers these cells.
    pub fn encode(self, image: &RgbImage, cells: Cells, delivery: Delivery) -> Result<Encoded, EncodeError> {
        match self {
            Graphics::Kitty => kitty::encode(image, cells, delivery.reads_files, delivery.tmux),
            Graphics::Sixel => sixel::encode(image, cells, delivery.fine, delivery.tmux),
            Graphics::Iterm2 => iterm2::encode(image, cells, delivery.tmux),
            Graphics::HalfBlocks => Ok(Encoded::HalfBlocks),
        }
    }

    /// Whether pictures that aren't fine leave something out: some pixels of previews, or some colours.
    pub fn leaves_out(self, preview: bool) -> bool {
        match self {
            Graphics::Kitty => preview,
            Graphics::Sixel => true,
            Graphics::Iterm2 | Graphics::HalfBlocks => false,
        }
    }

    /// Whether the terminal scales what isn't fine: in strips it would show their seams.
    pub fn scales(self, fine: bool) -> bool {
        self == Graphics::Kitty && !fine
    }

    /// Whether pictures stay where no text is written over them.
    pub fn are_painted(self) -> bool {
        matches!(self, Graphics::Sixel | Graphics::Iterm2)
    }

    /// About what a cell takes on the way, in bytes; `cell` is its size in pixels.
    pub fn bytes_of_a_cell(self, cell: (u16, u16)) -> usize {
        match self {
            Graphics::HalfBlocks => half_blocks::BYTES_OF_A_CELL,
            // Of photographs, in any of these protocols.
            Graphics::Kitty | Graphics::Sixel | Graphics::Iterm2 => usize::from(cell.0) * usize::from(cell.1) * 3 / 5,
        }
    }
}

impl ProtocolChoice {
    /// In the order of the help.
    pub fn all() -> impl Iterator<Item = ProtocolChoice> {
        let graphics = [Graphics::Kitty, Graphics::Sixel, Graphics::Iterm2, Graphics::HalfBlocks];
        std::iter::once(ProtocolChoice::Auto).chain(graphics.map(ProtocolChoice::Only))
    }

    /// As it is typed.
    pub fn name(self) -> &'static str {
        match self {
            ProtocolChoice::Auto => "auto",
            ProtocolChoice::Only(graphics) => graphics.word(),
        }
    }
}
