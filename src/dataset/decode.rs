//! Decodes a picture: the format by content, upright by EXIF, with bounded memory.

use std::io::{BufReader, Read, Seek};
use std::path::Path;
use std::sync::Arc;

use image::metadata::Orientation;
use image::{DynamicImage, RgbImage};

use super::apart::Apart;
use super::content::ContentHash;
use super::formats::{self, Decoder, HEAD, Source};
use super::look::{
    Averages, CELLS, Exif, Facts, FileLook, Notes, PerceptualHash, SmallPicture, holds_more, pixel_hash,
};
use super::memory::MAX_DECODED_BYTES;
use super::part::PicturePart;
use super::patience::{Watch, watched, watched_until};
use super::reduced::Reduced;
use super::sample::{Sampled, Sources, TakesRows, upright_size};
use super::unreadable::Unreadable;
use super::watched_file::WatchedFile;
use crate::cancel::Cancel;
use crate::error::{Error, Result};

/// No picture's file is larger.
const MAX_FILE_BYTES: u64 = 1 << 30;
/// No real picture has more, and this many decode in seconds. Where rows are decoded one by one, memory is no limit.
const MAX_PIXELS: u64 = 600_000_000;
/// A file up to this size may be read into memory before it is known how much decoding takes.
const LARGE_FILE_BYTES: u64 = 16 << 20;

/// How a picture is to be decoded.
#[derive(Clone, Copy, PartialEq)]
enum DecodeAs {
    Rows,
    Whole,
}

/// Decodes the picture at `path` and turns it upright.
pub fn open(path: &Path) -> Result<DynamicImage> {
    decoded(path, DecodeAs::Whole, upright)
}

/// The picture at `path`, upright, and its own width and height in pixels. One too large for memory is reduced to about
/// `edge` pixels along its longer edge, without transparency.
pub fn shown(path: &Path, edge: u32) -> Result<(DynamicImage, (u32, u32))> {
    let inside = path.to_owned();
    let shown = watched(move |watch| {
        let decoder = header(&inside, watch)?;
        let (stored, decode_as) = (decoder.dimensions(), DecodeAs::Whole);
        let (image, orientation) = match bytes(&*decoder, decode_as) <= MAX_DECODED_BYTES {
            true => {
                let (decoder, orientation) = begin(decoder, decode_as, &inside, watch)?;
                (decoder.decode()?, orientation)
            }
            false => {
                let (decoder, orientation) = begin(decoder, DecodeAs::Rows, &inside, watch)?;
                let mut reduced = Reduced::new(stored, edge);
                decoder.rows(&mut reduced)?;
                (reduced.finish().into(), orientation)
            }
        };
        Ok((turned(image, orientation), upright_size(stored, orientation)))
    });
    shown.map_err(|reason| Error::picture(path, reason))
}

/// Some pixels of the upright picture at `path`: those at `sources` along its edges. Same result as decoding the whole
/// picture, but faster and in less memory.
pub fn sampled(path: &Path, sources: Sources) -> Result<RgbImage> {
    decoded(path, DecodeAs::Rows, move |decoder, orientation| {
        let mut sampled = Sampled::new(decoder.dimensions(), orientation, sources, None);
        decoder.rows(&mut sampled)?;
        Ok(sampled.finish())
    })
}

/// The same for each of `sources`, plus the file's hash. The file is read once and decoded once. `part`: treat this
/// part as the whole picture.
pub fn sampled_each(
    path: &Path,
    part: Option<PicturePart>,
    sources: Vec<Sources>,
) -> Result<(Vec<RgbImage>, ContentHash)> {
    hashed(path, &Cancel::default(), move |watch, path| {
        decoded_under(watch, path, DecodeAs::Rows, |decoder, orientation| {
            let stored = decoder.dimensions();
            let upright = upright_size(stored, orientation);
            if let Some(part) = part.filter(|part| !part.is_inside(upright)) {
                return Err(Unreadable::OutsideOfIt(part, upright.0, upright.1));
            }
            let sampled = |sources| Sampled::new(stored, orientation, sources, part);
            let mut takes: Vec<_> = sources.into_iter().map(sampled).collect();
            decoder.rows(&mut takes)?;
            Ok(takes.into_iter().map(Sampled::finish).collect())
        })
    })
}

