//! Picture formats: how each is recognized by name and by content, and which decoder it has.
//!
//! The content decides how a file is decoded; its name decides whether it is considered at all. To add a format, add a
//! file here with an [`Opener`], and a line in `FORMATS`.

#[cfg(feature = "avif")]
mod avif;
mod begins;
#[cfg(any(feature = "avif", feature = "heic"))]
mod boxed;
mod brands;
mod decoder;
mod gif;
#[cfg(feature = "heic")]
mod heif;
mod icon;
mod jpeg;
#[cfg(feature = "jpeg2000")]
mod jpeg2000;
mod jpeg_extras;
mod jpeg_frame;
mod jpeg_segments;
#[cfg(feature = "jxl")]
mod jxl;
mod raw;
mod standard;
#[cfg(test)]
mod tests;
mod tiff;

use std::path::Path;

use super::unreadable::Unreadable;

pub use decoder::{Decoder, Opener, Source, jpeg_in_memory};

pub struct PictureFormat {
    pub name: &'static str,
    /// File extensions, in lower case.
    extensions: &'static [&'static str],
    /// Whether a file that begins like this has the format.
    recognizes: fn(&[u8]) -> bool,
    /// None: it can't be decoded. Such pictures are listed as skipped, so that nobody wonders where they are.
    open: Option<Opener>,
    /// Whether it is a video, not a picture.
    pub is_film: bool,
}

/// The first one that recognizes a file decodes it.
static FORMATS: [PictureFormat; 13] = [
    decoded("JPEG", &["jpg", "jpeg", "jpe", "jfif", "mpo"], jpeg::recognizes, jpeg::open),
    #[cfg(feature = "heic")]
    decoded("HEIC", HEIC, brands::are_heic, heif::open),
    #[cfg(not(feature = "heic"))]
    known("HEIC", HEIC, brands::are_heic),
    #[cfg(feature = "avif")]
    decoded("AVIF", AVIF, brands::are_avif, avif::open),
    #[cfg(not(feature = "avif"))]
    known("AVIF", AVIF, brands::are_avif),
    #[cfg(feature = "jxl")]
    decoded("JPEG XL", JXL, begins::jxl, jxl::open),
    #[cfg(not(feature = "jxl"))]
    known("JPEG XL", JXL, begins::jxl),
    #[cfg(feature = "jpeg2000")]
    decoded("JPEG 2000", JPEG2000, begins::jpeg2000, jpeg2000::open),
    #[cfg(not(feature = "jpeg2000"))]
    known("JPEG 2000", JPEG2000, begins::jpeg2000),
    decoded("camera RAW", RAW, begins::raw, raw_or_tiff),
    decoded("GIF", &["gif"], gif::recognizes, gif::open),
    decoded("ICO", &["ico"], icon::recognizes, icon::open),
    known("Photoshop", &["psd"], |head| head.starts_with(b"8BPS")),
    // Any other brand of the same container.
    PictureFormat { is_film: true, ..known("MP4 or QuickTime", &[], brands::are_of_a_film) },
    PictureFormat {
        is_film: true,
        ..known("AVI or Matroska", &[], |head| {
            head.starts_with(b"\x1a\x45\xdf\xa3") || head.starts_with(b"RIFF") && head.get(8..12) == Some(b"AVI ")
        })
    },
    known("SVG", &["svg"], |_| false),
    // The fallback, which also reports files that are none of these.
    decoded(
        "PNG, WebP, BMP, TIFF and others",
        &[
            "png", "apng", "webp", "bmp", "dib", "tif", "tiff", "tga", "pbm", "pgm", "ppm", "pnm", "pam", "qoi", "hdr",
            "exr", "dds", "ff",
        ],
        |_| true,
        standard::open,
    ),
];

const HEIC: &[&str] = &["heic", "heif", "hif"];
const AVIF: &[&str] = &["avif", "avifs"];
const JXL: &[&str] = &["jxl"];
const RAW: &[&str] = &[
    "cr2", "cr3", "nef", "nrw", "arw", "sr2", "srf", "dng", "orf", "rw2", "raw", "raf", "pef", "srw", "3fr", "iiq",
    "rwl", "erf", "kdc", "dcr", "mrw",
];
const JPEG2000: &[&str] = &["jp2", "j2k", "jpx", "jpf", "j2c", "jpc"];

/// The number of bytes by which formats are recognized.
pub const HEAD: usize = 64;

const fn decoded(
    name: &'static str,
    extensions: &'static [&'static str],
    recognizes: fn(&[u8]) -> bool,
    open: Opener,
) -> PictureFormat {
    PictureFormat { open: Some(open), ..known(name, extensions, recognizes) }
}

const fn known(
    name: &'static str,
    extensions: &'static [&'static str],
    recognizes: fn(&[u8]) -> bool,
) -> PictureFormat {
    PictureFormat { name, extensions, recognizes, open: None, is_film: false }
}

/// The format that the file's name suggests.
pub fn named(path: &Path) -> Option<&'static PictureFormat> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    FORMATS.iter().find(|format| format.extensions.contains(&extension.as_str()))
}

/// Whether a file of this name is considered a picture.
pub fn is_picture(path: &Path) -> bool {
    named(path).is_some()
}

/// Whether the folder directly contains pictures.
pub fn lie_in(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).any(|path| is_picture(&path) && path.is_file())
}

/// The decoder of the file at `path`, which begins with `head`; or the format, if it can't be decoded. The content
/// decides, and the name only if the content says nothing.
pub fn opener(path: &Path, head: &[u8]) -> Result<Opener, &'static PictureFormat> {
    let by_content = FORMATS.iter().find(|format| (format.recognizes)(head)).expect("the last one recognizes all");
    let (last, _) = FORMATS.split_last().expect("there are some");
    let is_last = std::ptr::eq(by_content, last);
    let promised = named(path).filter(|format| is_last && format.open.is_none() && is_text(head));
    promised.unwrap_or(by_content).open.ok_or_else(|| promised.unwrap_or(by_content))
}

/// Many camera RAW files are TIFFs; one that isn't from a camera is a plain TIFF.
fn raw_or_tiff(mut source: Source) -> Result<Box<dyn Decoder>, Unreadable> {
    match raw::open(&mut source)? {
        Some(raw) => Ok(raw),
        None => tiff::open(source),
    }
}

/// Such as SVG.
fn is_text(head: &[u8]) -> bool {
    head.iter().all(|byte| *byte >= b' ' || matches!(byte, b'\t' | b'\n' | b'\r'))
}
