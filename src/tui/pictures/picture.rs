//! An encoded picture, ready to draw.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect, Size};
use ratatui::widgets::Widget;
use ratatui_image::Image;
use ratatui_image::errors::Errors;
use ratatui_image::protocol::Protocol;
use ratatui_image::protocol::halfblocks::Halfblocks;
use ratatui_image::protocol::kitty::Kitty;
use ratatui_image::protocol::sixel::Sixel;

use image::DynamicImage;

use crate::terminal::Cells;
use crate::terminal::graphics::{Encoded, Kept};

pub struct Picture {
    /// From top to bottom. Over a line each is small, so that a key never waits behind a large picture.
    pub strips: Vec<Strip>,
    /// The room it takes, in cells.
    pub cells: Size,
    /// Width and height of the whole upright picture, in pixels.
    pub pixels: (u32, u32),
    /// Its approximate memory, here or in the terminal, whichever is more.
    pub bytes: usize,
}

/// Some rows of cells of a picture.
pub struct Strip {
    pub protocol: Protocol,
    /// What the terminal must store before it can show the strip (kitty only).
    pub kept: Option<Kept>,
    /// Roughly the bytes that drawing it sends.
    pub wire: usize,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "Picture {:?}", self.pixels)
    }
}

impl Strip {
    /// A strip from an encoded image that covers these cells. `cell_bytes`: the approximate size of a cell of half
    /// blocks.
    pub fn new(encoded: Encoded, cells: Cells, cell_bytes: usize, in_tmux: bool) -> Result<Strip, Errors> {
        let size = Size::new(cells.width, cells.height);
        Ok(match encoded {
            Encoded::Kept(kept) => {
                let protocol = placeholders(kept.id, size, in_tmux)?;
                Strip { protocol, wire: kept.transmission.len(), kept: Some(kept) }
            }
            Encoded::Painted(data) => {
                let wire = data.len();
                // Whatever the bytes are, they are sent where the picture starts.
                Strip { protocol: Protocol::Sixel(Sixel { data, size, is_tmux: in_tmux }), kept: None, wire }
            }
            Encoded::HalfBlocks(image) => {
                let protocol = Protocol::Halfblocks(Halfblocks::new(image.into(), size)?);
                Strip { protocol, kept: None, wire: cells.count() * cell_bytes }
            }
        })
    }
}

/// The text cells that show the picture stored by kitty under `id`.
fn placeholders(id: u32, cells: Size, in_tmux: bool) -> Result<Protocol, Errors> {
    let one_pixel = DynamicImage::new_rgb8(1, 1);
    let protocol = Protocol::Kitty(Kitty::new(one_pixel, cells, id, in_tmux, false)?);
    // Drawing the first cell also sends the picture's one pixel, once: send it nowhere.
    let area = Rect::from((Position::ORIGIN, cells));
    Image::new(&protocol).render(area, &mut Buffer::empty(area));
    Ok(protocol)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::graphics;

    #[test]
    fn text_stands_for_a_picture_that_kitty_keeps() {
        let area = Rect::new(0, 0, 20, 5);
        let mut buffer = Buffer::empty(area);
        Image::new(&placeholders(77, Size::new(20, 5), false).unwrap()).render(area, &mut buffer);
        let text: String = buffer.content().iter().map(|cell| cell.symbol()).collect();
        assert!(text.starts_with('\u{10EEEE}') && !text.contains('\x1b'));
    }

    #[test]
    fn the_same_text_stands_for_it_in_the_scrollback() {
        for id in [77u32, 0x0102_0304, 0x3fff_0001] {
            let (area, [_, red, green, blue]) = (Rect::new(0, 0, 4, 64), id.to_be_bytes());
            let mut buffer = Buffer::empty(area);
            Image::new(&placeholders(id, Size::new(4, 64), false).unwrap()).render(area, &mut buffer);
            for row in 0..64 {
                let line: String = (0..4).map(|x| buffer[(x, row)].symbol()).collect();
                let expected = format!("\x1b[38;2;{red};{green};{blue}m{line}\x1b[39m");
                assert_eq!(graphics::placeholders(id, row, 4), expected, "{id:x} {row}");
            }
        }
    }
}
