//! Names as displayed, and how typed names are compared with them.
//!
//! A name is bytes and stays bytes. It is displayed as text that can't move the cursor, hide text or change its
//! direction: bytes that aren't UTF-8 appear as `\xNN`, control and formatting characters as `\u{…}`. Typed names are
//! compared with that text ([`as_seen`]), so whatever is displayed can be typed. Composed and decomposed accents count
//! as equal.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::io::{self, IsTerminal, Stdout, Write};
use std::path::Path;

use unicode_normalization::{UnicodeNormalization, is_nfc};

/// A name with its control characters escaped: it can't send escape sequences to a terminal or change the direction of
/// text.
pub fn printable(name: &str) -> String {
    escaped(name, "")
}

/// Escapes control and formatting characters, except those in `but_for`.
fn escaped(text: &str, but_for: &str) -> String {
    let is_harmless = |c| !is_at_work(c) || but_for.contains(c);
    text.chars().flat_map(|c| if is_harmless(c) { vec![c] } else { c.escape_default().collect() }).collect()
}

/// Whether a character acts on the text instead of being visible: controls, text direction, line separators, tags.
fn is_at_work(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// A file name as text; bytes that aren't UTF-8 appear as `\xNN`.
pub fn text(name: &OsStr) -> String {
    text_of(name.as_encoded_bytes())
}

fn text_of(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}

/// The same for a path.
pub fn path(path: impl AsRef<Path>) -> String {
    text(path.as_ref().as_os_str())
}

/// A writer that escapes names for a terminal and passes them unchanged to anything else: programs need the real bytes,
/// a terminal would execute them.
pub struct ShownOn<W: Write> {
    to: W,
    is_terminal: bool,
    /// For a terminal: the start of a line, which may end within a character.
    begun: Vec<u8>,
}

impl ShownOn<Stdout> {
    pub fn stdout() -> ShownOn<Stdout> {
        let to = io::stdout();
        ShownOn { is_terminal: to.is_terminal(), to, begun: Vec::new() }
    }
}

impl<W: Write> Write for ShownOn<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.is_terminal {
            return self.to.write(bytes);
        }
        self.begun.extend_from_slice(bytes);
        if let Some(end) = self.begun.iter().rposition(|byte| *byte == b'\n') {
            let rest = self.begun.split_off(end + 1);
            self.show()?;
            self.begun = rest;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.show()?;
        self.to.flush()
    }
}

impl<W: Write> ShownOn<W> {
    fn show(&mut self) -> io::Result<()> {
        /// The separators of lines, columns and paths.
        const SEPARATORS: &str = "\n\t\0";
        let text = text_of(&std::mem::take(&mut self.begun));
        self.to.write_all(escaped(&text, SEPARATORS).as_bytes())
    }
}

/// A normal form: two names that look the same have the same one.
pub fn as_seen(name: &str) -> Cow<'_, str> {
    if name.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Cow::Borrowed(name);
    }
    let shown = printable(name);
    Cow::Owned(if is_nfc(&shown) { shown } else { shown.nfc().collect() })
}

/// The same, ignoring case, for searching.
pub fn folded(name: &str) -> String {
    as_seen(name).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_send_escape_sequences() {
        assert_eq!(printable("a\u{1b}[31m\u{9b}b\n.jpg"), "a\\u{1b}[31m\\u{9b}b\\n.jpg");
        assert_eq!(printable("größe 日本 👩\u{200d}👩.png"), "größe 日本 👩\u{200d}👩.png");
    }

    #[test]
    fn names_cannot_turn_or_hide_text() {
        assert_eq!(printable("a\u{202e}gpj.exe"), "a\\u{202e}gpj.exe");
        for c in
            "\u{61c}\u{200b}\u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\u{202c}\u{2066}\u{2069}\u{206a}\u{feff}\u{e0041}"
                .chars()
        {
            assert_eq!(printable(&c.to_string()), c.escape_default().to_string());
        }
    }

    #[test]
    fn a_terminal_is_sent_names_as_they_are_shown_and_others_their_bytes() {
        let written = |is_terminal| {
            let mut to = ShownOn { to: Vec::new(), is_terminal, begun: Vec::new() };
            // Cut anywhere, also within a character.
            for byte in "a\u{202e}b\u{1b}[31m\u{9b}é\r\nb\t\0c".as_bytes() {
                to.write_all(&[*byte]).unwrap();
            }
            to.write_all(b"\xe9.jpg").unwrap();
            to.flush().unwrap();
            to.to
        };
        assert_eq!(written(false), b"a\xe2\x80\xaeb\x1b[31m\xc2\x9b\xc3\xa9\r\nb\t\0c\xe9.jpg");
        let shown = String::from_utf8(written(true)).unwrap();
        assert_eq!(shown, "a\\u{202e}b\\u{1b}[31m\\u{9b}é\\r\nb\t\0c\\xe9.jpg");
    }

    #[test]
    fn what_looks_the_same_is_the_same() {
        assert_eq!(as_seen("cafe\u{301}.jpg"), as_seen("caf\u{e9}.jpg"));
        // What is shown is what is typed.
        assert_eq!(as_seen("a\u{202e}b"), as_seen("a\\u{202e}b"));
        assert_ne!(as_seen("cafe.jpg"), as_seen("caf\u{e9}.jpg"));
        assert_eq!(folded("CAFE\u{301}"), folded("caf\u{e9}"));
        #[cfg(unix)]
        assert_eq!(text(std::os::unix::ffi::OsStrExt::from_bytes(b"caf\xe9")), "caf\\xe9");
    }
}
