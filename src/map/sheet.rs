//! A map as one large image.

use image::{Rgb, RgbImage, imageops};
use parking_lot::Mutex;

use super::picture_map::PictureMap;
use super::tiles::{TileSize, showing_order, without_overlap};
use crate::cancel::Cancel;
use crate::dataset::thumbnail::{fitted, resize};
use crate::dataset::thumbnails::Thumbnails;
use crate::duplicates::Collection;
use crate::error::{Error, Result};
use crate::limits::Limit;
use crate::parallel;
use crate::progress::Progress;

const GROUND: Rgb<u8> = Rgb([255, 255, 255]);
/// The colours of the two datasets: blue and orange, which nobody confuses (Okabe and Ito, 2008).
const COLOURS: [Rgb<u8>; 2] = [Rgb([0, 114, 178]), Rgb([213, 94, 0])];

/// In pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SheetSize {
    /// The longer side.
    pub edge: u32,
    /// A picture's longer side.
    pub tile: u32,
}

impl SheetSize {
    /// The gap between two pictures, with room for a frame in the dataset's colour.
    fn gap(self) -> u32 {
        (self.tile / 16).max(2)
    }
}

/// A map drawn as an image: pictures where there is room, dots elsewhere: discs for the first dataset, squares for the
/// second.
pub struct MapSheet {
    pub image: RgbImage,
    /// The number of pictures shown.
    pub shown: usize,
    /// Pictures that can't be read; they are dots.
    pub failed: Vec<Error>,
}

impl MapSheet {
    /// Ends early with [`Error::Cancelled`], or if memory runs out.
    pub fn draw(
        (collection, map): (&Collection, &PictureMap),
        size: SheetSize,
        thumbnails: &Thumbnails,
        cancel: &Cancel,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<MapSheet> {
        let whole = size.tile + size.gap();
        let inner = f64::from(size.edge.saturating_sub(whole).max(1));
        let at = |x: f32| (f64::from(x) * inner) as i64 + i64::from(whole / 2);
        let places: Vec<(i64, i64)> = map.places.iter().map(|[x, y]| (at(*x), at(*y))).collect();
        let [width, height] = map.size.map(|side| at(side) as u32 + whole.div_ceil(2));
        let mut image = blank(width, height)?;
        for (picture, place) in places.iter().enumerate() {
            dot(&mut image, *place, size.gap(), collection.picture(picture as u32).source);
        }
        let tile = TileSize { width: whole.into(), height: whole.into() };
        let tiles = without_overlap(&places, tile, &showing_order(places.len()));
        let (image, failed) = (Mutex::new(image), Mutex::new(Vec::new()));
        let done = std::sync::atomic::AtomicUsize::new(0);
        parallel::try_map_each(&tiles, |(picture, corner)| -> Result<()> {
            cancel.check()?;
            let file = collection.image(*picture);
            match thumbnails.open(&file.path, Some(file.stamp())) {
                Ok((bitmap, _)) => {
                    let (width, height) = fitted(bitmap.dimensions(), size.tile, size.tile);
                    let small = resize(&bitmap, width, height);
                    paste(&mut image.lock(), &small, *corner, whole, (size, collection.picture(*picture).source));
                }
                Err(error @ Error::Limit(_)) => return Err(error),
                Err(error) => failed.lock().push(error),
            }
            let done = done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
            progress(Progress::images(done, tiles.len()));
            Ok(())
        })?;
        let mut failed = failed.into_inner();
        failed.sort_by_key(ToString::to_string);
        Ok(MapSheet { image: image.into_inner(), shown: tiles.len() - failed.len(), failed })
    }
}

fn blank(width: u32, height: u32) -> Result<RgbImage> {
    let bytes = width as usize * height as usize * 3;
    let mut pixels = Vec::new();
    pixels.try_reserve_exact(bytes).map_err(|_| Error::Limit(Limit::Memory))?;
    pixels.resize(bytes, GROUND[0]);
    Ok(RgbImage::from_raw(width, height, pixels).expect("three bytes a pixel"))
}

fn dot(image: &mut RgbImage, (x, y): (i64, i64), width: u32, source: usize) {
    let radius = i64::from(width / 2).max(1);
    for (across, down) in (-radius..=radius).flat_map(|a| (-radius..=radius).map(move |b| (a, b))) {
        let is_in = source > 0 || across * across + down * down <= radius * radius;
        let (x, y) = (u32::try_from(x + across), u32::try_from(y + down));
        if let (true, Ok(x), Ok(y)) = (is_in, x, y)
            && let Some(pixel) = image.get_pixel_mut_checked(x, y)
        {
            *pixel = COLOURS[source % 2];
        }
    }
}

/// Draws a picture in the middle of its tile, with a frame in its dataset's colour if that is the second.
fn paste(image: &mut RgbImage, small: &RgbImage, corner: (i64, i64), whole: u32, (size, source): (SheetSize, usize)) {
    let middle = |room: u32, edge: u32| i64::from((room - edge) / 2);
    let (x, y) = (corner.0 + middle(whole, small.width()), corner.1 + middle(whole, small.height()));
    let frame = size.gap() / 2;
    let ground = RgbImage::from_pixel(whole, whole, GROUND);
    imageops::replace(image, &ground, corner.0, corner.1);
    if source > 0 {
        let framed = RgbImage::from_pixel(small.width() + 2 * frame, small.height() + 2 * frame, COLOURS[source % 2]);
        imageops::replace(image, &framed, x - i64::from(frame), y - i64::from(frame));
    }
    imageops::replace(image, small, x, y);
}
