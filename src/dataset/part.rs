//! A part of a picture: a rectangle, written after the picture's path.

use std::ffi::OsStr;
use std::fmt;
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

/// Separates a picture's path from its part.
const SIGN: u8 = b'#';

/// A rectangle of an upright picture, in its pixels. Neither edge is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PicturePart {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
}

impl PicturePart {
    /// Whether all of it lies inside a picture of this size.
    pub fn is_inside(self, (width, height): (u32, u32)) -> bool {
        let ends = |begin: u32, length: u32, of: u32| u64::from(begin) + u64::from(length) <= u64::from(of);
        ends(self.x, self.width, width) && ends(self.y, self.height, height)
    }

    /// This part of the part `of` a picture, in the picture's pixels.
    pub fn of(self, of: PicturePart) -> PicturePart {
        PicturePart { x: of.x + self.x, y: of.y + self.y, ..self }
    }

    /// `x,y,width,height`.
    fn parse(text: &str) -> Option<PicturePart> {
        let numbers: Vec<u32> = text.split(',').map(|number| number.parse().ok()).collect::<Option<_>>()?;
        let [x, y, width, height] = numbers[..] else { return None };
        (width > 0 && height > 0).then_some(PicturePart { x, y, width, height })
    }
}

impl fmt::Display for PicturePart {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{},{},{},{}", self.x, self.y, self.width, self.height)
    }
}

/// What `find` returns for the typed name; if there is nothing, and the name is `picture#x,y,width,height`, what it
/// returns for the picture's name, and the part.
///
/// # Errors
/// The error of `find`; or, if the picture exists but the part is malformed, an error about the part.
pub fn part_of(typed: &Path, find: impl Fn(&Path) -> Result<PathBuf>) -> Result<(PathBuf, Option<PicturePart>)> {
    let whole = match find(typed) {
        Ok(found) => return Ok((found, None)),
        Err(error) => error,
    };
    let Some((picture, part)) = split(typed).filter(|_| whole.kind() == ErrorKind::NotFound) else { return Err(whole) };
    let Ok(found) = find(&picture) else { return Err(whole) };
    let wrong = "a part of a picture is written #x,y,width,height, in whole pixels, such as #120,80,400,300; \
                 width and height are at least 1";
    let part = PicturePart::parse(&part).ok_or_else(|| Error::new(ErrorKind::InvalidInput, wrong))?;
    Ok((found, Some(part)))
}

/// The text before the last sign, and after it.
fn split(typed: &Path) -> Option<(PathBuf, String)> {
    let bytes = typed.as_os_str().as_encoded_bytes();
    let at = bytes.iter().rposition(|byte| *byte == SIGN)?;
    let part = std::str::from_utf8(&bytes[at + 1..]).ok()?;
    Some((PathBuf::from(text(&bytes[..at])?), part.to_owned())).filter(|_| at > 0)
}

/// The bytes of a name, up to an ASCII sign.
#[cfg(unix)]
fn text(bytes: &[u8]) -> Option<&OsStr> {
    Some(std::os::unix::ffi::OsStrExt::from_bytes(bytes))
}

#[cfg(not(unix))]
fn text(bytes: &[u8]) -> Option<&OsStr> {
    std::str::from_utf8(bytes).ok().map(OsStr::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PART: PicturePart = PicturePart { x: 10, y: 0, width: 20, height: 5 };

    #[test]
    fn a_part_is_inside_or_not() {
        assert!(PART.is_inside((30, 5)) && PART.is_inside((31, 6)));
        assert!(!PART.is_inside((29, 5)) && !PART.is_inside((30, 4)));
        let far = PicturePart { x: u32::MAX, width: u32::MAX, ..PART };
        assert!(!far.is_inside((u32::MAX, 5)));
    }

    #[test]
    fn the_name_of_a_file_goes_before_a_part_and_what_is_no_part_is_said() {
        let there = ["a.jpg", "a.jpg#1,2,3,4", "b#.jpg", "c#d.jpg"];
        let find = |path: &Path| match there.iter().any(|name| Path::new(name) == path) {
            true => Ok(path.to_owned()),
            false => Err(Error::from(ErrorKind::NotFound)),
        };
        let part = |typed: &str| part_of(Path::new(typed), find).map_err(|error| error.to_string());
        let found = |name: &str, part| Ok((PathBuf::from(name), part));
        assert_eq!(part("a.jpg"), found("a.jpg", None));
        assert_eq!(part("a.jpg#10,0,20,5"), found("a.jpg", Some(PART)));
        assert_eq!(part("a.jpg#1,2,3,4"), found("a.jpg#1,2,3,4", None), "a file that is called so");
        assert_eq!(part("b#.jpg"), found("b#.jpg", None));
        assert_eq!(part("c#d.jpg#10,0,20,5"), found("c#d.jpg", Some(PART)));
        for wrong in ["a.jpg#", "a.jpg#1,2,3", "a.jpg#1,2,3,4,5", "a.jpg#1,2,0,4", "a.jpg#-1,2,3,4", "a.jpg#x"] {
            assert!(part(wrong).unwrap_err().contains("#x,y,width,height"), "{wrong}");
        }
        for gone in ["z.jpg#1,2,3,4", "z.jpg", "#1,2,3,4"] {
            assert!(!part(gone).unwrap_err().contains("#x"), "{gone}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_name_of_any_bytes_may_have_a_part() {
        use std::os::unix::ffi::OsStrExt;
        let name = Path::new(OsStr::from_bytes(b"caf\xe9.jpg"));
        let find = |path: &Path| if path == name { Ok(path.to_owned()) } else { Err(ErrorKind::NotFound.into()) };
        let typed = Path::new(OsStr::from_bytes(b"caf\xe9.jpg#10,0,20,5"));
        assert_eq!(part_of(typed, find).unwrap(), (name.to_owned(), Some(PART)));
    }
}
