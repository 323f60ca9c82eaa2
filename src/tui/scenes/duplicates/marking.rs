//! Marks in groups of near-duplicates: one picture, all but one, or all that the rules say.

use super::state::Duplicates;
use crate::dataset::Sameness;
use crate::duplicates::to_marks;
use crate::marks::MarkedFile;
use crate::text::count;
use crate::tui::marks::Origin;
use crate::tui::pairs::Selected;
use crate::tui::world::World;

impl Duplicates {
    fn file(&self, number: u32, world: &World) -> Result<MarkedFile, String> {
        let picture = self.key_picture(number).ok_or("the picture is no longer there")?;
        world.as_scanned(&picture)
    }

    /// Marks a picture, in whose place the group's kept one stays (of the kept one, the next best); or unmarks it.
    pub fn toggle_mark(&mut self, at: Selected, world: &mut World) {
        let Some(picture) = self.picture_at(at) else { return };
        if world.marks.unmark(&picture.path) {
            return;
        }
        let others: Vec<u32> = self.group(at.row).into_iter().flat_map(|group| group.pictures()).collect();
        let number = self.number(at);
        let marked = world.as_scanned(&picture).and_then(|file| {
            let may_stay = |other: &u32| Some(*other) != number && !self.is_perhaps_one(*other, number);
            let free = others.iter().filter(|other| may_stay(other)).filter_map(|other| self.file(*other, world).ok());
            let free: Vec<_> = free.filter(|file| !world.marks.contains(&file.path)).collect();
            let kept = free.iter().find(|file| world.marks.keeps(&file.path)).or(free.first()).cloned();
            let kept = kept.ok_or("all others of its group are marked: one must be kept")?;
            world.marks.mark(file, Origin::Group(kept))
        });
        if let Err(why) = marked {
            world.error(why);
        }
    }

    /// Whether both are one file, perhaps.
    fn is_perhaps_one(&self, a: u32, b: Option<u32>) -> bool {
        let Some((answer, b)) = self.answer().zip(b) else { return true };
        let image = |number| answer.collection.image(number);
        image(a).compare(image(b)) != Sameness::Different
    }

    /// Keeps a picture and marks the others of its group that are like it; unmarks them if all of them are.
    pub fn keep(&mut self, at: Selected, world: &mut World) {
        let (Some(number), Some(answer)) = (self.number(at), self.answer().cloned()) else { return };
        let kept = match self.file(number, world) {
            Ok(kept) => kept,
            Err(why) => return world.error(why),
        };
        let Some(group) = self.group(at.row) else { return };
        let others: Vec<u32> = group.pictures().filter(|other| *other != number).collect();
        let content = answer.collection.content_of(number);
        let is_like = |other: &u32| {
            let of_other = answer.collection.content_of(*other);
            let pair = (content.min(of_other), content.max(of_other));
            let found = answer.similar.pairs.binary_search_by_key(&pair, |likeness| likeness.contents);
            let alike = found.is_ok_and(|at| answer.similar.pairs[at].is_within(self.wanted.range));
            (of_other == content || alike) && !self.is_perhaps_one(*other, Some(number))
        };
        let files: Vec<_> = others.iter().filter(|o| is_like(o)).filter_map(|o| self.file(*o, world).ok()).collect();
        let is_for_it = |file: &MarkedFile| world.marks.get(&file.path).and_then(|mark| mark.kept()) == Some(&kept);
        if !files.is_empty() && files.iter().all(is_for_it) {
            for file in &files {
                world.marks.unmark(&file.path);
            }
            return;
        }
        world.marks.unmark(&kept.path);
        // What is kept in the place of marked ones is free once they are marked anew.
        let (before, after): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| world.marks.contains(&file.path));
        let (mut marked, mut refused) = (0, None);
        for file in before.into_iter().chain(after) {
            match world.marks.mark(file, Origin::Group(kept.clone())) {
                Ok(()) => marked += 1,
                Err(why) => refused = Some(why),
            }
        }
        match (others.len() - marked, refused) {
            (_, Some(why)) => world.error(why),
            (0, None) => {}
            (left, None) => {
                let left = count(left, "picture");
                world.inform(format!(
                    "{} is kept; {left} of its group, not within the range of it, not marked",
                    kept.name
                ));
            }
        }
    }

    /// How many of those that the rules mark are not marked yet, and their bytes.
    pub fn to_mark(&self, world: &World) -> (usize, u64) {
        let Some(answer) = self.answer() else { return (0, 0) };
        let numbers = self.plan.groups.iter().flat_map(|group| group.to_mark());
        let images = numbers.map(|number| answer.collection.image(number));
        let open = images.filter(|image| !world.marks.contains(&image.path));
        open.fold((0, 0), |(pictures, bytes), image| (pictures + 1, bytes + image.size))
    }

    /// Marks all that the rules mark; if all of them are marked, unmarks them.
    pub fn mark_by_rule(&mut self, world: &mut World) {
        let Some(answer) = self.answer().cloned() else { return };
        let marks = to_marks(&answer.collection, &self.plan);
        if self.to_mark(world).0 == 0 {
            for mark in &marks {
                world.marks.unmark(&mark.file.path);
            }
            return world.inform(format!("{} unmarked", count(marks.len(), "picture")));
        }
        let in_world = |file: &MarkedFile| MarkedFile { dataset: self.sets[file.dataset], ..file.clone() };
        let (mut marked, mut refused) = (0, None);
        for mark in &marks {
            let kept = in_world(mark.kept().expect("it is one of a group"));
            // The rules have the last word on whom they keep.
            if world.marks.contains(&kept.path) && !marks.iter().any(|mark| mark.file.path == kept.path) {
                world.marks.unmark(&kept.path);
            }
            match world.marks.mark(in_world(&mark.file), Origin::Group(kept)) {
                Ok(()) => marked += 1,
                Err(why) => refused = Some(why),
            }
        }
        match refused {
            Some(why) => world.error(format!("{} marked; not all: {why}", count(marked, "picture"))),
            None => world.inform(format!("{} marked; W writes their paths", count(marked, "picture"))),
        }
    }
}
