//! Two pictures side by side, as large as fits: the first one of a pair or group, and one that is like it.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::text::{Line, Span};

use crate::join::Metric;
use crate::join::export::IDENTICAL;
use crate::text::{bytes, thousands};
use crate::tui::keeping;
use crate::tui::keys::{KeyTable, Keys, keys};
use crate::tui::meanings as on;
use crate::tui::msg::Task;
use crate::tui::pairs::{Pairs, Selected};
use crate::tui::parts::full_screen;
use crate::tui::pictures::{Part, Slot};
use crate::tui::scene::{Go, Layer, Screen};
use crate::tui::set::KeyPicture;
use crate::tui::theme;
use crate::tui::widgets::text::fit;
use crate::tui::widgets::{bars, picture};
use crate::tui::world::World;

/// Rows below each picture: its name, and its facts.
const CAPTION: u16 = 2;

#[derive(Clone, Copy, Debug)]
pub enum SideBySideAction {
    Previous,
    Next,
    PreviousRow,
    NextRow,
    Flip,
    Mark,
    Keep,
    Write,
    Copy,
    Back,
}
use SideBySideAction as Act;

pub static KEYS: Keys<SideBySideAction> = keys! { "Side by side"
    Act::Previous => [on::LEFT] "previous, next" "previous pair, or picture of the group";
    Act::Next => [on::RIGHT] "previous, next" "next pair, or picture of the group";
    Act::PreviousRow => [on::UP, on::PAGE_UP] "" "previous pair or group";
    Act::NextRow => [on::DOWN, on::PAGE_DOWN] "" "next pair or group";
    Act::Flip => [on::FLIP] "flip" "flip the two: what differs jumps to the eye";
    Act::Mark => [on::MARK] "mark right" "mark or unmark the picture on the right";
    Act::Keep => [on::KEEP] "keep right" "keep the picture on the right: mark the others of its pair or group that are like it; again: unmark them";
    Act::Back => [on::ESC, on::BACK, on::VIEW] "back" "back to the list";
    Act::Write => [on::WRITE] "" "write the pairs, or groups, to a file: .csv, .jsonl or .parquet";
    Act::Copy => [on::COPY] "" "copy the path of the right picture to the clipboard (OSC 52)";
};

/// Of the pairs below: the first picture of the selected pair or group, and the selected one.
#[derive(Default)]
pub struct SideBySide {
    /// The first one is on the right.
    flipped: bool,
}

/// One half of the screen.
#[derive(Clone, Copy)]
struct Side {
    picture: Rect,
    caption: Rect,
}

/// The left and the right half.
fn halves(world: &World) -> [Side; 2] {
    let [_, middle, _] = full_screen(world.area());
    // Of the same size, so that flipping compares like with like.
    let width = middle.width.saturating_sub(1) / 2;
    let left = Rect { width, ..middle };
    let right = Rect { x: middle.right() - width, ..left };
    [left, right].map(|area| {
        let [picture, caption] = Layout::vertical([Constraint::Min(1), Constraint::Length(CAPTION)]).areas(area);
        Side { picture, caption }
    })
}

fn slot(picture: KeyPicture, area: Rect, world: &World) -> Slot {
    let part = Part::Zoomed { zoom: 100, centre: (500, 500) };
    Slot { part, ..world.slot(picture, area.as_size()) }
}

impl SideBySide {
    /// Which pictures are on the left and on the right.
    fn shown(&self, pairs: &Pairs) -> [Selected; 2] {
        let (row, other) = (pairs.selected.row, pairs.selected.picture.max(1));
        self.placed(Selected { row, picture: 0 }, Selected { row, picture: other })
    }

    fn placed(&self, first: Selected, other: Selected) -> [Selected; 2] {
        if self.flipped { [other, first] } else { [first, other] }
    }

    fn act(&mut self, action: SideBySideAction, pairs: &mut Pairs, world: &mut World) -> Go {
        let [_, right] = self.shown(pairs);
        let row = pairs.selected.row;
        match action {
            Act::Previous => pairs.selected = stepped(pairs, false).unwrap_or(pairs.selected),
            Act::Next => pairs.selected = stepped(pairs, true).unwrap_or(pairs.selected),
            Act::PreviousRow => pairs.selected = Selected { row: row.saturating_sub(1), picture: 1 },
            Act::NextRow => pairs.selected = Selected { row: (row + 1).min(pairs.rows().max(1) - 1), picture: 1 },
            Act::Flip => self.flipped = !self.flipped,
            Act::Mark => keeping::toggle_mark(pairs, right, world),
            Act::Keep => keeping::keep(pairs, right, world),
            // The screen's.
            Act::Write => {}
            Act::Copy => {
                let Some(picture) = pairs.picture(right, world) else { return Go::Stay };
                let path = picture.path.to_string_lossy().into_owned();
                world.inform(format!("copied {path}"));
                return Go::start(Task::Copy(path));
            }
            Act::Back => return Go::back(),
        }
        Go::Stay
    }

    fn slots(&self, sides: [Selected; 2], pairs: &Pairs, world: &World) -> Vec<Slot> {
        let slot = |(at, half): (Selected, Side)| Some(slot(pairs.picture(at, world)?, half.picture, world));
        sides.into_iter().zip(halves(world)).filter_map(slot).collect()
    }
}

