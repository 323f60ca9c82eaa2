//! Difficult picture files: each decodes, or is refused with its name and a reason; nothing ever panics.
//!
//! They lie beside the repository (`../shared/nasty`, 12 MB), with a manifest that says what is expected of each.

use std::path::{Path, PathBuf};

use image::RgbImage;
use image::imageops::{FilterType, resize};
use simages::cancel::Cancel;
use simages::dataset::{decode, formats};
use simages::descriptor::Crops;
use simages::index::indexer;
use simages::vgg16::{self, Network};

/// What deviates from the manifest, and why that is so.
const KNOWN_DEVIATIONS: &[(&str, &str)] = &[];

/// A line of MANIFEST.tsv.
struct Case {
    file: String,
    what: String,
    expected: String,
    same_as: String,
}

fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/nasty");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: there is no {}", folder.display());
    None
}

fn cases(folder: &Path) -> Vec<Case> {
    let manifest = std::fs::read_to_string(folder.join("MANIFEST.tsv")).unwrap();
    let case = |line: &str| {
        let mut fields = line.split('\t').map(str::to_owned);
        let mut next = || fields.next().unwrap_or_default();
        let (file, _kind, what, expected, same_as) = (next(), next(), next(), next(), next());
        Case { file, what, expected, same_as }
    };
    manifest.lines().skip(1).filter(|l| !l.is_empty()).map(case).collect()
}

/// Fails with all that is wrong at once, but for what is known.
fn check(wrong: Vec<(String, String)>) {
    let known = |file: &str| KNOWN_DEVIATIONS.iter().any(|(known, _)| *known == file);
    let new: Vec<_> = wrong.iter().filter(|(file, _)| !known(file)).map(|(f, why)| format!("{f}: {why}")).collect();
    assert!(new.is_empty(), "{} deviations:\n{}", new.len(), new.join("\n"));
}

#[test]
fn every_file_does_what_the_manifest_expects() {
    let Some(folder) = folder() else { return };
    let mut wrong = Vec::new();
    for case in cases(&folder) {
        let path = folder.join(&case.file);
        let decoded = decode::open(&path);
        let refusal = decoded.as_ref().err().map(ToString::to_string);
        let must = match case.expected.as_str() {
            "decodes" => Some(true),
            "clear error" => Some(false),
            expected if expected.starts_with("refused") => Some(false),
            "skipped" => {
                if formats::is_picture(&path) {
                    wrong.push((case.file.clone(), "is taken for a picture".into()));
                }
                Some(false)
            }
            _ => None,
        };
        if must.is_some_and(|must| must != decoded.is_ok()) {
            let did = refusal.clone().unwrap_or("decodes".into());
            wrong.push((case.file.clone(), format!("[{}] expected: {}; {did}", case.what, case.expected)));
        }
        if let Some(refusal) = refusal {
            if !refusal.contains(&case.file) {
                wrong.push((case.file.clone(), format!("is not named: {refusal}")));
            }
            if refusal.contains("the decoder failed") {
                wrong.push((case.file, "the decoder panicked".into()));
            }
        }
    }
    check(wrong);
}

/// The picture in 6 x 6 fields: enough to tell colours, and what is up.
fn fields(picture: &RgbImage) -> RgbImage {
    resize(picture, 6, 6, FilterType::Triangle)
}

/// Mean difference of the fields' values, 0 to 255.
fn difference(a: &RgbImage, b: &RgbImage) -> f64 {
    let (a, b) = (fields(a), fields(b));
    let sum: u64 = a.as_raw().iter().zip(b.as_raw()).map(|(x, y)| u64::from(x.abs_diff(*y))).sum();
    sum as f64 / a.as_raw().len() as f64
}

#[test]
fn the_same_picture_looks_the_same_however_it_is_stored() {
    let Some(folder) = folder() else { return };
    let mut wrong = Vec::new();
    for case in cases(&folder) {
        // A remark in brackets says in what it differs.
        if case.same_as.is_empty() || case.same_as.contains('(') {
            continue;
        }
        let Ok(picture) = decode::open(&folder.join(&case.file)) else { continue };
        let original = decode::open(&folder.join(&case.same_as)).unwrap();
        let aspect = |p: &image::DynamicImage| f64::from(p.width()) / f64::from(p.height());
        if (aspect(&picture) / aspect(&original) - 1.0).abs() > 0.02 {
            let (a, b) = (&picture, &original);
            let sizes = format!("{} x {}, not {} x {}", a.width(), a.height(), b.width(), b.height());
            wrong.push((case.file, format!("[{}] {sizes}", case.what)));
            continue;
        }
        let off = difference(&picture.into_rgb8(), &original.into_rgb8());
        if off > 8.0 {
            wrong.push((case.file, format!("[{}] colours are off by {off:.1}", case.what)));
        }
    }
    check(wrong);
}

/// Stored so roughly that one sees it, and how alike the descriptors are all the same.
const ROUGH: [(&str, f64); 2] = [("same_q5.jpg", 0.4), ("same_pal16.png", 0.9)];

#[test]
fn the_same_picture_has_nearly_the_same_descriptor_however_it_is_stored() {
    let Some(folder) = folder() else { return };
    let network = Network::new(vgg16::NetworkOptions::default());
    let _prepared_once = network.vgg16().unwrap();
    let describe = |file: &str| indexer::describe(&folder.join(file), Crops::Whole, &network, &Cancel::default());
    let original = describe("base.jpg").unwrap();
    let mut compared = 0;
    let mut wrong = Vec::new();
    for case in cases(&folder).into_iter().filter(|case| case.same_as == "base.jpg" && case.expected == "decodes") {
        let cosine = original.cosine(&describe(&case.file).unwrap());
        let least = ROUGH.iter().find(|(file, _)| *file == case.file).map_or(0.99, |(_, least)| *least);
        if cosine < least {
            wrong.push((case.file, format!("[{}] cosine {cosine:.3}", case.what)));
        }
        compared += 1;
    }
    assert!(compared > 15, "only {compared}");
    check(wrong);
}
