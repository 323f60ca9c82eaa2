use std::fs::{self, OpenOptions};
use std::io::Read;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::event::Event;
use super::indexing::{index, survey};
use super::run::{IndexRun, PutOff, ToIndex};
use crate::cancel::Cancel;
use crate::dataset::{ContentHash, Dataset, Facts, FileFormat, ImageFile};
use crate::descriptor::{Crops, Descriptor, FeatureMatrix, Pooling, Row};
use crate::error::Error;
use crate::index::store::Store;
use crate::join::{DescriptorKind, Metric};
use crate::storage::{Prepared, npz};
use crate::vgg16::{Network, NetworkOptions};

const NAMES: [&str; 3] = ["a.png", "b.png", "c.png"];

/// A dataset of three pictures that look alike, and what indexes it.
struct Trial {
    folder: TempDir,
    cache: TempDir,
    dataset: Dataset,
    network: Network,
    cancel: Cancel,
}

impl Trial {
    fn new() -> Trial {
        let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let picture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/version3/grey.png");
        for name in NAMES {
            fs::copy(&picture, folder.path().join(name)).unwrap();
        }
        let dataset = Dataset::open(folder.path()).unwrap();
        Trial { folder, cache, dataset, network: Network::new(NetworkOptions::default()), cancel: Cancel::default() }
    }

    fn what(&self) -> ToIndex<'_> {
        ToIndex::new(&self.dataset, &[], self.cache.path())
    }

    fn run<'a>(&'a self, report: &'a mut dyn FnMut(Event)) -> IndexRun<'a> {
        IndexRun::new(&self.what(), &self.network, &self.cancel, report).unwrap()
    }

    fn model(&self) -> String {
        self.network.weights().unwrap().model(Crops::Whole)
    }

    fn store(&self) -> Store {
        Store::new(&self.dataset, self.cache.path())
    }

    fn simages(&self) -> PathBuf {
        self.folder.path().join("features.simages")
    }
}

/// As if it had been computed.
fn row(run: &IndexRun, at: usize) -> Row {
    let values: Vec<f32> = (0..3000).map(|i| (i * (at + 2) % 7) as f32).collect();
    Row::new(NAMES[at], Some(run.scan.images[at].stamp()), Descriptor::from_dense(&values).unwrap())
}

