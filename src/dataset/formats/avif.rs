//! AVIF, decoded by re_rav1d (dav1d in Rust). Colours are converted like libavif converts them.

use heifer_isobmff::boxes::Property;
use heifer_isobmff::{HeifFile, ItemId};
use re_rav1d::{Decoder, PixelLayout, PlanarImageComponent, Settings, pixel};

use super::boxed::{self, Chroma, Codec, Colours, Like, Planes};
use super::decoder::{self, Source};
use crate::dataset::look::FileFormat;
use crate::dataset::unreadable::Unreadable;

struct Avif;

pub fn open(source: Source) -> Result<Box<dyn decoder::Decoder>, Unreadable> {
    boxed::open::<Avif>(source)
}

impl Codec for Avif {
    const NAME: &'static str = "AVIF";
    const FORMAT: FileFormat = FileFormat::Avif;
    const LIKE: Like = Like::LibYuv;

    fn is_coded(kind: [u8; 4]) -> bool {
        kind == *b"av01"
    }

    fn bytes_of_a_pixel(file: &HeifFile) -> u64 {
        // For the codec, its copy and the picture; more if colours are stored for every pixel.
        if samples_share_colours(file) { 13 } else { 20 }
    }

    fn planes(file: &HeifFile, id: ItemId, max_pixels: u64) -> Result<Planes, Unreadable> {
        let data = file.item_data(id).map_err(Avif::broken)?.into_owned();
        if data.is_empty() {
            return Err(Avif::damaged(": a picture is missing"));
        }
        let mut settings = Settings::new();
        settings.set_n_threads(1);
        settings.set_max_frame_delay(1);
        settings.set_all_layers(false);
        settings.set_frame_size_limit(max_pixels.try_into().unwrap_or(u32::MAX));
        let mut decoder = Decoder::with_settings(&settings).map_err(unreadable)?;
        match decoder.send_data(data, None, None, None) {
            Ok(()) | Err(re_rav1d::Error::Again) => {}
            Err(error) => return Err(unreadable(error)),
        }
        let picture = decoder.get_picture().map_err(unreadable)?;
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let depth = picture.bits_per_component().map_or(8, |bits| bits.0 as u8);
        let plane = |component: PlanarImageComponent, width: usize, height: usize| {
            samples(&picture.plane(component), picture.stride(component) as usize, (width, height), depth > 8)
        };
        let luma = plane(PlanarImageComponent::Y, width, height);
        let sharing = match picture.pixel_layout() {
            // There are no further planes to ask for.
            PixelLayout::I400 => None,
            PixelLayout::I420 => Some((2, 2)),
            PixelLayout::I422 => Some((2, 1)),
            PixelLayout::I444 => Some((1, 1)),
        };
        let chroma = sharing.map(|(across, down)| {
            let (width, height) = (width.div_ceil(across), height.div_ceil(down));
            let [blue, red] = [PlanarImageComponent::U, PlanarImageComponent::V].map(|c| plane(c, width, height));
            Chroma { across, down, width, blue, red }
        });
        let is_full_range = matches!(picture.color_range(), pixel::YUVRange::Full);
        let matrix = matrix(picture.matrix_coefficients());
        Ok(Planes { width, height, depth, luma, chroma, colours: Colours { matrix, is_full_range } })
    }
}

/// Whether, by the codec's configuration, several pixels share a colour sample or have none.
fn samples_share_colours(file: &HeifFile) -> bool {
    let tile = file.referenced_items(file.primary_id, b"dimg").first().copied().unwrap_or(file.primary_id);
    let Ok(mut properties) = file.item_properties(tile) else { return false };
    properties.any(|property| match property {
        Property::Unknown(kind, content) if kind.0 == *b"av1C" => content.get(2).is_some_and(|flags| flags & 0x18 != 0),
        _ => false,
    })
}

fn samples(plane: &[u8], stride: usize, (width, height): (usize, usize), are_wide: bool) -> Vec<u16> {
    let mut samples = Vec::with_capacity(width * height);
    for row in plane.chunks(stride).take(height) {
        match are_wide {
            true => samples.extend(row.as_chunks().0.iter().take(width).map(|sample| u16::from_ne_bytes(*sample))),
            false => samples.extend(row.iter().take(width).map(|sample| u16::from(*sample))),
        }
    }
    samples
}

/// Its number in ITU-T H.273.
fn matrix(matrix: pixel::MatrixCoefficients) -> u16 {
    use pixel::MatrixCoefficients::*;
    match matrix {
        Identity => 0,
        BT709 => 1,
        BT470M => 4,
        BT470BG => 5,
        ST240M => 7,
        YCgCo => 8,
        BT2020NonConstantLuminance => 9,
        BT2020ConstantLuminance => 10,
        _ => 2,
    }
}

fn unreadable(error: re_rav1d::Error) -> Unreadable {
    match error {
        re_rav1d::Error::UnsupportedBitstream => Unreadable::Unknown("AVIF: its bitstream is not supported".into()),
        re_rav1d::Error::NotEnoughMemory => Unreadable::TooLarge,
        other => {
            tracing::debug!("AVIF: {other}");
            Avif::damaged(": the content makes no sense, or part of it is missing")
        }
    }
}
