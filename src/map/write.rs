//! A map as coordinates.

use std::io::{self, Write};

use serde::Serialize;

use super::picture_map::PictureMap;
use crate::duplicates::Collection;
use crate::shown;

#[derive(Serialize)]
struct PlaceRecord<'a> {
    path: String,
    x: f32,
    y: f32,
    dataset: &'a str,
}

/// CSV with a header: path, x, y, dataset; a line per picture, by dataset, then by name.
pub fn write_csv(collection: &Collection, map: &PictureMap, to: &mut dyn Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(to);
    for (picture, [x, y]) in (0..).zip(map.places.iter().copied()) {
        let source = &collection.sources()[collection.picture(picture).source];
        let path = shown::path(&collection.image(picture).path);
        writer.serialize(PlaceRecord { path, x, y, dataset: &source.name })?;
    }
    writer.flush()
}
