use std::fs::{self, OpenOptions};
use std::path::Path;

use super::event::Event;
use super::indexing::{index, survey};
use super::run::{IndexRun, ToIndex};
use crate::cancel::Cancel;
use crate::dataset::Dataset;
use crate::descriptor::{Crops, Descriptor, FeatureMatrix, Row};
use crate::error::Error;
use crate::index::store::Store;
use crate::storage::{Prepared, npz};
use crate::vgg16::{Network, NetworkOptions};

const NAMES: [&str; 3] = ["a.png", "b.png", "c.png"];

/// A dataset of three pictures that look alike.
fn pictures(folder: &Path) -> Dataset {
    let picture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/version3/grey.png");
    for name in NAMES {
        fs::copy(&picture, folder.join(name)).unwrap();
    }
    Dataset::open(folder).unwrap()
}

/// As if it had been computed.
fn row(run: &IndexRun, at: usize) -> Row {
    let values: Vec<f32> = (0..3000).map(|i| (i * (at + 2) % 7) as f32).collect();
    Row::new(NAMES[at], Some(run.scan.images[at].stamp()), Descriptor::from_dense(&values).unwrap())
}

#[cfg(unix)]
#[test]
fn a_file_that_is_cut_while_its_rows_are_used_costs_none_of_them() {
    let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let dataset = pictures(folder.path());
    let (network, cancel, mut report) = (Network::new(NetworkOptions::default()), Cancel::default(), |_| ());
    let what = ToIndex { dataset: &dataset, siblings: &[], cache: cache.path(), crops: None };
    let mut run = IndexRun::new(&what, &network, &cancel, &mut report).unwrap();
    let model = network.weights().unwrap().model(Crops::Whole);
    let store = Store::new(&dataset, cache.path());
    let stored: FeatureMatrix = [0, 1].map(|at| row(&run, at)).into_iter().collect();
    store.save(&stored, &model).unwrap();

    let (existing, model) = run.load().unwrap();
    let mut sorted = run.sort_out(&existing, &model);
    assert_eq!(sorted.valid, stored);
    assert!(existing.takes_rows() && sorted.valid.rows()[0].descriptor.file().is_some());
    sorted.add([row(&run, 2).into()]);
    let simages = folder.path().join("features.simages");
    let cut = || OpenOptions::new().write(true).open(&simages).unwrap().set_len(5000).unwrap();
    cut();

    // By itself it is an error, and nothing is replaced.
    let before = fs::read(store.path()).unwrap();
    let error = store.save(&sorted.all(), &model).unwrap_err();
    assert!(matches!(&error, Error::Torn { path } if *path == simages.canonicalize().unwrap()), "{error}");
    assert!(matches!(store.append(&sorted.valid.rows()[..1]), Err(Error::Torn { .. })));
    assert_eq!((fs::read(store.path()).unwrap(), simages.metadata().unwrap().len()), (before, 5000));

    let matrix = run.save(sorted, &[], &model).unwrap().valid;
    let expected: FeatureMatrix = [0, 1, 2].map(|at| row(&run, at)).into_iter().collect();
    assert_eq!(matrix, expected);
    assert_eq!(npz::read(&store.path()).unwrap().matrix, expected);
    let again = store.load().unwrap().unwrap();
    assert_eq!((again.prepared, again.matrix), (Prepared::Current, expected));
    assert!(matrix.check_whole().is_ok());
}

#[test]
fn what_is_derived_is_made_once_and_rows_come_as_they_are_stored() {
    let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let dataset = pictures(folder.path());
    let (network, cancel, mut report) = (Network::new(NetworkOptions::default()), Cancel::default(), |_| ());
    let what = ToIndex { dataset: &dataset, siblings: &[], cache: cache.path(), crops: None };
    let run = IndexRun::new(&what, &network, &cancel, &mut report).unwrap();
    let model = network.weights().unwrap().model(Crops::Whole);
    let store = Store::new(&dataset, cache.path());
    store.save(&[0, 1, 2].map(|at| row(&run, at)).into_iter().collect(), &model).unwrap();
    drop(run);
    let derived = |matrix: &FeatureMatrix| {
        matrix.rows().iter().map(|row| row.descriptor.stored_columns().get("regions2").is_some()).collect::<Vec<_>>()
    };
    let survey = || survey(&what, &network, &cancel, &mut |_| ()).unwrap();
    assert!(survey().is_some());

    // Rows of features.npz alone have nothing derived.
    let file = folder.path().join("features.simages");
    let npz = fs::read(store.path()).unwrap();
    fs::remove_file(&file).unwrap();
    assert!(survey().is_none());
    let mut told = Vec::new();
    let (matrix, summary) = index(&what, &network, &cancel, &mut |event| {
        if let Event::Indexed { matrix, .. } = event {
            told.push(derived(&matrix));
        }
    })
    .unwrap();
    assert_eq!((summary.computed, summary.indexed), (0, 3));
    assert_eq!((derived(&matrix), told.last()), (vec![true; 3], Some(&vec![true; 3])));
    assert!(matrix.rows().iter().all(|row| row.descriptor.file().is_some()));
    assert_eq!(fs::read(store.path()).unwrap(), npz);
    assert!(survey().is_some());
}
