//! iTerm2's pictures, as JPEG: a sixth of the bytes of ratatui-image's true-colour PNG.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;

use super::super::answers::Answers;
use super::super::cells::Cells;
use super::super::tmux;
use super::encoded::{EncodeError, Encoded, edges_cleared};
use super::protocol::{Delivery, Protocol};

/// Terminals whose best protocol this is.
const BEST_FOR: [&str; 4] = ["iterm2", "wezterm", "mintty", "rio"];
/// Of 100: artifacts aren't visible at the size of a preview.
const QUALITY: u8 = 85;

pub struct Iterm2;

impl Protocol for Iterm2 {
    fn name(&self) -> &'static str {
        "iTerm2"
    }

    fn word(&self) -> &'static str {
        "iterm2"
    }

    fn suits(&self, answers: &Answers, cell_known: bool) -> Option<String> {
        let version = answers.version.as_deref().filter(|_| cell_known)?;
        BEST_FOR.iter().any(|name| answers.is_called(name)).then(|| format!("{version} shows these best"))
    }

    fn encode(&self, image: &RgbImage, cells: Cells, delivery: Delivery) -> Result<Encoded, EncodeError> {
        let mut jpeg = Vec::new();
        let encoder = JpegEncoder::new_with_quality(&mut jpeg, QUALITY);
        image.write_with_encoder(encoder).map_err(EncodeError::making("a JPEG"))?;
        let (width, height, size) = (image.width(), image.height(), jpeg.len());
        let keys = format!("inline=1;size={size};width={width}px;height={height}px;doNotMoveCursor=1");
        let painted = edges_cleared(cells) + &format!("\x1b]1337;File={keys}:{}\x07", STANDARD.encode(jpeg));
        Ok(Encoded::Painted(tmux::passed_through(painted, delivery.tmux)))
    }

    fn are_painted(&self) -> bool {
        true
    }
}
