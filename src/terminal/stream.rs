//! Cuts the terminal's input into sequences: each is a key, a mouse event, a paste, or an answer. Input arrives in
//! arbitrary pieces, so an incomplete sequence waits for the rest.

use std::time::Duration;

/// How long a lone Escape may be the start of a sequence. Less than the time between two keys.
const ESCAPE: Duration = Duration::from_millis(5);
/// An incomplete sequence older than this will never end.
const REST: Duration = Duration::from_secs(1);
/// No answer is longer.
const LONGEST_ANSWER: usize = 4096;
const PASTE: &[u8] = b"\x1b[200~";
const PASTE_END: &[u8] = b"\x1b[201~";

/// Bytes read but not cut yet.
#[derive(Default)]
pub struct Stream {
    bytes: Vec<u8>,
}

impl Stream {
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next complete sequence.
    pub fn cut(&mut self) -> Option<Vec<u8>> {
        let length = length(&self.bytes)?;
        Some(self.bytes.drain(..length).collect())
    }

    /// How long to wait for the rest of an incomplete sequence.
    pub fn patience(&self) -> Option<Duration> {
        match self.bytes[..] {
            [] => None,
            [0x1b] => Some(ESCAPE),
            _ => Some(REST),
        }
    }

    /// Nothing more came: Escape was a key. The beginning of anything longer is dropped, as it belongs to an answer
    /// that nobody typed.
    pub fn give_up(&mut self) -> Option<Vec<u8>> {
        let begun = std::mem::take(&mut self.bytes);
        (begun == [0x1b] || begun.len() == 2 && begun[1].is_ascii_alphabetic()).then_some(begun)
    }
}

/// Length of the sequence that `bytes` begin with; None if there is none, or it is incomplete.
fn length(bytes: &[u8]) -> Option<usize> {
    let found = |at: Option<usize>, more: usize| at.map(|at| at + more);
    match bytes {
        [] | [0x1b] => None,
        _ if bytes.starts_with(PASTE) => found(find(bytes, PASTE_END), PASTE_END.len()),
        // The mouse in the original protocol, and function keys of the Linux console.
        [0x1b, b'[', b'M', ..] => (bytes.len() >= 6).then_some(6),
        [0x1b, b'[', b'[', ..] => (bytes.len() >= 4).then_some(4),
        [0x1b, b'[', parameters @ ..] => found(parameters.iter().position(|b| (0x40..=0x7e).contains(b)), 3),
        [0x1b, b'O', ..] => (bytes.len() >= 3).then_some(3),
        [0x1b, b'P' | b'_', ..] => text(bytes, may_be_answer(bytes)),
        [0x1b, b']', ..] => text(bytes, bytes.get(2).is_none_or(u8::is_ascii_digit)),
        [0x1b, 0x1b, ..] => Some(1),
        [0x1b, rest @ ..] => length(rest).map(|length| length + 1),
        [first, ..] => {
            let length = match first {
                0xf0.. => 4,
                0xe0.. => 3,
                0xc0.. => 2,
                _ => 1,
            };
            let rest = &bytes[1..bytes.len().min(length)];
            match rest.iter().all(|byte| matches!(byte, 0x80..=0xbf)) {
                true => (bytes.len() >= length).then_some(length),
                // Not UTF-8, such as a letter in Latin-1: the key after it counts.
                false => Some(1),
            }
        }
    }
}

/// Length of a string that begins with two bytes and ends with `ESC \` (or a bell); if it isn't one, of a key with alt.
fn text(bytes: &[u8], is_text: bool) -> Option<usize> {
    if !is_text || bytes.len() > LONGEST_ANSWER {
        return Some(2);
    }
    let end = find(bytes, b"\x1b\\").map(|at| at + 2);
    let bell = bytes.iter().position(|b| *b == 0x07).map(|at| at + 1);
    end.into_iter().chain(bell).min()
}

/// Whether an answer can begin like this: alt with P or _ is a key too.
fn may_be_answer(bytes: &[u8]) -> bool {
    const BEGIN: [&[u8]; 5] = [b"\x1bP>|", b"\x1bP0", b"\x1bP1", b"\x1bP!|", b"\x1b_G"];
    BEGIN.iter().any(|begin| begin.starts_with(bytes) || bytes.starts_with(begin))
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_of(bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut stream = Stream::default();
        stream.push(bytes);
        std::iter::from_fn(|| stream.cut()).collect()
    }

    #[test]
    fn a_letter_in_latin_1_costs_only_itself() {
        for byte in [0xe9, 0xff, 0xc3] {
            assert_eq!(all_of(&[byte, 0x03, b'j']), [vec![byte], vec![0x03], b"j".to_vec()]);
        }
        // The first two bytes of a character of three.
        assert_eq!(all_of(b"\xe6\x97q"), [b"\xe6".to_vec(), b"\x97".to_vec(), b"q".to_vec()]);
    }

    #[test]
    fn keys_the_mouse_pastes_and_answers_are_cut_the_same_wherever_the_line_cuts() {
        let sent: [&[u8]; 16] = [
            b"j",
            "é".as_bytes(),
            b"\x1b[B",
            b"\x1b[1;5C",
            b"\x1bOP",
            b"\x1b[[A",
            b"\x1b[<0;10;20M",
            b"\x1b[M !!",
            b"\x1b[200~a\x1b[Bb\x1b[201~",
            b"\x1bP>|kitty(0.41.1)\x1b\\",
            b"\x1b_Gi=31;OK\x1b\\",
            b"\x1bP1$r0;48:2::1:2:3m\x1b\\",
            b"\x1b[?62;4c",
            b"\x1b]11;rgb:0000/0000/0000\x07",
            b"\x1bx",
            b"\x1b[0n",
        ];
        let all = sent.concat();
        assert_eq!(all_of(&all), sent);
        for at in 0..all.len() {
            let (mut stream, mut found) = (Stream::default(), Vec::new());
            for part in [&all[..at], &all[at..]] {
                stream.push(part);
                found.extend(std::iter::from_fn(|| stream.cut()));
            }
            assert_eq!(found, sent, "cut at {at}");
        }
    }

    #[test]
    fn escape_is_a_key_when_nothing_follows_and_what_is_no_answer_is_typed() {
        let mut stream = Stream::default();
        stream.push(b"\x1b");
        assert_eq!((stream.cut(), stream.give_up()), (None, Some(b"\x1b".to_vec())));
        assert_eq!(all_of(b"\x1b\x1b[A"), [&b"\x1b"[..], b"\x1b[A"]);
        assert_eq!(all_of(b"\x1bPq\x1b_x"), [&b"\x1bP"[..], b"q", b"\x1b_", b"x"]);
        // An answer cut for good is nothing that somebody typed.
        stream.push(b"\x1bP>|kit");
        assert_eq!((stream.cut(), stream.give_up(), stream.patience()), (None, None, None));
    }
}