#[cfg(unix)]
#[test]
fn a_file_that_is_cut_while_its_rows_are_used_costs_none_of_them() {
    let (trial, mut report) = (Trial::new(), |_| ());
    let mut run = trial.run(&mut report);
    let (store, model) = (trial.store(), trial.model());
    let stored: FeatureMatrix = [0, 1].map(|at| row(&run, at)).into_iter().collect();
    store.save(&stored, &model).unwrap();

    let (existing, model) = run.load().unwrap();
    let mut sorted = run.sort_out(&existing, &model);
    assert_eq!(sorted.valid, stored);
    assert!(existing.takes_rows() && sorted.valid.rows()[0].descriptor.file().is_some());
    sorted.add([row(&run, 2).into()]);
    let simages = trial.simages();
    let cut = || OpenOptions::new().write(true).open(&simages).unwrap().set_len(5000).unwrap();
    cut();

    // A cut file is an error, and nothing is replaced.
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
    let (trial, mut report) = (Trial::new(), |_| ());
    let run = trial.run(&mut report);
    let (store, model) = (trial.store(), trial.model());
    store.save(&[0, 1, 2].map(|at| row(&run, at)).into_iter().collect(), &model).unwrap();
    drop(run);
    let derived = |matrix: &FeatureMatrix| {
        matrix.rows().iter().map(|row| row.descriptor.stored_columns().get("regions2").is_some()).collect::<Vec<_>>()
    };
    let survey = || survey(&trial.what(), &trial.network, &trial.cancel, &mut |_| ()).unwrap();
    assert!(survey().is_some());

    // Rows of features.npz alone have no derived data.
    let npz = fs::read(store.path()).unwrap();
    fs::remove_file(trial.simages()).unwrap();
    assert!(survey().is_none());
    let mut told = Vec::new();
    let (matrix, summary) = index(&trial.what(), &trial.network, &trial.cancel, &mut |event| {
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

#[test]
fn a_few_more_rows_are_appended_to_features_simages_when_the_npz_is_replaced() {
    let (trial, mut report) = (Trial::new(), |_| ());
    let run = trial.run(&mut report);
    let (store, model) = (trial.store(), trial.model());
    let rows = |ats: &[usize]| -> FeatureMatrix { ats.iter().map(|at| row(&run, *at)).collect() };
    let simages = || fs::read(trial.simages()).unwrap();
    store.save(&rows(&[0, 2]), &model).unwrap();
    let before = simages();

    store.save(&rows(&[0, 1, 2]), &model).unwrap();
    assert_eq!(simages()[..before.len()], before);
    let stored = store.load().unwrap().unwrap();
    assert!(!stored.is_behind && stored.prepared == Prepared::Current);
    assert_eq!((stored.matrix, npz::read(&store.path()).unwrap().matrix), (rows(&[0, 1, 2]), rows(&[0, 1, 2])));

    // A row fewer can't be appended.
    store.save(&rows(&[0, 1]), &model).unwrap();
    assert_eq!(store.load().unwrap().unwrap().matrix, rows(&[0, 1]));
    assert!(simages().len() < before.len() + 100);
}

#[test]
fn while_pictures_come_and_go_rows_are_only_appended_and_the_npz_follows_at_rest() {
    let (trial, mut report) = (Trial::new(), |_| ());
    let run = trial.run(&mut report);
    let (store, model) = (trial.store(), trial.model());
    let Trial { folder, dataset, network, cancel, .. } = &trial;
    let names: Vec<String> = run.scan.images.iter().map(|image| image.name.clone()).collect();
    let known = |at: usize| row(&run, at).with_content(ContentHash([at as u8 + 1; 32]));
    store.save(&[0, 1, 2].map(known).into_iter().collect(), &model).unwrap();
    drop(run);
    let npz = || fs::read(store.path()).unwrap();
    let before = npz();
    fs::rename(folder.path().join(&names[0]), folder.path().join("moved.png")).unwrap();
    fs::remove_file(folder.path().join(&names[1])).unwrap();
    fs::write(folder.path().join("growing.png"), "half of a picture").unwrap();

    let put_off = PutOff { growing: ["growing.png".to_owned()].into(), ..PutOff::default() };
    let index = |put_off, only_appends| {
        let what = ToIndex { put_off, only_appends, ..trial.what() };
        let (matrix, summary) = index(&what, network, cancel, &mut |_| ()).unwrap();
        let names: Vec<String> = matrix.rows().iter().map(|row| row.name.clone()).collect();
        (names, summary.computed, summary.skipped.len())
    };
    let there = vec![names[2].clone(), "moved.png".to_owned()];
    let there: Vec<String> = std::collections::BTreeSet::from_iter(there).into_iter().collect();
    assert_eq!(index(Some(&put_off), true), (there.clone(), 0, 0));
    assert_eq!(npz(), before, "it isn't replaced for a picture");
    let stored = store.load().unwrap().unwrap();
    assert!(stored.is_behind && stored.matrix.get("moved.png").is_some());
    assert!(stored.matrix.get(&names[1]).unwrap().is_absent());

    // An unreadable picture is tried once, until it changes.
    let (_, _, skipped) = index(None, true);
    assert_eq!(skipped, 1);
    let images = dataset.scan(cancel, &mut |_| ()).unwrap().images;
    let image = ImageFile::named(&images, "growing.png").unwrap();
    let unreadable = [("growing.png".to_owned(), ((image.stamp(), image.ctime_ns), "damaged".to_owned()))].into();
    let put_off = PutOff { unreadable, ..PutOff::default() };
    let tried = std::cell::Cell::new(0);
    let known = ToIndex { put_off: Some(&put_off), only_appends: true, ..trial.what() };
    let (_, summary) = super::index(&known, network, cancel, &mut |event| {
        if let Event::Indexed { progress, .. } = event {
            tried.set(tried.get() + progress.of);
        }
    })
    .unwrap();
    assert_eq!((summary.skipped[0].error.as_str(), tried.get()), ("damaged", 0));

    assert_eq!(index(Some(&put_off), false).0, there);
    assert_ne!(npz(), before);
    assert!(!store.load().unwrap().unwrap().is_behind);
    let kept = npz::read(&store.path()).unwrap().matrix;
    let kept: Vec<_> = kept.rows().iter().map(|row| (row.name.as_str(), row.is_absent(), row.content())).collect();
    assert_eq!(kept.len(), 3, "what is absent is kept: {kept:?}");
}

#[test]
fn rows_whose_decoder_is_another_one_by_now_are_computed_anew_and_no_others() {
    let (trial, mut report) = (Trial::new(), |_| ());
    let mut run = trial.run(&mut report);
    let of = |run: &IndexRun, at: usize, format: FileFormat| {
        let (is_lossless, holds_more) = (false, false);
        let (chroma, taken, notes) = (0, None, None);
        let facts = Facts { width: 3, height: 2, format, is_lossless, holds_more, chroma, taken, notes };
        let mut row = row(run, at);
        row.columns.set("facts", &facts.to_bytes());
        row
    };
    let rows = [
        of(&run, 0, FileFormat::Gif),
        of(&run, 1, FileFormat::Png),
        of(&run, 2, FileFormat::Gif).with_decoder(FileFormat::Gif.decoder_version()),
    ];
    trial.store().save(&rows.into_iter().collect(), &trial.model()).unwrap();
    let (existing, model) = run.load().unwrap();
    let sorted = run.sort_out(&existing, &model);
    let names: Vec<_> = sorted.valid.rows().iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["b.png", "c.png"]);
    assert!(sorted.changed.len() == 1 && sorted.changed[0].name == "a.png");
}

#[test]
fn rows_are_never_appended_to_those_of_another_network() {
    let trial = Trial::new();
    let mut report = |_| ();
    let run = trial.run(&mut report);
    // Another program indexes with other weights, while the screens, which only append, have the usual ones.
    let theirs: FeatureMatrix = [0, 1].map(|at| row(&run, at)).into_iter().collect();
    drop(run);
    trial.store().save(&theirs, "of another network").unwrap();
    let what = ToIndex { only_appends: true, ..trial.what() };
    let (matrix, summary) = index(&what, &trial.network, &trial.cancel, &mut |_| ()).unwrap();
    // The three are the same picture.
    assert_eq!((matrix.len(), summary.computed), (3, 1));
    let stored = trial.store().load().unwrap().unwrap();
    assert_eq!((stored.model, stored.matrix), (Some(trial.model()), matrix.clone()));
    assert_eq!(npz::read(&trial.store().path()).unwrap().matrix, matrix);
    let again = index(&what, &trial.network, &trial.cancel, &mut |_| ()).unwrap();
    assert_eq!((again.0, again.1.computed), (matrix, 0));
}

/// As `cp` does over a file in use.
#[test]
fn a_file_that_is_overwritten_in_place_is_told_and_nothing_panics() {
    let trial = Trial::new();
    let mut report = |_| ();
    let run = trial.run(&mut report);
    let rows: FeatureMatrix = [0, 1, 2].map(|at| row(&run, at)).into_iter().collect();
    drop(run);
    trial.store().save(&rows, &trial.model()).unwrap();
    let stored = trial.store().load().unwrap().unwrap().matrix;
    assert!(stored.check_whole().is_ok());
    let len = trial.simages().metadata().unwrap().len();
    for byte in [0xff, 0x13] {
        let file = OpenOptions::new().write(true).open(trial.simages()).unwrap();
        std::io::copy(&mut std::io::repeat(byte).take(len), &mut &file).unwrap();
        for row in stored.rows() {
            row.descriptor.to_dense();
            row.descriptor.pooled(Pooling::Gap);
            DescriptorKind::Full.comparison().value(&row.descriptor, &stored.rows()[0].descriptor, Metric::Cosine);
        }
        assert!(matches!(stored.check_whole(), Err(Error::Torn { .. })));
    }
}