/// The same, plus everything else a look at the file finds. Each byte is read once, and the picture is decoded once.
pub fn looked_at(path: &Path, sources: Sources, cancel: &Cancel) -> Result<(RgbImage, FileLook)> {
    let looked = hashed(path, cancel, move |watch, path| {
        let seen = decoded_under(watch, path, DecodeAs::Rows, |mut decoder, orientation| {
            let (facts, _) = facts(&mut *decoder.decoder, orientation);
            let stored = decoder.dimensions();
            let mut takes =
                (Sampled::new(stored, orientation, sources, None), Averages::new(stored, orientation, CELLS));
            decoder.rows(&mut takes)?;
            let (sampled, averages) = takes;
            let facts = Facts { chroma: averages.chroma(), ..facts };
            let cells = averages.finish();
            Ok((sampled.finish(), PerceptualHash::new(&cells), SmallPicture::new(&cells), facts))
        });
        let (pixels, hash, small, facts) = seen?;
        let mut file = BufReader::new(WatchedFile::open(path, watch)?);
        let facts = Facts { holds_more: facts.holds_more || holds_more(&mut file, facts.format), ..facts };
        Ok((pixels, hash, small, facts))
    });
    let ((pixels, hash, small, facts), content) = looked?;
    Ok((pixels, FileLook { content, hash, facts, small }))
}

/// The result of `decode`, and the file's hash: over the bytes it reads, and the rest.
fn hashed<T: Send + 'static>(
    path: &Path,
    cancel: &Cancel,
    decode: impl FnOnce(&Arc<Watch>, &Path) -> Result<T, Unreadable> + Send + 'static,
) -> Result<(T, ContentHash)> {
    let inside = path.to_owned();
    let hashed = watched_until(cancel, move |watch| {
        watch.begin_hashing();
        let decoded = decode(watch, &inside)?;
        let hashing = watch.hashing();
        let content = match hashing.of_all() {
            Some(content) => content,
            None => hashing.finish(&mut WatchedFile::open(&inside, watch)?).map_err(Unreadable::Io)?,
        };
        Ok((decoded, content))
    });
    hashed.map_err(|reason| match reason {
        Unreadable::Cancelled => Error::Cancelled,
        reason => Error::picture(path, reason),
    })
}

/// The picture at `path`, averaged down to `cells` along each edge, row by row.
pub fn averages(path: &Path, cells: usize) -> Result<Averages> {
    averaged(path, move |size, orientation| Averages::new(size, orientation, cells))
}

/// The same with at most this many cells along each edge: in a smaller picture, each pixel is a cell.
pub fn averages_up_to(path: &Path, most: usize) -> Result<Averages> {
    averaged(path, move |size, orientation| Averages::up_to(size, orientation, most))
}

fn averaged(path: &Path, begin: impl FnOnce((u32, u32), Orientation) -> Averages + Send + 'static) -> Result<Averages> {
    decoded(path, DecodeAs::Rows, move |decoder, orientation| {
        let mut averages = begin(decoder.dimensions(), orientation);
        decoder.rows(&mut averages)?;
        Ok(averages)
    })
}

/// A hash of the pixels of the picture at `path`: two pictures have the same pixels if their hashes are equal.
pub fn pixels(path: &Path) -> Result<ContentHash> {
    decoded(path, DecodeAs::Whole, |decoder, orientation| Ok(pixel_hash(decoder.decode()?, orientation)))
}

/// A look at the file, without its pixels.
pub fn look(path: &Path, cancel: &Cancel) -> Result<FileLook> {
    looked_at(path, |_, _| Vec::new(), cancel).map(|(_, look)| look)
}

/// The facts and EXIF in the header of the picture at `path`, without its pixels.
pub fn told(path: &Path) -> Result<(Facts, Exif)> {
    let inside = path.to_owned();
    let told = watched(move |watch| {
        let mut decoder = header(&inside, watch)?;
        let orientation = decoder.orientation();
        let (facts, exif) = facts(&mut *decoder, orientation);
        let mut file = BufReader::new(WatchedFile::open(&inside, watch)?);
        Ok((Facts { holds_more: facts.holds_more || holds_more(&mut file, facts.format), ..facts }, exif))
    });
    told.map_err(|reason| Error::picture(path, reason))
}

/// The facts and EXIF in the header.
fn facts(decoder: &mut dyn Decoder, orientation: Orientation) -> (Facts, Exif) {
    let (width, height) = upright_size(decoder.pixels_told(), orientation);
    let (format, is_lossless, holds_more) = (decoder.format(), decoder.is_lossless(), decoder.holds_more());
    let exif = decoder.exif().map(Exif::parse).unwrap_or_default();
    let xmp = decoder.xmp().map_or(Notes::default(), |xmp| Notes::of_xmp(&xmp));
    let iptc = decoder.iptc().map_or(Notes::default(), |iptc| Notes::of_iptc(&iptc));
    let notes = Some(exif.notes.and(xmp).and(iptc).and(decoder.other_notes()));
    (Facts { width, height, format, is_lossless, holds_more, chroma: 0, taken: exif.taken, notes }, exif)
}

