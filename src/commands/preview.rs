//! `--preview`: results as pictures in the terminal's scrollback, in the best way the terminal offers.

use std::io::{IsTerminal, stdout};
use std::path::PathBuf;

use clap::Args;
use image::RgbImage;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::options::{GlobalOptions, cache};
use crate::cancel::Cancel;
use crate::dataset::thumbnail;
use crate::dataset::thumbnails::Thumbnails;
use crate::error::{Error, Result};
use crate::page::PagePicture;
use crate::parallel;
use crate::terminal::graphics::{Delivery, EncodeError, Encoded};
use crate::terminal::{
    Cells, Graphics, Inline, InlineRow, ProtocolChoice, Terminal, TerminalChoices, decide, probe, size, tmux,
};
use crate::text::{fit_left, printable};

/// The approximate width of a picture in columns, and the gap between two.
const COLUMN: u16 = 24;
const GAP: u16 = 2;
/// The most lines for a name.
const NAME_LINES: usize = 2;
/// Lines of the terminal left free, so that a row of pictures is visible together with its text.
const LEFT_FREE: u16 = 6;
/// The most that a picture is enlarged beyond its own pixels.
const MAX_ENLARGED: u32 = 4;

#[derive(Debug, Args)]
pub struct PreviewArgs {
    /// Draw the key and the results as pictures in the terminal instead of printing a table; --protocol sets how
    #[arg(long)]
    preview: bool,
}

/// Pictures to draw in the terminal.
#[derive(Debug)]
pub struct Preview {
    choices: TerminalChoices,
    cache: PathBuf,
}

impl PreviewArgs {
    pub fn resolve(self, options: &GlobalOptions) -> Result<Option<Preview>> {
        let choices = options.terminal();
        if !self.preview {
            return Ok(None);
        }
        if !draws() && choices.protocol == ProtocolChoice::Auto {
            let remedy = "use --html FILE for a page, or --protocol halfblocks to draw in any case";
            return Err(Error::Input(format!("--preview needs a terminal that draws, and stdout isn't one: {remedy}")));
        }
        Ok(Some(Preview { choices, cache: cache() }))
    }
}

impl Preview {
    /// Draws the pictures row by row, and leaves the cursor below them.
    pub fn draw(&self, pictures: &[PagePicture], cancel: &Cancel) -> Result<()> {
        let terminal = self.terminal();
        let layout = PreviewLayout::new(size(), &terminal);
        let thumbnails = Thumbnails::new(&self.cache);
        for row in pictures.chunks(layout.across) {
            cancel.check()?;
            let inline = |picture| inline(picture, &layout, &terminal, &thumbnails);
            let pictures = parallel::try_map_each(row, inline)?;
            // Don't draw a picture that was being encoded when the user cancelled.
            cancel.check()?;
            let row = InlineRow { pictures, column: layout.column, colours: terminal.colours };
            row.write(&mut stdout().lock()).map_err(Error::io("stdout"))?;
        }
        thumbnails.prune();
        Ok(())
    }

    /// The terminal, by its own answers; one that isn't asked gets half blocks.
    fn terminal(&self) -> Terminal {
        let answers = if draws() { probe::ask_now().ok() } else { None };
        let in_tmux = tmux::inside();
        let decided = decide(self.choices, &answers.clone().unwrap_or_default(), in_tmux);
        match self.choices.protocol {
            ProtocolChoice::Auto if answers.is_none() || !lasts(decided.graphics, in_tmux) => {
                Terminal { graphics: Graphics::HalfBlocks, ..decided }
            }
            _ => decided,
        }
    }
}

/// Whether stdout is a terminal that does more than print lines.
fn draws() -> bool {
    stdout().is_terminal() && std::env::var("TERM").is_ok_and(|term| term != "dumb")
}

/// Whether pictures scroll with the text: tmux redraws its text, but not painted pictures.
fn lasts(graphics: Graphics, in_tmux: bool) -> bool {
    !in_tmux || !graphics.protocol().are_painted()
}

/// Where pictures are placed.
#[derive(Debug, PartialEq)]
struct PreviewLayout {
    /// Pictures per row.
    across: usize,
    /// Columns per picture, including the gap.
    column: u16,
    /// The room for a picture.
    room: Cells,
}

impl PreviewLayout {
    fn new(size: Cells, terminal: &Terminal) -> PreviewLayout {
        let across = (size.width / COLUMN).max(1);
        let column = (size.width / across).max(1);
        let width = column.saturating_sub(GAP).max(1);
        let (cell_width, cell_height) = terminal.cell;
        // Tall enough for most photographs.
        let pixels = u32::from(width) * u32::from(cell_width) * 3 / 4;
        let height = pixels.div_ceil(u32::from(cell_height).max(1)) as u16;
        let room = Cells::new(width, height.min(size.height.saturating_sub(LEFT_FREE)).max(1));
        PreviewLayout { across: across.into(), column, room }
    }
}

