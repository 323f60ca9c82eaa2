//! Marks in groups of near-duplicates: one picture, all but one, or by the rules.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::state::{ByRules, Duplicates};
use crate::dataset::Sameness;
use crate::duplicates::{Doubt, DuplicateGroup, GroupMember, Grouping, file, judge};
use crate::marks::MarkedFile;
use crate::text::{count, printable, thousands};
use crate::tui::marks::{Mark, Origin};
use crate::tui::pairs::Selected;
use crate::tui::world::World;

impl Duplicates {
    fn file(&self, number: u32, world: &World) -> Result<MarkedFile, String> {
        let picture = self.key_picture(number).ok_or("the picture no longer exists")?;
        world.as_scanned(&picture)
    }

    /// Marks a picture, keeping the group's kept one in its place (or, for the kept one itself, the next best); or
    /// unmarks it.
    pub fn toggle_mark(&mut self, at: Selected, world: &mut World) {
        let Some(picture) = self.picture_at(at) else { return };
        self.counted.take();
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
        match marked {
            Err(why) => world.error(why),
            Ok(()) => self.warn_of_identical(number, &others, world),
        }
    }

    /// Marks the pictures of a list written earlier, where a group still holds each with the picture that stays in its
    /// place. Returns why it refused some.
    pub fn mark_in_groups(&mut self, marks: Vec<Mark>, world: &mut World) -> Vec<String> {
        let Some(answer) = self.answer().cloned() else {
            return marks.iter().map(|_| "groups are known only after the comparison".into()).collect();
        };
        self.counted.take();
        let in_group = |(row, group): (usize, &DuplicateGroup)| {
            group.pictures().map(|number| (answer.collection.image(number).path.as_path(), row)).collect::<Vec<_>>()
        };
        let rows: HashMap<&Path, usize> = self.plan.groups.iter().enumerate().flat_map(in_group).collect();
        let row = |file: &MarkedFile| rows.get(file.path.as_path());
        let mut refused = Vec::new();
        for Mark { file, origin } in marks {
            let name = file.name.clone();
            let marked = match &origin {
                Origin::Group(kept) if row(&file).is_none() || row(&file) != row(kept) => {
                    Err(format!("no group holds {name} and {}, which was kept", kept.name))
                }
                _ => world.marks.mark(file, origin),
            };
            refused.extend(marked.err());
        }
        refused
    }

    /// Marked by hand: says so if nothing byte-identical stays.
    fn warn_of_identical(&self, number: Option<u32>, others: &[u32], world: &mut World) {
        let Some((answer, number)) = self.answer().zip(number) else { return };
        let collection = &answer.collection;
        let is_identical =
            |other: &&u32| **other != number && collection.content_of(**other) == collection.content_of(number);
        let mut identical = others.iter().filter(is_identical).map(|other| &collection.image(*other).path).peekable();
        if identical.peek().is_some() && identical.all(|path| world.marks.contains(path)) {
            world.inform("all its byte-identical copies are marked too: only other pictures of the group stay");
        }
    }

    /// Whether the two may be one file.
    fn is_perhaps_one(&self, a: u32, b: Option<u32>) -> bool {
        let Some((answer, b)) = self.answer().zip(b) else { return true };
        let image = |number| answer.collection.image(number);
        image(a).compare(image(b)) != Sameness::Different
    }

