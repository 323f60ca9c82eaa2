//! A picture's pixels: format by content, upright by EXIF, bounded in memory.

use std::io::{BufReader, Read, Seek};
use std::path::Path;
use std::sync::Arc;

use image::metadata::Orientation;
use image::{DynamicImage, RgbImage};

use super::content::ContentHash;
use super::formats::{self, Decoder, HEAD, Source};
use super::look::{Averages, CELLS, Exif, Facts, FileLook, PerceptualHash, SmallPicture, holds_more, pixel_hash};
use super::memory::MAX_DECODED_BYTES;
use super::patience::{Watch, WatchedFile, watched};
use super::sample::{Sampled, Sources};
use super::unreadable::Unreadable;
use crate::error::{Error, Result};

/// No picture within the limit of decoded bytes is larger.
const MAX_FILE_BYTES: u64 = 1 << 30;

/// Decodes the picture at `path` and turns it upright.
pub fn open(path: &Path) -> Result<DynamicImage> {
    decoded(path, |decoder, orientation| {
        let mut image = decoder.decode()?;
        image.apply_orientation(orientation);
        Ok(image)
    })
}

/// Some pixels of the picture at `path`: those at `sources` of its edges, once it is upright.
/// The same as taking them of the whole picture, but faster and in less memory.
pub fn sampled(path: &Path, sources: Sources) -> Result<RgbImage> {
    decoded(path, move |decoder, orientation| {
        let mut sampled = Sampled::new(decoder.dimensions(), orientation, sources);
        decoder.rows(&mut sampled)?;
        Ok(sampled.finish())
    })
}

/// The same, and what else a look at the file tells: each of its bytes is read once, and the picture is decoded once.
pub fn looked_at(path: &Path, sources: Sources) -> Result<(RgbImage, FileLook)> {
    let inside = path.to_owned();
    let decoded = watched(move |watch| {
        watch.begin_hashing();
        let seen = decoded_under(watch, &inside, |mut decoder, orientation| {
            let facts = facts(&mut *decoder, orientation);
            let stored = decoder.dimensions();
            let mut takes = (Sampled::new(stored, orientation, sources), Averages::new(stored, orientation, CELLS));
            decoder.rows(&mut takes)?;
            let (sampled, averages) = takes;
            let facts = Facts { chroma: averages.chroma(), ..facts };
            let cells = averages.finish();
            Ok((sampled.finish(), PerceptualHash::new(&cells), SmallPicture::new(&cells), facts))
        });
        let (pixels, hash, small, facts) = seen?;
        let hashing = watch.hashing();
        let mut file = WatchedFile::open(&inside, watch)?;
        let facts = Facts { holds_more: holds_more(&mut BufReader::new(&mut file), facts.format), ..facts };
        let content = match hashing.of_all() {
            Some(content) => content,
            None => hashing.finish(&mut file).map_err(Unreadable::Io)?,
        };
        Ok((pixels, FileLook { content, hash, facts, small }))
    });
    decoded.map_err(|reason| Error::picture(path, reason))
}

/// The picture at `path` averaged down to `edge` x `edge` grey levels, upright, row by row.
pub fn greys(path: &Path, edge: usize) -> Result<Vec<u8>> {
    decoded(path, move |decoder, orientation| {
        let mut averages = Averages::new(decoder.dimensions(), orientation, edge);
        decoder.rows(&mut averages)?;
        Ok(averages.finish().into_iter().map(|level| (level / 16).clamp(0, 255) as u8).collect())
    })
}

/// A hash of the pixels of the picture at `path`: those of another one are the same if its hash is.
pub fn pixels(path: &Path) -> Result<ContentHash> {
    decoded(path, move |decoder, orientation| Ok(pixel_hash(&decoder.decode()?, orientation)))
}

/// What a look at the file tells, without any pixels of it.
pub fn look(path: &Path) -> Result<FileLook> {
    looked_at(path, |_, _| Vec::new()).map(|(_, look)| look)
}

/// What the header of the picture at `path` tells, without any pixels: facts, and what the camera wrote.
pub fn told(path: &Path) -> Result<(Facts, Exif)> {
    let inside = path.to_owned();
    let told = watched(move |watch| {
        let mut decoder = header(&inside, watch)?;
        let orientation = decoder.orientation();
        let facts = facts(&mut *decoder, orientation);
        let exif = decoder.exif().map(Exif::parse).unwrap_or_default();
        let mut file = BufReader::new(WatchedFile::open(&inside, watch)?);
        Ok((Facts { holds_more: holds_more(&mut file, facts.format), ..facts }, exif))
    });
    told.map_err(|reason| Error::picture(path, reason))
}

/// Those that the header tells.
fn facts(decoder: &mut dyn Decoder, orientation: Orientation) -> Facts {
    use Orientation::*;
    let (width, height) = match (decoder.dimensions(), orientation) {
        ((width, height), Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH) => (height, width),
        (upright, _) => upright,
    };
    let (format, is_lossless) = (decoder.format(), decoder.is_lossless());
    let taken = decoder.exif().and_then(|raw| Exif::parse(raw).taken);
    Facts { width, height, format, is_lossless, holds_more: false, chroma: 0, taken }
}

fn decoded<T: Send + 'static>(
    path: &Path,
    decode: impl FnOnce(Box<dyn Decoder>, Orientation) -> Result<T, Unreadable> + Send + 'static,
) -> Result<T> {
    let inside = path.to_owned();
    watched(move |watch| decoded_under(watch, &inside, decode)).map_err(|reason| Error::picture(path, reason))
}

