//! Encodes a picture's file for the terminal. Runs on workers, never on the screen's thread.

use std::sync::Arc;

use image::{RgbImage, imageops};
use ratatui::layout::Size;

use super::decoded::{Bitmap, Decoded};
use crate::dataset::PicturePart;
use crate::dataset::thumbnail::{self, Section};
use crate::duplicates::SharedPart;
use crate::error::{Error, Result};
use crate::terminal::graphics::Delivery;
use crate::terminal::{Cells, Graphics, Terminal};
use crate::tui::pictures::{Part, Picture, Quality, Slot, Strip, detail, difference, heat};

/// The size in bytes of a strip of a large picture: what a line of 10 Mbit/s takes in one go.
const STRIP: usize = 40_000;
/// The most that a picture is enlarged beyond its own pixels to fill the room.
const MAX_ENLARGED: u32 = 8;

/// Encodes pictures.
pub struct PictureEncoder {
    decoded: Arc<Decoded>,
}

impl PictureEncoder {
    pub fn new(decoded: Arc<Decoded>) -> PictureEncoder {
        PictureEncoder { decoded }
    }

    /// The picture for `slot`, or why there is none.
    pub fn encode(&self, slot: &Slot, terminal: &Terminal) -> Result<Picture> {
        let Bitmap { image: bitmap, size: pixels } = match slot.part {
            Part::Preview if slot.cut.is_none() => self.decoded.thumbnail(&slot.path, slot.stamp)?,
            Part::Preview | Part::Zoomed { .. } | Part::Scaled { .. } => self.decoded.full(&slot.path, slot.stamp)?,
        };
        let bitmap = slot.cut.map_or_else(|| bitmap.clone(), |cut| Arc::new(cut_out(&bitmap, cut, pixels)));
        let bitmap =
            if slot.shared == SharedPart::ALL { bitmap } else { Arc::new(slot.shared.of(&bitmap).into_owned()) };
        let bitmap = slot.heat.as_ref().map_or_else(|| bitmap.clone(), |h| Arc::new(heat::laid_over(&bitmap, h)));
        let graphics = match slot.quality {
            Quality::Rough => Graphics::HalfBlocks,
            Quality::Sharp | Quality::Fine => terminal.graphics,
        };
        let fine = slot.quality == Quality::Fine || !has_fine(terminal, slot.part);
        let (part, shown) = part(bitmap.dimensions(), slot);
        let cells = cells(shown, slot.cell);
        let size = graphics.protocol().pixels(shown, cells, fine);
        let scaled = match &slot.against {
            None => thumbnail::resize_part(&bitmap, part, size.0, size.1),
            Some((other, shared)) => {
                let other = self.decoded.full(&other.path, other.stamp)?.image;
                drawn_difference(&bitmap, &shared.of(&other), part, size)
            }
        };
        let rows = match terminal.remote && !graphics.protocol().scales(fine) {
            true => rows_of_a_strip(graphics, cells.width, slot.cell),
            false => cells.height,
        };
        let delivery =
            Delivery { fine, reads_files: terminal.reads_files, tmux: terminal.tmux, colours: terminal.colours };
        let strips = in_strips(scaled, cells, rows, graphics.protocol().pixels_of_a_row(slot.cell)).into_iter();
        let strips = strips.map(|(image, cells)| strip(image, cells, graphics, delivery, slot));
        let strips = strips.collect::<Result<Vec<_>>>()?;
        let wire: usize = strips.iter().map(|strip| strip.wire).sum();
        // Terminals store four bytes per pixel.
        let bytes = wire.max(size.0 as usize * size.1 as usize * 4);
        let cells = Size::new(cells.width, cells.height);
        Ok(Picture { strips, cells, pixels, bytes })
    }
}

/// Whether there is something finer than [`Quality::Sharp`], because that leaves details out.
pub fn has_fine(terminal: &Terminal, part: Part) -> bool {
    terminal.remote && terminal.graphics.protocol().leaves_out(part == Part::Preview)
}

/// The rows of cells that take about [`STRIP`] bytes.
fn rows_of_a_strip(graphics: Graphics, width: u16, cell: (u16, u16)) -> u16 {
    (STRIP / (graphics.protocol().bytes_of_a_cell(cell) * usize::from(width)).max(1)).max(1) as u16
}

