//! Pairs, and each group's centre with its other pictures, for viewing side by side.

use crate::join::Metric;
use crate::join::export::IDENTICAL;
use crate::text::thousands;
use crate::tui::couples::{Couple, Couples, Side, Way, Which};
use crate::tui::keeping;
use crate::tui::pairs::{Pairs, Selected};
use crate::tui::world::World;

/// The first picture of the selected pair or group, and the selected picture.
fn both(pairs: &Pairs) -> [Selected; 2] {
    let Selected { row, picture } = pairs.selected;
    [Selected { row, picture: 0 }, Selected { row, picture: picture.max(1) }]
}

fn couple(pairs: &Pairs, at: Selected, world: &World) -> Option<Couple> {
    let side = |at: Selected| {
        let facts = pairs.row(at)?.0.facts();
        Some(Side { picture: pairs.picture(at, world)?, facts })
    };
    Some(Couple { sides: [side(Selected { picture: 0, ..at })?, side(at)?] })
}

/// The next (or previous) pair, or picture of the group; after its last one, the next group.
fn stepped(pairs: &Pairs, forward: bool) -> Option<Selected> {
    let [_, Selected { row, picture }] = both(pairs);
    match forward {
        true if picture + 1 < pairs.pictures(row) => Some(Selected { row, picture: picture + 1 }),
        true => (row + 1 < pairs.rows()).then_some(Selected { row: row + 1, picture: 1 }),
        false if picture > 1 => Some(Selected { row, picture: picture - 1 }),
        false => row.checked_sub(1).map(|row| Selected { row, picture: pairs.pictures(row).max(2) - 1 }),
    }
}

impl Couples for Pairs {
    fn couple(&self, world: &World) -> Option<Couple> {
        couple(self, both(self)[1], world)
    }

    fn next_couple(&self, world: &World) -> Option<Couple> {
        couple(self, stepped(self, true)?, world)
    }

    fn go(&mut self, way: Way) {
        let row = self.selected.row;
        self.selected = match way {
            Way::Next => stepped(self, true).unwrap_or(self.selected),
            Way::Previous => stepped(self, false).unwrap_or(self.selected),
            Way::NextRow => Selected { row: (row + 1).min(self.rows().max(1) - 1), picture: 1 },
            Way::PreviousRow => Selected { row: row.saturating_sub(1), picture: 1 },
        };
    }

    fn toggle_mark(&mut self, which: Which, world: &mut World) {
        keeping::toggle_mark(self, both(self)[which], world);
    }

    fn keep(&mut self, which: Which, world: &mut World) {
        keeping::keep(self, both(self)[which], world);
    }

    fn place(&self, is_short: bool) -> String {
        let [_, other] = both(self);
        let at = |at: usize, of: usize| match is_short {
            true => format!("{}/{}", thousands(at + 1), thousands(of)),
            false => format!("{} of {}", thousands(at + 1), thousands(of)),
        };
        let row = at(other.row, self.rows());
        match self.are_groups() {
            true if is_short => format!("group {row}, {}", at(other.picture, self.pictures(other.row))),
            true => format!("group {row}   picture {}", at(other.picture, self.pictures(other.row))),
            false => format!("pair {row}"),
        }
    }

    fn names(&self, world: &World) -> String {
        Pairs::names(self, world)
    }

    /// The value in both metrics; or that both files are byte-identical.
    fn likeness(&self, is_short: bool) -> String {
        let [Some((a, _)), Some((b, _))] = both(self).map(|at| self.row(at)) else { return String::new() };
        if self.file.is_some() && !a.is_identical(b.content()) {
            // The file doesn't say which descriptor it was.
            let metric = self.join.metric;
            let value = self.row(both(self)[1]).and_then(|(_, value)| value);
            return value.map_or(String::new(), |value| format!("{} {}", metric.name(), metric.format(value)));
        }
        let value = |metric: Metric| {
            let name = if is_short { metric.short() } else { metric.name() };
            let value = self.join.descriptor.comparison().value(&a.descriptor, &b.descriptor, metric);
            format!("{name} {}", metric.format(value))
        };
        match a.is_identical(b.content()) {
            true => IDENTICAL.to_owned(),
            false => Metric::ALL.map(value).join("   "),
        }
    }
}