fn decoded_under<T>(
    watch: &Arc<Watch>,
    path: &Path,
    decode: impl FnOnce(Box<dyn Decoder>, Orientation) -> Result<T, Unreadable>,
) -> Result<T, Unreadable> {
    let mut decoder = header(path, watch)?;
    let orientation = decoder.orientation();
    watch.take_memory(decoder.decoded_bytes());
    decode(decoder, orientation)
}

/// Reads the header of a picture that we have time and memory for.
fn header(path: &Path, watch: &Arc<Watch>) -> Result<Box<dyn Decoder>, Unreadable> {
    let mut file = WatchedFile::open(path, watch)?;
    match file.len() {
        0 => return Err(Unreadable::Empty),
        len if len > MAX_FILE_BYTES => return Err(Unreadable::TooManyBytes(len)),
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
    if decoder.decoded_bytes() > MAX_DECODED_BYTES {
        return Err(Unreadable::TooManyPixels(width, height));
    }
    Ok(decoder)
}

#[cfg(test)]
mod tests {
    use image::ImageFormat;

    use super::*;

    fn written(name: &str, bytes: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        (folder, path)
    }

    #[test]
    fn what_is_not_a_picture_says_so_and_names_the_file() {
        for (name, bytes, says) in [
            ("empty.jpg", &b""[..], "empty"),
            ("text.jpg", b"<html>404</html>", "no JPEG at all"),
            // The content decides, whatever the name says.
            ("a.jpg", b"....ftypavif", "AVIF is not supported"),
            ("b.jpg", b"....ftypisom....mp41", "a film (MP4 or QuickTime), not a picture"),
            ("c.png", b"8BPS\0\x01", "Photoshop is not supported"),
            ("d.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "SVG is not supported"),
        ] {
            let (_folder, path) = written(name, bytes);
            let message = open(&path).unwrap_err().to_string();
            assert!(message.contains(name) && message.contains(says), "{message}");
        }
    }

    /// Every third pixel from the second on; of the longer edge from the third on.
    fn thirds(size: u32, other: u32) -> Vec<u32> {
        (0..size).skip(if size > other { 2 } else { 1 }).step_by(3).collect()
    }

    #[test]
    fn sampled_pixels_are_those_of_the_whole_picture_however_it_is_turned() {
        let noise = |x: u32, y: u32| image::Rgb([(x * 7 + y * 13) as u8, (x * y) as u8, (x ^ y) as u8]);
        let picture = image::RgbImage::from_fn(50, 37, noise);
        for format in [ImageFormat::Jpeg, ImageFormat::Png] {
            let mut plain = std::io::Cursor::new(Vec::new());
            picture.write_to(&mut plain, format).unwrap();
            for orientation in 1..=8u8 {
                let (_folder, path) = written("turned", &with_orientation(plain.get_ref(), format, orientation));
                let whole = open(&path).unwrap().into_rgb8();
                assert_eq!(whole.width(), if orientation < 5 { 50 } else { 37 });
                let (width, height) = whole.dimensions();
                let (columns, rows) = (thirds(width, height), thirds(height, width));
                let expected = image::RgbImage::from_fn(columns.len() as u32, rows.len() as u32, |x, y| {
                    *whole.get_pixel(columns[x as usize], rows[y as usize])
                });
                assert_eq!(sampled(&path, thirds).unwrap(), expected, "{format:?}, orientation {orientation}");
            }
        }
    }

    /// With EXIF that holds just this.
    fn with_orientation(picture: &[u8], format: ImageFormat, orientation: u8) -> Vec<u8> {
        let mut exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
        exif.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
        // After JPEG's start of image, or PNG's signature and header.
        let (at, chunk) = match format {
            ImageFormat::Jpeg => {
                let len = (exif.len() + 8) as u16;
                (2, [b"\xff\xe1", &len.to_be_bytes()[..], b"Exif\0\0", &exif].concat())
            }
            _ => {
                let chunk = [b"eXIf", &exif[..]].concat();
                let crc = crc32(&chunk).to_be_bytes();
                (33, [&(exif.len() as u32).to_be_bytes()[..], &chunk, &crc].concat())
            }
        };
        [&picture[..at], &chunk, &picture[at..]].concat()
    }

    #[test]
    fn the_content_decides_the_format_not_the_name() {
        let mut png = std::io::Cursor::new(Vec::new());
        image::RgbImage::new(3, 2).write_to(&mut png, image::ImageFormat::Png).unwrap();
        let (_folder, path) = written("really_png.jpg", png.get_ref());
        assert_eq!(open(&path).unwrap().width(), 3);
    }

    #[test]
    fn a_decompression_bomb_is_refused_before_it_is_unpacked() {
        // A PNG header that promises 40,000 x 40,000 pixels.
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        png.extend([40_000u32.to_be_bytes(), 40_000u32.to_be_bytes()].concat());
        png.extend([8, 2, 0, 0, 0]);
        let crc = crc32(&png[12..]);
        png.extend(crc.to_be_bytes());
        png.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
        let (_folder, path) = written("bomb.png", &png);
        let message = open(&path).unwrap_err().to_string();
        assert!(message.contains("too"), "{message}");
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { c >> 1 ^ 0xedb8_8320 } else { c >> 1 })
        })
    }
}
