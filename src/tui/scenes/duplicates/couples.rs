//! Each picture of a group beside the one that it is a copy of, usually the kept one, for viewing side by side.

use super::captions::likeness;
use super::state::Duplicates;
use crate::text::thousands;
use crate::tui::couples::{Couple, Couples, Side, Way, Which};
use crate::tui::msg::Task;
use crate::tui::pairs::Selected;
use crate::tui::world::World;

impl Duplicates {
    fn side(&self, at: Selected) -> Option<Side> {
        let facts = self.answer()?.collection.picture(self.number(at)?).facts;
        Some(Side { picture: self.picture_at(at)?, facts })
    }

    fn couple_at(&self, at: Selected) -> Option<Couple> {
        let other = Selected { picture: at.picture.max(1), ..at };
        Some(Couple { sides: [self.side(self.beside(other))?, self.side(other)?] })
    }

    /// The picture of the group that this one is a copy of, or was compared with.
    fn beside(&self, at: Selected) -> Selected {
        let place = || {
            let group = self.group(at.row)?;
            let instead = group.members.get(at.picture.checked_sub(1)?)?.instead;
            group.pictures().position(|picture| picture == instead)
        };
        Selected { picture: place().unwrap_or(0), ..at }
    }

    /// The next (or previous) picture that is not kept.
    fn stepped(&self, forward: bool) -> Option<Selected> {
        let Selected { row, picture } = self.selected;
        let (picture, last) = (picture.max(1), |row: usize| self.group(row).map(|group| group.members.len()));
        match forward {
            true if picture < last(row)? => Some(Selected { row, picture: picture + 1 }),
            true => last(row + 1).map(|_| Selected { row: row + 1, picture: 1 }),
            false if picture > 1 => Some(Selected { row, picture: picture - 1 }),
            false => row.checked_sub(1).and_then(|row| Some(Selected { row, picture: last(row)? })),
        }
    }

    /// Similarity to the kept picture, in words.
    pub fn likeness_at(&self, at: Selected) -> Option<String> {
        let (group, answer) = (self.group(at.row)?, self.answer()?);
        let member = group.members.get(at.picture.checked_sub(1)?)?;
        let content = |number: u32| answer.collection.content_of(number);
        Some(likeness(content(member.picture) == content(member.instead), member))
    }

    fn which(&self, which: Which) -> Selected {
        let other = Selected { picture: self.selected.picture.max(1), ..self.selected };
        if which == 0 { self.beside(other) } else { other }
    }
}

impl Couples for Duplicates {
    fn couple(&self, _: &World) -> Option<Couple> {
        self.couple_at(self.selected)
    }

    fn next_couple(&self, _: &World) -> Option<Couple> {
        self.couple_at(self.stepped(true)?)
    }

    fn go(&mut self, way: Way) {
        let row = self.selected.row;
        self.selected = match way {
            Way::Next => self.stepped(true).unwrap_or(self.selected),
            Way::Previous => self.stepped(false).unwrap_or(self.selected),
            Way::NextRow => Selected { row: (row + 1).min(self.plan.groups.len().max(1) - 1), picture: 1 },
            Way::PreviousRow => Selected { row: row.saturating_sub(1), picture: 1 },
        };
    }

    fn toggle_mark(&mut self, which: Which, world: &mut World) {
        Duplicates::toggle_mark(self, self.which(which), world);
    }

    fn keep(&mut self, which: Which, world: &mut World) {
        Duplicates::keep(self, self.which(which), world);
    }

    fn next_unsure(&mut self, world: &mut World) {
        self.go_to_unsure(world);
    }

    fn part(&mut self, world: &mut World) -> Option<Task> {
        let [kept, other] = [0, 1].map(|which| self.number(self.which(which)));
        self.part_from(other?, &[kept?], world)
    }

    fn place(&self, is_short: bool) -> String {
        let Selected { row, picture } = self.selected;
        let (row, groups) = (thousands(row + 1), thousands(self.plan.groups.len()));
        let pictures = self.group(self.selected.row).map_or(0, |group| 1 + group.members.len());
        let picture = picture.max(1) + 1;
        match is_short {
            true => format!("group {row}/{groups}, {picture}/{pictures}"),
            false => format!("group {row} of {groups}   picture {picture} of {pictures}"),
        }
    }

    fn names(&self, world: &World) -> String {
        Duplicates::names(self, world)
    }

    fn likeness(&self, is_short: bool) -> String {
        let at = self.which(1);
        let Some(member) = self.group(at.row).and_then(|group| group.members.get(at.picture - 1)) else {
            return String::new();
        };
        let alike = self.likeness_at(at).unwrap_or_default();
        let judged = match member.judgement {
            Ok(reason) => reason.text(),
            Err(doubt) => doubt.text(),
        };
        match is_short || alike == judged {
            true => alike,
            false => format!("{alike}   {judged}"),
        }
    }
}
