use std::path::{Path, PathBuf};

use super::*;
use crate::cancel::Cancel;
use crate::dataset::{Dataset, FileLook, ImageFile, decode};
use crate::descriptor::{Descriptor, FeatureMatrix, Row};
use crate::duplicates::{Collection, CollectionSource, Verdicts};
use crate::join::{DescriptorKind, Engine};
use crate::marks::{self, LastCheck};

/// A picture of this motif, with `edge` pixels along each edge.
fn picture(edge: u32, motif: f64) -> image::RgbImage {
    image::RgbImage::from_fn(edge, edge, |x, y| {
        let (x, y) = (f64::from(x) / f64::from(edge), f64::from(y) / f64::from(edge));
        let wave = ((x * 9.0 + y * y * 7.0 * motif).sin() + (y * 11.0 - x * x * 5.0 * motif).cos()) * 60.0 + 128.0;
        image::Rgb([wave as u8, (wave * 0.7) as u8, 255 - wave as u8])
    })
}

struct Folders(tempfile::TempDir);

impl Folders {
    fn at(&self, name: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    /// A folder as a source: readable pictures have rows without descriptors.
    fn source(&self, folder: &str) -> CollectionSource {
        let dataset = Dataset::open(&self.0.path().join(folder)).unwrap();
        let images = dataset.scan(&Cancel::default(), &mut |_| ()).unwrap().images;
        let look = |image: &ImageFile| -> Option<Row> {
            let look: FileLook = decode::look(&image.path, &Cancel::default()).ok()?;
            Some(Row::of(image, Descriptor::default(), &look))
        };
        let matrix: FeatureMatrix = images.iter().filter_map(look).collect();
        CollectionSource { name: dataset.name, root: dataset.root, matrix, images: images.into() }
    }

    /// `name standing (why)` of all on the card, by name.
    fn told(&self, ranges: CardRanges) -> Vec<String> {
        let (collection, check) = self.check(ranges);
        let mut told: Vec<_> = check
            .pictures
            .iter()
            .map(|picture| {
                let name = &collection.image(picture.picture).name;
                format!("{name} {} ({})", picture.standing.kind().name(), picture.standing.reason())
            })
            .collect();
        told.sort();
        told
    }

    fn check(&self, ranges: CardRanges) -> (Collection, CardCheck) {
        let collection = Collection::new(vec![self.source("card"), self.source("archive")]).unwrap();
        let (engine, cancel, asked) = (Engine::default(), Cancel::default(), (ranges, &Verdicts::default()));
        let kind = DescriptorKind::Regions;
        let check = CardCheck::find(&collection, kind, asked, engine, &cancel, &mut |_| (), &|_| ()).unwrap();
        (collection, check)
    }
}

fn with_more_bytes(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes.extend(b"what follows is of no picture");
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn each_picture_of_a_card_stands_in_one_way_to_the_archive() {
    let folders = Folders(tempfile::tempdir().unwrap());
    let save = |name: &str, edge, motif| picture(edge, motif).save(folders.at(name)).unwrap();
    for (number, name) in ["identical", "larger", "smaller", "retagged", "grey", "lossy"].iter().enumerate() {
        save(&format!("card/{name}.png"), 160, 1.0 + number as f64);
        save(&format!("archive/{name}.png"), 160, 1.0 + number as f64);
    }
    save("archive/larger.png", 320, 2.0);
    save("archive/smaller.png", 80, 3.0);
    with_more_bytes(&folders.at("archive/retagged.png"));
    let grey = image::DynamicImage::from(picture(160, 5.0)).to_luma8();
    grey.save(folders.at("archive/grey.png")).unwrap();
    std::fs::remove_file(folders.at("archive/lossy.png")).unwrap();
    let file = std::fs::File::create(folders.at("archive/lossy.jpg")).unwrap();
    image::codecs::jpeg::JpegEncoder::new_with_quality(file, 95).encode_image(&picture(160, 6.0)).unwrap();
    save("card/new.png", 160, 9.0);
    assert_eq!(
        folders.told(CardRanges::of(DescriptorKind::Regions)),
        [
            "grey.png smaller (without colours there)",
            "identical.png there (identical)",
            "larger.png there (smaller on the card)",
            "lossy.png smaller (lossy format there)",
            "new.png new ()",
            "retagged.png there (same pixels)",
            "smaller.png smaller (fewer pixels there)",
        ]
    );
    // Paths are told only while the archive's copy exists.
    let (collection, check) = folders.check(CardRanges::of(DescriptorKind::Regions));
    let cancel = Cancel::default();
    let silent = LastCheck::silent(&cancel);
    let paths = |kind| marks::check(&to_marks(&collection, &check, kind), silent).paths.len();
    assert_eq!((paths(StandingKind::There), paths(StandingKind::New), paths(StandingKind::Smaller)), (3, 1, 3));
    std::fs::remove_file(folders.at("archive/identical.png")).unwrap();
    assert_eq!(paths(StandingKind::There), 2);
}

#[test]
fn the_cards_own_files_are_no_archive() {
    let folders = Folders(tempfile::tempdir().unwrap());
    picture(160, 1.0).save(folders.at("card/a.png")).unwrap();
    std::fs::create_dir(folders.at("archive")).unwrap();
    std::fs::hard_link(folders.at("card/a.png"), folders.at("archive/a.png")).unwrap();
    let (_, check) = folders.check(CardRanges::of(DescriptorKind::Regions));
    assert_eq!((check.own, check.count(StandingKind::New), check.count(StandingKind::There)), (1, 1, 0));
    // A copy is.
    std::fs::copy(folders.at("card/a.png"), folders.at("archive/b.png")).unwrap();
    let (_, check) = folders.check(CardRanges::of(DescriptorKind::Regions));
    assert_eq!((check.own, check.count(StandingKind::New), check.count(StandingKind::There)), (1, 0, 1));
}
