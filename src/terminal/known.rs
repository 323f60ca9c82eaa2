//! What is known of the terminal, and the conclusions.

use super::answers::{Answers, cell};
use super::colour_choice::ColourChoice;
use super::colours::ColourDepth;
use super::graphics::{Graphics, ProtocolChoice};
use super::tmux;

/// What the user asked for about the terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TerminalChoices {
    pub protocol: ProtocolChoice,
    pub colours: ColourChoice,
}

/// What is known of the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terminal {
    pub graphics: Graphics,
    /// Why these.
    pub reason: String,
    pub colours: ColourDepth,
    pub why_colours: String,
    /// A cell's width and height in pixels.
    pub cell: (u16, u16),
    /// We run in tmux: sequences for the terminal need its passthrough.
    pub tmux: bool,
    /// On another machine: bytes count.
    pub remote: bool,
    /// It can read files that we write, and supports kitty's graphics.
    pub reads_files: bool,
    /// It answers each time it is asked for its name, which shows how far it has read.
    pub answers: bool,
    /// Its fonts are known to have the join sign; if one lacks it, another font is used.
    pub has_join_sign: bool,
}

impl Default for Terminal {
    fn default() -> Self {
        // Usual proportions; exact sizes only matter to pictures made of pixels.
        Terminal {
            graphics: Graphics::HalfBlocks,
            reason: "not asked yet".into(),
            colours: ColourDepth::True,
            why_colours: "not asked yet".into(),
            cell: (10, 20),
            tmux: false,
            remote: false,
            reads_files: false,
            answers: false,
            has_join_sign: false,
        }
    }
}

/// Terminals that take missing signs from another font, by the beginning of their names.
const FALLING_BACK: [&str; 8] = ["kitty", "ghostty", "wezterm", "iterm2", "foot", "konsole", "vte", "contour"];

/// How to draw, by the command line's choices and the terminal's answers.
pub fn decide(wanted: TerminalChoices, answers: &Answers, in_tmux: bool) -> Terminal {
    let cell = answers.cell.or_else(cell_by_ioctl);
    let (graphics, reason) = match wanted.protocol {
        ProtocolChoice::Only(graphics) => (graphics, "--protocol".into()),
        ProtocolChoice::Auto => Graphics::choose(answers, cell.is_some()),
    };
    let (colours, why_colours) = wanted.colours.choose(answers);
    Terminal {
        graphics,
        reason,
        colours,
        why_colours,
        cell: cell.unwrap_or(Terminal::default().cell),
        tmux: in_tmux,
        remote: in_tmux.then(tmux::is_over_ssh).flatten().unwrap_or_else(over_ssh),
        reads_files: answers.files,
        answers: answers.tells_name,
        has_join_sign: !in_tmux && FALLING_BACK.iter().any(|name| answers.is_called(name)),
    }
}

/// Whether the terminal is at the other end of an SSH connection.
pub fn over_ssh() -> bool {
    std::env::var_os("SSH_CONNECTION").is_some()
}

fn cell_by_ioctl() -> Option<(u16, u16)> {
    let size = crossterm::terminal::window_size().ok()?;
    cell(size.width.checked_div(size.columns)?, size.height.checked_div(size.rows)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::answers::parse;

    fn decided(sent: &str) -> Graphics {
        let (answers, rest) = parse(sent.as_bytes());
        assert!(rest.is_empty(), "{sent:?}");
        decide(TerminalChoices::default(), &answers, false).graphics
    }

    #[test]
    fn each_terminal_gets_what_it_shows_best() {
        let kitty_ok = "\x1b_Gi=31;OK\x1b\\";
        let cell = "\x1b[6;20;10t";
        for (name, sent, expected) in [
            ("kitty", format!("\x1bP>|kitty(0.41.1)\x1b\\{kitty_ok}\x1b[?62;c{cell}\x1b[0n"), Graphics::Kitty),
            ("old kitty", format!("\x1bP>|kitty(0.26.5)\x1b\\{kitty_ok}\x1b[?62;c{cell}\x1b[0n"), Graphics::HalfBlocks),
            ("ghostty", format!("\x1bP>|ghostty 1.0.1\x1b\\{kitty_ok}\x1b[?62;22c{cell}\x1b[0n"), Graphics::Kitty),
            (
                "Konsole",
                format!("\x1bP>|Konsole 22.12.3\x1b\\{kitty_ok}\x1b[?62;1;4c{cell}\x1b[0n"),
                Graphics::HalfBlocks,
            ),
            ("WezTerm", format!("\x1bP>|WezTerm 20240203\x1b\\{kitty_ok}\x1b[?65;4;6c{cell}\x1b[0n"), Graphics::Iterm2),
            ("xterm", format!("\x1bP>|XTerm(379)\x1b\\\x1b[?63;1;2;4;6c{cell}\x1b[0n"), Graphics::Sixel),
            ("mlterm", format!("\x1b[?63;1;2;3;4;7;29c{cell}\x1b[0n"), Graphics::Sixel),
            ("foot", format!("\x1bP>|foot(1.13.1)\x1b\\\x1b[?62;4;22c{cell}\x1b[0n"), Graphics::Sixel),
            ("plain", "\x1b[?1;2c\x1b[0n".into(), Graphics::HalfBlocks),
            ("silent", String::new(), Graphics::HalfBlocks),
        ] {
            assert_eq!(decided(&sent), expected, "{name}");
        }
    }

    #[test]
    fn what_the_user_asks_for_is_taken() {
        let wanted = TerminalChoices {
            protocol: ProtocolChoice::Only(Graphics::Sixel),
            colours: ColourChoice::Only(ColourDepth::Of16),
        };
        let forced = decide(wanted, &Answers::default(), false);
        assert_eq!((forced.graphics, forced.reason.as_str()), (Graphics::Sixel, "--protocol"));
        assert_eq!((forced.colours, forced.why_colours.as_str()), (ColourDepth::Of16, "--colors"));
    }
}
