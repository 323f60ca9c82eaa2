use std::path::Path;

use super::*;
use crate::cancel::Cancel;
use crate::descriptor::{Descriptor, FeatureMatrix, Row};
use crate::error::Error;
use crate::join::{DescriptorKind, Engine, Group, How, JoinedFiles, Metric, Plan, Predicate, SetJoin, With};
use crate::progress::Progress;

const ROWS: usize = 700;
/// A join that is a batch of 64 keys at a time, and one that is a single batch.
const JOINS: [(Plan, Predicate); 3] =
    [(Plan::Plain, Predicate::Knn(5)), (Plan::Plain, Predicate::Range(0.75)), (Plan::Norms, Predicate::Knn(5))];

fn join(predicate: Predicate) -> SetJoin {
    let mut random = fastrand::Rng::with_seed(7);
    let mut row = |at: usize| {
        let dense: Vec<f32> =
            (0..200).map(|i| f32::from(u8::from((i + at).is_multiple_of(9))) + random.f32()).collect();
        Row::new(format!("{at:04}.jpg"), None, Descriptor::from_dense(&dense).unwrap())
    };
    SetJoin {
        keys: (0..ROWS).map(&mut row).collect::<FeatureMatrix>(),
        with: With::Themselves,
        files: JoinedFiles::default(),
        descriptor: DescriptorKind::Full,
        metric: Metric::Cosine,
        predicate,
    }
}

/// Runs the join, and ends it after this share; returns the groups, whether it was ended, and the share that was done
/// when it began.
fn run(join: &SetJoin, plan: Plan, how: How, share: f64) -> (Vec<Group>, bool, f64) {
    let (cancel, mut groups, mut began) = (Cancel::default(), Vec::new(), None);
    let engine = Engine { plan: Some(plan), ..Engine::default() };
    let mut progress = |progress: Progress| {
        began.get_or_insert(progress.part());
        if progress.part() > share {
            cancel.cancel();
        }
    };
    let done = join.run_by(how, engine, &cancel, &mut progress, &mut |group| {
        groups.push(group);
        Ok(())
    });
    assert!(matches!(done, Ok(()) | Err(Error::Cancelled)), "{done:?}");
    (groups, done.is_err(), began.unwrap_or_default())
}

fn open_eager<'a>(folder: &Path, join: &'a SetJoin) -> KeptJoin<'a> {
    KeptJoin::open_eager(folder, "name", &join.keys, &join.keys)
}

/// The names of the files, with their contents.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let mut files: Vec<_> =
        entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect();
    files.sort();
    files
}

#[test]
fn a_join_that_was_ended_goes_on_with_the_same_results() {
    for (plan, predicate) in JOINS {
        let (join, folder) = (join(predicate), tempfile::tempdir().unwrap());
        let (expected, ..) = run(&join, plan, How::Exactly, 2.0);
        let mut before = -1.0;
        for share in [0.3, 0.6] {
            let kept = open_eager(folder.path(), &join);
            let (_, ended, began) = run(&join, plan, How::Kept(&kept), share);
            assert!(ended && began > before, "{plan:?}, {predicate:?}: began at {began}");
            before = began;
            assert!(kept.is_kept());
        }
        let kept = open_eager(folder.path(), &join);
        assert!(kept.has_begun());
        let (found, ended, began) = run(&join, plan, How::Kept(&kept), 2.0);
        assert!(!ended && began > before);
        assert!(found == expected, "{plan:?}, {predicate:?}");
        kept.delete();
        assert_eq!(files(folder.path()), []);
    }
}

#[test]
fn whatever_happens_to_its_files_the_results_are_the_same() {
    for (plan, predicate) in JOINS {
        let (join, folder) = (join(predicate), tempfile::tempdir().unwrap());
        let (expected, ..) = run(&join, plan, How::Exactly, 2.0);
        assert!(run(&join, plan, How::Kept(&open_eager(folder.path(), &join)), 0.6).1);
        let left = files(folder.path());
        let mut random = fastrand::Rng::with_seed(1);
        for trial in 0..30 {
            for (name, bytes) in &left {
                let (mut bytes, at) = (bytes.clone(), random.usize(..bytes.len()));
                match trial % 3 {
                    0 => bytes[at] ^= 1 << random.u8(..8),
                    1 => bytes.truncate(at),
                    _ => bytes.extend([7; 20]),
                }
                fs::write(folder.path().join(name), bytes).unwrap();
            }
            let (found, ended, _) = run(&join, plan, How::Kept(&open_eager(folder.path(), &join)), 2.0);
            assert!(!ended && found == expected, "{plan:?}, {predicate:?}, trial {trial}");
        }
    }
}

#[test]
fn a_join_with_too_many_results_is_not_kept() {
    let (join, folder) = (join(Predicate::Knn(5)), tempfile::tempdir().unwrap());
    let (expected, ..) = run(&join, Plan::Plain, How::Exactly, 2.0);
    let kept = open_eager(folder.path(), &join);
    kept.state.lock().most = 20_000;
    assert!(run(&join, Plan::Plain, How::Kept(&kept), 2.0).0 == expected);
    assert_eq!((kept.is_kept(), files(folder.path())), (false, vec![]));
}

#[test]
fn two_processes_keep_one_join_once() {
    let (join, folder) = (join(Predicate::Knn(5)), tempfile::tempdir().unwrap());
    let (expected, ..) = run(&join, Plan::Plain, How::Exactly, 2.0);
    let first = open_eager(folder.path(), &join);
    assert!(run(&join, Plan::Plain, How::Kept(&first), 0.5).1);
    let second = open_eager(folder.path(), &join);
    assert!(!second.has_begun() && run(&join, Plan::Plain, How::Kept(&second), 2.0).0 == expected);
    second.delete();
    let names: Vec<_> = files(folder.path()).into_iter().map(|(name, _)| name).collect();
    assert_eq!((first.is_kept(), names), (true, vec!["name.lists".to_owned(), "name.results".to_owned()]));
}

#[test]
fn a_short_join_is_not_kept_and_a_long_one_has_a_name_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    assert!(join(Predicate::Knn(5)).kept(folder.path()).is_none());
    let names =
        [Predicate::Knn(5), Predicate::Knn(6), Predicate::Range(0.5)].map(|predicate| join(predicate).identity());
    assert!(names[0] != names[1] && names[1] != names[2] && names[0] == join(Predicate::Knn(5)).identity());
}
