//! Which colours the terminal has. One that is sent more than it has takes the numbers one by one: as blinking, underlined,
//! reversed.

use image::imageops::{ColorMap, dither};
use image::{Rgb, RgbImage};

use super::gnu_screen;
use super::palette;
use super::probe::Answers;

/// Colours that a terminal has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Colours {
    /// Any, of 24 bits.
    #[default]
    True,
    /// Those of xterm: sixteen of the user's, a cube and greys.
    Of256,
    /// Those of the user only.
    Of16,
    None,
}

/// What the user says of colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColoursChoice {
    /// As the terminal answers, or as is known of it.
    #[default]
    Auto,
    Only(Colours),
}

impl Colours {
    /// The more the better.
    pub const ALL: [Colours; 4] = [Colours::True, Colours::Of256, Colours::Of16, Colours::None];

    /// As it is typed.
    pub fn word(self) -> &'static str {
        match self {
            Colours::True => "16m",
            Colours::Of256 => "256",
            Colours::Of16 => "16",
            Colours::None => "none",
        }
    }

    /// `image` in colours that there are, each pixel's error spread over those beside it.
    pub fn dithered(self, mut image: RgbImage) -> RgbImage {
        if self != Colours::True {
            dither(&mut image, &self);
        }
        image
    }

    /// The number of the nearest of the colours that there are.
    pub fn nearest(self, rgb: [u8; 3]) -> u8 {
        match self {
            Colours::True | Colours::Of256 => palette::nearest_of_256(rgb),
            Colours::Of16 => palette::nearest(rgb, &palette::XTERM),
            Colours::None => palette::nearest(rgb, &palette::BLACK_AND_WHITE) * palette::WHITE,
        }
    }
}

impl ColorMap for Colours {
    type Color = Rgb<u8>;

    fn index_of(&self, colour: &Rgb<u8>) -> usize {
        self.nearest(colour.0).into()
    }

    fn map_color(&self, colour: &mut Rgb<u8>) {
        *colour = Rgb(palette::rgb(self.nearest(colour.0)));
    }
}

impl ColoursChoice {
    pub fn all() -> impl Iterator<Item = ColoursChoice> {
        std::iter::once(ColoursChoice::Auto).chain(Colours::ALL.map(ColoursChoice::Only))
    }

    /// As it is typed.
    pub fn name(self) -> &'static str {
        match self {
            ColoursChoice::Auto => "auto",
            ColoursChoice::Only(colours) => colours.word(),
        }
    }

    /// What there is, and why that is thought.
    pub fn choose(self, answers: &Answers) -> (Colours, String) {
        match self {
            ColoursChoice::Only(colours) => (colours, "--colors".into()),
            ColoursChoice::Auto => {
                let variable = |name| std::env::var(name).unwrap_or_default();
                let (term, colorterm) = (variable("TERM"), variable("COLORTERM"));
                ColourSigns { answers, term: &term, colorterm: &colorterm, in_screen: gnu_screen::inside() }.colours()
            }
        }
    }
}

/// By these names terminals tell (XTVERSION) that have colours of 24 bits.
const NAMES: [&str; 12] = [
    "kitty",
    "ghostty",
    "wezterm",
    "iterm2",
    "konsole",
    "foot",
    "mintty",
    "rio",
    "contour",
    "vte",
    "alacritty",
    "windows terminal",
];
/// TERM of such ones, which crosses SSH.
const TERMS: [&str; 8] =
    ["xterm-kitty", "xterm-ghostty", "ghostty", "wezterm", "foot", "alacritty", "contour", "iterm2"];

/// What colours are told from.
struct ColourSigns<'a> {
    answers: &'a Answers,
    term: &'a str,
    colorterm: &'a str,
    in_screen: bool,
}

impl ColourSigns<'_> {
    fn colours(&self) -> (Colours, String) {
        let term = || format!("TERM is {}", if self.term.is_empty() { "not set" } else { self.term });
        let by_term = match self.term {
            name if name.contains("256color") => Colours::Of256,
            _ => Colours::Of16,
        };
        if let Some(colours) = self.answers.tmux_colours {
            return (colours, "as tmux says of the terminals that show it".into());
        }
        if self.in_screen {
            // COLORTERM is of the terminal around it, and screen takes colours of 24 bits for others.
            return (by_term, format!("GNU screen, {}", term()));
        }
        if self.answers.true_colour {
            return (Colours::True, "it showed one of 24 bits when it was asked".into());
        }
        if ["truecolor", "24bit"].contains(&self.colorterm) {
            return (Colours::True, format!("COLORTERM is {}", self.colorterm));
        }
        if let Some(version) = self.answers.version.as_deref()
            && NAMES.iter().any(|name| self.answers.is_called(name))
        {
            return (Colours::True, format!("{version} has those of 24 bits"));
        }
        let is_known = TERMS.iter().any(|name| self.term == *name || self.term.starts_with(&format!("{name}-")));
        match self.term.ends_with("-direct") || is_known {
            true => (Colours::True, term()),
            false => (by_term, term()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_those_that_are_known_of() {
        let none = Answers::default();
        let kitty = Answers { version: Some("kitty(0.41.1)".into()), ..Answers::default() };
        let asked = Answers { true_colour: true, ..Answers::default() };
        let tmux = Answers { tmux_colours: Some(Colours::Of256), ..kitty.clone() };
        for (answers, term, colorterm, in_screen, expected) in [
            (&none, "xterm-256color", "", false, Colours::Of256),
            (&none, "xterm-256color", "truecolor", false, Colours::True),
            (&kitty, "xterm-256color", "", false, Colours::True),
            (&asked, "xterm", "", false, Colours::True),
            (&none, "xterm-kitty", "", false, Colours::True),
            (&none, "foot-extra", "", false, Colours::True),
            (&none, "xterm-direct", "", false, Colours::True),
            (&none, "xterm", "", false, Colours::Of16),
            (&none, "linux", "", false, Colours::Of16),
            (&none, "vt100", "", false, Colours::Of16),
            (&none, "", "", false, Colours::Of16),
            (&tmux, "tmux-256color", "truecolor", false, Colours::Of256),
            (&none, "screen", "truecolor", true, Colours::Of16),
            (&none, "screen.xterm-256color", "truecolor", true, Colours::Of256),
        ] {
            let (colours, why) = ColourSigns { answers, term, colorterm, in_screen }.colours();
            assert_eq!(colours, expected, "{answers:?} {term} {colorterm} {in_screen}: {why}");
        }
    }

    #[test]
    fn dithered_pictures_have_only_colours_that_there_are_and_are_right_on_average() {
        let gradient = RgbImage::from_fn(64, 64, |x, y| Rgb([x as u8 * 4, y as u8 * 4, 128]));
        let mean = |image: &RgbImage, channel: usize| {
            image.pixels().map(|pixel| f64::from(pixel.0[channel])).sum::<f64>() / (64.0 * 64.0)
        };
        for colours in [Colours::Of256, Colours::Of16] {
            let image = colours.dithered(gradient.clone());
            assert!(image.pixels().all(|pixel| palette::rgb(colours.nearest(pixel.0)) == pixel.0), "{colours:?}");
            for channel in 0..3 {
                let (is, should) = (mean(&image, channel), mean(&gradient, channel));
                assert!((is - should).abs() < 12.0, "{colours:?}: {is} for {should}");
            }
        }
        assert_eq!(Colours::True.dithered(gradient.clone()), gradient);
        let black_and_white = Colours::None.dithered(gradient);
        assert!(black_and_white.pixels().all(|pixel| [[0; 3], [255; 3]].contains(&pixel.0)));
    }
}
