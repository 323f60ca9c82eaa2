//! Which files count as pictures. The content decides how a file is decoded; its name, whether it is looked at.

use std::path::Path;

/// Decoded by the `image` crate.
const READ: &[&str] = &[
    "jpg", "jpeg", "jpe", "jfif", "mpo", "png", "apng", "webp", "gif", "bmp", "dib", "tif", "tiff", "tga", "ico",
    "pbm", "pgm", "ppm", "pnm", "pam", "qoi", "hdr", "exr", "dds", "ff",
];

/// Pictures that we can't decode: they are listed as skipped, so that nobody wonders where they went.
const KNOWN: &[(&str, &str)] = &[
    ("heic", "HEIC"),
    ("heif", "HEIF"),
    ("avif", "AVIF"),
    ("jxl", "JPEG XL"),
    ("jp2", "JPEG 2000"),
    ("psd", "Photoshop"),
    ("svg", "SVG"),
];

fn extension(path: &Path) -> Option<String> {
    Some(path.extension()?.to_str()?.to_ascii_lowercase())
}

/// Whether a file of this name is taken for a picture.
pub fn is_picture(path: &Path) -> bool {
    extension(path).is_some_and(|e| READ.contains(&e.as_str())) || unsupported(path).is_some()
}

/// The name of the format, if it is one that can't be decoded.
pub fn unsupported(path: &Path) -> Option<&'static str> {
    let extension = extension(path)?;
    KNOWN.iter().find(|(e, _)| *e == extension).map(|(_, name)| *name)
}
