//! The viewer: one picture, as large as the terminal allows.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph};

use crate::descriptor::Crops;
use crate::join::Metric;
use crate::text::{bytes, printable};
use crate::tui::key_pictures::KeyPictures;
use crate::tui::keys::{KeyTable, Keys, keys};
use crate::tui::meanings as on;
use crate::tui::parts::full_screen;
use crate::tui::pictures::{Heat, Part, PictureFile, Slot, detail};
use crate::tui::scene::{Go, Layer, Screen};
use crate::tui::scenes::further_keys::and_one;
use crate::tui::scenes::part_picker::{find_seen, take_part};
use crate::tui::search::Search;
use crate::tui::set::KeyPicture;
use crate::tui::theme;
use crate::tui::widgets::facts::{self, NamedFact};
use crate::tui::widgets::{bars, picture};
use crate::tui::world::World;

/// Percent of the size at which the picture fits.
const WHOLE: u16 = 100;
const MOST: u16 = 1600;

#[derive(Clone, Copy, Debug)]
pub enum ViewerAction {
    /// To the previous or next picture; if zoomed, scrolls.
    Left,
    Right,
    Up,
    Down,
    Next,
    Previous,
    Flip,
    Larger,
    Smaller,
    Fit,
    Facts,
    Why,
    Mark,
    Write,
    MakeKey,
    /// Draw a rectangle: the part inside becomes the key.
    TakePart,
    /// Make it another key, for or against.
    Like,
    Unlike,
    Back,
}
use ViewerAction as Act;

pub static KEYS: Keys<ViewerAction> = keys! { "Viewer"
    Act::Left => [on::LEFT] "previous, next" "previous picture; zoomed: to the left";
    Act::Right => [on::RIGHT] "previous, next" "next picture; zoomed: to the right";
    Act::Up => [on::UP] "" "zoomed: up";
    Act::Down => [on::DOWN] "" "zoomed: down";
    Act::Mark => [on::MARK] "mark" "mark or unmark the picture shown";
    Act::Flip => [on::FLIP] "key/result" "flip between key and result, in the same place";
    Act::TakePart => [on::TAKE_PART] "part" "draw a rectangle: that part becomes the key";
    Act::Larger => [on::LARGER] "zoom" "zoom in";
    Act::Smaller => [on::SMALLER] "zoom" "zoom out";
    Act::Fit => [on::FIT] "zoom" "whole picture";
    Act::Next => [on::PAGE_DOWN] "" "next picture, also when zoomed";
    Act::Previous => [on::PAGE_UP] "" "previous picture, also when zoomed";
    Act::MakeKey => [on::GO_ON] "make it the key" "make it the key: find similar pictures; zoomed: similar to the visible part";
    Act::Facts => [on::FACTS] "facts" "facts: path, size, date, camera, exposure, rank, values";
    Act::Why => [on::EXPLAIN] "alike" "why it is similar to the key: a heat map of what they have in common, over both";
    Act::Write => [on::WRITE] "" "write the results to a file: the marked ones, or all";
    Act::Back => [on::ESC, on::BACK, on::VIEW] "back" "back to the pictures";
    Act::Like => [on::LIKE] "" "more like this: it becomes another key";
    Act::Unlike => [on::UNLIKE] "" "less like this: it becomes a key against";
};

pub struct Viewer {
    /// Index among the pictures below.
    at: usize,
    /// The name of the result shown: it is followed if its rank changes.
    name: Option<String>,
    /// The key is shown in the result's place.
    flipped: bool,
    zoom: u16,
    /// In 1/1000 of width and height.
    centre: (u16, u16),
    facts: bool,
    /// A heat map shows why the result is similar to the key.
    why: bool,
}

impl Viewer {
    pub fn new(at: usize) -> Viewer {
        Viewer { at, name: None, flipped: false, zoom: WHOLE, centre: (500, 500), facts: false, why: false }
    }

    /// The picture shown.
    fn picture(&self, below: &dyn Screen, world: &World) -> Option<KeyPicture> {
        match below.search() {
            Some(search) if self.flipped => Some(key_of(search, self.at).clone()),
            _ => below.picture(self.at, world),
        }
    }

