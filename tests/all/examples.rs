//! The library's examples do what their first lines say.

use crate::common::{Place, starter};

#[allow(dead_code, reason = "the example's own main")]
#[path = "../../examples/describe.rs"]
mod describe;
#[allow(dead_code, reason = "the example's own main")]
#[path = "../../examples/join.rs"]
mod join;
#[allow(dead_code, reason = "the example's own main")]
#[path = "../../examples/query.rs"]
mod query;

const DUCK: &str = "birds_duck.jpg";
const DRAKE: &str = "birds_drake.jpg";
const FISH: &str = "fish_lionfish.jpg";

#[test]
fn a_picture_is_most_like_itself() {
    let [duck, again, fish] = describe::describe([&starter(DUCK), &starter(DUCK), &starter(FISH)]).unwrap();
    assert_eq!(duck.to_dense().len(), 25_088);
    assert_eq!(duck.cosine(&again), 1.0);
    assert!(duck.cosine(&fish) < 0.9);
}

#[test]
fn the_most_similar_picture_of_a_folder_is_found() {
    let place = Place::with(&[DRAKE, FISH]);
    let found = query::query(&starter(DUCK), &place.animals(), &place.path().join("cache")).unwrap();
    let names: Vec<_> = found.iter().map(|neighbour| neighbour.row.name.as_str()).collect();
    assert_eq!(names, [DRAKE, FISH]);
}

#[test]
fn pictures_of_two_folders_are_joined_by_a_range() {
    let place = Place::with(&[DUCK, FISH]);
    place.pretend_indexed(&[(DUCK, &[9.0, 1.0]), (FISH, &[0.0, 9.0])]);
    std::fs::create_dir(place.dataset("others")).unwrap();
    place.copy_into("others", DRAKE, DRAKE);
    place.pretend_indexed_in("others", &[(DRAKE, &[9.0, 0.0])]);
    let stored = |name| join::stored(&place.dataset(name), &place.path().join("cache")).unwrap();
    let mut pairs = Vec::new();
    join::join(stored("animals"), stored("others"), 0.5, &mut |group| {
        pairs.extend(group.neighbours.into_iter().map(|found| (group.key.name.clone(), found.row.name.clone())));
    })
    .unwrap();
    assert_eq!(pairs, [(DUCK.to_owned(), DRAKE.to_owned())]);
    assert!(join::stored(place.path(), place.path()).is_err());
}
