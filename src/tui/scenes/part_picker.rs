//! Picks a part of a picture as key: a rectangle over the picture, and a preview of its contents beside it.
//!
//! The picture is drawn in half blocks even on terminals that can do more. These are cells, so moving the rectangle
//! redraws a few cells, not the picture. The preview is as sharp as the terminal allows.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect, Size};
use ratatui::widgets::{Block, BorderType};

use crate::dataset::PicturePart;
use crate::tui::jobs::encode;
use crate::tui::keys::{KeyTable, Keys, keys};
use crate::tui::meanings as on;
use crate::tui::parts::full_screen;
use crate::tui::pictures::{Part, Slot};
use crate::tui::scene::{Go, Layer, Screen};
use crate::tui::selection::Move;
use crate::tui::set::KeyPicture;
use crate::tui::theme;
use crate::tui::widgets::{bars, picture};
use crate::tui::world::World;

/// On narrower screens there is no preview.
const WITH_PREVIEW: u16 = 70;
const WHOLE: Part = Part::Zoomed { zoom: 100, centre: (500, 500) };
/// Shown if a part is asked for before the picture's pixels are known.
const NOT_YET: &str = "the picture isn't loaded yet";

#[derive(Clone, Copy, Debug)]
pub enum PickerAction {
    Go(Move),
    /// Wider and taller, in steps.
    Size(i8, i8),
    All,
    Find,
    Back,
}
use PickerAction as Act;

pub static KEYS: Keys<PickerAction> = keys! { "Part of a picture"
    Act::Go(Move::Left) => [on::LEFT] "move" "the rectangle to the left";
    Act::Go(Move::Down) => [on::DOWN] "move" "the rectangle down";
    Act::Go(Move::Up) => [on::UP] "move" "the rectangle up";
    Act::Go(Move::Right) => [on::RIGHT] "move" "the rectangle to the right";
    Act::Size(1, 1) => [on::LARGER] "size" "a larger rectangle";
    Act::Size(-1, -1) => [on::SMALLER] "size" "a smaller rectangle";
    Act::Find => [on::GO_ON] "find similar" "find pictures similar to the part in the rectangle";
    Act::Back => [on::ESC, on::BACK, on::TAKE_PART] "back" "back to the viewer; the mouse draws a rectangle too";
    Act::Size(-1, 0) => [on::SHIFT_LEFT] "" "a narrower rectangle";
    Act::Size(1, 0) => [on::SHIFT_RIGHT] "" "a wider rectangle";
    Act::Size(0, -1) => [on::SHIFT_UP] "" "a shorter rectangle";
    Act::Size(0, 1) => [on::SHIFT_DOWN] "" "a taller rectangle";
    Act::All => [on::FIT] "" "all of the picture";
};

pub struct PartPicker {
    picture: KeyPicture,
    /// The picture's width and height; those of the part, if the picture is itself a part.
    pixels: (u32, u32),
    /// In these pixels.
    part: PicturePart,
    /// Where the mouse was pressed.
    pressed: Option<Position>,
}

impl PartPicker {
    /// Over a picture of this size, starting with `part`.
    fn new(picture: KeyPicture, pixels: (u32, u32), part: PicturePart) -> PartPicker {
        PartPicker { picture, pixels, part, pressed: None }
    }

    /// The areas of the picture and the preview.
    fn areas(world: &World) -> (Rect, Option<Rect>) {
        let area = full_screen(world.area())[1];
        if area.width < WITH_PREVIEW {
            return (area, None);
        }
        let [picture, preview] = Layout::horizontal([Constraint::Fill(2), Constraint::Fill(1)]).areas(area);
        (picture, Some(preview))
    }

    fn slot(&self, world: &World) -> Slot {
        let (area, _) = PartPicker::areas(world);
        Slot { is_coarse: true, ..world.slot(self.picture.clone(), area.as_size()) }
    }

    fn preview(&self, world: &World) -> Option<(Slot, Rect)> {
        let (_, area) = PartPicker::areas(world);
        // Leave a frame's width beside the picture.
        let area = area.map(|area| Rect { x: area.x + 1, width: area.width.saturating_sub(1), ..area })?;
        let key = KeyPicture { part: Some(self.in_picture()), ..self.picture.clone() };
        Some((Slot { part: WHOLE, ..world.slot(key, area.as_size()) }, area))
    }

    /// The area of the picture.
    fn place(&self, world: &World) -> Rect {
        let (area, _) = PartPicker::areas(world);
        let cells = encode::place(self.pixels, &self.slot(world)).1;
        let size = Size::new(cells.width, cells.height);
        let x = area.x + area.width.saturating_sub(size.width) / 2;
        let y = area.y + area.height.saturating_sub(size.height) / 2;
        Rect { x, y, width: size.width.max(1), height: size.height.max(1) }
    }