    /// The facts are beside the picture, never over it.
    fn areas(&self, world: &World) -> (Rect, Option<Rect>) {
        let area = full_screen(world.area())[1];
        if !self.facts {
            return (area, None);
        }
        let width = (area.width / 3).clamp(24, 60);
        let [picture, facts] = Layout::horizontal([Constraint::Min(1), Constraint::Length(width)]).areas(area);
        (picture, Some(facts))
    }

    /// The slot of `picture`, one of the two of result `at`, with the heat map if asked for.
    fn slot(&self, picture: KeyPicture, (at, is_key): (usize, bool), below: &dyn Screen, world: &World) -> Slot {
        let part = Part::Zoomed { zoom: self.zoom, centre: self.centre };
        let search = below.search().filter(|_| self.why);
        let heat = search.and_then(|search| heat_of(search, at, is_key));
        Slot { part, heat, ..world.slot(picture, self.areas(world).0.as_size()) }
    }

    fn show(&mut self, at: usize) {
        *self = Viewer { facts: self.facts, why: self.why, ..Viewer::new(at) };
    }

    fn zoom_to(&mut self, zoom: u32) {
        self.zoom = zoom.clamp(WHOLE.into(), MOST.into()) as u16;
        if self.zoom == WHOLE {
            self.centre = (500, 500);
        }
    }

    fn pan(&mut self, x: i32, y: i32) {
        let seen = 1000 * u32::from(WHOLE) / u32::from(self.zoom);
        let moved = |centre: u16, by: i32| detail::panned(centre.into(), by, seen, 1000) as u16;
        self.centre = (moved(self.centre.0, x), moved(self.centre.1, y));
    }

    fn act(&mut self, action: ViewerAction, below: &mut dyn Screen, world: &mut World) -> Go {
        let last = below.count().saturating_sub(1);
        let zoomed = self.zoom != WHOLE;
        let takes_part = zoomed || matches!(action, Act::TakePart);
        match action {
            Act::Left if zoomed => self.pan(-1, 0),
            Act::Right if zoomed => self.pan(1, 0),
            Act::Up if zoomed => self.pan(0, -1),
            Act::Down if zoomed => self.pan(0, 1),
            Act::Left | Act::Previous => self.show(self.at.saturating_sub(1)),
            Act::Right | Act::Next => self.show((self.at + 1).min(last)),
            Act::Up | Act::Down => {}
            Act::Flip if below.search().is_none() => {
                world.inform("f flips between a result and its key; ⏎ finds results")
            }
            Act::Flip => self.flipped = !self.flipped,
            Act::Larger => self.zoom_to(u32::from(self.zoom) * 3 / 2),
            Act::Smaller => self.zoom_to(u32::from(self.zoom) * 2 / 3),
            Act::Fit => self.zoom_to(WHOLE.into()),
            Act::Facts => self.facts = !self.facts,
            Act::Why => self.explain(below.search(), world),
            Act::Mark => {
                if let Some(picture) = self.picture(below, world) {
                    world.toggle_mark(&picture);
                }
            }
            Act::Write => return below.ask_where_to_write(world),
            Act::TakePart | Act::MakeKey if let Some(shown) = self.picture(below, world).filter(|_| takes_part) => {
                let slot = self.slot(shown.clone(), (self.at, self.flipped), below, world);
                return match action {
                    Act::TakePart => take_part(shown, &slot, world),
                    _ => find_seen(&shown, &slot, below, world),
                };
            }
            Act::TakePart => {}
            Act::MakeKey => {
                let key = self.picture(below, world);
                return key.map_or(Go::Stay, |key| Go::similar(key, below.settings()));
            }
            Act::Like => return self.and(KeyPictures::and, below, world),
            Act::Unlike => return self.and(KeyPictures::and_not, below, world),
            Act::Back => {
                // Select the picture seen last.
                below.select(self.at.min(last));
                return Go::back();
            }
        }
        Go::Stay
    }

    /// To pictures like the results' keys and like, or unlike, the picture shown.
    fn and(&self, and: fn(KeyPictures, KeyPicture) -> KeyPictures, below: &dyn Screen, world: &mut World) -> Go {
        match (below.search(), self.picture(below, world)) {
            (Some(search), Some(shown)) => and_one(&search.keys, and, shown, below.settings(), world),
            (None, _) => {
                world.inform("> and < work on results; ⏎ finds some");
                Go::Stay
            }
            (_, None) => Go::Stay,
        }
    }

