//! The formats of pictures: how each is known by its name and by its content, and who decodes it.
//!
//! The content decides how a file is decoded; its name, whether it is looked at. A format to add is a file here with an
//! [`Opener`], and a line in [`FORMATS`].

mod brands;
mod decoder;
#[cfg(feature = "heic")]
mod heif;
mod jpeg;
mod jpeg_frame;
mod standard;

use std::path::Path;

pub use decoder::{Decoder, Opener, Source};

pub struct PictureFormat {
    pub name: &'static str,
    /// How names of such files end, in lower case.
    extensions: &'static [&'static str],
    /// Whether a file that begins like this is one.
    recognizes: fn(&[u8]) -> bool,
    /// None: it can't be decoded. Such pictures are listed as skipped, so that nobody wonders where they went.
    open: Option<Opener>,
    /// Whether it is no picture, but a film.
    pub is_film: bool,
}

/// Of those that recognize a file the first one decodes it.
static FORMATS: [PictureFormat; 10] = [
    decoded("JPEG", &["jpg", "jpeg", "jpe", "jfif", "mpo"], jpeg::recognizes, jpeg::open),
    #[cfg(feature = "heic")]
    decoded("HEIC", HEIC, brands::are_heic, heif::open),
    #[cfg(not(feature = "heic"))]
    known("HEIC", HEIC, brands::are_heic),
    known("AVIF", &["avif"], |head| brands::has(head, &[b"avif", b"avis"])),
    known("JPEG XL", &["jxl"], |head| head.starts_with(b"\xff\x0a") || head.get(4..12) == Some(b"JXL \r\n\x87\n")),
    known("JPEG 2000", &["jp2", "j2k", "jpx", "jpf", "j2c"], |head| {
        head.starts_with(b"\xff\x4f\xff\x51") || head.get(4..12) == Some(b"jP  \r\n\x87\n")
    }),
    known("Photoshop", &["psd"], |head| head.starts_with(b"8BPS")),
    // Brands of the same container that are none of the above.
    PictureFormat { is_film: true, ..known("MP4 or QuickTime", &[], brands::are_of_a_film) },
    PictureFormat {
        is_film: true,
        ..known("AVI or Matroska", &[], |head| {
            head.starts_with(b"\x1a\x45\xdf\xa3") || head.starts_with(b"RIFF") && head.get(8..12) == Some(b"AVI ")
        })
    },
    known("SVG", &["svg"], |_| false),
    // The rest, and the last word on what is none of them.
    decoded(
        "PNG, WebP, GIF, BMP, TIFF and others",
        &[
            "png", "apng", "webp", "gif", "bmp", "dib", "tif", "tiff", "tga", "ico", "pbm", "pgm", "ppm", "pnm", "pam",
            "qoi", "hdr", "exr", "dds", "ff",
        ],
        |_| true,
        standard::open,
    ),
];

const HEIC: &[&str] = &["heic", "heif", "hif"];

/// Bytes of a file by which formats are recognized.
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

/// The format that the name of a file promises.
pub fn named(path: &Path) -> Option<&'static PictureFormat> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    FORMATS.iter().find(|format| format.extensions.contains(&extension.as_str()))
}

/// Whether a file of this name is taken for a picture.
pub fn is_picture(path: &Path) -> bool {
    named(path).is_some()
}

/// Whether pictures lie directly in the folder.
pub fn lie_in(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).any(|path| is_picture(&path) && path.is_file())
}

/// What decodes the file at `path`, which begins with `head`; or else the format that can't be decoded. The content decides; the
/// name only where the content tells nothing.
pub fn opener(path: &Path, head: &[u8]) -> Result<Opener, &'static PictureFormat> {
    let by_content = FORMATS.iter().find(|format| (format.recognizes)(head)).expect("the last one recognizes all");
    let (last, _) = FORMATS.split_last().expect("there are some");
    let is_last = std::ptr::eq(by_content, last);
    let promised = named(path).filter(|format| is_last && format.open.is_none() && is_text(head));
    promised.unwrap_or(by_content).open.ok_or_else(|| promised.unwrap_or(by_content))
}

/// As an SVG is.
fn is_text(head: &[u8]) -> bool {
    head.iter().all(|byte| *byte >= b' ' || matches!(byte, b'\t' | b'\n' | b'\r'))
}
