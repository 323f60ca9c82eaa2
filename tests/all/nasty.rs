//! Difficult picture files: each decodes, or is refused with its name and a reason; nothing ever panics.
//!
//! A manifest lists the expected outcomes. `just nasty FOLDER` tests other files, with a manifest of the same form.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use image::RgbImage;
use image::imageops::{FilterType, resize};
use simages::cancel::Cancel;
use simages::dataset::{decode, formats};
use simages::descriptor::Crops;
use simages::index::indexer;
use simages::vgg16::{self, Network};

/// Deviations from the manifest, with reasons.
const KNOWN_DEVIATIONS: &[(&str, &str)] = &[];

/// A line of MANIFEST.tsv.
struct Case {
    file: String,
    what: String,
    expected: String,
    same_as: String,
}

fn folder() -> PathBuf {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/nasty");
    std::env::var_os("SIMAGES_NASTY").map_or(ours, PathBuf::from)
}

fn cases(folder: &Path) -> Vec<Case> {
    let manifest = folder.join("MANIFEST.tsv");
    let manifest = std::fs::read_to_string(&manifest).unwrap_or_else(|e| panic!("{}: {e}", manifest.display()));
    let case = |line: &str| {
        let mut fields = line.split('\t').map(str::to_owned);
        let mut next = || fields.next().unwrap_or_default();
        let (file, _kind, what, expected, same_as) = (next(), next(), next(), next(), next());
        Case { file, what, expected, same_as }
    };
    manifest.lines().skip(1).filter(|l| !l.is_empty()).map(case).collect()
}

/// Fails with all errors together, except for known deviations.
fn check(wrong: Vec<(String, String)>) {
    let known = |file: &str| KNOWN_DEVIATIONS.iter().any(|(known, _)| *known == file);
    let new: Vec<_> = wrong.iter().filter(|(file, _)| !known(file)).map(|(f, why)| format!("{f}: {why}")).collect();
    assert!(new.is_empty(), "{} deviations:\n{}", new.len(), new.join("\n"));
}

/// Files in the folder that aren't test pictures.
const ABOUT: [&str; 3] = ["MANIFEST.tsv", "README.md", "make.py"];

#[test]
fn the_manifest_lists_every_file() {
    let folder = folder();
    let listed: BTreeSet<_> = cases(&folder).into_iter().map(|case| case.file).collect();
    let names = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let there: BTreeSet<_> = names.filter(|name| !ABOUT.contains(&name.as_str())).collect();
    assert!(listed.len() > 150 && listed == there, "{:?}", listed.symmetric_difference(&there));
}

#[test]
fn every_file_does_what_the_manifest_expects() {
    let folder = folder();
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

/// The picture in 6 x 6 fields: enough to recognize colours and orientation.
fn fields(picture: &RgbImage) -> RgbImage {
    resize(picture, 6, 6, FilterType::Triangle)
}

/// The mean difference of the fields' values, 0 to 255.
fn difference(a: &RgbImage, b: &RgbImage) -> f64 {
    let (a, b) = (fields(a), fields(b));
    let sum: u64 = a.as_raw().iter().zip(b.as_raw()).map(|(x, y)| u64::from(x.abs_diff(*y))).sum();
    sum as f64 / a.as_raw().len() as f64
}

#[test]
fn the_same_picture_looks_the_same_however_it_is_stored() {
    let folder = folder();
    let mut wrong = Vec::new();
    for case in cases(&folder) {
        // A remark in brackets says how it differs.
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

/// Visibly coarse encodings, and how similar their descriptors still are.
const ROUGH: [(&str, f64); 2] = [("same_q5.jpg", 0.4), ("same_pal16.png", 0.9)];

#[test]
fn the_same_picture_has_nearly_the_same_descriptor_however_it_is_stored() {
    let folder = folder();
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