    /// The area of the rectangle.
    fn rectangle(&self, world: &World) -> Rect {
        let place = self.place(world);
        let along = |begin: u32, length: u32, of: u32, cells: u16| {
            let cell = |at: u32, up: u64| ((u64::from(at) * u64::from(cells) + up) / u64::from(of)) as u16;
            let (from, to) = (cell(begin, 0).min(cells - 1), cell(begin + length, u64::from(of) - 1).min(cells));
            (from, to.saturating_sub(from).max(1))
        };
        let (x, width) = along(self.part.x, self.part.width, self.pixels.0, place.width);
        let (y, height) = along(self.part.y, self.part.height, self.pixels.1, place.height);
        Rect { x: place.x + x, y: place.y + y, width, height }
    }

    /// The pixels from cell `from` to cell `to`, both included.
    fn drawn(&self, from: Position, to: Position, world: &World) -> PicturePart {
        let place = self.place(world);
        let along = |a: u16, b: u16, begin: u16, cells: u16, of: u32| {
            let cell = |at: u16| u32::from(at.clamp(begin, begin + cells - 1) - begin);
            let pixel = |cell: u32| (u64::from(cell) * u64::from(of) / u64::from(cells)) as u32;
            let (first, last) = (cell(a.min(b)), cell(a.max(b)));
            let begin = pixel(first).min(of - 1);
            (begin, pixel(last + 1).saturating_sub(begin).max(1))
        };
        let (x, width) = along(from.x, to.x, place.x, place.width, self.pixels.0);
        let (y, height) = along(from.y, to.y, place.y, place.height, self.pixels.1);
        PicturePart { x, y, width, height }
    }

    /// The size of a cell in pixels of the picture.
    fn step(&self, world: &World) -> (u32, u32) {
        let place = self.place(world);
        let step = |pixels: u32, cells: u16| (pixels / u32::from(cells)).max(1);
        (step(self.pixels.0, place.width), step(self.pixels.1, place.height))
    }

    /// The part in pixels of the whole picture.
    fn in_picture(&self) -> PicturePart {
        self.picture.part.map_or(self.part, |of| self.part.of(of))
    }

    fn act(&mut self, action: PickerAction, below: &dyn Screen, world: &mut World) -> Go {
        let (step, of) = (self.step(world), self.pixels);
        match action {
            Act::Go(way) => {
                let moved = |begin: u32, by: u32, length: u32, of: u32| (begin + by).min(of - length);
                match way {
                    Move::Left => self.part.x = self.part.x.saturating_sub(step.0),
                    Move::Up => self.part.y = self.part.y.saturating_sub(step.1),
                    Move::Right => self.part.x = moved(self.part.x, step.0, self.part.width, of.0),
                    Move::Down => self.part.y = moved(self.part.y, step.1, self.part.height, of.1),
                    Move::PageUp | Move::PageDown | Move::Home | Move::End => {}
                }
            }
            Act::Size(wider, higher) => {
                // Grow to the right and down; at the picture's edge, the other way.
                let sized = |begin: u32, length: u32, by: i8, step: u32, of: u32| {
                    let length = match by {
                        0 => length,
                        ..0 => length.saturating_sub(step).max(step.min(length)),
                        _ => (length + step).min(of),
                    };
                    (begin.min(of - length), length)
                };
                (self.part.x, self.part.width) = sized(self.part.x, self.part.width, wider, step.0, of.0);
                (self.part.y, self.part.height) = sized(self.part.y, self.part.height, higher, step.1, of.1);
            }
            Act::All => self.part = PicturePart { x: 0, y: 0, width: of.0, height: of.1 },
            Act::Find => {
                world.rectangle = Some((self.picture.clone(), of, self.part));
                return find_part(&self.picture, self.part, of, below);
            }
            Act::Back => return Go::back(),
        }
        Go::Stay
    }
}

/// Starts with a rectangle around the visible section if the picture is zoomed; else with the one last searched with, or
/// in the middle.
pub fn take_part(shown: KeyPicture, slot: &Slot, world: &mut World) -> Go {
    let Some(pixels) = pixels_of(slot, world) else {
        world.inform(NOT_YET);
        return Go::Stay;
    };
    let all = PicturePart { x: 0, y: 0, width: pixels.0, height: pixels.1 };
    let part = match seen(slot, pixels) {
        seen if seen == all => match &world.rectangle {
            Some((picture, of, part)) if *picture == shown && *of == pixels => *part,
            _ => {
                let (width, height) = (pixels.0.div_ceil(2), pixels.1.div_ceil(2));
                PicturePart { x: (pixels.0 - width) / 2, y: (pixels.1 - height) / 2, width, height }
            }
        },
        seen => seen,
    };
    world.inform("arrows or mouse move it, shift resizes; ⏎ finds similar, esc goes back");
    Go::over(PartPicker::new(shown, pixels, part))
}

/// To the pictures similar to the visible section of a picture.
pub fn find_seen(shown: &KeyPicture, slot: &Slot, below: &dyn Screen, world: &mut World) -> Go {
    match pixels_of(slot, world) {
        Some(pixels) => find_part(shown, seen(slot, pixels), pixels, below),
        None => {
            world.inform(NOT_YET);
            Go::Stay
        }
    }
}

