//! Which colours to use: by the user's choice, the terminal's answers, or its name.

use super::answers::Answers;
use super::colours::ColourDepth;
use super::gnu_screen;

/// The user's choice of colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColourChoice {
    /// By the terminal's answers, or its name.
    #[default]
    Auto,
    Only(ColourDepth),
}

impl ColourChoice {
    pub fn all() -> impl Iterator<Item = ColourChoice> {
        std::iter::once(ColourChoice::Auto).chain(ColourDepth::ALL.map(ColourChoice::Only))
    }

    /// As typed.
    pub fn name(self) -> &'static str {
        match self {
            ColourChoice::Auto => "auto",
            ColourChoice::Only(colours) => colours.word(),
        }
    }

    /// The colours to use, and why.
    pub fn choose(self, answers: &Answers) -> (ColourDepth, String) {
        match self {
            ColourChoice::Only(colours) => (colours, "--colors".into()),
            ColourChoice::Auto => {
                let variable = |name| std::env::var(name).unwrap_or_default();
                let (term, colorterm) = (variable("TERM"), variable("COLORTERM"));
                ColourSigns { answers, term: &term, colorterm: &colorterm, in_screen: gnu_screen::inside() }.colours()
            }
        }
    }
}

/// Terminals that support 24-bit colours, by their names (XTVERSION).
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
/// The values of TERM of such terminals; TERM crosses SSH.
const TERMS: [&str; 8] =
    ["xterm-kitty", "xterm-ghostty", "ghostty", "wezterm", "foot", "alacritty", "contour", "iterm2"];

/// The evidence about colours.
struct ColourSigns<'a> {
    answers: &'a Answers,
    term: &'a str,
    colorterm: &'a str,
    in_screen: bool,
}

impl ColourSigns<'_> {
    fn colours(&self) -> (ColourDepth, String) {
        let term = || format!("TERM is {}", if self.term.is_empty() { "not set" } else { self.term });
        let by_term = match self.term {
            name if name.contains("256color") || name == "mlterm" => ColourDepth::Of256,
            _ => ColourDepth::Of16,
        };
        if let Some(colours) = self.answers.tmux_colours {
            return (colours, "as tmux says of its attached terminals".into());
        }
        if self.in_screen {
            // COLORTERM belongs to the outer terminal, and screen misreads 24-bit colours.
            return (by_term, format!("GNU screen, {}", term()));
        }
        if self.answers.true_colour {
            return (ColourDepth::True, "it showed a 24-bit colour when asked".into());
        }
        if ["truecolor", "24bit"].contains(&self.colorterm) {
            return (ColourDepth::True, format!("COLORTERM is {}", self.colorterm));
        }
        if let Some(version) = self.answers.version.as_deref()
            && NAMES.iter().any(|name| self.answers.is_called(name))
        {
            return (ColourDepth::True, format!("{version} has 24-bit colours"));
        }
        let is_known = TERMS.iter().any(|name| self.term == *name || self.term.starts_with(&format!("{name}-")));
        match self.term.ends_with("-direct") || is_known {
            true => (ColourDepth::True, term()),
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
        let tmux = Answers { tmux_colours: Some(ColourDepth::Of256), ..kitty.clone() };
        for (answers, term, colorterm, in_screen, expected) in [
            (&none, "xterm-256color", "", false, ColourDepth::Of256),
            (&none, "xterm-256color", "truecolor", false, ColourDepth::True),
            (&kitty, "xterm-256color", "", false, ColourDepth::True),
            (&asked, "xterm", "", false, ColourDepth::True),
            (&none, "xterm-kitty", "", false, ColourDepth::True),
            (&none, "foot-extra", "", false, ColourDepth::True),
            (&none, "xterm-direct", "", false, ColourDepth::True),
            (&none, "xterm", "", false, ColourDepth::Of16),
            (&none, "mlterm", "", false, ColourDepth::Of256),
            (&none, "linux", "", false, ColourDepth::Of16),
            (&none, "vt100", "", false, ColourDepth::Of16),
            (&none, "", "", false, ColourDepth::Of16),
            (&tmux, "tmux-256color", "truecolor", false, ColourDepth::Of256),
            (&none, "screen", "truecolor", true, ColourDepth::Of16),
            (&none, "screen.xterm-256color", "truecolor", true, ColourDepth::Of256),
        ] {
            let (colours, why) = ColourSigns { answers, term, colorterm, in_screen }.colours();
            assert_eq!(colours, expected, "{answers:?} {term} {colorterm} {in_screen}: {why}");
        }
    }
}
