//! The ratatui backend: crossterm's, limited to the colours the terminal has. crossterm sends the first sixteen colours
//! as indices into 256, which sixteen-colour terminals misread.

use std::io::{self, Write};

use crossterm::queue;
use crossterm::style::{Attribute, Print, SetAttribute};
use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use ratatui::style::{Color, Modifier};

use crate::terminal::paint::{BACK, FRONT, LOWER, Paint, UPPER, half_block};
use crate::terminal::{ColourDepth, palette, size};

/// Modifiers and their SGR codes.
const MODIFIERS: [(Modifier, &str); 7] = [
    (Modifier::BOLD, ";1"),
    (Modifier::DIM, ";2"),
    (Modifier::ITALIC, ";3"),
    (Modifier::UNDERLINED, ";4"),
    (Modifier::SLOW_BLINK, ";5"),
    (Modifier::REVERSED, ";7"),
    (Modifier::CROSSED_OUT, ";9"),
];
/// The join sign of relational algebra, and a substitute for fonts that may lack it.
const JOIN: &str = "⋈";
const PLAIN_JOIN: &str = "×";

pub struct CellWriter<W: Write> {
    inner: CrosstermBackend<W>,
    pub colours: ColourDepth,
    /// Whether the terminal's fonts are known to have the join sign.
    pub has_join_sign: bool,
}

impl<W: Write> CellWriter<W> {
    pub fn new(writer: W) -> CellWriter<W> {
        CellWriter { inner: CrosstermBackend::new(writer), colours: ColourDepth::default(), has_join_sign: false }
    }
}

impl<W: Write> Write for CellWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Write::flush(&mut self.inner)
    }
}

impl<W: Write> Backend for CellWriter<W> {
    type Error = io::Error;

    fn draw<'a, I: Iterator<Item = (u16, u16, &'a Cell)>>(&mut self, content: I) -> io::Result<()> {
        let mut style = Style::default();
        let mut next = None;
        for (x, y, cell) in content {
            if next != Some((x, y)) {
                queue!(self.inner, crossterm::cursor::MoveTo(x, y))?;
            }
            next = x.checked_add(1).map(|x| (x, y));
            let wanted = Style::of(cell, self.colours);
            let change = style.change_to(wanted);
            if !change.is_empty() {
                queue!(self.inner, Print(change))?;
            }
            style = wanted;
            let symbol = match symbol(cell, self.colours) {
                JOIN if !self.has_join_sign => PLAIN_JOIN,
                symbol => symbol,
            };
            queue!(self.inner, Print(symbol))?;
        }
        queue!(self.inner, SetAttribute(Attribute::Reset))
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.inner.hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.inner.show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        self.inner.get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.inner.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.inner.clear()
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        self.inner.clear_region(clear_type)
    }

    fn size(&self) -> io::Result<Size> {
        let size = size();
        Ok(Size::new(size.width, size.height))
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.inner.window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        Backend::flush(&mut self.inner)
    }
}

/// A cell's style, as sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Style {
    modifiers: Modifier,
    front: Paint,
    back: Paint,
}

impl Style {
    fn of(cell: &Cell, colours: ColourDepth) -> Style {
        let (front, back) = (paint(cell.fg, colours), paint(cell.bg, colours));
        Style { modifiers: cell.modifier, front, back }
    }

    /// The sequence that changes this style into `wanted`.
    fn change_to(self, wanted: Style) -> String {
        let mut before = self;
        let mut numbers = String::new();
        if self.modifiers != wanted.modifiers {
            // Some terminals can only reset certain attributes all together.
            before = Style::default();
            numbers += ";0";
            let set = MODIFIERS.iter().filter(|(modifier, _)| wanted.modifiers.contains(*modifier));
            set.for_each(|(_, number)| numbers += number);
        }
        if before.front != wanted.front {
            wanted.front.write(&mut numbers, FRONT);
        }
        if before.back != wanted.back {
            wanted.back.write(&mut numbers, BACK);
        }
        match numbers.strip_prefix(';') {
            Some(numbers) => format!("\x1b[{numbers}m"),
            None => String::new(),
        }
    }
}

/// The colour as sent.
fn paint(colour: Color, colours: ColourDepth) -> Paint {
    match (colours, colour, number(colour)) {
        (_, Color::Reset, _) | (ColourDepth::None, ..) => Paint::Default,
        (_, Color::Rgb(red, green, blue), _) => Paint::of([red, green, blue], colours),
        (ColourDepth::Of16, _, Some(number @ 0..16)) => Paint::Basic(number),
        (ColourDepth::Of16, _, Some(number)) => Paint::Basic(colours.nearest(palette::rgb(number))),
        (_, _, Some(number)) => Paint::Numbered(number),
        (..) => Paint::Default,
    }
}

