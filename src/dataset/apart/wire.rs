//! The protocol of decoding processes: messages of a kind, a length and that many bytes.

use std::io::{self, Read, Write};

use image::ColorType;

use super::super::unreadable::Unreadable;
use crate::limits::Limit;

/// The first argument of such a process; followed by the parent's id, the request, the bytes it may use, and the path.
pub const ARGUMENT: &str = "--decode-apart";
/// Address space besides the picture: the program itself with its weights, and what libraries reserve.
pub const BESIDES: u64 = 448 << 20;
pub const ROWS: &str = "rows";
pub const WHOLE: &str = "whole";

/// The first message, which proves that it is our program in this version.
pub const HELLO: &[u8] = concat!("simages ", env!("CARGO_PKG_VERSION"), " decodes, 1").as_bytes();

/// Kinds of messages.
pub const GREETING: u8 = b'h';
/// It has worked since the last message.
pub const ALIVE: u8 = b'.';
/// A [`PixelLayout`]: all pixels follow.
pub const BEGIN: u8 = b'b';
pub const PIXELS: u8 = b'p';
pub const END: u8 = b'z';
/// Why it can't be decoded.
pub const FAILED: u8 = b'e';

/// The longest message: some rows of the widest picture.
pub const LONGEST: usize = 64 << 20;

pub fn send(to: &mut impl Write, kind: u8, content: &[u8]) -> io::Result<()> {
    to.write_all(&[kind])?;
    to.write_all(&(content.len() as u32).to_le_bytes())?;
    to.write_all(content)
}

/// The kind and length of the next message; its content must be read next.
pub fn receive(from: &mut impl Read) -> io::Result<(u8, usize)> {
    let mut header = [0; 5];
    from.read_exact(&mut header)?;
    let [kind, len @ ..] = header;
    match u32::from_le_bytes(len) as usize {
        len if len <= LONGEST => Ok((kind, len)),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// The layout of the pixels that follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PixelLayout {
    pub width: u32,
    pub height: u32,
    pub color: ColorType,
}

const COLORS: [ColorType; 10] = [
    ColorType::L8,
    ColorType::La8,
    ColorType::Rgb8,
    ColorType::Rgba8,
    ColorType::L16,
    ColorType::La16,
    ColorType::Rgb16,
    ColorType::Rgba16,
    ColorType::Rgb32F,
    ColorType::Rgba32F,
];

impl PixelLayout {
    pub const BYTES: usize = 9;

    pub fn to_bytes(self) -> [u8; PixelLayout::BYTES] {
        let mut bytes = [0; PixelLayout::BYTES];
        bytes[..4].copy_from_slice(&self.width.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.height.to_le_bytes());
        bytes[8] = COLORS.iter().position(|color| *color == self.color).map_or(u8::MAX, |at| at as u8);
        bytes
    }

    pub fn from_bytes(bytes: &[u8]) -> Option<PixelLayout> {
        let (width, rest) = bytes.split_first_chunk()?;
        let (height, [color]) = rest.split_first_chunk()? else { return None };
        let color = *COLORS.get(usize::from(*color))?;
        Some(PixelLayout { width: u32::from_le_bytes(*width), height: u32::from_le_bytes(*height), color })
    }
}

/// An error as a message. Errors that callers distinguish keep their kind, the rest becomes text.
pub fn reason_to_bytes(reason: &Unreadable, overran: bool) -> Vec<u8> {
    let (kind, words) = match reason {
        _ if overran => (4, String::new()),
        Unreadable::EndsEarly => (1, String::new()),
        Unreadable::TooLarge => (2, String::new()),
        Unreadable::DecoderFailed => (3, String::new()),
        Unreadable::Limit(limit) => (5 + *limit as u8, String::new()),
        other => (0, other.to_string()),
    };
    [&[kind], words.as_bytes()].concat()
}

/// The error, and whether it is a timeout.
pub fn reason_from_bytes(bytes: &[u8]) -> (Unreadable, bool) {
    match bytes {
        [0, words @ ..] => (Unreadable::Other(String::from_utf8_lossy(words).into_owned()), false),
        [1] => (Unreadable::EndsEarly, false),
        [2] => (Unreadable::TooLarge, false),
        [4] => (Unreadable::DecoderFailed, true),
        [limit @ 5..=7] => (Unreadable::Limit(Limit::ALL[usize::from(limit - 5)]), false),
        _ => (Unreadable::DecoderFailed, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_received_as_they_were_sent() {
        let mut sent = Vec::new();
        send(&mut sent, PIXELS, b"abc").unwrap();
        let mut from = &sent[..];
        assert_eq!(receive(&mut from).unwrap(), (PIXELS, 3));
        assert_eq!(from, b"abc");
        assert!(receive(&mut &sent[..4]).is_err());
        assert!(receive(&mut &[PIXELS, 255, 255, 255, 255][..]).is_err());
        for color in COLORS {
            let layout = PixelLayout { width: 70_000, height: 3, color };
            assert_eq!(PixelLayout::from_bytes(&layout.to_bytes()), Some(layout));
        }
        assert_eq!(PixelLayout::from_bytes(&[99; PixelLayout::BYTES]), None);
        for (reason, overran) in [
            (Unreadable::EndsEarly, false),
            (Unreadable::TooLarge, false),
            (Unreadable::DecoderFailed, false),
            (Unreadable::DecoderFailed, true),
            (Unreadable::Other("a b".into()), false),
            (Unreadable::Limit(Limit::Memory), false),
            (Unreadable::Limit(Limit::Files), false),
        ] {
            let (received, too_long) = reason_from_bytes(&reason_to_bytes(&reason, overran));
            assert_eq!((received.to_string(), too_long), (reason.to_string(), overran));
        }
    }
}
