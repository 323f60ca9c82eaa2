//! Which of two copies shows more, compared by their pixels.

use std::cmp::Ordering;

use image::{RgbImage, imageops};

use super::window::Window;
use crate::dataset::BeyondRgb8;
use crate::dataset::sharpness::{Examined, examined, is_reduced};

/// Below this sharpness, a picture has no detail to lose.
const DETAILED: f64 = 0.03;
/// JPEG's blocks, in pixels: a crop is compared from a block of the whole on, because blocks that are compressed again
/// from other places on take more bytes.
const BLOCK: u32 = 8;
/// A picture with this much more detail, in bytes, was compressed less. Measured: 1.01 to 1.1 times as much as the same
/// at JPEG quality 85, at most 1.1 times as much as what it was made of.
const RICHER: f64 = 1.1;
/// The same for the sharpness of pictures of one size, of which one was compressed no more. Measured (docs/quality.md): no
/// JPEG is that much sharper than its picture, and all pictures are than a copy enlarged by a third.
const SHARPER: f64 = 1.25;
/// The same for the contrast of neighbouring colours, of a picture that was compressed no more. Measured: at most 1.07
/// times as much as in a blurred copy, at least 1.37 times as much as in one with colours of an eighth of the size.
const MORE_COLOURS: f64 = 1.35;
/// The edges of a window are known to this many pixels.
const EDGES: f64 = 2.0;

/// A complete picture in opaque RGB of 8 bits.
pub struct Complete {
    pub pixels: RgbImage,
    /// What its file holds beyond that.
    pub beyond: BeyondRgb8,
}

/// One picture relative to another one; ratios are 1 where nothing was measured, because the files tell enough.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fineness {
    /// The ratio of their sharpness.
    pub sharper: f64,
    /// The ratio of their detail.
    pub richer: f64,
    /// The ratio of the contrast of their neighbouring colours.
    pub colours: f64,
    /// Which one has pixels that aren't opaque: the greater one.
    pub transparent: Ordering,
    /// Which one needs more than 8 bits a sample.
    pub deep: Ordering,
}

impl Fineness {
    pub const EQUAL: Fineness =
        Fineness { sharper: 1.0, richer: 1.0, colours: 1.0, transparent: Ordering::Equal, deep: Ordering::Equal };

    /// Of two pictures that show the same, the first relative to the second, and which of them has the colours of a
    /// palette ([`have_palettes`]). Colours count unless one is grey.
    pub fn of(pictures: [&Complete; 2], palettes: [bool; 2], is_grey: bool) -> Fineness {
        Fineness::between(pictures.map(|picture| &picture.pixels), pictures, palettes, is_grey)
    }

    /// Of what a picture shows in a window, relative to a crop of the same.
    pub fn of_window(whole: &Complete, window: Window, part: &Complete, is_grey: bool) -> Fineness {
        let shown = shown_by_both(&whole.pixels, window, &part.pixels);
        let shown = shown.each_ref();
        Fineness::between(shown, [whole, part], have_palettes(shown, is_grey), is_grey)
    }

    fn between(shown: [&RgbImage; 2], pictures: [&Complete; 2], palettes: [bool; 2], is_grey: bool) -> Fineness {
        let [beyond, other] = pictures.map(|picture| picture.beyond);
        let transparent = beyond.is_transparent.cmp(&other.is_transparent);
        let unmeasured = Fineness { transparent, deep: beyond.is_deep.cmp(&other.is_deep), ..Fineness::EQUAL };
        let examined = examined(shown);
        let sharpness = examined.each_ref().map(Examined::sharpness);
        if sharpness[0].max(sharpness[1]) < DETAILED {
            return unmeasured;
        }
        let sharper = ratio(sharpness);
        // Dither looks like detail.
        let richer = match palettes {
            [true, false] => 0.0,
            [false, true] => f64::INFINITY,
            _ => ratio(examined.each_ref().map(Examined::detail)),
        };
        let colours = if is_grey { 1.0 } else { ratio(examined.each_ref().map(Examined::contrast_of_colours)) };
        Fineness { sharper, richer, colours, ..unmeasured }
    }

    /// Of one of the same size, whether it shows less: by its detail, sharpness or colours.
    pub fn is_poorer(&self) -> bool {
        self.richer * RICHER < 1.0 || self.is_smoother() || self.has_coarser_colours()
    }

    /// Of one of the same size, whether it was enlarged or blurred. What was compressed more has sharp blocks.
    fn is_smoother(&self) -> bool {
        self.richer < RICHER && self.sharper * SHARPER < 1.0
    }

    /// What was compressed more has blocks of other colours.
    pub fn has_coarser_colours(&self) -> bool {
        self.richer < RICHER && self.colours * MORE_COLOURS < 1.0
    }

    /// The second relative to the first.
    pub fn reversed(self) -> Fineness {
        Fineness {
            sharper: 1.0 / self.sharper,
            richer: 1.0 / self.richer,
            colours: 1.0 / self.colours,
            transparent: self.transparent.reverse(),
            deep: self.deep.reverse(),
        }
    }
}

/// Which of two pictures were reduced to the colours of a palette. None, if one is grey: grey pictures have few colours
/// by nature.
pub fn have_palettes(pictures: [&RgbImage; 2], is_grey: bool) -> [bool; 2] {
    pictures.map(|picture| !is_grey && is_reduced(picture))
}

fn ratio([a, b]: [f64; 2]) -> f64 {
    a / b.max(f64::MIN_POSITIVE)
}

/// A picture's window and a crop of about the same: if neither was scaled, the same pixels of both, from a block of the
/// whole on.
fn shown_by_both(whole: &RgbImage, window: Window, part: &RgbImage) -> [RgbImage; 2] {
    let (width, height) = (f64::from(whole.width()), f64::from(whole.height()));
    let [left, top] = [window.x * width, window.y * height].map(|edge| edge.round() as u32);
    let size = [window.width * width, window.height * height];
    let is_near = |window: f64, part: u32| (window - f64::from(part)).abs() <= EDGES;
    if !is_near(size[0], part.width()) || !is_near(size[1], part.height()) {
        let [width, height] = size.map(|edge| (edge.round() as u32).max(1));
        return [imageops::crop_imm(whole, left, top, width, height).to_image(), part.clone()];
    }
    // Of a tiny picture, nothing would be left.
    let is_large = part.width().min(part.height()) > 2 * BLOCK;
    let [right, down] = [left, top].map(|edge| if is_large { edge.next_multiple_of(BLOCK) - edge } else { 0 });
    let across = part.width().saturating_sub(right).min(whole.width().saturating_sub(left + right));
    let along = part.height().saturating_sub(down).min(whole.height().saturating_sub(top + down));
    [(whole, left + right, top + down), (part, right, down)]
        .map(|(picture, x, y)| imageops::crop_imm(picture, x, y, across, along).to_image())
}
