//! The picture that a file in boxes shows: a coded item, or a grid of them, then cropped, turned and mirrored as the
//! file says.

use heifer_isobmff::boxes::{ColorInfo, Property};
use heifer_isobmff::{HeifFile, ItemId};
use image::{RgbImage, imageops};

use super::codec::Codec;
use super::planes::{Colours, Planes};
use super::rgb::rgb;
use crate::dataset::unreadable::Unreadable;

/// The size of the primary picture after all transformations.
pub fn dimensions<C: Codec>(file: &HeifFile) -> Result<(u32, u32), Unreadable> {
    let id = file.primary_id;
    let stored = file.image_size(id).map_err(C::broken)?;
    let mut size = match stored {
        Some(size) => size,
        None => file.grid(id).map(|grid| (grid.output_width, grid.output_height)).map_err(C::broken)?,
    };
    for property in file.item_properties(id).map_err(C::broken)? {
        size = match *property {
            Property::CleanAperture { width, height, .. } => {
                (part(width).unwrap_or(size.0).min(size.0), part(height).unwrap_or(size.1).min(size.1))
            }
            Property::Rotation(quarters) if quarters % 2 == 1 => (size.1, size.0),
            _ => size,
        };
    }
    Ok(size)
}

fn part((above, below): (u32, u32)) -> Option<u32> {
    (below > 0).then(|| (f64::from(above) / f64::from(below)).round() as u32)
}

/// Whether `picture` supports the item.
pub fn is_known<C: Codec>(file: &HeifFile, id: ItemId) -> bool {
    let kind = |id: ItemId| file.item(id).map(|item| item.item_type.0);
    match kind(id) {
        Ok(coded) if C::is_coded(coded) => true,
        Ok(grid) if grid == *b"grid" => {
            let tiles = file.referenced_items(id, b"dimg");
            let is_plain = |tile: ItemId| {
                let turns = |property: &Property| {
                    matches!(property, Property::CleanAperture { .. } | Property::Rotation(1..) | Property::Mirror(_))
                };
                kind(tile).is_ok_and(C::is_coded) && file.item_properties(tile).is_ok_and(|mut all| !all.any(turns))
            };
            !tiles.is_empty() && tiles.iter().all(|tile| is_plain(*tile))
        }
        _ => false,
    }
}

/// The primary picture.
pub fn picture<C: Codec>(file: &HeifFile, max_pixels: u64) -> Result<RgbImage, Unreadable> {
    let id = file.primary_id;
    let is_coded = C::is_coded(file.item(id).map_err(C::broken)?.item_type.0);
    let mut planes = if is_coded { coded::<C>(file, id, max_pixels)? } else { grid::<C>(file, id, max_pixels)? };
    if let Some(colours) = colours(file, id) {
        planes.colours = colours;
    }
    let mut image = rgb(planes, C::LIKE).ok_or_else(|| C::damaged(": some of its pixels are missing"))?;
    for property in file.item_properties(id).map_err(C::broken)? {
        image = match *property {
            Property::CleanAperture { width, height, horiz_offset, vert_offset } => {
                let (left, wide) = aperture(image.width(), width, horiz_offset);
                let (top, high) = aperture(image.height(), height, vert_offset);
                imageops::crop_imm(&image, left, top, wide, high).to_image()
            }
            // Anticlockwise.
            Property::Rotation(1) => imageops::rotate270(&image),
            Property::Rotation(2) => imageops::rotate180(&image),
            Property::Rotation(3) => imageops::rotate90(&image),
            Property::Mirror(true) => imageops::flip_vertical(&image),
            Property::Mirror(false) => imageops::flip_horizontal(&image),
            _ => image,
        };
    }
    Ok(image)
}

/// The first pixel and the number of pixels of a crop along an edge; `offset` is from the picture's centre to the
/// crop's.
fn aperture(edge: u32, size: (u32, u32), offset: (i32, u32)) -> (u32, u32) {
    let Some(wanted) = part(size).filter(|_| offset.1 > 0) else { return (0, edge) };
    let exact = f64::from(size.0) / f64::from(size.1);
    let middle = f64::from(offset.0) / f64::from(offset.1) + (f64::from(edge) - 1.0) / 2.0;
    let first = ((middle - (exact - 1.0) / 2.0).round().max(0.0) as u32).min(edge);
    (first, wanted.min(edge - first))
}

/// The container's statement about an item's colours, which wins over the bitstream's.
fn colours(file: &HeifFile, id: ItemId) -> Option<Colours> {
    file.item_properties(id).ok()?.find_map(|property| match *property {
        Property::Color(ColorInfo::Nclx { matrix, full_range, .. }) => {
            Some(Colours { matrix, is_full_range: full_range })
        }
        _ => None,
    })
}

/// A coded item, cut to the size stated by the file: more may be coded.
fn coded<C: Codec>(file: &HeifFile, id: ItemId, max_pixels: u64) -> Result<Planes, Unreadable> {
    let mut planes = C::planes(file, id, max_pixels)?;
    if !planes.is_whole() {
        return Err(C::damaged(": some of its pixels are missing"));
    }
    if let Some(colours) = colours(file, id) {
        planes.colours = colours;
    }
    match file.image_size(id).map_err(C::broken)? {
        Some((width, height)) if width as usize > planes.width || height as usize > planes.height => {
            Err(C::damaged(": its size isn't what it says"))
        }
        Some((width, height)) => Ok(planes.cropped(width as usize, height as usize)),
        None => Ok(planes),
    }
}

fn grid<C: Codec>(file: &HeifFile, id: ItemId, max_pixels: u64) -> Result<Planes, Unreadable> {
    let grid = file.grid(id).map_err(C::broken)?;
    let tiles = file.referenced_items(id, b"dimg");
    let (width, height) = (grid.output_width as usize, grid.output_height as usize);
    if tiles.len() != usize::from(grid.rows) * usize::from(grid.columns) {
        return Err(C::damaged(": tiles are missing"));
    }
    if width as u64 * height as u64 > max_pixels {
        return Err(Unreadable::TooManyPixels(grid.output_width, grid.output_height));
    }
    let mut canvas: Option<(Planes, (usize, usize))> = None;
    for (at, tile) in tiles.iter().enumerate() {
        let tile = coded::<C>(file, *tile, max_pixels)?;
        let (canvas, size) =
            canvas.get_or_insert_with(|| (Planes::blank(width, height, &tile), (tile.width, tile.height)));
        let (column, row) = (at % usize::from(grid.columns), at / usize::from(grid.columns));
        let (x, y) = (column.saturating_mul(size.0), row.saturating_mul(size.1));
        if (tile.width, tile.height) != *size || !canvas.is_like(&tile) || !canvas.is_between_samples(x, y) {
            return Err(C::damaged(": its tiles don't fit"));
        }
        canvas.paste(&tile, *size, (x, y));
    }
    canvas.map(|(canvas, _)| canvas).ok_or_else(|| C::damaged(": tiles are missing"))
}