/// Cuts `image`, which covers these cells, into strips of `rows` rows of cells, each `row` pixels high.
fn in_strips(image: RgbImage, cells: Cells, rows: u16, row: u32) -> Vec<(RgbImage, Cells)> {
    if rows >= cells.height {
        return vec![(image, cells)];
    }
    let strip = |top: u16| {
        let cells = Cells { height: rows.min(cells.height - top), ..cells };
        let y = u32::from(top) * row;
        let height = (u32::from(cells.height) * row).min(image.height() - y);
        (imageops::crop_imm(&image, 0, y, image.width(), height).to_image(), cells)
    };
    (0..cells.height).step_by(rows.into()).map(strip).collect()
}

fn strip(image: RgbImage, cells: Cells, graphics: Graphics, delivery: Delivery, slot: &Slot) -> Result<Strip> {
    let encoded = graphics.protocol().encode(&image, cells, delivery).map_err(|e| Error::picture(&slot.path, e))?;
    let strip = Strip::new(encoded, cells, graphics.protocol().bytes_of_a_cell(slot.cell), delivery.tmux);
    strip.map_err(|e| Error::picture(&slot.path, format!("can't be encoded for this terminal: {e}")))
}

/// Cuts `cut`, given in pixels of the whole picture, out of a reduced bitmap.
fn cut_out(bitmap: &RgbImage, cut: PicturePart, pixels: (u32, u32)) -> RgbImage {
    let along = |begin: u32, length: u32, of: u32, edge: u32| {
        let scaled = |at: u32| (u64::from(at) * u64::from(edge) / u64::from(of.max(1))) as u32;
        // The file may have become a smaller picture in the meantime.
        let begin = scaled(begin).min(edge - 1);
        (begin, scaled(length).clamp(1, edge - begin))
    };
    let (x, width) = along(cut.x, cut.width, pixels.0, bitmap.width());
    let (y, height) = along(cut.y, cut.height, pixels.1, bitmap.height());
    imageops::crop_imm(bitmap, x, y, width, height).to_image()
}

/// The section of a picture of this size that `slot` shows, and the cells it takes.
pub fn place(pixels: (u32, u32), slot: &Slot) -> (Section, Cells) {
    let (section, shown) = part(pixels, slot);
    (section, cells(shown, slot.cell))
}

/// The section of a picture of this size that `slot` shows, and its size on the screen in pixels.
fn part((width, height): (u32, u32), slot: &Slot) -> (Section, (u32, u32)) {
    let room = slot.pixels();
    let all = Section { left: 0.0, top: 0.0, width: width.into(), height: height.into() };
    let fitted = fitted((width, height), room);
    let (zoom, centre) = match slot.part {
        Part::Scaled { whole, centre } => return detail::seen((width, height), whole, centre, room),
        Part::Zoomed { zoom, centre } if zoom > 100 => (zoom, centre),
        Part::Zoomed { .. } | Part::Preview => return (all, fitted),
    };
    let scaled = |edge: u32| u64::from(edge) * u64::from(zoom) / 100;
    let shown = (scaled(fitted.0).min(room.0.into()) as u32, scaled(fitted.1).min(room.1.into()) as u32);
    // Where the section starts and how long it is, in the picture's pixels.
    let source = |shown: u32, fitted: u32, edge: u32, centre: u16| {
        let length = (u64::from(shown) * 100 * u64::from(edge)) / (u64::from(fitted) * u64::from(zoom));
        let length = length.clamp(1, u64::from(edge)) as u32;
        let middle = (u64::from(edge) * u64::from(centre) / 1000) as u32;
        (middle.saturating_sub(length / 2).min(edge - length), length)
    };
    let (x, w) = source(shown.0, fitted.0, width, centre.0);
    let (y, h) = source(shown.1, fitted.1, height, centre.1);
    (Section { left: x.into(), top: y.into(), width: w.into(), height: h.into() }, (shown.0.max(1), shown.1.max(1)))
}

/// The size in screen pixels at which a picture of this size fits the room.
pub fn fitted((width, height): (u32, u32), room: (u32, u32)) -> (u32, u32) {
    let most = |room: u32, edge: u32| room.min(edge.saturating_mul(MAX_ENLARGED));
    thumbnail::fitted((width, height), most(room.0, width), most(room.1, height))
}

/// The difference of two pictures in this section of the first, at this size. The second is scaled to the size of the
/// first.
fn drawn_difference(a: &RgbImage, b: &RgbImage, part: Section, (width, height): (u32, u32)) -> RgbImage {
    let across = f64::from(b.width()) / f64::from(a.width());
    let down = f64::from(b.height()) / f64::from(a.height());
    let (left, top) = (part.left * across, part.top * down);
    let same = Section { left, top, width: part.width * across, height: part.height * down };
    let scaled = |picture, part| thumbnail::resize_part(picture, part, width, height);
    difference::drawn(&scaled(a, part), &scaled(b, same))
}

