//! `kill -9` at random moments of indexing and writing: the files on disk stay readable and correct, and nothing stored
//! is lost.
//!
//! A few here; `just trial-kills` does two hundred, with the release build.

use std::collections::BTreeMap;
use std::fs;
use std::process::Stdio;
use std::time::Duration;

use crate::common::{Place, starter};
use simages::descriptor::Descriptor;
use simages::storage::{npz, sparse};

const PICTURES: usize = 24;

/// The descriptor stored for each picture, in either file; both must be readable if they exist.
fn stored(place: &Place) -> BTreeMap<String, Descriptor> {
    let mut rows = BTreeMap::new();
    let mut take = |matrix: simages::descriptor::FeatureMatrix| {
        rows.extend(matrix.rows().iter().map(|row| (row.name.clone(), row.descriptor.clone())));
    };
    if place.npz().exists() {
        take(npz::read(&place.npz()).expect("always a readable npz").matrix);
    }
    if place.sparse().exists() {
        take(sparse::open(&place.sparse()).expect("always a readable features.simages").matrix);
    }
    rows
}

fn forget_all(place: &Place) {
    for file in [place.npz(), place.sparse()] {
        let _ = fs::remove_file(file);
    }
}

/// Kills a run this many times; counts the lost rows.
fn trials(kills: usize, seed: u64) {
    let place = Place::with(&[]);
    let mut pictures: Vec<_> = fs::read_dir(starter("")).unwrap().map(|entry| entry.unwrap().path()).collect();
    pictures.retain(|path| path.extension().is_some_and(|ending| ending == "jpg"));
    pictures.sort();
    pictures.iter().take(PICTURES).enumerate().for_each(|(i, path)| {
        fs::copy(path, place.animals().join(format!("{i:02}.jpg"))).unwrap();
    });
    let begun = std::time::Instant::now();
    place.run(&["index", "animals"]).exits(0);
    let mut whole = begun.elapsed();
    let right = stored(&place);
    assert_eq!(right.len(), PICTURES);

    let mut random = fastrand::Rng::with_seed(seed);
    let (mut killed, mut kept) = (0, BTreeMap::new());
    while killed < kills {
        if kept.len() == PICTURES {
            kept.clear();
            forget_all(&place);
            if random.bool() {
                // Almost all are stored, so most of the time is spent writing.
                place.run(&["index", "animals"]).exits(0);
                for _ in 0..random.usize(1..4) {
                    let name = format!("{:02}.jpg", random.usize(..PICTURES));
                    fs::write(place.animals().join(&name), fs::read(place.animals().join(&name)).unwrap()).unwrap();
                }
                kept = stored(&place);
            }
        }
        let mut child = place.command(&["index", "animals"]).stderr(Stdio::null()).spawn().unwrap();
        let later = Duration::from_secs_f64(whole.as_secs_f64() * random.f64() * 1.1);
        std::thread::sleep(later);
        child.kill().unwrap();
        if child.wait().unwrap().success() {
            // It finished before the kill.
            if kept.is_empty() {
                // The machine is less busy than it was.
                whole = whole.min(later);
            }
            kept = stored(&place);
            assert_eq!(kept, right);
            continue;
        }
        killed += 1;
        let now = stored(&place);
        let lost: Vec<_> = kept.keys().filter(|name| !now.contains_key(*name)).collect();
        assert!(lost.is_empty(), "kill {killed}: lost {lost:?}");
        let wrong: Vec<_> = now.iter().filter(|(name, row)| right[*name] != **row).map(|(name, _)| name).collect();
        assert!(wrong.is_empty(), "kill {killed}: wrong {wrong:?}");
        kept = now;
    }
    place.run(&["index", "animals"]).exits(0);
    assert_eq!(stored(&place), right);
    let files = fs::read_dir(place.animals()).unwrap().count();
    assert_eq!(files, PICTURES + 2, "neither lock nor temporary file is left");
    eprintln!("{killed} kills survived, no row lost, none wrong");
}

#[test]
fn a_few_kills() {
    trials(3, 1);
}

#[test]
#[ignore = "takes minutes: just trial-kills"]
fn two_hundred_kills() {
    trials(200, 2);
}
