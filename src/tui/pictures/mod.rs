//! Pictures in the terminal: what is wanted ([`Slot`]), encoding it ([`encode`]), and keeping it ([`shelf`]).

pub mod encode;
pub mod shelf;

use std::path::PathBuf;

use ratatui::layout::Size;
use ratatui_image::protocol::Protocol;

use crate::features::Stamp;

/// A picture at a size, in a part, in a quality: what one place on the screen wants.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Slot {
    pub path: PathBuf,
    /// So that a changed file is shown anew.
    pub stamp: Option<Stamp>,
    /// The room for it, in cells.
    pub room: Size,
    /// A cell's width and height in pixels.
    pub cell: (u16, u16),
    pub part: Part,
    pub quality: Quality,
}

/// Which part of the picture is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// All of it, from the thumbnail.
    Preview,
    /// From the full picture: `zoom` percent of the size at which it fits the room, around a centre in 1/1000 of its
    /// width and height.
    Zoomed { zoom: u16, centre: (u16, u16) },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quality {
    /// Half blocks: small, at once, everywhere.
    Rough,
    /// What the terminal shows best.
    Sharp,
}

/// An encoded picture.
pub struct Picture {
    pub protocol: Protocol,
    /// Width and height of the whole picture, upright, in pixels.
    pub pixels: (u32, u32),
    /// Our number for it in the terminal's memory (kitty only).
    pub id: Option<u32>,
    /// About what it takes in memory.
    pub bytes: usize,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "Picture {:?}", self.pixels)
    }
}

impl Slot {
    pub fn preview(path: PathBuf, stamp: Option<Stamp>, room: Size, cell: (u16, u16)) -> Slot {
        Slot { path, stamp, room, cell, part: Part::Preview, quality: Quality::Rough }
    }

    pub fn with(&self, quality: Quality) -> Slot {
        Slot { quality, ..self.clone() }
    }
}
