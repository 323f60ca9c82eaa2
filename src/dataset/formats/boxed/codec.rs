//! The interface of a codec for pictures in boxes.

use heifer_isobmff::{Error, HeifFile, ItemId};
use image::RgbImage;

use super::planes::Planes;
use super::rgb::Like;
use crate::dataset::look::FileFormat;
use crate::dataset::unreadable::Unreadable;

/// Decodes the items of a file.
pub trait Codec: 'static {
    const NAME: &'static str;
    const FORMAT: FileFormat;
    /// The library whose colour conversion is used.
    const LIKE: Like;

    /// Whether it decodes items of this kind.
    fn is_coded(kind: [u8; 4]) -> bool;

    /// Bytes per pixel of the file during decoding.
    fn bytes_of_a_pixel(file: &HeifFile) -> u64;

    /// Decodes an item with at most `max_pixels`.
    fn planes(file: &HeifFile, id: ItemId, max_pixels: u64) -> Result<Planes, Unreadable>;

    /// A picture that is neither a coded item nor a grid.
    fn other(_bytes: &[u8], _max_pixels: u64) -> Result<RgbImage, Unreadable> {
        Err(Unreadable::Unknown(format!("{}: made of several pictures", Self::NAME)))
    }

    fn damaged(detail: &str) -> Unreadable {
        Unreadable::Broken { format: Self::NAME, detail: detail.to_owned() }
    }

    fn broken(error: Error) -> Unreadable {
        tracing::debug!("{}: {error}", Self::NAME);
        Self::damaged(": its boxes make no sense, or some are missing")
    }
}
