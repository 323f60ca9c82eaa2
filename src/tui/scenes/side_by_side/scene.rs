//! The actions on two pictures side by side.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Position;
use ratatui::text::Line;

use super::draw;
use super::keys::{OF_CARD, OF_GROUPS, SideBySideAction, SideBySideAction as Act};
use super::spread::{Arrangement, Spread};
use super::view::{Stage, View};
use crate::tui::couples::{Couples, Way, Which};
use crate::tui::keys::{KeyTable, Keys};
use crate::tui::parts::full_screen;
use crate::tui::pictures::{PictureFile, Slot};
use crate::tui::scene::{Go, Layer, Screen};
use crate::tui::set::KeyPicture;
use crate::tui::widgets::bars;
use crate::tui::world::World;

/// The selected couple of the screen below.
pub struct SideBySide {
    arrangement: Arrangement,
    keys: &'static Keys<SideBySideAction>,
    /// Whether the first picture is a card's.
    is_of_card: bool,
}

impl SideBySide {
    /// A card's picture on the left, which may be marked, and what an archive has on the right.
    pub fn of_card() -> SideBySide {
        SideBySide { keys: &OF_CARD, is_of_card: true, ..SideBySide::default() }
    }
}

impl Default for SideBySide {
    fn default() -> SideBySide {
        let arrangement = Arrangement { view: View::FIT, is_flipped: false, shows_difference: false };
        SideBySide { arrangement, keys: &OF_GROUPS, is_of_card: false }
    }
}

impl SideBySide {
    fn spread(&self, below: &dyn Screen, world: &World) -> Option<Spread> {
        Some(self.arrangement.spread(below.couples()?.couple(world)?, world))
    }

    /// Which of the couple keys mark: the card's picture wherever it is, else the one on the right.
    fn marked(&self) -> Which {
        if self.is_of_card { 0 } else { self.arrangement.right() }
    }

    fn act(&mut self, action: SideBySideAction, couples: &mut dyn Couples, world: &mut World) -> Go {
        let (marked, is_zoomed) = (self.marked(), self.arrangement.view.is_zoomed());
        let arrangement = &mut self.arrangement;
        if !is_zoomed && matches!(action, Act::Left | Act::Right | Act::Up | Act::Down)
            || matches!(action, Act::Previous | Act::Next | Act::NextUnsure)
        {
            // A new couple starts with its first picture on the left.
            arrangement.is_flipped = false;
        }
        match action {
            Act::Left if is_zoomed => self.look_at(couples, world, |view, stage| view.pan(-1, 0, stage)),
            Act::Right if is_zoomed => self.look_at(couples, world, |view, stage| view.pan(1, 0, stage)),
            Act::Up if is_zoomed => self.look_at(couples, world, |view, stage| view.pan(0, -1, stage)),
            Act::Down if is_zoomed => self.look_at(couples, world, |view, stage| view.pan(0, 1, stage)),
            Act::Left | Act::Previous => couples.go(Way::Previous),
            Act::Right | Act::Next => couples.go(Way::Next),
            Act::Up => couples.go(Way::PreviousRow),
            Act::Down => couples.go(Way::NextRow),
            Act::Flip => arrangement.is_flipped = !arrangement.is_flipped,
            Act::Difference => arrangement.shows_difference = !arrangement.shows_difference,
            Act::OneToOne => arrangement.view.one_to_one(),
            Act::Larger => self.look_at(couples, world, View::larger),
            Act::Smaller => self.look_at(couples, world, View::smaller),
            Act::Fit => arrangement.view = View::FIT,
            Act::Mark => couples.toggle_mark(marked, world),
            Act::Keep => couples.keep(marked, world),
            Act::NextUnsure => couples.next_unsure(world),
            Act::NotSame => {
                let Some(task) = couples.part(world) else { return Go::Stay };
                // This couple will be gone.
                couples.go(Way::Next);
                arrangement.is_flipped = false;
                return Go::start(task);
            }
            // Handled by the screen.
            Act::Write => {}
            Act::Back => return Go::back(),
        }
        Go::Stay
    }

    /// Zooms or scrolls, once the pictures' sizes are known.
    fn look_at(&mut self, couples: &dyn Couples, world: &mut World, change: impl FnOnce(&mut View, &Stage)) {
        let Some(couple) = couples.couple(world) else { return };
        match self.arrangement.spread(couple, world).stage {
            Some(stage) => change(&mut self.arrangement.view, &stage),
            None => world.inform("both pictures are still being read"),
        }
    }
}

impl Layer for SideBySide {
    fn keys(&self) -> &'static dyn KeyTable {
        self.keys
    }

    fn press(&mut self, key: KeyEvent, below: &mut dyn Screen, world: &mut World) -> Go {
        self.keys.press(key, |action| match below.couples_mut() {
            Some(_) if matches!(action, Act::Write) => below.ask_where_to_write(world),
            Some(couples) => self.act(action, couples, world),
            None => Go::back(),
        })
    }

    fn click(&mut self, _: Position, double: bool, _: &mut dyn Screen, _: &mut World) -> Go {
        if double { Go::back() } else { Go::Stay }
    }

    fn wheel(&mut self, _: Position, forward: bool, below: &mut dyn Screen, world: &mut World) -> Go {
        let action = if forward { Act::Next } else { Act::Previous };
        below.couples_mut().map_or(Go::Stay, |couples| self.act(action, couples, world))
    }

    fn back(&mut self, _: &mut dyn Screen, _: &mut World) -> Go {
        Go::back()
    }

    /// The one that keys mark.
    fn stands_on(&self, below: &dyn Screen, world: &World) -> Option<KeyPicture> {
        let couple = below.couples()?.couple(world)?;
        Some(couple.sides[self.marked()].picture.clone())
    }

    fn covers(&self) -> bool {
        true
    }

    fn visible(&self, below: &dyn Screen, world: &World) -> Vec<Slot> {
        self.spread(below, world).map(|spread| spread.slots.into()).unwrap_or_default()
    }

    fn next(&self, below: &dyn Screen, world: &World) -> Vec<Slot> {
        if self.arrangement.view.is_zoomed() {
            return Vec::new();
        }
        let next = below.couples().and_then(|couples| couples.next_couple(world));
        next.map(|couple| self.arrangement.spread(couple, world).slots.into()).unwrap_or_default()
    }

    /// After both are decoded, so that it is done only once.
    fn compares(&self, below: &dyn Screen, world: &World) -> Option<[PictureFile; 2]> {
        let couple = below.couples()?.couple(world)?;
        let files = couple.files();
        let spread = self.arrangement.spread(couple, world);
        spread.slots.iter().all(|slot| world.shelf.pixels(slot).is_some()).then_some(files)
    }

    fn draw(&self, frame: &mut Frame, below: &dyn Screen, world: &World) {
        let Some(couples) = below.couples() else { return };
        match self.spread(below, world) {
            Some(spread) => {
                draw::header(frame, self.arrangement, couples, world);
                draw::draw(frame, self.arrangement, &spread, world);
            }
            None => {
                bars::header(frame, world, "side by side", "", "");
                let [_, area, _] = full_screen(world.area());
                frame.render_widget(Line::raw(" these pictures no longer exist; esc goes back"), area);
            }
        }
    }
}
