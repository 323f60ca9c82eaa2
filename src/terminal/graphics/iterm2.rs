//! iTerm2's pictures, as JPEG: a sixth of the bytes of the PNG in true colour that ratatui-image makes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;

use super::super::cells::Cells;
use super::super::probe::Answers;
use super::super::tmux;
use super::encoded::{EncodeError, Encoded, edges_cleared};

/// Terminals that show pictures like this better than by any other protocol they have.
const BEST_FOR: [&str; 4] = ["iterm2", "wezterm", "mintty", "rio"];
/// Of 100: blocks can't be seen at the size of a preview.
const QUALITY: u8 = 85;

pub fn suits(answers: &Answers, cell_known: bool) -> Option<String> {
    let version = answers.version.as_deref().filter(|_| cell_known)?;
    BEST_FOR.iter().any(|name| answers.is_called(name)).then(|| format!("{version} shows these best"))
}

pub fn encode(image: &RgbImage, cells: Cells, in_tmux: bool) -> Result<Encoded, EncodeError> {
    let mut jpeg = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut jpeg, QUALITY);
    image.write_with_encoder(encoder).map_err(EncodeError::making("a JPEG"))?;
    let (width, height, size) = (image.width(), image.height(), jpeg.len());
    let keys = format!("inline=1;size={size};width={width}px;height={height}px;doNotMoveCursor=1");
    let painted = edges_cleared(cells) + &format!("\x1b]1337;File={keys}:{}\x07", STANDARD.encode(jpeg));
    Ok(Encoded::Painted(tmux::passed_through(painted, in_tmux)))
}
