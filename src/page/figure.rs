//! A picture on a page: reduced, with its caption.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;
use maud::{Markup, html};

use super::{PagePicture, Weight};
use crate::dataset::thumbnail;
use crate::dataset::thumbnails::Thumbnails;
use crate::error::{Error, Result};
use crate::shown;
use crate::text::{bytes, printable};

/// Longest edge in pixels, and JPEG quality of 100: about 12 kB.
const EDGE: u32 = 256;
const QUALITY: u8 = 80;

/// The picture as a figure. An unreadable one is labelled as such.
pub fn figure(picture: &PagePicture, thumbnails: &Thumbnails) -> Result<Markup> {
    let seen = match thumbnails.open(&picture.path, picture.stamp) {
        Ok((bitmap, pixels)) => Ok((data(&bitmap)?, pixels)),
        Err(limit @ Error::Limit(_)) => return Err(limit),
        Err(error) => Err(error.beside_its_name()),
    };
    let name = printable(&shown::text(picture.path.file_name().unwrap_or_default()));
    let folder = picture.path.parent().map(|folder| printable(&shown::path(folder))).unwrap_or_default();
    let size = picture.stamp.map(|stamp| bytes(stamp.size));
    let class = match picture.weight {
        Weight::Usual => "picture",
        Weight::Lead => "picture lead",
        Weight::Marked => "picture marked",
    };
    let label = printable(&picture.label);
    Ok(html! {
        li class=(class) {
            figure {
                @match &seen {
                    Ok((thumb, _)) => {
                        div class="frame" {
                            img src=(thumb.data) width=(thumb.width) height=(thumb.height) alt=(name) decoding="async";
                        }
                    }
                    Err(why) => div class="frame unread" { (printable(why)) },
                }
                figcaption {
                    p class="what" {
                        @if !label.is_empty() { strong { (label) } }
                        @if !picture.value.is_empty() { " " span class="value" { (printable(&picture.value)) } }
                    }
                    @if !picture.why.is_empty() { p { (printable(&picture.why)) } }
                    p class="name" { bdi { (name) } }
                    p class="small" {
                        @if let Ok((_, (width, height))) = &seen { (width) " × " (height) }
                        @if let (Ok(_), Some(_)) = (&seen, &size) { ", " }
                        @if let Some(size) = &size { (size) }
                    }
                    @if !folder.is_empty() { p class="small" { bdi { (folder) } } }
                }
            }
        }
    })
}

/// A picture as a data URL.
struct Thumb {
    data: String,
    width: u32,
    height: u32,
}

fn data(bitmap: &RgbImage) -> Result<Thumb> {
    let (width, height) = match bitmap.dimensions() {
        (width, height) if width.max(height) <= EDGE => (width, height),
        larger => thumbnail::fitted(larger, EDGE, EDGE),
    };
    let small = thumbnail::resize(bitmap, width, height);
    let mut jpeg = Vec::new();
    let made = small.write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, QUALITY));
    made.map_err(|error| Error::Input(format!("can't make a small picture: {error}")))?;
    Ok(Thumb { data: format!("data:image/jpeg;base64,{}", STANDARD.encode(jpeg)), width, height })
}