/// The index of a named or indexed colour.
pub fn number(colour: Color) -> Option<u8> {
    const NAMED: [Color; 16] = [
        Color::Black,
        Color::Red,
        Color::Green,
        Color::Yellow,
        Color::Blue,
        Color::Magenta,
        Color::Cyan,
        Color::Gray,
        Color::DarkGray,
        Color::LightRed,
        Color::LightGreen,
        Color::LightYellow,
        Color::LightBlue,
        Color::LightMagenta,
        Color::LightCyan,
        Color::White,
    ];
    match colour {
        Color::Indexed(number) => Some(number),
        named => NAMED.iter().position(|colour| *colour == named).map(|number| number as u8),
    }
}

/// The symbol of a cell. Without colours, half blocks become block shapes: light on dark.
fn symbol(cell: &Cell, colours: ColourDepth) -> &str {
    let (Color::Rgb(front, ..), Color::Rgb(back, ..), ColourDepth::None) = (cell.fg, cell.bg, colours) else {
        return cell.symbol();
    };
    let (upper, lower) = match cell.symbol() {
        UPPER => (front, back),
        LOWER => (back, front),
        " " => (back, back),
        other => return other,
    };
    half_block(upper, lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(colours: ColourDepth, cells: &[Cell]) -> String {
        let mut written = Vec::new();
        let mut writer = CellWriter { colours, ..CellWriter::new(&mut written) };
        writer.draw((0..).zip(cells).map(|(x, cell)| (x, 0, cell))).unwrap();
        String::from_utf8(written).unwrap()
    }

    fn cell(symbol: &'static str, front: Color, back: Color, modifiers: Modifier) -> Cell {
        let mut cell = Cell::new(symbol);
        (cell.fg, cell.bg, cell.modifier) = (front, back, modifiers);
        cell
    }

    #[test]
    fn a_sign_that_a_font_may_lack_has_a_plain_one_in_its_place() {
        let sent = |has_join_sign| {
            let mut written = Vec::new();
            let mut writer = CellWriter { has_join_sign, ..CellWriter::new(&mut written) };
            let cell = cell("⋈", Color::Reset, Color::Reset, Modifier::empty());
            writer.draw(std::iter::once((0, 0, &cell))).unwrap();
            String::from_utf8(written).unwrap()
        };
        assert_eq!([true, false].map(sent), ["\x1b[1;1H⋈\x1b[0m", "\x1b[1;1H×\x1b[0m"]);
    }

    #[test]
    fn a_terminal_is_sent_only_the_colours_that_it_has() {
        let (red, blue) = (Color::Rgb(255, 0, 0), Color::Rgb(0, 0, 95));
        let picture = [cell("▀", red, blue, Modifier::empty())];
        assert_eq!(sent(ColourDepth::True, &picture), "\x1b[1;1H\x1b[38;2;255;0;0;48;2;0;0;95m▀\x1b[0m");
        assert_eq!(sent(ColourDepth::Of256, &picture), "\x1b[1;1H\x1b[38;5;196;48;5;17m▀\x1b[0m");
        assert_eq!(sent(ColourDepth::Of16, &picture), "\x1b[1;1H\x1b[91;40m▀\x1b[0m");
        assert_eq!(sent(ColourDepth::None, &picture), "\x1b[1;1H▀\x1b[0m");
        let [black, white] = [0, 255].map(|level| Color::Rgb(level, level, level));
        for (symbol, front, back, drawn) in
            [("▀", black, white, "▄"), ("▄", white, black, "▄"), (" ", white, white, "█"), (" ", black, black, " ")]
        {
            let cell = [cell(symbol, front, back, Modifier::empty())];
            assert_eq!(sent(ColourDepth::None, &cell), format!("\x1b[1;1H{drawn}\x1b[0m"));
        }

        let text = [
            cell("a", Color::Cyan, Color::Reset, Modifier::BOLD),
            cell("b", Color::Cyan, Color::Reset, Modifier::empty()),
            cell("c", Color::DarkGray, Color::Reset, Modifier::empty()),
            cell("d", Color::Reset, Color::Reset, Modifier::empty()),
        ];
        assert_eq!(sent(ColourDepth::Of16, &text), "\x1b[1;1H\x1b[0;1;36ma\x1b[0;36mb\x1b[90mc\x1b[39md\x1b[0m");
        assert_eq!(sent(ColourDepth::Of256, &text[..1]), "\x1b[1;1H\x1b[0;1;38;5;6ma\x1b[0m");
        assert_eq!(sent(ColourDepth::None, &text), "\x1b[1;1H\x1b[0;1ma\x1b[0mbcd\x1b[0m");
    }
}