    /// Keeps a picture and marks the similar ones of its group; if all of them are marked, unmarks them.
    pub fn keep(&mut self, at: Selected, world: &mut World) {
        let (Some(number), Some(answer)) = (self.number(at), self.answer().cloned()) else { return };
        self.counted.take();
        let kept = match self.file(number, world) {
            Ok(kept) => kept,
            Err(why) => return world.error(why),
        };
        let Some(group) = self.group(at.row) else { return };
        let others: Vec<u32> = group.pictures().filter(|other| *other != number).collect();
        let content = answer.collection.content_of(number);
        let grouping = Grouping {
            collection: &answer.collection,
            similar: &answer.similar,
            verdicts: &self.verdicts,
            settings: &self.wanted,
        };
        let is_like = |other: &&u32| {
            let is_alike =
                answer.collection.content_of(**other) == content || grouping.likeness(number, **other).is_some();
            is_alike && !self.is_perhaps_one(**other, Some(number))
        };
        let alike: Vec<u32> = others.iter().filter(is_like).copied().collect();
        let files: Vec<_> = alike.iter().filter_map(|other| self.file(*other, world).ok()).collect();
        // Marked all the same: the user has looked at this one, but perhaps not at them.
        let is_in_doubt =
            |other: &&u32| judge(&answer.collection, number, **other, grouping.likeness(number, **other)).is_err();
        let in_doubt: Vec<u32> = alike.iter().filter(is_in_doubt).copied().collect();
        let is_for_it = |file: &MarkedFile| world.marks.get(&file.path).and_then(|mark| mark.kept()) == Some(&kept);
        if !files.is_empty() && files.iter().all(is_for_it) {
            for file in &files {
                world.marks.unmark(&file.path);
            }
            return;
        }
        world.marks.unmark(&kept.path);
        // A picture kept in place of marked ones is free once those are marked anew.
        let (before, after): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| world.marks.contains(&file.path));
        let (mut marked, mut refused) = (0, None);
        for file in before.into_iter().chain(after) {
            match world.marks.mark(file, Origin::Group(kept.clone())) {
                Ok(()) => marked += 1,
                Err(why) => refused = Some(why),
            }
        }
        let mut said = format!("{} marked", thousands(marked));
        if let Some((first, more)) = in_doubt.split_first() {
            let (copy, more) = match more.len() {
                0 => ("not a copy", String::new()),
                more => ("not copies", format!(" and {more} more")),
            };
            said += &format!("; perhaps {copy}: {}{more}", printable(&answer.collection.name(*first)));
        }
        match (others.len() - marked, refused) {
            (_, Some(why)) => world.error(why),
            (0, None) => world.inform(said),
            (left, None) => world.inform(format!("{said}; {} of its group left unmarked", count(left, "picture"))),
        }
    }

    /// Whether pictures of this group were marked by hand: the rules leave it alone.
    fn is_decided(&self, group: &DuplicateGroup, world: &World) -> bool {
        let Some(answer) = self.answer() else { return false };
        let mut paths = group.pictures().map(|number| &answer.collection.image(number).path);
        paths.any(|path| world.marks.contains(path) && !world.marks.is_by_rule(path))
    }

    /// Removes marks by rule that the rules no longer make in favour of the same picture, and marks in favour of a
    /// picture that the user declared no duplicate; returns how many.
    pub fn drop_misjudged(&self, world: &mut World) -> usize {
        let Some(answer) = self.answer().filter(|_| world.marks.has_grouped()) else { return 0 };
        let (collection, mut gone) = (&answer.collection, Vec::new());
        let path = |number: u32| collection.image(number).path.as_path();
        let content = |number| collection.content_of(number);
        for group in &self.plan.groups {
            let members = group.members.iter().map(|member| (member.picture, Some(member)));
            for (number, member) in members.chain([(group.kept, None)]) {
                let Some(kept) = world.marks.get(path(number)).and_then(|mark| mark.kept()) else { continue };
                // One that is still to be looked at may turn out to be a copy, as before.
                let is_marked = |member: &GroupMember| {
                    path(member.instead) == kept.path && matches!(member.judgement, Ok(_) | Err(Doubt::Pending))
                };
                let is_stale = world.marks.is_by_rule(path(number)) && !member.is_some_and(is_marked);
                let source = self.sets.iter().position(|set| *set == kept.dataset);
                let kept = source.and_then(|source| collection.find(source, &kept.name));
                let is_parted = kept.is_some_and(|kept| self.verdicts.part(collection, content(number), content(kept)));
                if is_stale || is_parted {
                    gone.push(path(number));
                }
            }
        }
        gone.iter().filter(|path| world.marks.unmark(path)).count()
    }

    /// What the rules would mark, or have marked, in groups not decided by hand: pictures, groups and bytes; and the
    /// number of groups decided by hand.
    pub fn by_rules(&self, world: &World) -> ByRules {
        let changes = world.marks.changes();
        let counted = self.counted.get().filter(|(before, _)| *before == changes);
        let by_rules = counted.map_or_else(|| self.count_by_rules(world), |(_, by_rules)| by_rules);
        self.counted.set(Some((changes, by_rules)));
        by_rules
    }

    /// The pictures that the rules mark in groups not decided by hand, each with the one that stays, and whether it is
    /// marked.
    pub fn to_mark_by_rule(&self, world: &World) -> Vec<(PathBuf, PathBuf, bool)> {
        let Some(answer) = self.answer() else { return Vec::new() };
        let path = |number: u32| answer.collection.image(number).path.clone();
        let told = |member: &GroupMember| {
            let picture = path(member.picture);
            let is_marked = world.marks.contains(&picture);
            (picture, path(member.instead), is_marked)
        };
        self.ruled(world).map(told).collect()
    }

    /// The pictures that the rules mark in groups not decided by hand.
    fn ruled(&self, world: &World) -> impl Iterator<Item = &GroupMember> {
        let groups = self.plan.groups.iter().filter(|group| !self.is_decided(group, world));
        groups.flat_map(|group| group.members.iter().filter(|member| member.judgement.is_ok()))
    }

    fn count_by_rules(&self, world: &World) -> ByRules {
        let mut by_rules = ByRules::default();
        let Some(answer) = self.answer() else { return by_rules };
        for group in &self.plan.groups {
            if self.is_decided(group, world) {
                by_rules.decided += 1;
                continue;
            }
            let before = by_rules.pictures;
            for number in group.to_mark() {
                let image = answer.collection.image(number);
                by_rules.pictures += 1;
                by_rules.bytes += image.size;
                if !world.marks.contains(&image.path) {
                    by_rules.open += 1;
                    by_rules.open_bytes += image.size;
                }
            }
            by_rules.groups += usize::from(by_rules.pictures > before);
            by_rules.in_doubt += group.members.iter().filter(|member| member.judgement.is_err()).count();
        }
        by_rules
    }

    /// Marks all that the rules say, except in groups decided by hand, and removes earlier marks by rule; if everything
    /// is marked already, unmarks it.
    pub fn mark_by_rule(&mut self, world: &mut World) {
        let Some(answer) = self.answer().cloned() else { return };
        self.counted.take();
        let ByRules { open, pictures, .. } = self.by_rules(world);
        let ruled: Vec<&GroupMember> = self.ruled(world).collect();
        world.marks.unmark_by_rule();
        if open == 0 {
            return world.inform(format!("{} unmarked", count(pictures, "picture")));
        }
        let in_world = |file: MarkedFile| MarkedFile { dataset: self.sets[file.dataset], ..file };
        let (mut marked, mut refused) = (0, None);
        for member in ruled {
            let file_of = |number: u32| in_world(file(&answer.collection, number));
            match world.marks.mark_by_rule(file_of(member.picture), Origin::Group(file_of(member.instead))) {
                Ok(()) => marked += 1,
                Err(why) => refused = Some(why),
            }
        }
        let said = count(marked, "picture");
        match refused {
            Some(why) => world.error(format!("{said} marked; not all: {why}")),
            None => world.inform(format!("{said} marked; W writes their paths")),
        }
    }
}