fn upright(decoder: Begun, orientation: Orientation) -> Result<DynamicImage, Unreadable> {
    Ok(turned(decoder.decode()?, orientation))
}

fn turned(image: DynamicImage, orientation: Orientation) -> DynamicImage {
    let mut image = image;
    image.apply_orientation(orientation);
    image
}

fn decoded<T: Send + 'static>(
    path: &Path,
    decode_as: DecodeAs,
    decode: impl FnOnce(Begun, Orientation) -> Result<T, Unreadable> + Send + 'static,
) -> Result<T> {
    let inside = path.to_owned();
    watched(move |watch| decoded_under(watch, &inside, decode_as, decode))
        .map_err(|reason| Error::picture(path, reason))
}

fn decoded_under<T>(
    watch: &Arc<Watch>,
    path: &Path,
    decode_as: DecodeAs,
    decode: impl FnOnce(Begun, Orientation) -> Result<T, Unreadable>,
) -> Result<T, Unreadable> {
    let (decoder, orientation) = begin(header(path, watch)?, decode_as, path, watch)?;
    decode(decoder, orientation)
}

/// The bytes that decoding takes, here and in a process of its own.
fn bytes(decoder: &dyn Decoder, decode_as: DecodeAs) -> u64 {
    match decode_as {
        DecodeAs::Rows => decoder.rows_bytes(),
        DecodeAs::Whole if decoder.is_unstoppable() => decoder.rows_bytes() + decoder.decoded_bytes(),
        DecodeAs::Whole => decoder.decoded_bytes(),
    }
}

/// Waits for memory, and chooses where to decode.
fn begin(
    decoder: Box<dyn Decoder>,
    decode_as: DecodeAs,
    path: &Path,
    watch: &Arc<Watch>,
) -> Result<(Begun, Orientation), Unreadable> {
    let mut decoder = decoder;
    let orientation = decoder.orientation();
    let bytes = bytes(&*decoder, decode_as);
    if bytes > MAX_DECODED_BYTES {
        let (width, height) = decoder.dimensions();
        return Err(Unreadable::TooManyPixels(width, height));
    }
    watch.take_memory(bytes);
    let decoder = match decoder.is_unstoppable() {
        true => Box::new(Apart::new(decoder, path.to_owned(), watch.clone(), bytes)),
        false => decoder,
    };
    Ok((Begun { decoder, watch: watch.clone() }, orientation))
}

/// A picture for which there is time and memory.
struct Begun {
    decoder: Box<dyn Decoder>,
    watch: Arc<Watch>,
}

impl Begun {
    fn dimensions(&self) -> (u32, u32) {
        self.decoder.dimensions()
    }

    fn decode(self) -> Result<DynamicImage, Unreadable> {
        self.decoder.decode()
    }

    fn rows(self, takes: &mut dyn TakesRows) -> Result<(), Unreadable> {
        self.decoder.rows(&mut Seen { takes, watch: &self.watch })
    }
}

/// Passes rows on; each is a sign of life.
struct Seen<'a> {
    takes: &'a mut dyn TakesRows,
    watch: &'a Watch,
}

impl TakesRows for Seen<'_> {
    fn begin(&mut self) {
        self.takes.begin();
    }

    fn take_row(&mut self, y: u32, row: &[[u8; 3]]) {
        self.watch.is_alive();
        self.takes.take_row(y, row);
    }
}

/// Reads the header of a picture for which there is time and memory.
pub fn header(path: &Path, watch: &Arc<Watch>) -> Result<Box<dyn Decoder>, Unreadable> {
    let mut file = WatchedFile::open(path, watch)?;
    match file.len() {
        0 => return Err(Unreadable::Empty),
        len if len > MAX_FILE_BYTES => return Err(Unreadable::TooManyBytes(len)),
        len if len > LARGE_FILE_BYTES => watch.take_memory(len),
        _ => {}
    }
    let mut head = Vec::with_capacity(HEAD);
    file.by_ref().take(HEAD as u64).read_to_end(&mut head).map_err(Unreadable::Io)?;
    file.rewind().map_err(Unreadable::Io)?;
    let open = formats::opener(path, &head).map_err(|format| match format.is_film {
        true => Unreadable::Film(format.name),
        false => Unreadable::Unsupported(format.name),
    })?;
    let decoder = open(Source { path: path.to_owned(), file, watch: watch.clone() })?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(Unreadable::NoPixels(width, height));
    }
    if u64::from(width) * u64::from(height) > MAX_PIXELS || decoder.rows_bytes() > MAX_DECODED_BYTES {
        return Err(Unreadable::TooManyPixels(width, height));
    }
    Ok(decoder)
}

#[cfg(test)]
mod tests;
