//! Pictures in the scrollback: a row of them side by side, each above lines of text. The screen below the cursor must
//! be empty, as it is for a command's output.

use std::io::{self, Write};

use image::RgbImage;
use unicode_width::UnicodeWidthStr;

use super::cells::Cells;
use super::colours::ColourDepth;
use super::graphics::{Encoded, placeholders};
use super::paint::{BACK, FRONT, Paint, UPPER, half_block};

/// A picture and its caption.
pub struct Inline {
    /// The encoded picture, and the cells that it covers. None: it can't be shown.
    pub picture: Option<(Encoded, Cells)>,
    /// Escaped; no line is wider than the column.
    pub caption: Vec<String>,
}

/// A row of pictures, in columns of this width.
pub struct InlineRow {
    pub pictures: Vec<Inline>,
    pub column: u16,
    pub colours: ColourDepth,
}

impl InlineRow {
    /// Writes the row in one piece, so that stopping between rows leaves nothing half drawn. The cursor ends up below
    /// it, at the start of a line.
    pub fn write(&self, to: &mut dyn Write) -> io::Result<()> {
        let mut sent = String::new();
        self.painted(&mut sent);
        self.lines(&mut sent);
        to.write_all(sent.as_bytes())?;
        to.flush()
    }

    fn height(&self) -> u16 {
        self.pictures.iter().filter_map(|inline| Some(inline.picture.as_ref()?.1.height)).max().unwrap_or(0)
    }

    /// Pictures painted at the cursor. Their lines are created first, because painting must not scroll.
    fn painted(&self, sent: &mut String) {
        let height = self.height();
        let mut painted = (0..).zip(&self.pictures).filter_map(|(at, inline)| match &inline.picture {
            Some((Encoded::Painted(data), cells)) => Some((at * self.column, data, height - cells.height)),
            _ => None,
        });
        let Some(first) = painted.next() else { return };
        *sent += &"\n".repeat(height.into());
        *sent += &format!("\x1b[{height}A");
        for (left, data, above) in std::iter::once(first).chain(painted) {
            let down = if above > 0 { format!("\x1b[{above}B") } else { String::new() };
            // Terminals leave the cursor in different places.
            *sent += &format!("\x1b7{down}\x1b[{}G{data}\x1b8", left + 1);
        }
    }

    /// All the text, line by line.
    fn lines(&self, sent: &mut String) {
        let height = self.height();
        for (_, kept) in self.pictures.iter().filter_map(kept) {
            *sent += kept;
        }
        for y in 0..height {
            self.line(sent, |inline| match &inline.picture {
                Some((encoded, cells)) => {
                    let line =
                        (y + cells.height).checked_sub(height).map(|y| picture_line(encoded, y, *cells, self.colours));
                    line.map_or((String::new(), 0), |line| (line, cells.width.into()))
                }
                None => (String::new(), 0),
            });
        }
        let captions = self.pictures.iter().map(|inline| inline.caption.len()).max().unwrap_or(0);
        for line in 0..captions {
            self.line(sent, |inline| {
                let text = inline.caption.get(line).cloned().unwrap_or_default();
                let width = text.width();
                // The line by which pictures are identified.
                let text = if line == 0 && !text.is_empty() { format!("\x1b[1m{text}\x1b[0m") } else { text };
                (text, width)
            });
        }
        sent.push('\n');
    }

    /// One line: some text for each picture, with its width.
    fn line(&self, sent: &mut String, of: impl Fn(&Inline) -> (String, usize)) {
        let mut missing = 0;
        for inline in &self.pictures {
            let (text, width) = of(inline);
            if !text.is_empty() {
                *sent += &" ".repeat(missing);
                *sent += &text;
                missing = 0;
            }
            missing += usize::from(self.column).saturating_sub(if text.is_empty() { 0 } else { width });
        }
        sent.push('\n');
    }
}

/// What kitty must be sent first, and the picture's id.
fn kept(inline: &Inline) -> Option<(u32, &str)> {
    match &inline.picture {
        Some((Encoded::Kept(kept), _)) => Some((kept.id, &kept.transmission)),
        _ => None,
    }
}

/// Line `y` of the cells that a picture covers. A painted picture is already there, so its cells are skipped.
fn picture_line(encoded: &Encoded, y: u16, cells: Cells, colours: ColourDepth) -> String {
    match encoded {
        Encoded::Kept(kept) => placeholders(kept.id, y, cells.width),
        Encoded::Painted(_) => format!("\x1b[{}C", cells.width),
        Encoded::HalfBlocks(image) => half_blocks(image, y.into(), colours),
    }
}