    fn explain(&mut self, search: Option<&Search>, world: &mut World) {
        match search {
            None => world.inform("a shows why a result is similar to its key; ⏎ finds results"),
            Some(search) if world.sets[search.settings.dataset].matrix.crops != Crops::Whole => {
                world.inform("with averaged crops (simages index --crops), nothing shows where they are similar");
            }
            Some(_) => self.why = !self.why,
        }
    }
}

impl Layer for Viewer {
    fn keys(&self) -> &'static dyn KeyTable {
        &KEYS
    }

    fn press(&mut self, key: KeyEvent, below: &mut dyn Screen, world: &mut World) -> Go {
        KEYS.press(key, |action| self.act(action, below, world))
    }

    fn click(&mut self, _: Position, double: bool, below: &mut dyn Screen, world: &mut World) -> Go {
        if double { self.act(Act::Back, below, world) } else { Go::Stay }
    }

    fn wheel(&mut self, _: Position, forward: bool, below: &mut dyn Screen, world: &mut World) -> Go {
        self.act(if forward { Act::Larger } else { Act::Smaller }, below, world)
    }

    fn back(&mut self, below: &mut dyn Screen, world: &mut World) -> Go {
        self.act(Act::Back, below, world)
    }

    fn stands_on(&self, below: &dyn Screen, world: &World) -> Option<KeyPicture> {
        self.picture(below, world)
    }

    fn covers(&self) -> bool {
        true
    }

    fn tells_of(&self, below: &dyn Screen, world: &World) -> Option<PictureFile> {
        self.picture(below, world).filter(|_| self.facts).map(|picture| picture.file())
    }

    fn visible(&self, below: &dyn Screen, world: &World) -> Vec<Slot> {
        let slot = |picture| self.slot(picture, (self.at, self.flipped), below, world);
        self.picture(below, world).map(slot).into_iter().collect()
    }

    /// The other side, the next picture, the previous one.
    fn next(&self, below: &dyn Screen, world: &World) -> Vec<Slot> {
        if self.zoom != WHOLE {
            return Vec::new();
        }
        let other = below.search().and_then(|search| match self.flipped {
            true => below.picture(self.at, world),
            false => Some(key_of(search, self.at).clone()),
        });
        let other = other.map(|picture| self.slot(picture, (self.at, !self.flipped), below, world));
        let around = [Some(self.at + 1), self.at.checked_sub(1)].into_iter().flatten();
        let around = around.filter_map(|at| Some(self.slot(below.picture(at, world)?, (at, false), below, world)));
        other.into_iter().chain(around).collect()
    }

    fn draw(&self, frame: &mut Frame, below: &dyn Screen, world: &World) {
        let (area, facts_area) = self.areas(world);
        let Some(shown) = self.picture(below, world) else {
            // The picture vanished while it was viewed: after a rescan, or with fewer results.
            bars::header(frame, world, "viewer", "", "");
            return frame.render_widget(Line::raw(" this picture no longer exists; esc goes back"), area);
        };
        self.header(frame, &shown, below, world);
        let slot = self.slot(shown.clone(), (self.at, self.flipped), below, world);
        picture::draw(frame, area, &slot, &world.shelf);
        if let Some(area) = facts_area {
            let block = Block::bordered()
                .border_style(theme::quiet())
                .title(Span::styled(" facts ", theme::on_frame(Style::new())));
            let width = usize::from(block.inner(area).width);
            let facts = self.known(&shown, world.shelf.shown(&slot).pixels(), below, world);
            frame.render_widget(Paragraph::new(facts::in_lines(&facts, width)).block(block), area);
        }
    }

    /// Follows the picture to its new rank.
    fn follow(&mut self, below: &dyn Screen) {
        let Some(search) = below.search() else { return };
        let (results, name) = (search.results(), self.name.as_deref());
        if results.get(self.at).is_some_and(|n| Some(n.row.name.as_str()) == name) {
            return;
        }
        match name.and_then(|name| results.iter().position(|n| n.row.name == name)) {
            Some(at) => self.at = at,
            None => self.name = results.get(self.at).map(|n| n.row.name.clone()),
        }
    }
}

