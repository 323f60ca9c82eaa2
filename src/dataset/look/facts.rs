//! Facts by which people choose the better of two copies.

use image::ImageFormat;

use super::notes::Notes;

/// Facts about a picture's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// In pixels, upright.
    pub width: u32,
    pub height: u32,
    pub format: FileFormat,
    /// Whether the format preserves every pixel exactly.
    pub is_lossless: bool,
    /// Whether the file holds more than the picture compared: an animation, further pages or pictures, layers.
    pub holds_more: bool,
    /// How far its colours are from grey, on average, in 1/4 grey levels.
    pub chroma: u8,
    /// When it was taken, by EXIF: seconds since 1970 by the camera's clock.
    pub taken: Option<i64>,
    /// None if an earlier version looked at it.
    pub notes: Option<Notes>,
}

/// Determined by content. The numbers are stored in files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum FileFormat {
    Other = 1,
    Jpeg = 2,
    Png = 3,
    WebP = 4,
    Gif = 5,
    Bmp = 6,
    Tiff = 7,
    Icon = 8,
    OpenExr = 9,
    Heif = 10,
    Avif = 11,
    JpegXl = 12,
    Jpeg2000 = 13,
    /// A camera's RAW file; its preview is compared.
    Raw = 14,
}

impl FileFormat {
    const ALL: [FileFormat; 14] = [
        FileFormat::Other,
        FileFormat::Jpeg,
        FileFormat::Png,
        FileFormat::WebP,
        FileFormat::Gif,
        FileFormat::Bmp,
        FileFormat::Tiff,
        FileFormat::Icon,
        FileFormat::OpenExr,
        FileFormat::Heif,
        FileFormat::Avif,
        FileFormat::JpegXl,
        FileFormat::Jpeg2000,
        FileFormat::Raw,
    ];

    pub fn of(format: Option<ImageFormat>) -> FileFormat {
        match format {
            Some(ImageFormat::Jpeg) => FileFormat::Jpeg,
            Some(ImageFormat::Png) => FileFormat::Png,
            Some(ImageFormat::WebP) => FileFormat::WebP,
            Some(ImageFormat::Gif) => FileFormat::Gif,
            Some(ImageFormat::Bmp) => FileFormat::Bmp,
            Some(ImageFormat::Tiff) => FileFormat::Tiff,
            Some(ImageFormat::Ico) => FileFormat::Icon,
            Some(ImageFormat::OpenExr) => FileFormat::OpenExr,
            _ => FileFormat::Other,
        }
    }

    /// The version of the decoder for this format, starting at 1. Rows of an older version are computed again.
    pub fn decoder_version(self) -> u8 {
        match self {
            // Colours like libheif's and libavif's, lossless RGB (YCgCo-R); levels without dithering; the rest of the
            // canvas, icons, and TIFFs with reversed bits or premultiplied colours, like Pillow.
            FileFormat::Avif => 3,
            FileFormat::Heif | FileFormat::JpegXl => 2,
            FileFormat::Gif | FileFormat::Icon | FileFormat::Tiff => 2,
            _ => 1,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            FileFormat::Other => "other",
            FileFormat::Jpeg => "JPEG",
            FileFormat::Png => "PNG",
            FileFormat::WebP => "WebP",
            FileFormat::Gif => "GIF",
            FileFormat::Bmp => "BMP",
            FileFormat::Tiff => "TIFF",
            FileFormat::Icon => "ICO",
            FileFormat::OpenExr => "OpenEXR",
            FileFormat::Heif => "HEIC",
            FileFormat::Avif => "AVIF",
            FileFormat::JpegXl => "JPEG XL",
            FileFormat::Jpeg2000 => "JPEG 2000",
            FileFormat::Raw => "RAW (preview)",
        }
    }
}

const LOSSLESS: u8 = 1;
const MORE: u8 = 2;
const TAKEN: u8 = 4;
const PLACE: u8 = 8;
const WORDS: u8 = 16;
const NOTED: u8 = 32;

impl Facts {
    pub const BYTES: usize = 20;

    pub fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// Without any colour, like a grey copy.
    pub fn is_grey(&self) -> bool {
        self.chroma <= 1
    }

    pub fn is_coloured(&self) -> bool {
        self.chroma >= 4
    }

    pub fn to_bytes(self) -> [u8; Facts::BYTES] {
        let flag = |set: bool, flag: u8| if set { flag } else { 0 };
        let notes = self.notes.map_or(0, |notes| NOTED | flag(notes.has_place, PLACE) | flag(notes.has_words, WORDS));
        let file = flag(self.is_lossless, LOSSLESS) | flag(self.holds_more, MORE);
        let flags = file | flag(self.taken.is_some(), TAKEN) | notes;
        let mut bytes = [0; Facts::BYTES];
        bytes[..4].copy_from_slice(&self.width.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.height.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.taken.unwrap_or_default().to_le_bytes());
        (bytes[16], bytes[17], bytes[18]) = (self.format as u8, flags, self.chroma);
        bytes
    }

    /// None unless made by [`Facts::to_bytes`].
    pub fn from_bytes(bytes: &[u8]) -> Option<Facts> {
        let bytes: &[u8; Facts::BYTES] = bytes.try_into().ok()?;
        let edge = |at: usize| Some(u32::from_le_bytes(*bytes[at..].first_chunk()?)).filter(|edge| *edge > 0);
        let (format, flags) = (bytes[16], bytes[17]);
        Some(Facts {
            width: edge(0)?,
            height: edge(4)?,
            format: FileFormat::ALL.into_iter().find(|known| *known as u8 == format).unwrap_or(FileFormat::Other),
            is_lossless: flags & LOSSLESS != 0,
            holds_more: flags & MORE != 0,
            chroma: bytes[18],
            taken: (flags & TAKEN != 0).then(|| i64::from_le_bytes(*bytes[8..].first_chunk().expect("20 bytes"))),
            notes: (flags & NOTED != 0)
                .then_some(Notes { has_place: flags & PLACE != 0, has_words: flags & WORDS != 0 }),
        })
    }
}
