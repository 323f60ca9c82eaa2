//! Adds keys to a search: the current picture, or the marked ones.

use crate::tui::key_pictures::KeyPictures;
use crate::tui::scene::Go;
use crate::tui::set::KeyPicture;
use crate::tui::settings::Settings;
use crate::tui::world::World;

/// To pictures similar to the marked ones, and to `keys` if given.
pub fn like_marked(keys: Option<&KeyPictures>, settings: &Settings, world: &mut World) -> Go {
    let marked: Vec<KeyPicture> = world.marks.iter().map(|mark| (&mark.file).into()).collect();
    if marked.is_empty() {
        world.inform("nothing is marked: space marks pictures, L finds more like them");
        return Go::Stay;
    }
    let before = keys.iter().flat_map(|keys| keys.like.iter()).cloned();
    let unlike = keys.map(|keys| keys.unlike.clone()).unwrap_or_default().into_iter();
    let Some(like) = KeyPictures::like(before.chain(marked.iter().cloned())) else { return Go::Stay };
    let unlike = unlike.filter(|unlike| !marked.iter().any(|marked| marked.is_same(unlike)));
    let all = unlike.fold(like, KeyPictures::and_not);
    if keys == Some(&all) {
        world.inform("the marked pictures are already keys");
        return Go::Stay;
    }
    Go::similar(all, settings)
}

/// To pictures similar to `keys` and to this picture, or unlike it.
pub fn and_one(
    keys: &KeyPictures,
    and: fn(KeyPictures, KeyPicture) -> KeyPictures,
    picture: KeyPicture,
    settings: &Settings,
    world: &mut World,
) -> Go {
    let all = and(keys.clone(), picture);
    if all == *keys {
        world.inform("this is already a key");
        return Go::Stay;
    }
    Go::similar(all, settings)
}