impl Viewer {
    fn header(&self, frame: &mut Frame, shown: &KeyPicture, below: &dyn Screen, world: &World) {
        let sign = if world.marks.contains(&shown.path) { bars::MARKED } else { "" };
        let key = if self.flipped { "key   " } else { "" };
        let part = shown.part.map(|part| format!("#{part}")).unwrap_or_default();
        // The file's name first: the rest may be cut.
        let middle = match shown.name.rsplit_once('/') {
            Some((folder, file)) => format!("{sign}{key}{file}{part} in {folder}"),
            None => format!("{sign}{key}{}{part}", shown.name),
        };
        let place = format!("viewer   {} of {}", self.at + 1, below.count());
        let value = below
            .search()
            .filter(|_| !self.flipped)
            .and_then(|search| Some(search.likeness(search.results().get(self.at)?, search.settings.metric.name())));
        // Relative to the whole picture on the screen, not to the picture's own pixels.
        let zoom = (self.zoom != WHOLE).then(|| format!("zoom x{:.1}", f64::from(self.zoom) / f64::from(WHOLE)));
        let why = self.why.then(|| "bright: what they have in common".to_owned());
        let right: Vec<_> = [why, zoom, value].into_iter().flatten().collect();
        bars::header(frame, world, &place, &middle, &right.join("   "));
    }

    /// Facts about the picture shown and the result: names and values.
    fn known(
        &self,
        shown: &KeyPicture,
        pixels: Option<(u32, u32)>,
        below: &dyn Screen,
        world: &World,
    ) -> Vec<NamedFact> {
        let mut facts = vec![(facts::PATH, printable(&crate::shown::path(&shown.path)))];
        facts.extend(shown.part.map(|part| ("part: x, y, width, height", part.to_string())));
        facts.extend(pixels.map(|(width, height)| ("pixels", format!("{width} x {height}"))));
        facts.extend(shown.stamp.map(|stamp| ("size", bytes(stamp.size))));
        if let Some((header, exif)) = world.headers.get(&shown.file()) {
            facts.extend(facts::of_header(header, exif));
        }
        let Some(search) = below.search().filter(|_| !self.flipped) else { return facts };
        let (Some(answer), Some(neighbour)) = (search.request.answer(), search.results().get(self.at)) else {
            return facts;
        };
        facts.push(("rank", format!("{} of {}", self.at + 1, answer.ranking.len())));
        let descriptor = search.settings.descriptor;
        facts.push(("descriptor", format!("{descriptor}: {}", descriptor.meaning())));
        if search.keys.only().is_none() {
            facts.push(("value", format!("{:.6} ({} of all keys)", neighbour.value, search.settings.metric)));
            facts.push(("nearest key", search.nearest(neighbour).told()));
        }
        let Some(key) = answer.like.get(neighbour.nearest) else { return facts };
        for metric in Metric::ALL {
            let value = descriptor.comparison().value(&key.descriptor, &neighbour.row.descriptor, metric);
            facts.push((metric.name(), format!("{value:.6}")));
        }
        facts
    }
}

/// The key that result `at` is nearest to.
fn key_of(search: &Search, at: usize) -> &KeyPicture {
    search.results().get(at).map_or(search.keys.first(), |result| search.nearest(result))
}

/// What result `at` and the key have in common, and where that is in one of them. None until both are indexed.
fn heat_of(search: &Search, at: usize, in_key: bool) -> Option<Heat> {
    let result = search.results().get(at)?;
    let key = &search.request.answer()?.like.get(result.nearest)?.descriptor;
    let result = &result.row.descriptor;
    let descriptor = search.settings.descriptor;
    let comparison = descriptor.comparison();
    let heat = if in_key { comparison.heat(key, result) } else { comparison.heat(result, key) };
    key.check_whole().and_then(|()| result.check_whole()).ok()?;
    let most = heat.iter().fold(0.0f64, |a, b| a.max(*b));
    Some(heat.map(|x| if most > 0.0 { (x / most * 255.0).round() as u8 } else { 0 }))
}