/// Width and height of the picture in `slot`.
fn pixels_of(slot: &Slot, world: &World) -> Option<(u32, u32)> {
    // A zoomed picture was shown as a whole before.
    let whole = Slot { part: WHOLE, ..slot.clone() };
    let known = || world.shelf.pixels(slot).or_else(|| world.shelf.pixels(&whole));
    slot.cut.map(|cut| (cut.width, cut.height)).or_else(known)
}

/// The visible section, in these pixels.
fn seen(slot: &Slot, pixels: (u32, u32)) -> PicturePart {
    let (seen, _) = encode::place(pixels, slot);
    let along = |begin: f64, length: f64, of: u32| {
        let begin = (begin as u32).min(of - 1);
        (begin, (length as u32).clamp(1, of - begin))
    };
    let (x, width) = along(seen.left, seen.width, pixels.0);
    let (y, height) = along(seen.top, seen.height, pixels.1);
    PicturePart { x, y, width, height }
}

/// To the pictures similar to `part`, given in pixels of a picture (or part) of this size.
fn find_part(picture: &KeyPicture, part: PicturePart, (width, height): (u32, u32), below: &dyn Screen) -> Go {
    if part == (PicturePart { x: 0, y: 0, width, height }) {
        return Go::similar(picture.clone(), below.settings());
    }
    let part = picture.part.map_or(part, |of| part.of(of));
    let key = KeyPicture { part: Some(part), ..picture.clone() };
    Go::similar(key, below.settings())
}

impl Layer for PartPicker {
    fn keys(&self) -> &'static dyn KeyTable {
        &KEYS
    }

    fn press(&mut self, key: KeyEvent, below: &mut dyn Screen, world: &mut World) -> Go {
        KEYS.press(key, |action| self.act(action, below, world))
    }

    fn click(&mut self, at: Position, double: bool, below: &mut dyn Screen, world: &mut World) -> Go {
        self.pressed = Some(at);
        if double { self.act(Act::Find, below, world) } else { Go::Stay }
    }

    fn drag(&mut self, to: Position, world: &World) {
        if let Some(from) = self.pressed {
            self.part = self.drawn(from, to, world);
        }
    }

    fn wheel(&mut self, _: Position, forward: bool, below: &mut dyn Screen, world: &mut World) -> Go {
        let by = if forward { 1 } else { -1 };
        self.act(Act::Size(by, by), below, world)
    }

    fn back(&mut self, _: &mut dyn Screen, _: &mut World) -> Go {
        Go::back()
    }

    fn stands_on(&self, _: &dyn Screen, _: &World) -> Option<KeyPicture> {
        Some(self.picture.clone())
    }

    fn covers(&self) -> bool {
        true
    }

    fn visible(&self, _: &dyn Screen, world: &World) -> Vec<Slot> {
        let preview = self.preview(world).map(|(slot, _)| slot);
        std::iter::once(self.slot(world)).chain(preview).collect()
    }

    fn draw(&self, frame: &mut Frame, _: &dyn Screen, world: &World) {
        let (width, height) = self.pixels;
        let right = format!("#{}   of {width} x {height}", self.in_picture());
        bars::header(frame, world, "part of a picture", &self.picture.name, &right);
        picture::draw(frame, PartPicker::areas(world).0, &self.slot(world), &world.shelf);
        let block = Block::bordered().border_type(BorderType::Thick).border_style(theme::selected_frame());
        frame.render_widget(block, self.rectangle(world));
        if let Some((slot, area)) = self.preview(world) {
            picture::draw(frame, area, &slot, &world.shelf);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::rehearsal::app;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whatever_is_pressed_or_drawn_the_part_stays_inside(
            pixels in (1u32..5000, 1u32..5000),
            actions in prop::collection::vec((0u8..9, 0u16..200, 0u16..60), 0..60),
        ) {
            let mut app = app(120, 40);
            let picture = app.trail.key_select.selected_picture(&app.world).unwrap();
            let all = PicturePart { x: 0, y: 0, width: pixels.0, height: pixels.1 };
            let mut picker = PartPicker::new(picture, pixels, all);
            let ways = [Move::Left, Move::Down, Move::Up, Move::Right];
            for (action, x, y) in actions {
                let below = &app.trail.key_select;
                match action {
                    0..4 => drop(picker.act(Act::Go(ways[usize::from(action)]), below, &mut app.world)),
                    4 => drop(picker.act(Act::Size(1, 1), below, &mut app.world)),
                    5 => drop(picker.act(Act::Size(-1, -1), below, &mut app.world)),
                    6 => drop(picker.act(Act::Size(-1, 1), below, &mut app.world)),
                    7 => picker.pressed = Some(Position::new(x, y)),
                    _ => picker.drag(Position::new(x, y), &app.world),
                }
                prop_assert!(picker.part.width > 0 && picker.part.height > 0 && picker.part.is_inside(pixels));
                let (shown, place) = (picker.rectangle(&app.world), picker.place(&app.world));
                prop_assert_eq!(shown.intersection(place), shown, "in {:?}", place);
            }
        }
    }
}
