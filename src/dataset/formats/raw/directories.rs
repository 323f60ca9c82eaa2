//! The directories of a TIFF, the basis of most RAW formats: numbered fields, with further directories below.

use std::io::{self, Read, Seek, SeekFrom};

/// The most directories and bytes per field examined: camera files have a dozen.
const MOST_DIRECTORIES: usize = 64;
const MOST_FIELDS: u16 = 2_000;
const MOST_BYTES: usize = 4 << 20;

const SUB_DIRECTORIES: u16 = 330;
const EXIF: u16 = 34_665;

/// A directory's fields that are numbers, text or bytes.
#[derive(Debug, Default)]
pub struct Directory {
    fields: Vec<(u16, Value)>,
}

#[derive(Debug)]
enum Value {
    Numbers(Vec<u64>),
    /// Their position and length: they may be a whole picture.
    Bytes(u64, u64),
}

impl Directory {
    pub fn has(&self, tag: u16) -> bool {
        self.fields.iter().any(|(known, _)| *known == tag)
    }

    pub fn number(&self, tag: u16) -> Option<u64> {
        self.numbers(tag)?.first().copied()
    }

    pub fn numbers(&self, tag: u16) -> Option<&[u64]> {
        self.fields.iter().find_map(|(known, value)| match value {
            Value::Numbers(numbers) if *known == tag => Some(&numbers[..]),
            _ => None,
        })
    }

    /// The position and length of a field's bytes in the file.
    pub fn bytes(&self, tag: u16) -> Option<(u64, u64)> {
        self.fields.iter().find_map(|(known, value)| match value {
            Value::Bytes(begin, len) if *known == tag => Some((*begin, *len)),
            _ => None,
        })
    }
}

struct Reader<'a, F> {
    file: &'a mut F,
    /// The position of the TIFF in the file.
    base: u64,
    is_little: bool,
}

/// All directories of the TIFF at `base`: chained, nested, and EXIF. Damaged ones are left out.
pub fn directories(file: &mut (impl Read + Seek), base: u64) -> io::Result<Vec<Directory>> {
    file.seek(SeekFrom::Start(base))?;
    let mut head = [0; 8];
    file.read_exact(&mut head)?;
    let is_little = match &head[..4] {
        // Also those of Olympus and Panasonic, which have other magic numbers.
        b"II*\0" | b"IIRO" | b"IIRS" | b"IIU\0" => true,
        b"MM\0*" | b"MMOR" => false,
        _ => return Ok(Vec::new()),
    };
    let mut walk = Reader { file, base, is_little };
    let mut waiting = vec![walk.number(&head[4..])];
    let (mut seen, mut found) = (Vec::new(), Vec::new());
    while let Some(at) = waiting.pop() {
        if at == 0 || seen.contains(&at) || seen.len() == MOST_DIRECTORIES {
            continue;
        }
        seen.push(at);
        let Ok((directory, next)) = walk.directory(at) else { continue };
        waiting.push(next);
        for below in [SUB_DIRECTORIES, EXIF] {
            waiting.extend(directory.numbers(below).unwrap_or_default());
        }
        found.push(directory);
    }
    Ok(found)
}

impl<F: Read + Seek> Reader<'_, F> {
    fn number(&self, bytes: &[u8]) -> u64 {
        let add = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
        if self.is_little { bytes.iter().rev().fold(0, add) } else { bytes.iter().fold(0, add) }
    }

    fn read(&mut self, at: u64, len: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; len.min(MOST_BYTES)];
        self.file.seek(SeekFrom::Start(self.base.saturating_add(at)))?;
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// The directory at `at`, and the position of the next one.
    fn directory(&mut self, at: u64) -> io::Result<(Directory, u64)> {
        let count = self.read(at, 2)?;
        let count = self.number(&count) as u16;
        let entries = self.read(at + 2, 12 * usize::from(count.min(MOST_FIELDS)))?;
        let next = self.read(at + 2 + 12 * u64::from(count), 4).map_or(0, |next| self.number(&next));
        let mut fields = Vec::new();
        for entry in entries.as_chunks::<12>().0 {
            let [tag, kind] = [0, 2].map(|at| self.number(&entry[at..at + 2]) as u16);
            let len = self.number(&entry[4..8]);
            let width = match kind {
                1 | 2 | 6 | 7 => 1,
                3 | 8 => 2,
                4 | 9 | 13 => 4,
                _ => continue,
            };
            let bytes = len.saturating_mul(width);
            let place = if bytes <= 4 { None } else { Some(self.number(&entry[8..])) };
            let value = match (width, place) {
                (1, Some(place)) => Value::Bytes(self.base + place, bytes),
                (1, None) => Value::Numbers(entry[8..8 + bytes as usize].iter().map(|byte| (*byte).into()).collect()),
                _ => {
                    let inside = entry[8..8 + bytes.min(4) as usize].to_vec();
                    let Ok(raw) = place.map_or(Ok(inside), |place| self.read(place, bytes as usize)) else { continue };
                    Value::Numbers(raw.chunks_exact(width as usize).map(|number| self.number(number)).collect())
                }
            };
            fields.push((tag, value));
        }
        Ok((Directory { fields }, next))
    }
}
