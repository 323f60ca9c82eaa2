//! Compares with Keras: descriptors of the same pictures, computed by Keras with its own weights.

use std::path::{Path, PathBuf};

use simages::cancel::Cancel;
use simages::descriptor::Crops;
use simages::descriptor::{Descriptor, FeatureMatrix, Row};
use simages::index::indexer;
use simages::simd::Instructions;
use simages::storage::npz;
use simages::vgg16::{Network, NetworkOptions};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Written by numpy, so reading them also tests the reader.
fn golden(name: &str) -> FeatureMatrix {
    npz::read(&root().join("tests/fixtures/golden").join(name)).unwrap().matrix
}

/// Applies `compare(golden, ours)` to each row, and reports all failures together.
fn check(
    instructions: Instructions,
    rows: FeatureMatrix,
    path: impl Fn(&Row) -> PathBuf,
    compare: impl Fn(&Descriptor, &Descriptor) -> Option<f64>,
) {
    assert!(rows.len() >= 6);
    let network = Network::new(NetworkOptions { instructions: Some(instructions), ..NetworkOptions::default() });
    let _vgg16 = network.vgg16().unwrap();
    let mut wrong = Vec::new();
    // Without optimization, plain loops need a quarter of a minute per picture.
    let all = !cfg!(debug_assertions) || instructions.name() != "portable";
    for row in rows.rows().iter().take(if all { rows.len() } else { 1 }) {
        let ours = indexer::describe(&path(row), Crops::Whole, &network, &Cancel::default()).unwrap();
        if let Some(off) = compare(&row.descriptor, &ours) {
            wrong.push((row.name.clone(), off));
        }
    }
    assert!(wrong.is_empty(), "{}: {wrong:?}", instructions.name());
}

#[test]
fn lossless_pictures_have_keras_descriptors() {
    let png = root().join("tests/fixtures/golden/png");
    for instructions in Instructions::available() {
        check(
            instructions,
            golden("keras_vgg16_png.npz"),
            |row| png.join(&row.name),
            |golden, ours| {
                let off = (golden.squared_distance(ours) / golden.squared_norm()).sqrt();
                (off > 1e-5 || off.is_nan()).then_some(off)
            },
        );
    }
}

/// JPEG decoders differ in the last bit of a pixel, so descriptors differ a little.
#[test]
fn jpeg_pictures_have_nearly_keras_descriptors() {
    check(
        Instructions::fastest(),
        golden("keras_vgg16_jpeg.npz"),
        |row| root().join("datasets").join(&row.name),
        |golden, ours| {
            let cosine = golden.dot(ours) / (golden.squared_norm() * ours.squared_norm()).sqrt();
            (cosine < 0.9999 || cosine.is_nan()).then_some(cosine)
        },
    );
}
