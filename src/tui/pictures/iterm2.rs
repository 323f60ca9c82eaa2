//! iTerm2's pictures, as JPEG: a sixth of the bytes of the PNG in true colour that ratatui-image makes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;
use ratatui::layout::Size;
use ratatui_image::protocol::iterm2::Iterm2;

use super::edges_cleared;
use crate::tui::tmux;

/// Of 100: blocks can't be seen at the size of a preview.
const QUALITY: u8 = 85;

pub fn encode(image: &RgbImage, cells: Size, in_tmux: bool) -> Result<Iterm2, String> {
    let mut jpeg = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut jpeg, QUALITY);
    image.write_with_encoder(encoder).map_err(|e| format!("can't be made a JPEG: {e}"))?;
    let (width, height, size) = (image.width(), image.height(), jpeg.len());
    let keys = format!("inline=1;size={size};width={width}px;height={height}px;doNotMoveCursor=1");
    let data = edges_cleared(cells) + &format!("\x1b]1337;File={keys}:{}\x07", STANDARD.encode(jpeg));
    let data = tmux::passed_through(data, in_tmux);
    Ok(Iterm2 { data, size: cells, is_tmux: in_tmux })
}
