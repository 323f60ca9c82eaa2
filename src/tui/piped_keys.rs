//! Keys from a pipe, as a terminal would send them: `printf 'J ' | simages ~/Photos`. When the pipe ends, the keyboard
//! takes over.

use std::io::{self, Read};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Calls `press` with each key until the end, or until it reports that nobody listens.
pub fn read(from: impl Read, mut press: impl FnMut(KeyEvent) -> bool) -> io::Result<()> {
    let mut bytes = io::BufReader::new(from).bytes().peekable();
    while let Some(byte) = bytes.next().transpose()? {
        let mut next_is = |wanted: u8| bytes.next_if(|byte| byte.as_ref().is_ok_and(|byte| *byte == wanted)).is_some();
        let key = match byte {
            0x1b if next_is(b'[') => match bytes.next().transpose()? {
                Some(last) => arrow(last),
                None => Some(KeyCode::Esc),
            },
            0x1b => Some(KeyCode::Esc),
            b'\r' | b'\n' => Some(KeyCode::Enter),
            b'\t' => Some(KeyCode::Tab),
            0x7f => Some(KeyCode::Backspace),
            b' '..=b'~' => Some(KeyCode::Char(byte.into())),
            0x80.. => {
                let more = match byte {
                    0xf0.. => 3,
                    0xe0.. => 2,
                    _ => 1,
                };
                let rest = bytes.by_ref().take(more).collect::<io::Result<Vec<u8>>>()?;
                let char = String::from_utf8([vec![byte], rest].concat()).ok();
                char.and_then(|text| text.chars().next()).map(KeyCode::Char)
            }
            0x01..=0x1a => {
                let letter = char::from(byte - 1 + b'a');
                if !press(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL)) {
                    return Ok(());
                }
                None
            }
            _ => None,
        };
        if key.is_some_and(|key| !press(KeyEvent::new(key, KeyModifiers::NONE))) {
            return Ok(());
        }
    }
    Ok(())
}

fn arrow(last: u8) -> Option<KeyCode> {
    match last {
        b'A' => Some(KeyCode::Up),
        b'B' => Some(KeyCode::Down),
        b'C' => Some(KeyCode::Right),
        b'D' => Some(KeyCode::Left),
        b'H' => Some(KeyCode::Home),
        b'F' => Some(KeyCode::End),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_keys_as_a_terminal_sends_them() {
        let mut keys = Vec::new();
        read("J \u{e9}\x1b[B\x1b\n\x03".as_bytes(), |key| {
            keys.push((key.code, key.modifiers));
            true
        })
        .unwrap();
        let plain =
            [KeyCode::Char('J'), KeyCode::Char(' '), KeyCode::Char('é'), KeyCode::Down, KeyCode::Esc, KeyCode::Enter];
        let mut expected: Vec<_> = plain.map(|code| (code, KeyModifiers::NONE)).into();
        expected.push((KeyCode::Char('c'), KeyModifiers::CONTROL));
        assert_eq!(keys, expected);
    }
}