fn inline(
    picture: &PagePicture,
    layout: &PreviewLayout,
    terminal: &Terminal,
    thumbnails: &Thumbnails,
) -> Result<Inline> {
    let width = usize::from(layout.room.width);
    let title = [&picture.label[..], &picture.value].join("  ");
    let mut caption = vec![fit_left(title.trim_end(), width)];
    let name = crate::shown::text(picture.path.file_name().unwrap_or_default());
    caption.extend(in_lines(&name, width, NAME_LINES));
    let seen = match thumbnails.open(&picture.path, picture.stamp) {
        Ok((bitmap, _)) => Some(encoded(&bitmap, layout.room, terminal).map_err(|e| Error::picture(&picture.path, e))?),
        Err(limit @ Error::Limit(_)) => return Err(limit),
        Err(error) => {
            caption.extend(in_lines(&error.beside_its_name(), width, NAME_LINES));
            None
        }
    };
    Ok(Inline { picture: seen, caption })
}

/// The picture encoded for the terminal, and the cells that it covers.
fn encoded(bitmap: &RgbImage, room: Cells, terminal: &Terminal) -> Result<(Encoded, Cells), EncodeError> {
    let (cell_width, cell_height) = (u32::from(terminal.cell.0), u32::from(terminal.cell.1));
    let most =
        |cells: u16, cell: u32, edge: u32| (u32::from(cells) * cell).min(edge.saturating_mul(MAX_ENLARGED)).max(1);
    let (width, height) =
        (most(room.width, cell_width, bitmap.width()), most(room.height, cell_height, bitmap.height()));
    let shown = thumbnail::fitted(bitmap.dimensions(), width, height);
    let cells = Cells::new(shown.0.div_ceil(cell_width) as u16, shown.1.div_ceil(cell_height) as u16);
    let (protocol, fine) = (terminal.graphics.protocol(), !terminal.remote);
    let (width, height) = protocol.pixels(shown, cells, fine);
    let scaled = thumbnail::resize(bitmap, width, height);
    // Don't send a file: it would be deleted before the terminal has read it, as nobody waits for that.
    let delivery = Delivery { fine, reads_files: false, tmux: terminal.tmux, colours: terminal.colours };
    Ok((protocol.encode(&scaled, cells, delivery)?, cells))
}

/// `text`, safe for the terminal, in at most `most` lines; if that isn't enough, its beginning is left out.
fn in_lines(text: &str, width: usize, most: usize) -> Vec<String> {
    let text = printable(text);
    let text = if text.width() > width * most { fit_left(&text, width * most - most + 1) } else { text };
    let mut lines = vec![String::new()];
    let mut used = 0;
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        if used + wide > width && used > 0 {
            lines.push(String::new());
            used = 0;
        }
        used += wide;
        lines.last_mut().expect("there is one").push(c);
    }
    lines.truncate(most);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::ColourDepth;

    #[test]
    fn pictures_fill_the_width_and_leave_lines_for_what_is_said() {
        let terminal = Terminal::default();
        let layout = |width, height| PreviewLayout::new(Cells::new(width, height), &terminal);
        assert_eq!(layout(120, 40), PreviewLayout { across: 5, column: 24, room: Cells::new(22, 9) });
        assert_eq!(layout(80, 24), PreviewLayout { across: 3, column: 26, room: Cells::new(24, 9) });
        assert_eq!(layout(20, 8), PreviewLayout { across: 1, column: 20, room: Cells::new(18, 2) });
        assert_eq!(layout(1, 1), PreviewLayout { across: 1, column: 1, room: Cells::new(1, 1) });
        for width in 1..300 {
            let layout = layout(width, 40);
            assert!(layout.across as u16 * layout.column <= width, "{width}");
        }
    }

    #[test]
    fn names_fit_in_two_lines_and_their_ends_stay() {
        assert_eq!(in_lines("birds_drake.jpg", 20, 2), ["birds_drake.jpg"]);
        assert_eq!(in_lines("birds_drake.jpg", 10, 2), ["birds_drak", "e.jpg"]);
        assert_eq!(in_lines("a_very_long_name_of_a_picture.jpg", 8, 2), ["…_a_pict", "ure.jpg"]);
        assert_eq!(in_lines("日本語の写真.jpg", 5, 2), ["…写真", ".jpg"]);
        assert_eq!(in_lines("a\u{1b}[2J", 20, 2), ["a\\u{1b}[2J"]);
        for width in 1..12 {
            let lines = in_lines("日本語の写真 of birds.jpg", width, 2);
            assert!(lines.len() <= 2 && lines.iter().all(|line| line.width() <= width.max(2)), "{width}: {lines:?}");
        }
    }

    #[test]
    fn what_is_painted_is_not_painted_into_text_that_tmux_draws_anew() {
        assert!(lasts(Graphics::Kitty, true) && lasts(Graphics::HalfBlocks, true) && lasts(Graphics::Sixel, false));
        assert!(!lasts(Graphics::Sixel, true) && !lasts(Graphics::Iterm2, true));
    }

    #[test]
    fn a_picture_fits_its_room_in_every_protocol() {
        let picture = RgbImage::from_pixel(400, 200, image::Rgb([200, 10, 10]));
        for graphics in Graphics::ALL {
            for room in [Cells::new(20, 20), Cells::new(3, 2), Cells::new(1, 1)] {
                let terminal = Terminal { graphics, colours: ColourDepth::Of256, ..Terminal::default() };
                let (_, cells) = encoded(&picture, room, &terminal).unwrap();
                assert!(cells.width <= room.width && cells.height <= room.height, "{graphics:?} {room:?} {cells:?}");
            }
        }
    }
}
