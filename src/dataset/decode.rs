//! A picture's pixels: format by content, upright by EXIF, bounded in memory.

use std::error::Error as _;
use std::io::{BufReader, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage};

use super::memory::MAX_DECODED_BYTES;
pub use super::patience::is_decoding;
use super::patience::{Watch, WatchedFile, watched};
use super::sample::{Sampled, Sources};
use super::{formats, jpeg};
use crate::error::{Error, Result};

/// No picture within the limit of decoded bytes is larger.
const MAX_FILE_BYTES: u64 = 1 << 30;
/// Of those formats whose files are in memory as a whole while they are decoded.
const MAX_WHOLE_FILE_BYTES: u64 = 256 << 20;
/// Read at once where libjpeg asks: little, so that it is asked in turn how long it takes.
const PIECE: usize = 16 << 10;

const TOO_SHORT: &str = "the file ends too early; it is damaged or was not copied completely";

/// Decodes the picture at `path` and turns it upright.
pub fn open(path: &Path) -> Result<DynamicImage> {
    decoded(path, |opened| {
        let orientation = opened.orientation;
        let mut image = opened.decode()?;
        image.apply_orientation(orientation);
        Ok(image)
    })
}

/// Some pixels of the picture at `path`: those at `sources` of its edges, once it is upright.
/// The same as taking them of the whole picture, but faster and in less memory.
pub fn sampled(path: &Path, sources: Sources) -> Result<RgbImage> {
    decoded(path, move |opened| opened.sample(sources))
}

fn decoded<T: Send + 'static>(
    path: &Path,
    decode: impl FnOnce(Opened) -> Result<T, String> + Send + 'static,
) -> Result<T> {
    let inside = path.to_owned();
    watched(move |watch| decode(Opened::new(inside, watch)?))
        .map_err(|reason| Error::Picture { path: path.to_owned(), reason })
}

/// A picture whose header was read.
struct Opened {
    path: PathBuf,
    decoder: Box<dyn ImageDecoder>,
    orientation: Orientation,
    is_jpeg: bool,
    watch: Arc<Watch>,
}

impl Opened {
    fn new(path: PathBuf, watch: &Arc<Watch>) -> Result<Opened, String> {
        if let Some(format) = formats::unsupported(&path) {
            return Err(format!("{format} is not supported; convert it to JPEG or PNG"));
        }
        let file = WatchedFile::open(&path, watch)?;
        let len = file.len();
        let too_many = || Err(format!("{len} bytes are too many for a picture"));
        match len {
            0 => return Err("the file is empty".into()),
            n if n > MAX_FILE_BYTES => return too_many(),
            _ => {}
        }
        let mut reader = ImageReader::new(BufReader::new(file));
        if let Ok(format) = ImageFormat::from_path(&path) {
            // What the content doesn't tell (TGA has no signature), the name does.
            reader.set_format(format);
        }
        let mut reader = reader.with_guessed_format().map_err(|e| e.to_string())?;
        let mut limits = Limits::default();
        limits.max_alloc = Some(MAX_DECODED_BYTES);
        reader.limits(limits);
        let is_jpeg = reader.format() == Some(ImageFormat::Jpeg);
        if (is_jpeg || reader.format() == Some(ImageFormat::WebP)) && len > MAX_WHOLE_FILE_BYTES {
            return too_many();
        }
        let mut decoder = reader.into_decoder().map_err(reason)?;
        let (width, height) = decoder.dimensions();
        if width == 0 || height == 0 {
            return Err(format!("{width} x {height} pixels: nothing to see"));
        }
        if decoder.total_bytes() > MAX_DECODED_BYTES {
            return Err(format!("{width} x {height} pixels are too many"));
        }
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        watch.take_memory(decoder.total_bytes());
        Ok(Opened { path, decoder: Box::new(decoder), orientation, is_jpeg, watch: watch.clone() })
    }

    /// The pixels as they are stored.
    fn decode(self) -> Result<DynamicImage, String> {
        let dimensions = self.decoder.dimensions();
        match self.as_keras_sees_it(|file| jpeg::like_libjpeg(file, dimensions))? {
            Some(image) => Ok(image.into()),
            None => DynamicImage::from_decoder(self.decoder).map_err(reason),
        }
    }

    fn sample(self, sources: Sources) -> Result<RgbImage, String> {
        let dimensions = self.decoder.dimensions();
        let wanted = || Sampled::new(dimensions, self.orientation, sources);
        if let Some(sampled) = self.as_keras_sees_it(|file| jpeg::sampled(file, dimensions, wanted()))? {
            return Ok(sampled);
        }
        let mut wanted = wanted();
        let image = DynamicImage::from_decoder(self.decoder).map_err(reason)?.into_rgb8();
        for (y, row) in (0..).zip(image.as_chunks().0.chunks_exact(dimensions.0 as usize)) {
            wanted.take_row(y, row);
        }
        Ok(wanted.finish())
    }

    /// What libjpeg makes of it, if it is a JPEG.
    fn as_keras_sees_it(
        &self,
        decode: impl FnOnce(&mut BufReader<WatchedFile>) -> Option<RgbImage>,
    ) -> Result<Option<RgbImage>, String> {
        if !self.is_jpeg {
            return Ok(None);
        }
        let mut file = BufReader::with_capacity(PIECE, WatchedFile::open(&self.path, &self.watch)?);
        let decoded = decode(&mut file);
        // libjpeg would make up an end; Keras refuses such files too.
        if file.get_ref().ended() { Err(TOO_SHORT.into()) } else { Ok(decoded) }
    }
}

fn reason(error: ImageError) -> String {
    match error {
        ImageError::Unsupported(_) => format!("not a picture we can read ({error})"),
        ImageError::Limits(_) => "too large to decode".into(),
        ImageError::IoError(error) if error.kind() == ErrorKind::UnexpectedEof => TOO_SHORT.into(),
        ImageError::Decoding(error) => {
            let format = error.format_hint().to_string().to_uppercase();
            let detail = error.source().map(|e| format!(" ({e})")).unwrap_or_default();
            format!("damaged, or no {format} at all{detail}")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
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
            ("a.heic", b"....ftypheic", "HEIC is not supported"),
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
