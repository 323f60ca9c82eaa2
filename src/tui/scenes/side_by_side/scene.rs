//! The actions on two pictures side by side.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Position;
use ratatui::text::Line;

use super::draw;
use super::spread::{Arrangement, Spread};
use super::view::{Stage, View};
use crate::tui::couples::{Couples, Way};
use crate::tui::keys::{KeyTable, Keys, keys};
use crate::tui::meanings as on;
use crate::tui::parts::full_screen;
use crate::tui::pictures::{PictureFile, Slot};
use crate::tui::scene::{Go, Layer, Screen};
use crate::tui::set::KeyPicture;
use crate::tui::widgets::bars;
use crate::tui::world::World;

#[derive(Clone, Copy, Debug)]
pub enum SideBySideAction {
    /// To another couple; if zoomed, scrolls.
    Left,
    Right,
    Up,
    Down,
    Previous,
    Next,
    Flip,
    OneToOne,
    Larger,
    Smaller,
    Fit,
    Difference,
    Mark,
    Keep,
    NextUnsure,
    NotSame,
    Write,
    Back,
}
use SideBySideAction as Act;

pub static KEYS: Keys<SideBySideAction> = keys! { "Side by side"
    Act::Left => [on::LEFT] "next" "previous pair, or picture of the group; zoomed: to the left";
    Act::Right => [on::RIGHT] "next" "next pair, or picture of the group; zoomed: to the right";
    Act::Up => [on::UP] "" "previous pair or group; zoomed: up";
    Act::Down => [on::DOWN] "" "next pair or group; zoomed: down";
    Act::Previous => [on::PAGE_UP] "" "previous pair, or picture of the group, also when zoomed";
    Act::Next => [on::PAGE_DOWN] "" "next pair, or picture of the group, also when zoomed";
    Act::Flip => [on::FLIP] "flip" "flip the two in place, which makes differences visible";
    Act::OneToOne => [on::ONE_TO_ONE] "actual" "one pixel of the larger picture on one of the screen; the smaller one is enlarged to match";
    Act::Mark => [on::MARK] "mark right" "mark or unmark the picture on the right";
    Act::Keep => [on::KEEP] "keep right" "keep the picture on the right: mark the similar ones of its pair or group; again: unmark them";
    Act::Difference => [on::DIFFERENCE] "difference" "on the right, the difference of the two: black where they are equal; again: the picture";
    Act::Larger => [on::LARGER] "zoom" "zoom in, both";
    Act::Smaller => [on::SMALLER] "zoom" "zoom out, both";
    Act::Fit => [on::FIT] "zoom" "both whole pictures";
    Act::NextUnsure => [on::NEXT_UNSURE] "" "to the next unmarked picture that the rules leave to you";
    Act::NotSame => [on::NOT_SAME] "" "the two are not the same: remembered for near-duplicates and the archive";
    Act::Back => [on::ESC, on::BACK, on::VIEW] "back" "back to the list";
    Act::Write => [on::WRITE] "" "write the pairs, or groups, to a file: .csv, .jsonl or .parquet";
};

/// The selected couple of the screen below.
pub struct SideBySide {
    arrangement: Arrangement,
}

impl Default for SideBySide {
    fn default() -> SideBySide {
        SideBySide { arrangement: Arrangement { view: View::FIT, is_flipped: false, shows_difference: false } }
    }
}

impl SideBySide {
    fn spread(&self, below: &dyn Screen, world: &World) -> Option<Spread> {
        Some(self.arrangement.spread(below.couples()?.couple(world)?, world))
    }

    fn act(&mut self, action: SideBySideAction, couples: &mut dyn Couples, world: &mut World) -> Go {
        let (right, is_zoomed) = (self.arrangement.right(), self.arrangement.view.is_zoomed());
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
            Act::Mark => couples.toggle_mark(right, world),
            Act::Keep => couples.keep(right, world),
            Act::NextUnsure => couples.next_unsure(world),
            Act::NotSame => return couples.part(world).map_or(Go::Stay, Go::start),
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
        &KEYS
    }

    fn press(&mut self, key: KeyEvent, below: &mut dyn Screen, world: &mut World) -> Go {
        KEYS.press(key, |action| match below.couples_mut() {
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

    /// The picture on the right.
    fn stands_on(&self, below: &dyn Screen, world: &World) -> Option<KeyPicture> {
        let couple = below.couples()?.couple(world)?;
        Some(couple.sides[self.arrangement.right()].picture.clone())
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
