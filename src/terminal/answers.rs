//! The terminal's answers.

use super::colours::ColourDepth;

/// The beginning of a positive answer to a query for the capability RGB, in hexadecimal digits.
const TERMCAP_RGB: &str = "+r524742";

/// What the terminal reported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// Name and version, as reported by XTVERSION.
    pub version: Option<String>,
    /// It reported its name itself, so it does each time.
    pub tells_name: bool,
    /// It accepts kitty's graphics.
    pub kitty: bool,
    /// It reads kitty's graphics from files that we write.
    pub files: bool,
    /// It lists sixel among its device attributes.
    pub sixel: bool,
    /// It supports 24-bit colours: it says so, or reported one that it was just given.
    pub true_colour: bool,
    /// A cell's width and height in pixels.
    pub cell: Option<(u16, u16)>,
    /// The colours that all terminals attached to our tmux session support.
    pub tmux_colours: Option<ColourDepth>,
    /// It answered the last question: nothing more will come.
    pub complete: bool,
}

/// The question that was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    Name,
    /// The one that ends each query.
    Last,
    Other,
}

impl Answers {
    /// Whether its name begins like this, in lower case.
    pub fn is_called(&self, name: &str) -> bool {
        self.version.as_deref().is_some_and(|version| version.to_lowercase().starts_with(name))
    }

    /// Takes a sequence, if it is an answer.
    pub fn take(&mut self, sequence: &[u8]) -> Option<Answered> {
        let text = String::from_utf8_lossy(sequence);
        if let Some(version) = text.strip_prefix("\x1bP>|") {
            self.tells_name = true;
            self.version = Some(version.trim_end_matches(['\x1b', '\\']).to_owned());
            return Some(Answered::Name);
        }
        let csi = text.strip_prefix("\x1b[").unwrap_or_default();
        if let Some(colours) = text.strip_prefix("\x1bP1") {
            let set = colours.strip_prefix("$r").is_some_and(shows_colour);
            self.true_colour |= set || colours.to_lowercase().starts_with(TERMCAP_RGB);
        } else if text.starts_with("\x1b_G") {
            self.kitty |= text.contains("i=31;OK");
            self.files |= text.contains("i=32;OK");
        } else if let Some(attributes) = csi.strip_prefix('?').and_then(|t| t.strip_suffix('c')) {
            self.sixel = attributes.split(';').skip(1).any(|a| a == "4");
        } else if let Some(size) = csi.strip_prefix("6;").and_then(|t| t.strip_suffix('t')) {
            self.cell = size.split_once(';').and_then(|(h, w)| cell(w.parse().ok()?, h.parse().ok()?));
        } else if csi == "0n" || csi == "3n" {
            self.complete = true;
            return Some(Answered::Last);
        } else if !is_text(sequence) {
            return None;
        }
        Some(Answered::Other)
    }
}

/// DCS, APC and OSC: no key sends these.
fn is_text(sequence: &[u8]) -> bool {
    matches!(sequence, [0x1b, b'P' | b'_' | b']', _, ..])
}

/// Whether the colour reported as set is the one that the query set: terminals write it in several ways.
fn shows_colour(told: &str) -> bool {
    let is_number = |part: &&str| !part.is_empty();
    let numbers: Vec<_> = told.split(|c: char| !c.is_ascii_digit()).filter(is_number).collect();
    numbers.windows(5).any(|five| five == ["48", "2", "1", "2", "3"])
}

/// A cell's size in pixels, if known.
pub fn cell(width: u16, height: u16) -> Option<(u16, u16)> {
    (width > 0 && height > 0).then_some((width, height))
}

/// Splits the terminal's input into answers and the rest.
#[cfg(test)]
pub fn parse(bytes: &[u8]) -> (Answers, Vec<Vec<u8>>) {
    let (mut answers, mut stream) = (Answers::default(), super::stream::Stream::default());
    stream.push(bytes);
    let sequences = std::iter::from_fn(|| stream.cut());
    let rest = sequences.filter(|sequence| answers.take(sequence).is_none()).collect();
    (answers, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_pressed_meanwhile_are_not_lost() {
        let (answers, rest) = parse(b"j\x1b[?62;4cl\r\x1b[B\x1b[0nq");
        assert!(answers.sixel && answers.complete);
        assert_eq!(rest, [&b"j"[..], b"l", b"\r", b"\x1b[B", b"q"]);
    }

    #[test]
    fn colours_of_24_bits_are_told_in_several_ways() {
        let told = |text: &str| parse(format!("{text}\x1b\\").as_bytes()).0.true_colour;
        for yes in
            ["\x1bP1$r0;48:2::1:2:3m", "\x1bP1$r48;2;1;2;3m", "\x1bP1$r0;48:2:1:2:3m", "\x1bP1+r524742=382F382F38"]
        {
            assert!(told(yes), "{yes:?}");
        }
        for no in ["\x1bP1$r0;48:5:16m", "\x1bP1$r0;1;2;3m", "\x1bP0$r", "\x1bP0+r524742", "\x1bP1$r0m"] {
            assert!(!told(no), "{no:?}");
        }
    }

    #[test]
    fn any_bytes_are_parsed() {
        let sent = b"\x1bP>|kitty(0.41.1)\x1b\\\x1b_Gi=31;OK\x1b\\\x1b[?62;c";
        for cut in 0..=sent.len() {
            parse(&sent[..cut]);
            parse(&sent[cut..]);
        }
        assert_eq!(parse(b"\x1b[6;0;0t").0.cell, None);
    }
}
