//! Kitty's pictures: sent once as a PNG with a palette, then shown wherever text cells stand for them.
//!
//! Of photographs a palette of 256 colours, dithered in Oklab, makes a fifth of the bytes that kitty is usually sent
//! (RGBA as it is), and half of those of a PNG in true colour.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::{DynamicImage, RgbImage};
use quantette::{ImageRef, Pipeline};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect, Size};
use ratatui::widgets::Widget;
use ratatui_image::Image;
use ratatui_image::protocol::Protocol;
use ratatui_image::protocol::kitty::Kitty;

use super::shared;
use crate::tui::tmux;

/// Characters of base64 in a command, at most (kitty's documentation).
const CHUNK: usize = 4096;

/// What makes kitty keep `image` under the number `id`, to be shown in so many cells; the terminal scales it to them.
pub fn transmission(image: &RgbImage, id: u32, cells: Size, in_tmux: bool) -> Result<String, String> {
    let encoded = STANDARD.encode(palette_png(image)?);
    let chunks = encoded.as_bytes().chunks(CHUNK);
    let last = chunks.len() - 1;
    let mut sent = String::with_capacity(encoded.len() + 64 * (last + 1));
    for (i, chunk) in chunks.enumerate() {
        let how = if i == 0 { keep(id, cells) + "f=100,t=d," } else { String::new() };
        let more = u8::from(i < last);
        let command = format!("\x1b_Gq=2,{how}m={more};{}\x1b\\", String::from_utf8_lossy(chunk));
        // One command each: tmux hands through only so much at a time.
        sent += &tmux::passed_through(command, in_tmux);
    }
    Ok(sent)
}

/// The same for the pixels of an image of this size in `file`, which kitty deletes.
pub fn transmission_of_file(file: &Path, size: (u32, u32), id: u32, cells: Size, in_tmux: bool) -> String {
    let (width, height) = size;
    let (how, name) = (keep(id, cells), shared::named(file));
    tmux::passed_through(format!("\x1b_Gq=2,{how}f=24,t=t,s={width},v={height};{name}\x1b\\"), in_tmux)
}

fn keep(id: u32, cells: Size) -> String {
    format!("i={id},a=T,U=1,c={},r={},", cells.width, cells.height)
}

fn palette_png(image: &RgbImage) -> Result<Vec<u8>, String> {
    let failed = |e: &dyn std::fmt::Display| format!("can't be made a PNG: {e}");
    let pixels = ImageRef::try_from(image).map_err(|e| failed(&e))?;
    let (palette, indices) = Pipeline::new().input_image(pixels).output_srgb8_indexed_image().into_parts();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, image.width(), image.height());
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_palette(palette.iter().flat_map(|c| [c.red, c.green, c.blue]).collect::<Vec<u8>>());
    encoder.set_compression(png::Compression::High);
    // Neighbouring indices have little to do with each other.
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header().map_err(|e| failed(&e))?;
    writer.write_image_data(&indices).map_err(|e| failed(&e))?;
    writer.finish().map_err(|e| failed(&e))?;
    Ok(bytes)
}

/// The text cells that stand for the picture `id`.
pub fn placeholders(id: u32, cells: Size, in_tmux: bool) -> Result<Protocol, ratatui_image::errors::Errors> {
    let one_pixel = DynamicImage::new_rgb8(1, 1);
    let protocol = Protocol::Kitty(Kitty::new(one_pixel, cells, id, in_tmux, false)?);
    // With the first cell it draws it also sends its one pixel, once: to nobody.
    let area = Rect::from((Position::ORIGIN, cells));
    Image::new(&protocol).render(area, &mut Buffer::empty(area));
    Ok(protocol)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gradient() -> RgbImage {
        RgbImage::from_fn(200, 100, |x, y| image::Rgb([x as u8, y as u8, (x + y) as u8]))
    }

    #[test]
    fn it_is_sent_in_chunks_that_make_a_png_and_only_once() {
        let sent = transmission(&gradient(), 77, Size::new(20, 5), false).unwrap();
        let commands: Vec<_> = sent.split("\x1b_G").skip(1).collect();
        assert!(commands[0].starts_with("q=2,i=77,a=T,U=1,c=20,r=5,f=100,t=d,m=1;"), "{}", commands[0]);
        assert!(commands.last().unwrap().starts_with("q=2,m=0;"));
        let payload: String =
            commands.iter().map(|c| c.split_once(';').unwrap().1.trim_end_matches("\x1b\\")).collect();
        let png = image::load_from_memory(&STANDARD.decode(payload).unwrap()).unwrap().into_rgb8();
        // Dithered: right on average.
        let mean = |image: &RgbImage| image.as_raw().iter().map(|v| f64::from(*v)).sum::<f64>() / image.len() as f64;
        assert!((mean(&png) - mean(&gradient())).abs() < 1.0);

        let area = Rect::new(0, 0, 20, 5);
        let mut buffer = Buffer::empty(area);
        Image::new(&placeholders(77, Size::new(20, 5), false).unwrap()).render(area, &mut buffer);
        let text: String = buffer.content().iter().map(|cell| cell.symbol()).collect();
        assert!(text.starts_with('\u{10EEEE}') && !text.contains('\x1b'));
    }

    #[test]
    fn in_tmux_each_command_is_passed_through() {
        let sent = transmission(&gradient(), 77, Size::new(20, 5), true).unwrap();
        let passed: Vec<_> = sent.split("\x1bPtmux;").skip(1).collect();
        assert!(
            passed.len() > 1 && passed.iter().all(|p| p.starts_with("\x1b\x1b_G") && p.ends_with("\x1b\x1b\\\x1b\\"))
        );
    }
}
