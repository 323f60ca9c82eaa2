//! Colours as sent, and half blocks where there are none.

use super::colours::ColourDepth;

/// Two pixels in a cell, one above the other; the upper one has the foreground colour.
pub const UPPER: &str = "▀";
pub const LOWER: &str = "▄";
/// The base of the SGR codes for foreground, and for background colours.
pub const FRONT: u8 = 30;
pub const BACK: u8 = 40;

/// A colour as sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Paint {
    #[default]
    Default,
    /// One of the first eight or sixteen, by the codes that all terminals know.
    Basic(u8),
    Numbered(u8),
    True([u8; 3]),
}

impl Paint {
    /// The nearest available one.
    pub fn of(rgb: [u8; 3], colours: ColourDepth) -> Paint {
        match colours {
            ColourDepth::True => Paint::True(rgb),
            ColourDepth::Of256 => Paint::Numbered(colours.nearest(rgb)),
            ColourDepth::Of16 => Paint::Basic(colours.nearest(rgb)),
            ColourDepth::None => Paint::Default,
        }
    }

    /// Appends the codes that set it, each after a semicolon; `base` is [`FRONT`] or [`BACK`].
    pub fn write(self, numbers: &mut String, base: u8) {
        *numbers += &match self {
            Paint::Default => format!(";{}", base + 9),
            Paint::Basic(number @ 0..8) => format!(";{}", base + number),
            Paint::Basic(number) => format!(";{}", base + 60 + number - 8),
            Paint::Numbered(number) => format!(";{};5;{number}", base + 8),
            Paint::True([red, green, blue]) => format!(";{};2;{red};{green};{blue}", base + 8),
        };
    }
}

/// A cell for two pixels of this brightness: without colours, light on dark.
pub fn half_block(upper: u8, lower: u8) -> &'static str {
    match [upper, lower].map(|level| level > 127) {
        [true, true] => "█",
        [true, false] => UPPER,
        [false, true] => LOWER,
        [false, false] => " ",
    }
}
