//! Marks in the pairs and groups of a join: which picture is kept in place of which.

use std::path::PathBuf;

use super::marks::{MarkedFile, Origin};
use super::pairs::{Pairs, Selected};
use super::world::World;
use crate::dataset::{ImageFile, Sameness};
use crate::join::Predicate;
use crate::text::{bytes, count};

/// Marks the picture, keeping another one of its pair or group in its place; or unmarks it.
pub fn toggle_mark(pairs: &Pairs, at: Selected, world: &mut World) {
    let Some(picture) = pairs.picture(at, world) else { return };
    if world.marks.unmark(&picture.path) {
        return;
    }
    let marked = world.as_scanned(&picture).and_then(|file| {
        if world.marks.keeps(&file.path) {
            return Err(format!("{} is the kept picture of its group (K on another keeps that one)", file.name));
        }
        let kept = kept_for(pairs, at, world)?;
        world.marks.mark(file, Origin::Group(kept))
    });
    match marked {
        Ok(()) => warn_of_larger(&[picture.path], world),
        Err(why) => world.error(why),
    }
}

/// Warns if a marked picture is larger than the one kept in its place: it may be the original.
fn warn_of_larger(marked: &[PathBuf], world: &mut World) {
    let larger = marked.iter().find_map(|path| {
        let mark = world.marks.get(path)?;
        let kept = mark.kept().filter(|kept| kept.stamp.size < mark.file.stamp.size)?;
        let (size, kept_size) = (bytes(mark.file.stamp.size), bytes(kept.stamp.size));
        Some(format!("marked: {}, {size}; kept: {}, only {kept_size}", mark.file.name, kept.name))
    });
    if let Some(larger) = larger {
        world.inform(larger);
    }
}

/// Keeps the picture and marks the similar ones of its pair or group; if all of them are marked, unmarks them.
pub fn keep(pairs: &Pairs, at: Selected, world: &mut World) {
    let Some(picture) = pairs.picture(at, world) else { return };
    let kept = match world.as_scanned(&picture) {
        Ok(kept) => kept,
        Err(why) => return world.error(why),
    };
    let alike: Vec<_> = others(pairs, at).filter(|other| may_stand_for(pairs, at, *other, world)).collect();
    let files: Vec<_> = alike.iter().map(|other| file(pairs, *other, world)).collect();
    let is_for_it = |file: &MarkedFile| world.marks.get(&file.path).and_then(|m| m.kept()) == Some(&kept);
    if files.iter().flatten().all(is_for_it) && files.iter().any(Result::is_ok) {
        for file in files.iter().flatten() {
            world.marks.unmark(&file.path);
        }
        return;
    }
    world.marks.unmark(&kept.path);
    let (mut marked, mut why) = (Vec::new(), None);
    // Marked pictures come first: that frees the pictures kept in their place to be marked as well.
    let (before, after): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|file| file.as_ref().is_ok_and(|file| world.marks.contains(&file.path)));
    for file in before.into_iter().chain(after) {
        let path = file.as_ref().ok().map(|file| file.path.clone());
        match file.and_then(|file| world.marks.mark(file, Origin::Group(kept.clone()))) {
            Ok(()) => marked.extend(path),
            Err(refused) => why = Some(refused),
        }
    }
    let left = others(pairs, at).count() - marked.len();
    match (left, why) {
        (0, _) if marked.len() > 1 => {
            world.inform(format!("{} is kept, the {} others of its group are marked", kept.name, marked.len()));
        }
        (0, _) => {}
        (_, Some(why)) => world.error(why),
        (_, None) => {
            let left = count(left, "picture");
            let same = others(pairs, at).any(|other| are_perhaps_one(pairs, at, other, world));
            let why = if same { "perhaps the same file" } else { "out of range" };
            world.inform(format!("{} is kept; {left} of its group left unmarked ({why})", kept.name));
        }
    }
    warn_of_larger(&marked, world);
}

/// The picture to keep if this one is marked: one that is kept already, else the first that can be.
fn kept_for(pairs: &Pairs, at: Selected, world: &World) -> Result<MarkedFile, String> {
    let free: Vec<_> = others(pairs, at)
        .filter(|other| may_stand_for(pairs, at, *other, world))
        .filter_map(|other| file(pairs, other, world).ok())
        .filter(|file| !world.marks.contains(&file.path))
        .collect();
    let kept = free.iter().find(|file| world.marks.keeps(&file.path)).or(free.first());
    kept.cloned()
        .ok_or_else(|| "none of the others can be kept instead: marked, changed, or perhaps the same file".into())
}

fn file(pairs: &Pairs, at: Selected, world: &World) -> Result<MarkedFile, String> {
    let picture = pairs.picture(at, world).ok_or("the picture no longer exists")?;
    world.as_scanned(&picture)
}

/// The other pictures of the pair or group.
fn others(pairs: &Pairs, at: Selected) -> impl Iterator<Item = Selected> + use<> {
    let row = at.row;
    (0..pairs.pictures(row)).filter(move |picture| *picture != at.picture).map(move |picture| Selected { row, picture })
}

/// Whether one can replace the other. All of a group are within the range of its centre, but not of each other. And if
/// both are perhaps the same file, nothing would be left to keep.
fn may_stand_for(pairs: &Pairs, a: Selected, b: Selected, world: &World) -> bool {
    if are_perhaps_one(pairs, a, b, world) {
        return false;
    }
    let Predicate::Range(range) = pairs.join.predicate else { return true };
    if a.picture == 0 || b.picture == 0 {
        return true;
    }
    let (Some((a, _)), Some((b, _))) = (pairs.row(a), pairs.row(b)) else { return false };
    let metric = pairs.join.metric;
    let value = pairs.join.descriptor.comparison().value(&a.descriptor, &b.descriptor, metric);
    metric.compare(value, range).is_le()
}

/// Whether the two may be one file.
fn are_perhaps_one(pairs: &Pairs, a: Selected, b: Selected, world: &World) -> bool {
    let (a, b) = (image(pairs, a, world), image(pairs, b, world));
    a.zip(b).is_some_and(|(a, b)| a.compare(b) != Sameness::Different)
}

/// The picture's file, as of the last scan.
fn image<'a>(pairs: &Pairs, at: Selected, world: &'a World) -> Option<&'a ImageFile> {
    world.sets[pairs.set(at)].image(&pairs.row(at)?.0.name)
}
