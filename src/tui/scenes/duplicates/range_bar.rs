//! Moves the range along the histogram; groups follow at once.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Position;

use super::state::Duplicates;
use crate::duplicates::start;
use crate::join::DescriptorKind;
use crate::tui::keys::{KeyTable, Keys, keys};
use crate::tui::meanings as on;
use crate::tui::scene::{Go, Layer, Screen, as_screen_mut};
use crate::tui::world::World;

#[derive(Clone, Copy, Debug)]
pub enum RangeAction {
    /// By this many steps.
    Change(i8),
    Descriptor(bool),
    Done,
    Restore,
}
use RangeAction as Act;

pub static KEYS: Keys<RangeAction> = keys! { "Range of near-duplicates"
    Act::Change(-1) => [on::LEFT] "range" "a wider range: more pairs";
    Act::Change(1) => [on::RIGHT] "range" "a narrower range: fewer pairs";
    Act::Change(-5) => [on::PAGE_DOWN] "" "a much wider range";
    Act::Change(5) => [on::PAGE_UP] "" "a much narrower range";
    Act::Descriptor(true) => [on::DOWN] "descriptor" "compare by the next descriptor";
    Act::Descriptor(false) => [on::UP] "descriptor" "compare by the previous descriptor";
    Act::Done => [on::GO_ON, on::SETTINGS, on::NEXT_FIELD] "done" "back to the groups";
    Act::Restore => [on::ESC, on::BACK] "restore" "back to the groups, with the range as it was";
};

pub struct RangeBar {
    before: (DescriptorKind, f64),
}

impl RangeBar {
    pub fn new(duplicates: &Duplicates) -> RangeBar {
        RangeBar { before: (duplicates.descriptor, duplicates.wanted.range) }
    }

    fn act(&self, action: RangeAction, duplicates: &mut Duplicates, world: &mut World) -> Go {
        match action {
            Act::Change(steps) => duplicates.change_range(steps.into(), world),
            Act::Descriptor(forward) => {
                let (all, at) = (DescriptorKind::ALL, duplicates.descriptor.index());
                let next = if forward { at + 1 } else { at + all.len() - 1 };
                return by(duplicates, all[next % all.len()], None, world);
            }
            Act::Done => return Go::back(),
            Act::Restore if duplicates.descriptor == self.before.0 => {
                duplicates.set_range(self.before.1, world);
                return Go::back();
            }
            Act::Restore => {
                let Go::Start(tasks) = by(duplicates, self.before.0, Some(self.before.1), world) else {
                    return Go::back();
                };
                return Go::Back(tasks);
            }
        }
        Go::Stay
    }
}

/// Compares by another descriptor, at its last or usual range.
fn by(duplicates: &mut Duplicates, descriptor: DescriptorKind, range: Option<f64>, world: &mut World) -> Go {
    duplicates.descriptor = descriptor;
    duplicates.wanted.range = range.unwrap_or(start(descriptor));
    world.marks.unsettle();
    Go::start(duplicates.ask(world))
}

impl Layer for RangeBar {
    fn keys(&self) -> &'static dyn KeyTable {
        &KEYS
    }

    fn press(&mut self, key: KeyEvent, below: &mut dyn Screen, world: &mut World) -> Go {
        KEYS.press(key, |action| match as_screen_mut::<Duplicates>(below) {
            Some(duplicates) => self.act(action, duplicates, world),
            None => Go::back(),
        })
    }

    fn click(&mut self, _: Position, _: bool, _: &mut dyn Screen, _: &mut World) -> Go {
        Go::Through
    }

    fn wheel(&mut self, _: Position, forward: bool, below: &mut dyn Screen, world: &mut World) -> Go {
        let steps = if forward { -1 } else { 1 };
        match as_screen_mut::<Duplicates>(below) {
            Some(duplicates) => self.act(Act::Change(steps), duplicates, world),
            None => Go::back(),
        }
    }

    fn back(&mut self, _: &mut dyn Screen, _: &mut World) -> Go {
        Go::back()
    }

    fn covers(&self) -> bool {
        false
    }

    fn draw(&self, _: &mut Frame, _: &dyn Screen, _: &World) {}

    fn remark(&self) -> Option<String> {
        Some("least cosine similarity of a pair; the small hash ignores it".into())
    }
}
