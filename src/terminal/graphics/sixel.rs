//! Sixel pictures. Their size grows with the number of colours, because each row of six pixels is sent once per colour.

use icy_sixel::{EncodeOptions, QuantizeMethod, sixel_encode};
use image::{DynamicImage, RgbImage};

use super::super::answers::Answers;
use super::super::cells::Cells;
use super::super::tmux;
use super::encoded::{EncodeError, Encoded, edges_cleared};
use super::protocol::{Delivery, Protocol};

/// Palette size and dithering for a picture indistinguishable from the original, where bytes cost nothing; seven
/// eighths of the rounding errors are diffused, as usual.
const FINE: (u16, f32) = (256, 0.875);
/// 0.6 of those bytes, with a peak signal-to-noise ratio of 32 dB instead of 34.
const COARSE: (u16, f32) = (48, 0.5);

pub struct Sixel;

impl Protocol for Sixel {
    fn name(&self) -> &'static str {
        "sixel"
    }

    fn word(&self) -> &'static str {
        "sixel"
    }

    fn suits(&self, answers: &Answers, cell_known: bool) -> Option<String> {
        // Konsole's is buggy in full-screen programs.
        if !answers.sixel || !cell_known || answers.is_called("konsole") {
            return None;
        }
        Some(match &answers.version {
            Some(version) => format!("{version} lists sixel"),
            None => "it lists sixel, and reports no name".into(),
        })
    }

    fn encode(&self, image: &RgbImage, cells: Cells, delivery: Delivery) -> Result<Encoded, EncodeError> {
        let (max_colors, diffusion) = if delivery.fine { FINE } else { COARSE };
        let options = EncodeOptions { max_colors, diffusion, quantize_method: QuantizeMethod::Wu };
        let (width, height) = (image.width() as usize, image.height() as usize);
        let rgba = DynamicImage::from(image.clone()).into_rgba8();
        let sixel = sixel_encode(rgba.as_raw(), width, height, &options);
        let sixel = sixel.map_err(|e| EncodeError::making("sixel")(e.to_string()))?;
        Ok(Encoded::Painted(tmux::passed_through(edges_cleared(cells) + &sixel, delivery.tmux)))
    }

    fn are_painted(&self) -> bool {
        true
    }

    fn leaves_out(&self, _: bool) -> bool {
        true
    }
}
