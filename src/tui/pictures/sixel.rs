//! Sixel pictures: their size grows with the number of colours, for each row of six pixels is sent once a colour.

use icy_sixel::{EncodeOptions, QuantizeMethod, sixel_encode};
use image::{DynamicImage, RgbImage};
use ratatui::layout::Size;
use ratatui_image::protocol::sixel::Sixel;

use super::edges_cleared;
use crate::tui::tmux;

/// What makes a picture that can't be told from the original, where bytes cost nothing: seven eighths of the rounding
/// errors are spread, as is usual.
const FINE: (u16, f32) = (256, 0.875);
/// 0.6 of those bytes; a peak signal-to-noise ratio of 32 dB instead of 34.
const COARSE: (u16, f32) = (48, 0.5);

pub fn encode(image: RgbImage, cells: Size, fine: bool, in_tmux: bool) -> Result<Sixel, String> {
    let (max_colors, diffusion) = if fine { FINE } else { COARSE };
    let options = EncodeOptions { max_colors, diffusion, quantize_method: QuantizeMethod::Wu };
    let (width, height) = (image.width() as usize, image.height() as usize);
    let rgba = DynamicImage::from(image).into_rgba8();
    let sixel =
        sixel_encode(rgba.as_raw(), width, height, &options).map_err(|e| format!("can't be made sixel: {e}"))?;
    let data = tmux::passed_through(edges_cleared(cells) + &sixel, in_tmux);
    Ok(Sixel { data, size: cells, is_tmux: in_tmux })
}
