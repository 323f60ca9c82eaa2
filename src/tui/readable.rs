//! Checks that text is readable on any background, as well as the text of the user's own terminal. Every screen drawn
//! by a test is checked with the palettes of common terminals.

use super::backend::number;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use crate::terminal::palette::XTERM;

/// WCAG's minimum contrast for text. Some palettes have less even for plain text.
const ENOUGH: f64 = 4.5;

struct Palette {
    name: &'static str,
    front: u32,
    back: u32,
    sixteen: [u32; 16],
}

const SOLARIZED: [u32; 16] = [
    0x073642, 0xdc322f, 0x859900, 0xb58900, 0x268bd2, 0xd33682, 0x2aa198, 0xeee8d5, 0x002b36, 0xcb4b16, 0x586e75,
    0x657b83, 0x839496, 0x6c71c4, 0x93a1a1, 0xfdf6e3,
];
const GNOME: [u32; 16] = [
    0x171421, 0xc01c28, 0x26a269, 0xa2734c, 0x12488b, 0xa347ba, 0x2aa1b3, 0xd0cfcc, 0x5e5c64, 0xf66151, 0x33da7a,
    0xe9ad0c, 0x2a7bde, 0xc061cb, 0x33c7de, 0xffffff,
];
const KITTY: [u32; 16] = [
    0x000000, 0xcc0403, 0x19cb00, 0xcecb00, 0x0d73cc, 0xcb1ed1, 0x0dcdcd, 0xdddddd, 0x767676, 0xf2201f, 0x23fd00,
    0xfffd00, 0x1a8fff, 0xfd28ff, 0x14ffff, 0xffffff,
];

fn palettes() -> [Palette; 6] {
    let xterm = XTERM.map(|[red, green, blue]| u32::from_be_bytes([0, red, green, blue]));
    [
        Palette { name: "xterm", front: 0x000000, back: 0xffffff, sixteen: xterm },
        Palette { name: "kitty", front: 0xdddddd, back: 0x000000, sixteen: KITTY },
        Palette { name: "Solarized Dark", front: 0x839496, back: 0x002b36, sixteen: SOLARIZED },
        Palette { name: "Solarized Light", front: 0x657b83, back: 0xfdf6e3, sixteen: SOLARIZED },
        Palette { name: "GNOME dark", front: 0xd0cfcc, back: 0x171421, sixteen: GNOME },
        Palette { name: "GNOME light", front: 0x171421, back: 0xffffff, sixteen: GNOME },
    ]
}

impl Palette {
    fn colour(&self, colour: Color, default: u32) -> u32 {
        match colour {
            Color::Reset => default,
            Color::Rgb(red, green, blue) => u32::from_be_bytes([0, red, green, blue]),
            other => self.sixteen[usize::from(number(other).expect("one of sixteen"))],
        }
    }

    /// Whether a character in these colours is readable enough.
    fn shows(&self, cell: &Cell) -> bool {
        let (front, back) = (self.colour(cell.fg, self.front), self.colour(cell.bg, self.back));
        contrast(front, back) >= contrast(self.front, self.back).min(ENOUGH)
    }
}

/// Contrast by WCAG 2: 1 to 21.
fn contrast(a: u32, b: u32) -> f64 {
    let light = |colour: u32| {
        let [_, red, green, blue] = colour.to_be_bytes().map(|value| {
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05
    };
    let (a, b) = (light(a), light(b));
    a.max(b) / a.min(b)
}

/// Frames, bars and pictures don't count.
fn says_something(cell: &Cell) -> bool {
    let is_dots = |c: char| ('\u{2800}'..='\u{28ff}').contains(&c);
    let is_drawing = |c: char| c.is_whitespace() || ('\u{2500}'..='\u{259f}').contains(&c) || is_dots(c);
    !cell.symbol().chars().all(is_drawing)
}

/// Panics at unreadable text. Dim text always counts as unreadable: terminals decide how dim it is, and some nearly
/// hide it.
pub fn check(buffer: &Buffer) {
    let usual = |cell: &&Cell| (cell.fg, cell.bg, cell.modifier & Modifier::DIM) == Default::default();
    for cell in buffer.content().iter().filter(|cell| says_something(cell) && !usual(cell)) {
        assert!(!cell.modifier.contains(Modifier::DIM), "{:?} is dim", cell.symbol());
        for palette in palettes() {
            let (symbol, front, back) = (cell.symbol(), cell.fg, cell.bg);
            assert!(palette.shows(cell), "{symbol:?} in {front} on {back} can't be read with {}", palette.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(front: Color) -> Buffer {
        let mut buffer = Buffer::empty(ratatui::layout::Rect::new(0, 0, 1, 1));
        buffer[(0, 0)].set_char('a').set_fg(front);
        buffer
    }

    #[test]
    fn contrast_is_what_wcag_says() {
        assert!((contrast(0, 0xffffff) - 21.0).abs() < 1e-9 && (contrast(0x777777, 0xffffff) - 4.48).abs() < 0.01);
        let [.., solarized, _, _] = palettes();
        assert!(contrast(solarized.front, solarized.back) < ENOUGH, "less by itself");
    }

    #[test]
    fn default_text_is_readable_and_none_of_the_sixteen_colours_is_everywhere() {
        check(&text(Color::Reset));
        for colour in [Color::DarkGray, Color::Cyan, Color::Green, Color::Yellow, Color::Red, Color::Magenta] {
            assert!(std::panic::catch_unwind(|| check(&text(colour))).is_err(), "{colour}");
        }
    }
}
