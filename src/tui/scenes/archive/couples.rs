//! A picture of the card and its best match, for viewing side by side.

use super::state::ArchiveTabs;
use crate::text::thousands;
use crate::tui::couples::{Couple, Couples, Side, Way, Which};
use crate::tui::msg::Task;
use crate::tui::pairs::Selected;
use crate::tui::world::World;

impl ArchiveTabs {
    fn couple_at(&self, row: usize) -> Option<Couple> {
        let side = |picture: usize| {
            let at = Selected { row, picture };
            let facts = self.answer()?.collection.picture(self.number(at)?).facts;
            Some(Side { picture: self.picture_at(at)?, facts })
        };
        Some(Couple { sides: [side(0)?, side(1)?] })
    }
}

impl Couples for ArchiveTabs {
    fn couple(&self, _: &World) -> Option<Couple> {
        self.couple_at(self.selected.row)
    }

    fn next_couple(&self, _: &World) -> Option<Couple> {
        self.couple_at(self.selected.row + 1)
    }

    fn go(&mut self, way: Way) {
        let row = self.selected.row;
        self.selected.row = match way {
            Way::Next | Way::NextRow => (row + 1).min(self.shown.len().max(1) - 1),
            Way::Previous | Way::PreviousRow => row.saturating_sub(1),
        };
    }

    fn toggle_mark(&mut self, which: Which, world: &mut World) {
        self.mark(Selected { picture: which, ..self.selected }, world);
    }

    fn part(&mut self, world: &mut World) -> Option<Task> {
        ArchiveTabs::part(self, world)
    }

    fn place(&self, is_short: bool) -> String {
        let (row, of) = (thousands(self.selected.row + 1), thousands(self.shown.len()));
        if is_short { format!("{row}/{of}") } else { format!("{row} of {of} {}", self.tab.text()) }
    }

    fn names(&self, world: &World) -> String {
        ArchiveTabs::names(self, world)
    }

    fn likeness(&self, is_short: bool) -> String {
        let Some(row) = self.shown.get(self.selected.row) else { return String::new() };
        let (alike, why) = (super::draw::likeness(row), row.standing.reason());
        if is_short || why.is_empty() || alike == why { alike } else { format!("{alike}   {why}") }
    }
}
