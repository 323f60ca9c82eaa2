//! Maps of made-up pictures.

use std::path::PathBuf;
use std::sync::Arc;

use super::*;
use crate::cancel::Cancel;
use crate::dataset::{FileId, ImageFile};
use crate::descriptor::{CHANNELS, DESCRIPTOR_LEN, Descriptor, FeatureMatrix, Row};
use crate::duplicates::{Collection, CollectionSource};
use crate::join::Engine;

/// `count` points around 0.
pub fn noise(count: usize, scale: f32) -> Vec<f32> {
    let mut random = fastrand::Rng::with_seed(11);
    (0..count * CHANNELS).map(|_| (random.f32() - 0.5) * scale).collect()
}

/// Works on `count` threads.
pub fn threads<T: Send>(count: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(count).build().unwrap().install(work)
}

/// Pictures of `kinds` kinds in turn, each kind about alike.
pub fn collection(count: usize, kinds: usize) -> Collection {
    let mut random = fastrand::Rng::with_seed(4);
    let mut row = |at: usize| {
        let mut dense = vec![0.0; DESCRIPTOR_LEN];
        dense[..CHANNELS].iter_mut().step_by(7).for_each(|x| *x = random.f32());
        dense[1 + at % kinds] += 12.0;
        Row::new(format!("{at:04}.jpg"), None, Descriptor::from_dense(&dense).unwrap())
    };
    let matrix: FeatureMatrix = (0..count).map(&mut row).collect();
    let image = |row: &Arc<Row>| {
        let path = PathBuf::from("/pictures").join(&row.name);
        let id = FileId::Path(path.clone().into());
        ImageFile { name: row.name.clone(), path, id, size: 7, mtime_ns: 1, ctime_ns: 1 }
    };
    let images = Arc::new(matrix.rows().iter().map(image).collect());
    Collection::new(vec![CollectionSource { name: "made".into(), root: "/pictures".into(), matrix, images }]).unwrap()
}

fn arranged(ground: &MapGround, maps: &KeptMaps) -> PictureMap {
    ground.arranged(Some(maps), Engine::default(), &Cancel::default(), &mut |_| {}).unwrap()
}

fn distance(a: [f32; 2], b: [f32; 2]) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

#[test]
fn kinds_stay_together_and_apart_from_others() {
    let ground = MapGround::new(collection(240, 6)).unwrap();
    let map = arranged(&ground, &KeptMaps::new(tempfile::tempdir().unwrap().path()));
    assert_eq!((map.kind, map.places.len()), (MapKind::Neighbours, 240));
    let middle = |kind: usize| {
        let places: Vec<_> = map.places.iter().skip(kind).step_by(6).collect();
        [0, 1].map(|axis| places.iter().map(|place| place[axis]).sum::<f32>() / places.len() as f32)
    };
    for (at, place) in map.places.iter().enumerate() {
        let nearest = (0..6).min_by(|a, b| distance(middle(*a), *place).total_cmp(&distance(middle(*b), *place)));
        assert_eq!(nearest, Some(at % 6), "{at}");
    }
    assert_eq!(map.size.into_iter().fold(0.0, f32::max), 1.0);
    let kept = |map: &PictureMap| ground.trustworthiness(map, 10, &Cancel::default()).unwrap().unwrap();
    // Six kinds don't fit on a plane by components.
    assert!(kept(&map) > 0.9 && kept(&map) > kept(&ground.first()), "{} and {}", kept(&map), kept(&ground.first()));
}

#[test]
fn a_map_is_the_same_on_any_number_of_threads_and_comes_from_the_cache_after_that() {
    let cache = tempfile::tempdir().unwrap();
    let maps = KeptMaps::new(cache.path());
    let ground = MapGround::new(collection(150, 5)).unwrap();
    assert_eq!(ground.kept(&maps), None);
    let one = threads(1, || arranged(&ground, &maps));
    let again = threads(3, || arranged(&ground, &KeptMaps::new(tempfile::tempdir().unwrap().path())));
    assert_eq!(one, again);
    assert_eq!(ground.kept(&maps), Some(one));
    // Another picture, another map.
    assert_eq!(MapGround::new(collection(151, 5)).unwrap().kept(&maps), None);
}

#[test]
fn few_pictures_or_none_have_a_map_too_and_it_can_be_cancelled() {
    let maps = KeptMaps::new(tempfile::tempdir().unwrap().path());
    for count in [0, 1, 2, 7, 8, 9] {
        let ground = MapGround::new(collection(count, 2)).unwrap();
        for map in [ground.first(), arranged(&ground, &maps)] {
            assert!(
                map.places.len() == count && map.places.iter().flatten().all(|x| (0.0..=1.0).contains(x)),
                "{map:?}"
            );
        }
    }
    let cancel = Cancel::default();
    cancel.cancel();
    let ground = MapGround::new(collection(20, 2)).unwrap();
    let maps = KeptMaps::new(tempfile::tempdir().unwrap().path());
    assert!(matches!(
        ground.arranged(Some(&maps), Engine::default(), &cancel, &mut |_| {}),
        Err(crate::Error::Cancelled)
    ));
}
