//! The formats of pictures: how each is known by its name and by its content, and who decodes it.
//!
//! The content decides how a file is decoded; its name, whether it is looked at. A format to add is a file here with an
//! [`Opener`], and a line in [`FORMATS`].

mod decoder;
mod jpeg;
mod standard;

use std::path::Path;

pub use decoder::{Decoder, Opener, Source};

pub struct PictureFormat {
    pub name: &'static str,
    /// How names of such files end, in lower case.
    extensions: &'static [&'static str],
    /// None: it can't be decoded. Such pictures are listed as skipped, so that nobody wonders where they went.
    decoded: Option<Decoding>,
}

struct Decoding {
    /// Whether a file that begins like this is one.
    recognizes: fn(&[u8]) -> bool,
    open: Opener,
}

/// Of those that recognize a file the first one decodes it.
static FORMATS: [PictureFormat; 9] = [
    decoded("JPEG", &["jpg", "jpeg", "jpe", "jfif", "mpo"], jpeg::recognizes, jpeg::open),
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
    known("HEIC", &["heic"]),
    known("HEIF", &["heif"]),
    known("AVIF", &["avif"]),
    known("JPEG XL", &["jxl"]),
    known("JPEG 2000", &["jp2"]),
    known("Photoshop", &["psd"]),
    known("SVG", &["svg"]),
];

/// Bytes of a file by which formats are recognized.
pub const HEAD: usize = 64;

const fn decoded(
    name: &'static str,
    extensions: &'static [&'static str],
    recognizes: fn(&[u8]) -> bool,
    open: Opener,
) -> PictureFormat {
    PictureFormat { name, extensions, decoded: Some(Decoding { recognizes, open }) }
}

const fn known(name: &'static str, extensions: &'static [&'static str]) -> PictureFormat {
    PictureFormat { name, extensions, decoded: None }
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

/// What decodes the file at `path`, which begins with `head`; or else the format that can't be decoded.
pub fn opener(path: &Path, head: &[u8]) -> Result<Opener, &'static PictureFormat> {
    match named(path) {
        Some(format) if format.decoded.is_none() => Err(format),
        _ => {
            let decoded = FORMATS.iter().filter_map(|format| format.decoded.as_ref());
            let first = decoded.into_iter().find(|decoded| (decoded.recognizes)(head));
            Ok(first.expect("the last one recognizes all").open)
        }
    }
}
