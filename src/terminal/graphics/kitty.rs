//! Kitty's pictures: sent once as a PNG with a palette, then shown wherever placeholder cells stand.
//!
//! For photographs, a palette of 256 colours, dithered in Oklab, takes a fifth of the bytes of kitty's usual format
//! (raw RGBA), and half of a true-colour PNG.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::RgbImage;
use quantette::{ImageRef, Pipeline};

use super::super::answers::Answers;
use super::super::cells::Cells;
use super::super::{shared, tmux};
use super::encoded::{EncodeError, Encoded, Kept};
use super::protocol::{Delivery, Protocol};

/// The first kitty with image placeholders.
const WITH_PLACEHOLDERS: (u32, u32) = (0, 28);
/// A cell of a picture stored by kitty.
const PLACEHOLDER: char = '\u{10eeee}';
/// The diacritics on a placeholder for the numbers from 0 (kitty's documentation, rowcolumn-diacritics.txt, the first
/// of them).
const MARKS: [char; 64] = [
    '\u{305}', '\u{30d}', '\u{30e}', '\u{310}', '\u{312}', '\u{33d}', '\u{33e}', '\u{33f}', '\u{346}', '\u{34a}',
    '\u{34b}', '\u{34c}', '\u{350}', '\u{351}', '\u{352}', '\u{357}', '\u{35b}', '\u{363}', '\u{364}', '\u{365}',
    '\u{366}', '\u{367}', '\u{368}', '\u{369}', '\u{36a}', '\u{36b}', '\u{36c}', '\u{36d}', '\u{36e}', '\u{36f}',
    '\u{483}', '\u{484}', '\u{485}', '\u{486}', '\u{487}', '\u{592}', '\u{593}', '\u{594}', '\u{595}', '\u{597}',
    '\u{598}', '\u{599}', '\u{59c}', '\u{59d}', '\u{59e}', '\u{59f}', '\u{5a0}', '\u{5a1}', '\u{5a8}', '\u{5a9}',
    '\u{5ab}', '\u{5ac}', '\u{5af}', '\u{5c4}', '\u{610}', '\u{611}', '\u{612}', '\u{613}', '\u{614}', '\u{615}',
    '\u{616}', '\u{617}', '\u{657}', '\u{658}',
];
/// Picture ids are smaller: their highest byte must have a diacritic.
const MOST: u32 = (MARKS.len() as u32) << 24;
/// The most base64 characters in a command (kitty's documentation).
const CHUNK: usize = 4096;

pub struct Kitty;

impl Protocol for Kitty {
    fn name(&self) -> &'static str {
        "kitty"
    }

    fn word(&self) -> &'static str {
        "kitty"
    }

    /// Several terminals answer kitty's query but lack the placeholders that we need, so the name decides.
    fn suits(&self, answers: &Answers, _: bool) -> Option<String> {
        let version = answers.version.as_deref().filter(|_| answers.kitty)?;
        let has_placeholders = match () {
            _ if answers.is_called("kitty") => number(version) >= WITH_PLACEHOLDERS,
            _ => answers.is_called("ghostty"),
        };
        has_placeholders.then(|| format!("{version} has image placeholders"))
    }

    fn encode(&self, image: &RgbImage, cells: Cells, delivery: Delivery) -> Result<Encoded, EncodeError> {
        let id = fastrand::u32(1..MOST);
        // If there is no room for files, use the other way.
        let file = delivery.reads_files.then(|| shared::file(image.as_raw()).ok()).flatten();
        let transmission = match &file {
            Some(file) => transmission_of_file(file, image.dimensions(), id, cells, delivery.tmux),
            None => transmission(image, id, cells, delivery.tmux)?,
        };
        Ok(Encoded::Kept(Kept { id, transmission, file }))
    }

    fn are_painted(&self) -> bool {
        false
    }

    /// On another machine, kitty gets four fifths of the pixels in each direction and scales them. Of all sizes and
    /// palettes with as many bytes, 256 colours at this size differ least from the picture, seen from some distance.
    fn pixels(&self, (width, height): (u32, u32), _: Cells, fine: bool) -> (u32, u32) {
        let fewer = |edge: u32| (edge * 4 / 5).max(1);
        if fine { (width, height) } else { (fewer(width), fewer(height)) }
    }

    fn leaves_out(&self, preview: bool) -> bool {
        preview
    }

    fn scales(&self, fine: bool) -> bool {
        !fine
    }
}

/// The text for line `row` of the picture `id`, `width` cells wide. Only the first cell encodes the line; the others
/// continue it.
pub fn placeholders(id: u32, row: u16, width: u16) -> String {
    let [highest, red, green, blue] = id.to_be_bytes();
    // Rooms have fewer lines, and our ids fewer bits.
    let mark = |number: usize| MARKS[number.min(MARKS.len() - 1)];
    let begin = format!("\x1b[38;2;{red};{green};{blue}m{PLACEHOLDER}");
    let marks = [mark(row.into()), mark(0), mark(highest.into())].into_iter().collect::<String>();
    let rest = PLACEHOLDER.to_string().repeat(usize::from(width).saturating_sub(1));
    format!("{begin}{marks}{rest}\x1b[39m")
}

