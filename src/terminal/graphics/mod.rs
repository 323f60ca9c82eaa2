//! The ways of showing pictures, a file for each.
//!
//! To add one, add a file here with a [`Protocol`], and a variant of [`Graphics`].

mod encoded;
mod half_blocks;
mod iterm2;
mod kitty;
mod protocol;
mod sixel;

pub use encoded::{EncodeError, Encoded, Kept};
pub use kitty::{forgotten, placeholders};
pub use protocol::{Delivery, Protocol};

use super::answers::Answers;

/// How pictures are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Graphics {
    Kitty,
    Sixel,
    Iterm2,
    /// Coloured half blocks, which work everywhere.
    #[default]
    HalfBlocks,
}

/// How the user wants pictures to be drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProtocolChoice {
    /// The best that the terminal supports.
    #[default]
    Auto,
    Only(Graphics),
}

impl Graphics {
    /// The better ones first.
    pub const ALL: [Graphics; 4] = [Graphics::Kitty, Graphics::Iterm2, Graphics::Sixel, Graphics::HalfBlocks];

    /// The protocol's implementation.
    pub fn protocol(self) -> &'static dyn Protocol {
        match self {
            Graphics::Kitty => &kitty::Kitty,
            Graphics::Sixel => &sixel::Sixel,
            Graphics::Iterm2 => &iterm2::Iterm2,
            Graphics::HalfBlocks => &half_blocks::HalfBlocks,
        }
    }

    /// The best for a terminal with these answers, and why. `cell_known`: whether a cell's size in pixels is known.
    pub fn choose(answers: &Answers, cell_known: bool) -> (Graphics, String) {
        let suits = |graphics: Graphics| Some((graphics, graphics.protocol().suits(answers, cell_known)?));
        Graphics::ALL.into_iter().find_map(suits).expect("half blocks suit all")
    }
}

impl ProtocolChoice {
    /// In the order of the help, [`ProtocolChoice::Auto`] first.
    pub fn all() -> impl Iterator<Item = ProtocolChoice> {
        let graphics = [Graphics::Kitty, Graphics::Sixel, Graphics::Iterm2, Graphics::HalfBlocks];
        std::iter::once(ProtocolChoice::Auto).chain(graphics.map(ProtocolChoice::Only))
    }

    /// As typed.
    pub fn name(self) -> &'static str {
        match self {
            ProtocolChoice::Auto => "auto",
            ProtocolChoice::Only(graphics) => graphics.protocol().word(),
        }
    }
}
