//! Sixel pictures: their size grows with the number of colours, for each row of six pixels is sent once a colour.

use icy_sixel::{EncodeOptions, QuantizeMethod, sixel_encode};
use image::{DynamicImage, RgbImage};

use super::super::cells::Cells;
use super::super::probe::Answers;
use super::super::tmux;
use super::encoded::{EncodeError, Encoded, edges_cleared};

/// What makes a picture that can't be told from the original, where bytes cost nothing: seven eighths of the rounding
/// errors are spread, as is usual.
const FINE: (u16, f32) = (256, 0.875);
/// 0.6 of those bytes; a peak signal-to-noise ratio of 32 dB instead of 34.
const COARSE: (u16, f32) = (48, 0.5);

pub fn suits(answers: &Answers, cell_known: bool) -> Option<String> {
    // Konsole's is buggy in programs that take the whole screen.
    if !answers.sixel || !cell_known || answers.is_called("konsole") {
        return None;
    }
    Some(match &answers.version {
        Some(version) => format!("{version} lists sixel"),
        None => "it lists sixel, and tells no name".into(),
    })
}

pub fn encode(image: &RgbImage, cells: Cells, fine: bool, in_tmux: bool) -> Result<Encoded, EncodeError> {
    let (max_colors, diffusion) = if fine { FINE } else { COARSE };
    let options = EncodeOptions { max_colors, diffusion, quantize_method: QuantizeMethod::Wu };
    let (width, height) = (image.width() as usize, image.height() as usize);
    let rgba = DynamicImage::from(image.clone()).into_rgba8();
    let sixel = sixel_encode(rgba.as_raw(), width, height, &options);
    let sixel = sixel.map_err(|e| EncodeError::making("sixel")(e.to_string()))?;
    Ok(Encoded::Painted(tmux::passed_through(edges_cleared(cells) + &sixel, in_tmux)))
}
