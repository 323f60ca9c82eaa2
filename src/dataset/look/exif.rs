//! The EXIF data that cameras write into pictures.

use exif::{In, Reader, Tag, Value};

use super::notes::Notes;

/// The fields of a picture's EXIF that we use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exif {
    /// When the picture was taken: seconds since 1970 by the camera's clock, whatever its time zone.
    pub taken: Option<i64>,
    /// Maker and model.
    pub camera: Option<String>,
    pub lens: Option<String>,
    /// `1/250 s, f/2.8, ISO 100, 35 mm`, as far as it is known.
    pub exposure: Option<String>,
    pub notes: Notes,
}

impl Exif {
    /// Parses EXIF as decoders return it, from the TIFF header on. Damaged fields count as absent.
    pub fn parse(raw: Vec<u8>) -> Exif {
        let mut reader = Reader::new();
        let Ok(fields) = reader.continue_on_error(true).read_raw(raw).or_else(|e| e.distill_partial_result(|_| ()))
        else {
            return Exif::default();
        };
        let text = |tag: Tag| {
            let Value::Ascii(lines) = &fields.get_field(tag, In::PRIMARY)?.value else { return None };
            let text = String::from_utf8_lossy(lines.first()?).trim_matches(['\0', ' ']).to_owned();
            Some(text).filter(|text| !text.is_empty())
        };
        let taken = [Tag::DateTimeOriginal, Tag::DateTimeDigitized, Tag::DateTime]
            .into_iter()
            .find_map(|tag| seconds(&text(tag)?));
        let camera = match (text(Tag::Make), text(Tag::Model)) {
            (Some(make), Some(model)) if model.to_lowercase().starts_with(&make.to_lowercase()) => Some(model),
            (Some(make), Some(model)) => Some(format!("{make} {model}")),
            (make, model) => make.or(model),
        };
        let known = |tag: Tag, before: &str| {
            let field = fields.get_field(tag, In::PRIMARY)?;
            // One number; zero means unknown.
            let is_known = match &field.value {
                Value::Rational(numbers) => matches!(&numbers[..], [number] if number.num > 0 && number.denom > 0),
                other => other.get_uint(0).is_some_and(|number| number > 0) && other.get_uint(1).is_none(),
            };
            is_known.then(|| format!("{before}{}", field.display_value().with_unit(&fields)))
        };
        let exposure = [
            (Tag::ExposureTime, ""),
            (Tag::FNumber, ""),
            (Tag::PhotographicSensitivity, "ISO "),
            (Tag::FocalLength, ""),
        ];
        let exposure: Vec<_> = exposure.into_iter().filter_map(|(tag, before)| known(tag, before)).collect();
        let exposure = (!exposure.is_empty()).then(|| exposure.join(", "));
        Exif { taken, camera, lens: text(Tag::LensModel), exposure, notes: Notes::of_exif(&fields) }
    }
}

/// Parses `2019:07:21 14:03:59`, also with other separators.
fn seconds(text: &str) -> Option<i64> {
    let numbers: Vec<i64> = text.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect();
    let [year, month, day, hour, minute, second] = numbers.get(..6)?.try_into().ok()?;
    let is_date = (1826..10_000).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    let is_time = hour < 24 && minute < 60 && second < 61;
    (is_date && is_time).then(|| (crate::text::day_number(year, month, day) * 24 + hour) * 3600 + minute * 60 + second)
}