/// The next (or previous) pair, or picture of the group; after its last one the next group.
fn stepped(pairs: &Pairs, forward: bool) -> Option<Selected> {
    let Selected { row, picture } = pairs.selected;
    let picture = picture.max(1);
    match forward {
        true if picture + 1 < pairs.pictures(row) => Some(Selected { row, picture: picture + 1 }),
        true => (row + 1 < pairs.rows()).then_some(Selected { row: row + 1, picture: 1 }),
        false if picture > 1 => Some(Selected { row, picture: picture - 1 }),
        false => row.checked_sub(1).map(|row| Selected { row, picture: pairs.pictures(row).max(2) - 1 }),
    }
}

impl Layer for SideBySide {
    fn keys(&self) -> &'static dyn KeyTable {
        &KEYS
    }

    fn press(&mut self, key: KeyEvent, below: &mut dyn Screen, world: &mut World) -> Go {
        KEYS.press(key, |action| match below.pairs_mut() {
            Some(_) if matches!(action, Act::Write) => below.ask_where_to_write(world),
            Some(pairs) => self.act(action, pairs, world),
            None => Go::back(),
        })
    }

    fn click(&mut self, _: Position, double: bool, _: &mut dyn Screen, _: &mut World) -> Go {
        if double { Go::back() } else { Go::Stay }
    }

    fn wheel(&mut self, _: Position, forward: bool, below: &mut dyn Screen, world: &mut World) -> Go {
        let action = if forward { Act::Next } else { Act::Previous };
        below.pairs_mut().map_or(Go::Stay, |pairs| self.act(action, pairs, world))
    }

    fn back(&mut self, _: &mut dyn Screen, _: &mut World) -> Go {
        Go::back()
    }

    fn covers(&self) -> bool {
        true
    }

    fn visible(&self, below: &dyn Screen, world: &World) -> Vec<Slot> {
        below.pairs().map(|pairs| self.slots(self.shown(pairs), pairs, world)).unwrap_or_default()
    }

    fn next(&self, below: &dyn Screen, world: &World) -> Vec<Slot> {
        let next = below.pairs().and_then(|pairs| Some((pairs, stepped(pairs, true)?)));
        let slots = |(pairs, next): (&Pairs, Selected)| {
            self.slots(self.placed(Selected { picture: 0, ..next }, next), pairs, world)
        };
        next.map(slots).unwrap_or_default()
    }

    fn draw(&self, frame: &mut Frame, below: &dyn Screen, world: &World) {
        let Some(pairs) = below.pairs() else { return };
        let [left, right] = self.shown(pairs);
        let other = left.picture.max(right.picture);
        let at = format!("{} of {}", thousands(left.row + 1), thousands(pairs.rows()));
        let place = match pairs.are_groups() {
            true => {
                let of = thousands(pairs.pictures(left.row));
                format!("group {at}   picture {} of {of}", thousands(other + 1))
            }
            false => format!("pair {at}"),
        };
        bars::header(frame, world, &place, &pairs.names(world), &values(pairs, left, right, world));
        for (at, side) in [left, right].into_iter().zip(halves(world)) {
            if let Some(picture) = pairs.picture(at, world) {
                draw_side(frame, picture, side, world);
            }
        }
    }
}

/// The value in both metrics; or that both files are the same to the byte.
fn values(pairs: &Pairs, left: Selected, right: Selected, world: &World) -> String {
    let (Some((a, _)), Some((b, _))) = (pairs.row(left), pairs.row(right)) else { return String::new() };
    let value = |metric: Metric| {
        let name = if bars::room(world) < 80 { metric.short() } else { metric.name() };
        format!(
            "{name} {}",
            metric.format(pairs.join.descriptor.comparison().value(&a.descriptor, &b.descriptor, metric))
        )
    };
    match a.is_identical(b.content()) {
        true => IDENTICAL.to_owned(),
        false => Metric::ALL.map(value).join("   "),
    }
}

fn draw_side(frame: &mut Frame, shown: KeyPicture, side: Side, world: &World) {
    let slot = slot(shown.clone(), side.picture, world);
    picture::draw(frame, side.picture, &slot, &world.shelf);

    let marked = world.marks.contains(&shown.path);
    let width = usize::from(side.caption.width).saturating_sub(if marked { 14 } else { 9 });
    let mut name = Line::from(Span::raw(format!(" {}", fit(&shown.name, width))));
    if marked {
        name.push_span(Span::raw("  "));
        name.push_span(Span::styled(" ✓ marked ", theme::marked()));
    }
    if world.marks.keeps(&shown.path) {
        name.push_span(Span::styled("  keep ", theme::value()));
    }
    let pixels = world.shelf.shown(&slot).pixels().map(|(width, height)| format!("{width} x {height}"));
    let facts: Vec<_> = pixels.into_iter().chain(shown.stamp.map(|stamp| bytes(stamp.size))).collect();
    let facts = Line::styled(format!(" {}", facts.join("   ")), theme::quiet());
    for (y, line) in (0..).zip([name, facts]) {
        let area = Rect { y: side.caption.y + y, height: 1, ..side.caption };
        frame.render_widget(line.centered(), area.intersection(side.caption));
    }
}
