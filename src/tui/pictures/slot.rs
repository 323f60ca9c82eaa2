//! A request for a picture, from one place on the screen: its size, section and quality.

use std::path::PathBuf;

use ratatui::layout::Size;

use super::detail::Spot;
use crate::dataset::{PicturePart, Stamp};
use crate::descriptor::POSITIONS;
use crate::duplicates::SharedPart;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Slot {
    pub path: PathBuf,
    /// So that a changed file is shown again.
    pub stamp: Option<Stamp>,
    /// The room for it, in cells.
    pub room: Size,
    /// A cell's width and height in pixels.
    pub cell: (u16, u16),
    pub part: Part,
    pub quality: Quality,
    /// A heat map over the picture.
    pub heat: Option<Heat>,
    /// The part of the picture that the slot treats as the picture.
    pub cut: Option<PicturePart>,
    /// Half blocks only, because text lies over it.
    pub is_coarse: bool,
    /// What the slot shows: the whole picture, or the part that another one shows too.
    pub shared: SharedPart,
    /// Shows the difference from this part of this picture.
    pub against: Option<(PictureFile, SharedPart)>,
}

/// A picture's file, as it was when looked at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PictureFile {
    pub path: PathBuf,
    pub stamp: Option<Stamp>,
}

/// The heat of each of the picture's 7 x 7 positions, row by row; 255 is the hottest.
pub type Heat = [u8; POSITIONS];

/// The section of the picture shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// All of it, from the thumbnail.
    Preview,
    /// From the full picture: `zoom` percent of the size at which it fits the room, around a centre in 1/1000 of its
    /// width and height.
    Zoomed { zoom: u16, centre: (u16, u16) },
    /// From the full picture: the section visible in the room around a centre, where the whole picture takes `whole`
    /// pixels of the screen.
    Scaled { whole: (u32, u32), centre: Spot },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quality {
    /// Half blocks: small, immediate, works everywhere.
    Rough,
    /// The best the terminal can show, with fewer pixels or colours where bytes count.
    Sharp,
    /// Nothing left out, where [`Quality::Sharp`] leaves something out: sent while the line is idle.
    Fine,
}

impl Quality {
    /// From the worst to the best.
    pub const ALL: [Quality; 3] = [Quality::Rough, Quality::Sharp, Quality::Fine];
}

impl Slot {
    pub fn preview(path: PathBuf, stamp: Option<Stamp>, room: Size, cell: (u16, u16)) -> Slot {
        Slot {
            path,
            stamp,
            room,
            cell,
            part: Part::Preview,
            quality: Quality::Rough,
            heat: None,
            cut: None,
            is_coarse: false,
            shared: SharedPart::ALL,
            against: None,
        }
    }

    /// The room for it, in pixels.
    pub fn pixels(&self) -> (u32, u32) {
        let edge = |cells: u16, cell: u16| (u32::from(cells) * u32::from(cell)).max(1);
        (edge(self.room.width, self.cell.0), edge(self.room.height, self.cell.1))
    }

    pub fn with(&self, quality: Quality) -> Slot {
        Slot { quality, ..self.clone() }
    }
}