fn half_blocks(image: &RgbImage, y: u32, colours: ColourDepth) -> String {
    let (mut line, mut before) = (String::new(), None);
    for x in 0..image.width() {
        let [upper, lower] = [2 * y, 2 * y + 1].map(|y| image.get_pixel(x, y.min(image.height() - 1)).0);
        if colours == ColourDepth::None {
            line += half_block(upper[0], lower[0]);
            continue;
        }
        let paint = [upper, lower].map(|rgb| Paint::of(rgb, colours));
        if before != Some(paint) {
            let mut numbers = String::new();
            paint[0].write(&mut numbers, FRONT);
            paint[1].write(&mut numbers, BACK);
            line += &format!("\x1b[{}m", &numbers[1..]);
            before = Some(paint);
        }
        line += UPPER;
    }
    if before.is_some() { line + "\x1b[0m" } else { line }
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;
    use crate::terminal::graphics::{Delivery, Graphics};

    fn picture(graphics: Graphics, cells: Cells, colours: ColourDepth, name: &str) -> Inline {
        let (width, height) =
            graphics.protocol().pixels((u32::from(cells.width) * 10, u32::from(cells.height) * 20), cells, true);
        let image =
            RgbImage::from_fn(width, height, |_, y| if y < height / 2 { Rgb([255; 3]) } else { Rgb([0, 0, 9]) });
        let delivery = Delivery { fine: true, reads_files: false, tmux: false, colours };
        let encoded = graphics.protocol().encode(&image, cells, delivery).unwrap();
        Inline { picture: Some((encoded, cells)), caption: vec![name.to_owned()] }
    }

    fn written(pictures: Vec<Inline>, colours: ColourDepth) -> String {
        let mut to = Vec::new();
        InlineRow { pictures, column: 6, colours }.write(&mut to).unwrap();
        String::from_utf8(to).unwrap()
    }

    /// What stands on a terminal of 30 x 8 afterwards, of which the cursor was in the last line; and the cursor.
    fn shown(sent: &str) -> (String, (u16, u16)) {
        let mut screen = vt100::Parser::new(8, 30, 100);
        screen.process(b"\r\n\n\n\n\n\n$ simages\r\n");
        screen.process(sent.replace('\n', "\r\n").as_bytes());
        (screen.screen().contents(), screen.screen().cursor_position())
    }

    #[test]
    fn half_blocks_stand_on_their_captions_and_the_cursor_below() {
        let none = ColourDepth::None;
        let small = picture(Graphics::HalfBlocks, Cells::new(4, 1), none, "1");
        let large = picture(Graphics::HalfBlocks, Cells::new(2, 2), none, "日本");
        let nothing = Inline { picture: None, caption: vec!["gone".to_owned()] };
        let (text, cursor) = shown(&written(vec![small, nothing, large], none));
        assert!(text.ends_with("$ simages\n            ██\n▀▀▀▀          \n1     gone  日本"), "{text}");
        assert_eq!(cursor, (7, 0));
    }

    #[test]
    fn each_cell_has_the_colours_of_its_two_pixels() {
        let line = |colours| written(vec![picture(Graphics::HalfBlocks, Cells::new(2, 1), colours, "")], colours);
        assert_eq!(line(ColourDepth::True), "\x1b[38;2;255;255;255;48;2;0;0;9m▀▀\x1b[0m\n\n\n");
        assert_eq!(line(ColourDepth::Of256), "\x1b[38;5;231;48;5;16m▀▀\x1b[0m\n\n\n");
        assert_eq!(line(ColourDepth::Of16), "\x1b[97;40m▀▀\x1b[0m\n\n\n");
    }

    #[test]
    fn text_stands_for_what_kitty_keeps_so_that_it_scrolls() {
        let colours = ColourDepth::True;
        let sent = written(vec![picture(Graphics::Kitty, Cells::new(3, 2), colours, "1")], colours);
        assert_eq!((sent.matches("a=T,U=1,c=3,r=2,").count(), sent.matches('\u{10eeee}').count()), (1, 6));
        assert!(sent.find("a=T").unwrap() < sent.find('\u{10eeee}').unwrap());
    }

    #[test]
    fn painted_pictures_have_their_lines_first_and_leave_the_cursor_below() {
        for graphics in [Graphics::Sixel, Graphics::Iterm2] {
            let cells = [Cells::new(4, 3), Cells::new(4, 1)];
            let pictures = cells.map(|cells| picture(graphics, cells, ColourDepth::True, "1")).into();
            let sent = written(pictures, ColourDepth::True);
            assert!(sent.starts_with("\n\n\n\x1b[3A\x1b7\x1b[1G"), "{sent:?}");
            assert_eq!(sent.matches("\x1b8").count(), 2);
            assert!(sent.contains("\x1b7\x1b[2B\x1b[7G"), "{sent:?}");
            assert!(sent.ends_with("\x1b[1m1\x1b[0m     \x1b[1m1\x1b[0m\n\n"), "{sent:?}");
        }
    }
}