/// The cells that a picture of this size in pixels covers.
fn cells(shown: (u32, u32), cell: (u16, u16)) -> Cells {
    Cells::new(shown.0.div_ceil(cell.0.into()) as u16, shown.1.div_ceil(cell.1.into()) as u16)
}

#[cfg(test)]
mod tests {
    use ratatui_image::protocol::Protocol;

    use super::*;
    use crate::dataset::decode;
    use crate::dataset::thumbnails::Thumbnails;
    use crate::tui::pictures::PictureFile;

    fn slot(room: Size, part: Part, quality: Quality) -> (tempfile::TempDir, Slot) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.png");
        RgbImage::from_fn(400, 200, |x, _| image::Rgb([(x / 2) as u8, 0, 0])).save(&path).unwrap();
        (
            folder,
            Slot {
                path,
                stamp: None,
                room,
                cell: (10, 20),
                part,
                quality,
                heat: None,
                cut: None,
                is_coarse: false,
                shared: SharedPart::ALL,
                against: None,
            },
        )
    }

    fn encoder(folder: &tempfile::TempDir) -> PictureEncoder {
        PictureEncoder::new(Arc::new(Decoded::new(Thumbnails::new(folder.path()))))
    }

    fn terminal(graphics: Graphics) -> Terminal {
        Terminal { graphics, cell: (10, 20), ..Terminal::default() }
    }

    #[test]
    fn every_protocol_fits_the_room_and_keeps_proportions() {
        for graphics in [Graphics::HalfBlocks, Graphics::Kitty, Graphics::Sixel, Graphics::Iterm2] {
            for quality in [Quality::Rough, Quality::Sharp] {
                let (folder, slot) = slot(Size::new(20, 20), Part::Preview, quality);
                let picture = encoder(&folder).encode(&slot, &terminal(graphics)).unwrap();
                // 400 x 200 pixels in 200 x 400: 200 x 100, which is 20 x 5 cells.
                assert_eq!((picture.cells, picture.strips.len()), (Size::new(20, 5), 1), "{graphics:?}");
                assert_eq!(picture.strips[0].protocol.size(), picture.cells, "{graphics:?}");
                assert_eq!(picture.pixels, (400, 200));
            }
        }
    }

    #[test]
    fn over_a_line_large_pictures_come_in_strips_without_gaps() {
        for graphics in [Graphics::HalfBlocks, Graphics::Kitty, Graphics::Sixel, Graphics::Iterm2] {
            let part = Part::Zoomed { zoom: 100, centre: (500, 500) };
            let (folder, slot) = slot(Size::new(200, 60), part, Quality::Sharp);
            let remote = Terminal { remote: true, ..terminal(graphics) };
            let picture = encoder(&folder).encode(&slot, &remote).unwrap();
            assert!(picture.strips.len() > 1, "{graphics:?}");
            let sizes: Vec<_> = picture.strips.iter().map(|strip| strip.protocol.size()).collect();
            assert_eq!(sizes.iter().map(|size| size.height).sum::<u16>(), picture.cells.height, "{graphics:?}");
            assert!(sizes.iter().all(|size| size.width == picture.cells.width), "{graphics:?}");
            let local = encoder(&folder).encode(&slot, &terminal(graphics)).unwrap();
            assert_eq!((local.strips.len(), local.cells), (1, picture.cells), "{graphics:?}");
        }
    }

    #[test]
    fn a_part_is_cut_from_the_picture_and_from_one_that_has_become_smaller() {
        let red = |cut: PicturePart| {
            let (folder, slot) = slot(Size::new(40, 20), Part::Preview, Quality::Sharp);
            let slot = Slot { cut: Some(cut), ..slot };
            let picture =
                encoder(&folder).encode(&slot, &Terminal { reads_files: true, ..terminal(Graphics::Kitty) }).unwrap();
            let pixels = std::fs::read(picture.strips[0].kept.as_ref().unwrap().file.as_ref().unwrap()).unwrap();
            (picture.pixels, pixels[0], pixels[pixels.len() - 3])
        };
        // Red is half of x.
        let (pixels, first, last) = red(PicturePart { x: 100, y: 50, width: 40, height: 20 });
        assert_eq!((pixels, first, last), ((400, 200), 50, 69));
        let (_, first, last) = red(PicturePart { x: 900, y: 700, width: 50, height: 50 });
        assert_eq!((first, last), (199, 199));
    }

    #[test]
    fn a_kitty_that_reads_files_is_given_the_pixels_as_they_are() {
        let (folder, slot) = slot(Size::new(40, 10), Part::Preview, Quality::Sharp);
        let picture =
            encoder(&folder).encode(&slot, &Terminal { reads_files: true, ..terminal(Graphics::Kitty) }).unwrap();
        let kept = picture.strips[0].kept.as_ref().unwrap();
        assert!(kept.transmission.contains("f=24,t=t,s=400,v=200;"), "{}", kept.transmission);
        let pixels = std::fs::read(kept.file.as_ref().unwrap()).unwrap();
        assert_eq!(pixels.len(), 400 * 200 * 3);
        assert_eq!(pixels[3 * 200], 100, "red is half of x");
    }

    #[test]
    fn zooming_shows_a_part_in_more_room() {
        let part_of = |zoom, centre| {
            let (_folder, slot) = slot(Size::new(20, 20), Part::Zoomed { zoom, centre }, Quality::Sharp);
            let bitmap = thumbnail::flatten(decode::open(&slot.path).unwrap());
            let (source, shown) = part(bitmap.dimensions(), &slot);
            (thumbnail::resize_part(&bitmap, source, source.width as u32, source.height as u32), shown)
        };
        assert_eq!(part_of(100, (500, 500)).1, (200, 100));
        let (image, shown) = part_of(400, (500, 500));
        assert_eq!(shown, (200, 400));
        assert_eq!(image.dimensions(), (100, 200));
        assert_eq!(image.get_pixel(0, 0).0[0], 75);
        // The centre can't leave the picture.
        assert_eq!(part_of(400, (0, 0)).0.get_pixel(0, 0).0[0], 0);
        assert_eq!(part_of(400, (1000, 1000)).0.get_pixel(0, 0).0[0], 150);
    }

    /// The picture's pixels, as sent to a kitty that reads files.
    fn sent(encoder: &PictureEncoder, slot: &Slot) -> RgbImage {
        let picture = encoder.encode(slot, &Terminal { reads_files: true, ..terminal(Graphics::Kitty) }).unwrap();
        let pixels = std::fs::read(picture.strips[0].kept.as_ref().unwrap().file.as_ref().unwrap()).unwrap();
        let size = slot.pixels();
        RgbImage::from_raw(size.0, size.1, pixels).unwrap()
    }

    #[test]
    fn a_pixel_is_a_pixel_at_one_to_one_and_a_smaller_copy_shows_the_same() {
        let part = Part::Scaled { whole: (400, 200), centre: detail::MIDDLE };
        let (folder, slot) = slot(Size::new(20, 5), part, Quality::Sharp);
        let encoder = encoder(&folder);
        let picture = thumbnail::flatten(decode::open(&slot.path).unwrap());
        let seen = sent(&encoder, &slot);
        assert_eq!(seen, imageops::crop_imm(&picture, 100, 50, 200, 100).to_image());

        let half = folder.path().join("half.png");
        thumbnail::resize(&picture, 200, 100).save(&half).unwrap();
        let same = sent(&encoder, &Slot { path: half.clone(), ..slot.clone() });
        let differ = |a: &RgbImage, b: &RgbImage| a.iter().zip(b.iter()).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        assert!(differ(&seen, &same) <= 1);

        let against = |path: &std::path::Path| {
            let against = Some((PictureFile { path: path.to_owned(), stamp: None }, SharedPart::ALL));
            sent(&encoder, &Slot { against, ..slot.clone() })
        };
        assert!(against(&slot.path).iter().all(|value| *value == 0));
        // One grey level, at most.
        assert!(against(&half).iter().all(|value| *value <= 28));
    }

    #[test]
    fn sixel_escapes_are_doubled_in_tmux() {
        let (folder, slot) = slot(Size::new(4, 2), Part::Preview, Quality::Sharp);
        let tmux = Terminal { tmux: true, ..terminal(Graphics::Sixel) };
        let picture = encoder(&folder).encode(&slot, &tmux).unwrap();
        let Protocol::Sixel(sixel) = &picture.strips[0].protocol else { panic!("asked for sixel") };
        assert!(sixel.data.starts_with("\x1bPtmux;\x1b\x1b"));
        assert!(sixel.data.ends_with("\x1b\x1b\\\x1b\\"));
    }
}
