//! A member of an npz: its place in the zip, and its array, read without trusting the file.
//!
//! Input: the zip's directory. Output: arrays whose shape and size are checked before anything is allocated for them,
//! and whose CRC-32 is checked before their values are used.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read};
use std::ops::Range;

use flate2::bufread::DeflateDecoder;
use npyz::{Deserialize, NpyFile, NpyHeader};
use rawzip::{CompressionMethod, RECOMMENDED_BUFFER_SIZE, RangeReader, ReaderAt, ZipArchive};

use super::blocks::END;
use crate::storage::Failure;

/// The members we know, besides columns; all others are left alone.
const KNOWN: [&str; 6] = ["features", "filenames", "sizes", "mtimes", "model", "blocks"];
/// The member that lists the columns.
pub const LIST: &str = "columns";
/// The prefix of columns' names.
pub const PREFIX: &str = "columns/";
/// Deflate's shortest code, two bits, stands for 258 bytes, so no member is larger than its compressed size times this.
const MOST_INFLATED: u64 = 1032;
/// numpy writes 118 bytes for arrays like ours.
const MAX_HEADER_BYTES: usize = 1024;
/// For all numbers in a header together, so that no product of them exceeds 64 bits.
const MAX_HEADER_DIGITS: usize = 18;
/// A dict with a shape has two; the header parser recurses for each.
const MAX_HEADER_BRACKETS: usize = 8;
/// A text of 4,096 characters, longer than any path.
const MAX_VALUE_BYTES: usize = 4 * 4096;

/// The contents of an npz.
pub struct Archive<R> {
    file: R,
    places: HashMap<String, Place>,
    /// Whether there are members that we wouldn't write.
    has_others: bool,
}

/// A member's place, and its entry in the directory.
#[derive(Clone)]
struct Place {
    /// Bytes of the file.
    range: Range<u64>,
    deflated: bool,
    /// Bytes when inflated.
    size: u64,
    crc: u32,
}

impl<R: ReaderAt> Archive<R> {
    pub fn open(zip: ZipArchive<R>) -> Result<Archive<R>, Failure> {
        let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
        let (mut places, mut has_others) = (HashMap::new(), false);
        let mut entries = zip.entries(&mut buffer);
        while let Some(entry) = entries.next_entry()? {
            let path = entry.file_path();
            let name = path.as_ref().strip_suffix(b".npy").and_then(|name| std::str::from_utf8(name).ok());
            let Some(name) = name.filter(|name| is_ours(name)).map(str::to_owned) else {
                has_others = true;
                continue;
            };
            let deflated = match entry.compression_method() {
                CompressionMethod::STORE => false,
                CompressionMethod::DEFLATE => true,
                // From another program, or damaged; then the list of columns decides.
                _ if is_column(&name) => continue,
                other => return Err(format!("\"{name}\" is compressed by {other}, expected deflate").into()),
            };
            let (start, end) = zip.get_entry(entry.wayfinder())?.compressed_data_range();
            let place = Place { range: start..end, deflated, size: entry.uncompressed_size_hint(), crc: entry.crc32() };
            if end > zip.eocd_offset() || !place.size_is_possible() {
                if is_column(&name) {
                    continue;
                }
                return Err(format!("\"{name}\" can't be as long as the directory says").into());
            }
            // Of two members with the same name, numpy takes the last.
            places.insert(name, place);
        }
        Ok(Archive { file: zip.into_inner(), places, has_others })
    }

    /// The member `name`; None if there is none.
    pub fn member(&self, name: &str) -> Option<Member<'_, R>> {
        debug_assert!(is_ours(name));
        self.places.get_key_value(name).map(|(name, place)| Member { name, file: &self.file, place })
    }

    pub fn has_others(&self) -> bool {
        self.has_others
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.places.keys().map(String::as_str)
    }

    /// Reads all members, and compares them with their checksums.
    pub fn check(&self) -> Result<(), Failure>
    where
        R: Sync,
    {
        for name in self.names() {
            let mut content = self.required(name)?.open()?.content;
            let read = io::copy(&mut content, &mut io::sink()).and_then(|_| content.finish());
            read.map_err(|e| format!("\"{name}\" can't be read ({e})"))?;
        }
        Ok(())
    }

    pub fn required(&self, name: &str) -> Result<Member<'_, R>, Failure> {
        self.member(name).ok_or_else(|| format!("has no member \"{name}\"").into())
    }
}

fn is_ours(name: &str) -> bool {
    KNOWN.contains(&name) || is_column(name)
}

fn is_column(name: &str) -> bool {
    name == LIST || name.starts_with(PREFIX)
}

impl Place {
    fn size_is_possible(&self) -> bool {
        let bytes = self.range.end - self.range.start;
        if self.deflated { self.size <= bytes.saturating_mul(MOST_INFLATED) } else { self.size == bytes }
    }
}

/// A member, not read yet.
pub struct Member<'a, R> {
    name: &'a str,
    file: &'a R,
    place: &'a Place,
}

impl<'a, R: ReaderAt + Sync> Member<'a, R> {
    pub fn is_deflated(&self) -> bool {
        self.place.deflated
    }

