//! Pictures in the terminal: what is wanted ([`Slot`]), encoding it ([`encode`]), keeping it ([`shelf`]), and when it is
//! sent ([`wire`]).

pub mod encode;
mod heat;
mod iterm2;
mod kitty;
pub mod shared;
pub mod shelf;
mod sixel;
pub mod wire;

use std::path::PathBuf;

use ratatui::layout::Size;
use ratatui_image::protocol::Protocol;
use tempfile::TempPath;

use crate::dataset::Stamp;
use crate::descriptor::POSITIONS;

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
    /// Laid over the picture.
    pub heat: Option<Heat>,
}

/// How hot each of 7 x 7 positions of a picture is, row by row: 255 for the hottest.
pub type Heat = [u8; POSITIONS];

/// Which part of the picture is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// All of it, from the thumbnail.
    Preview,
    /// From the full picture: `zoom` percent of the size at which it fits the room, around a centre in 1/1000 of its
    /// width and height.
    Zoomed { zoom: u16, centre: (u16, u16) },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quality {
    /// Half blocks: small, at once, everywhere.
    Rough,
    /// What the terminal shows best, with some of its pixels or colours left out where bytes count.
    Sharp,
    /// With nothing left out, where [`Quality::Sharp`] leaves something out: sent while the line has nothing to do.
    Fine,
}

impl Quality {
    /// From the worst to the best.
    pub const ALL: [Quality; 3] = [Quality::Rough, Quality::Sharp, Quality::Fine];
}

/// An encoded picture.
pub struct Picture {
    /// From top to bottom; over a line each is small, so that a key never waits behind a large picture.
    pub strips: Vec<Strip>,
    /// The room it takes, in cells.
    pub cells: Size,
    /// Width and height of the whole picture, upright, in pixels.
    pub pixels: (u32, u32),
    /// About what it takes in memory, here or in the terminal, whichever is more.
    pub bytes: usize,
}

/// Some rows of cells of a picture.
pub struct Strip {
    pub protocol: Protocol,
    /// What the terminal is to keep of it before it can be shown (kitty only).
    pub kept: Option<Kept>,
    /// About what drawing it sends.
    pub wire: usize,
}

/// A strip in the terminal's memory.
pub struct Kept {
    /// Our number for it.
    pub id: u32,
    /// What puts it there.
    pub transmission: String,
    /// Holds the pixels until the terminal has read them, where they aren't part of the transmission.
    #[allow(dead_code, reason = "its drop deletes the file")]
    pub file: Option<TempPath>,
}

/// Clears the last column and row of these cells, from the cursor on, which stays: a picture doesn't fill them, and
/// painted pictures don't drive away what was there before. The others it covers; were they cleared, that would blink.
fn edges_cleared(cells: Size) -> String {
    let (last_column, last_row) = (cells.width.saturating_sub(1), cells.height.saturating_sub(1));
    let column = match last_column {
        0 => "\x1b[X\x1b[1B".to_owned(),
        n => format!("\x1b[{n}C\x1b[X\x1b[{n}D\x1b[1B"),
    };
    let back = if last_row > 0 { format!("\x1b[{last_row}A") } else { String::new() };
    column.repeat(last_row.into()) + &format!("\x1b[{}X", cells.width) + &back
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "Picture {:?}", self.pixels)
    }
}

impl Slot {
    pub fn preview(path: PathBuf, stamp: Option<Stamp>, room: Size, cell: (u16, u16)) -> Slot {
        Slot { path, stamp, room, cell, part: Part::Preview, quality: Quality::Rough, heat: None }
    }

    pub fn with(&self, quality: Quality) -> Slot {
        Slot { quality, ..self.clone() }
    }
}