/// Major and minor version in a name such as `kitty(0.41.1)`.
fn number(name: &str) -> (u32, u32) {
    let digits = name.trim_start_matches(|c: char| !c.is_ascii_digit());
    let mut parts = digits.split(|c: char| !c.is_ascii_digit()).map(|p| p.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

/// The sequence that makes kitty delete the picture `id`.
pub fn forgotten(id: u32) -> String {
    tmux::passed_through(format!("\x1b_Ga=d,d=I,i={id},q=2\x1b\\"), tmux::inside())
}

/// The sequence that makes kitty store `image` under the id `id`, to be scaled to this many cells.
fn transmission(image: &RgbImage, id: u32, cells: Cells, in_tmux: bool) -> Result<String, EncodeError> {
    let encoded = STANDARD.encode(palette_png(image)?);
    let chunks = encoded.as_bytes().chunks(CHUNK);
    let last = chunks.len() - 1;
    let mut sent = String::with_capacity(encoded.len() + 64 * (last + 1));
    for (i, chunk) in chunks.enumerate() {
        let how = if i == 0 { keep(id, cells) + "f=100,t=d," } else { String::new() };
        let more = u8::from(i < last);
        let command = format!("\x1b_Gq=2,{how}m={more};{}\x1b\\", String::from_utf8_lossy(chunk));
        // One command each: tmux only passes through so much at a time.
        sent += &tmux::passed_through(command, in_tmux);
    }
    Ok(sent)
}

/// The same for the pixels of an image of this size in `file`, which kitty deletes.
fn transmission_of_file(file: &Path, size: (u32, u32), id: u32, cells: Cells, in_tmux: bool) -> String {
    let (width, height) = size;
    let (how, name) = (keep(id, cells), shared::named(file));
    tmux::passed_through(format!("\x1b_Gq=2,{how}f=24,t=t,s={width},v={height};{name}\x1b\\"), in_tmux)
}

fn keep(id: u32, cells: Cells) -> String {
    format!("i={id},a=T,U=1,c={},r={},", cells.width, cells.height)
}

fn palette_png(image: &RgbImage) -> Result<Vec<u8>, EncodeError> {
    let pixels = ImageRef::try_from(image).map_err(EncodeError::making("a PNG"))?;
    let (palette, indices) = Pipeline::new().input_image(pixels).output_srgb8_indexed_image().into_parts();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, image.width(), image.height());
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_palette(palette.iter().flat_map(|c| [c.red, c.green, c.blue]).collect::<Vec<u8>>());
    encoder.set_compression(png::Compression::High);
    // Neighbouring palette indices are unrelated.
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header().map_err(EncodeError::making("a PNG"))?;
    writer.write_image_data(&indices).map_err(EncodeError::making("a PNG"))?;
    writer.finish().map_err(EncodeError::making("a PNG"))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gradient() -> RgbImage {
        RgbImage::from_fn(200, 100, |x, y| image::Rgb([x as u8, y as u8, (x + y) as u8]))
    }

    #[test]
    fn it_is_sent_in_chunks_that_make_a_png_and_only_once() {
        let sent = transmission(&gradient(), 77, Cells::new(20, 5), false).unwrap();
        let commands: Vec<_> = sent.split("\x1b_G").skip(1).collect();
        assert!(commands[0].starts_with("q=2,i=77,a=T,U=1,c=20,r=5,f=100,t=d,m=1;"), "{}", commands[0]);
        assert!(commands.last().unwrap().starts_with("q=2,m=0;"));
        let payload: String =
            commands.iter().map(|c| c.split_once(';').unwrap().1.trim_end_matches("\x1b\\")).collect();
        let png = image::load_from_memory(&STANDARD.decode(payload).unwrap()).unwrap().into_rgb8();
        // Dithered: right on average.
        let mean = |image: &RgbImage| image.as_raw().iter().map(|v| f64::from(*v)).sum::<f64>() / image.len() as f64;
        assert!((mean(&png) - mean(&gradient())).abs() < 1.0);
    }

    #[test]
    fn in_tmux_each_command_is_passed_through() {
        let sent = transmission(&gradient(), 77, Cells::new(20, 5), true).unwrap();
        let passed: Vec<_> = sent.split("\x1bPtmux;").skip(1).collect();
        assert!(
            passed.len() > 1 && passed.iter().all(|p| p.starts_with("\x1b\x1b_G") && p.ends_with("\x1b\x1b\\\x1b\\"))
        );
    }
}