    /// Bytes in the file.
    pub fn stored_bytes(&self) -> u64 {
        self.place.range.end - self.place.range.start
    }

    pub fn crc(&self) -> u32 {
        self.place.crc
    }

    /// Inflates the bytes `range` of the stored data. If it ends before the member does, the end of a stream is
    /// appended.
    pub fn inflate(&self, range: Range<u64>) -> DeflateDecoder<impl BufRead + use<'a, R>> {
        let end: &[u8] = if range.end < self.stored_bytes() { &END } else { &[] };
        let start = self.place.range.start;
        let bytes = RangeReader::new(self.file, start + range.start..start + range.end).chain(end);
        DeflateDecoder::new(BufReader::with_capacity(1 << 16, bytes))
    }

    /// Reads the header, and checks the member's length against its shape.
    pub fn open(&self) -> Result<Array<'a>, Failure> {
        let whole = self.place.range.clone();
        let bytes: Box<dyn Read + Send> = match self.place.deflated {
            true => Box::new(self.inflate(0..self.stored_bytes())),
            false => Box::new(BufReader::new(RangeReader::new(self.file, whole))),
        };
        let mut content = Checked { bytes, crc: crc32fast::Hasher::new(), expected: self.place.crc };
        let bad = |e: &dyn std::fmt::Display| format!("\"{}\" can't be read ({e})", self.name);
        let (header, header_bytes) = read_header(&mut content).map_err(|e| bad(&e))?;
        let values: u64 = header.shape().iter().product();
        let value_bytes = header.dtype().num_bytes().filter(|bytes| *bytes <= MAX_VALUE_BYTES);
        let size = value_bytes.and_then(|bytes| values.checked_mul(bytes as u64)?.checked_add(header_bytes));
        if size != Some(self.place.size) {
            let (dtype, shape) = (header.dtype().descr(), header.shape());
            return Err(bad(&format_args!("its length doesn't match {dtype} {shape:?}")).into());
        }
        Ok(Array { name: self.name, header, content })
    }
}

/// A member whose header was read; its values are next.
pub struct Array<'a> {
    name: &'a str,
    pub header: NpyHeader,
    pub content: Checked<'a>,
}

impl Array<'_> {
    /// All values as a list; an error unless the shape passes `fits`.
    pub fn values<T: Deserialize>(mut self, fits: &dyn Fn(&[u64]) -> bool) -> Result<Vec<T>, Failure> {
        let name = self.name;
        if !fits(self.header.shape()) {
            return Err(format!("\"{name}\" is {:?}, which doesn't fit", self.header.shape()).into());
        }
        let bad = |e: &dyn std::fmt::Display| format!("\"{name}\" can't be read ({e})");
        let values = NpyFile::with_header(self.header, &mut self.content).into_vec().map_err(|e| bad(&e))?;
        self.content.finish().map_err(|e| bad(&e))?;
        Ok(values)
    }
}

/// A member's bytes; computes their CRC-32 while they are read.
pub struct Checked<'a> {
    bytes: Box<dyn Read + Send + 'a>,
    crc: crc32fast::Hasher,
    expected: u32,
}

impl Checked<'_> {
    /// The CRC-32 of everything read so far.
    pub fn crc(&self) -> crc32fast::Hasher {
        self.crc.clone()
    }

    /// Call after all values: checks that there are no more, and that they are the ones written.
    pub fn finish(mut self) -> io::Result<()> {
        if self.bytes.read(&mut [0])? != 0 {
            return Err(damaged("it holds more than its shape says"));
        }
        if self.crc.finalize() != self.expected {
            return Err(damaged("its CRC-32 doesn't match: it is damaged"));
        }
        Ok(())
    }
}

impl Read for Checked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(buffer)?;
        self.crc.update(&buffer[..read]);
        Ok(read)
    }
}

/// An array's header, and its length in bytes. npyz trusts the header, so its claims are bounded first.
fn read_header(reader: &mut impl Read) -> io::Result<(NpyHeader, u64)> {
    let mut header = vec![0; 10];
    reader.read_exact(&mut header)?;
    // Version 1.0 stores the length in two bytes, later ones in four.
    if header[6] > 1 {
        header.resize(12, 0);
        reader.read_exact(&mut header[10..])?;
    }
    let length = header[8..].iter().rev().fold(0, |length, byte| length << 8 | usize::from(*byte));
    let start = header.len();
    if length > MAX_HEADER_BYTES {
        return Err(damaged("its header is too long"));
    }
    header.resize(start + length, 0);
    reader.read_exact(&mut header[start..])?;
    let count = |of: fn(&u8) -> bool| header[start..].iter().filter(|b| of(b)).count();
    if count(u8::is_ascii_digit) > MAX_HEADER_DIGITS || count(|b| b"([{".contains(b)) > MAX_HEADER_BRACKETS {
        return Err(damaged("its header doesn't describe an array of numbers or text"));
    }
    Ok((NpyHeader::from_reader(header.as_slice())?, header.len() as u64))
}

fn damaged(how: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, how)
}
