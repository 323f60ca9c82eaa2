//! Two pictures side by side, as large as fits: the first one of a pair or group, and one that is like it.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use super::{Joined, Selected};
use crate::join::Metric;
use crate::text::{bytes, thousands};
use crate::tui::app::{App, Key, Notice};
use crate::tui::keys::Action;
use crate::tui::msg::Task;
use crate::tui::pictures::{Part, Slot};
use crate::tui::theme;
use crate::tui::widgets::text::fit;
use crate::tui::widgets::{bars, picture};

/// Rows below each picture: its name, and its facts.
const CAPTION: u16 = 2;

/// Which two: the first picture of the selected pair or group, and the selected one.
#[derive(Default)]
pub struct Pair {
    /// The first one is on the right.
    flipped: bool,
}

/// One half of the screen.
#[derive(Clone, Copy)]
struct Half {
    picture: Rect,
    caption: Rect,
}

impl Pair {
    /// The top line, the left and the right half, the bottom line.
    fn areas(app: &App) -> (Rect, [Half; 2], Rect) {
        let [top, middle, bottom] =
            Layout::vertical([Constraint::Length(1), Constraint::Min(1), Constraint::Length(1)]).areas(app.area());
        // Of the same size, so that flipping compares like with like.
        let width = middle.width.saturating_sub(1) / 2;
        let left = Rect { width, ..middle };
        let right = Rect { x: middle.right() - width, ..left };
        let half = |area: Rect| {
            let [picture, caption] = Layout::vertical([Constraint::Min(1), Constraint::Length(CAPTION)]).areas(area);
            Half { picture, caption }
        };
        (top, [left, right].map(half), bottom)
    }

    /// Left and right.
    fn sides(&self, joined: &Joined) -> [Selected; 2] {
        let (row, other) = (joined.selected.row, joined.selected.picture.max(1));
        let (first, other) = (Selected { row, picture: 0 }, Selected { row, picture: other });
        if self.flipped { [other, first] } else { [first, other] }
    }

    fn slot(app: &App, key: &Key, area: Rect) -> Slot {
        let part = Part::Zoomed { zoom: 100, centre: (500, 500) };
        Slot { part, ..app.slot(key.path.clone(), key.stamp, area.as_size()) }
    }

    fn slots(&self, app: &App, joined: &Joined, sides: [Selected; 2]) -> Vec<Slot> {
        let (_, halves, _) = Pair::areas(app);
        let slot = |(at, half): (Selected, Half)| Some(Pair::slot(app, &joined.picture(app, at)?, half.picture));
        sides.into_iter().zip(halves).filter_map(slot).collect()
    }

    pub fn visible(&self, app: &App, joined: &Joined) -> Vec<Slot> {
        self.slots(app, joined, self.sides(joined))
    }

    /// What is looked at next, most likely.
    pub fn next(&self, app: &App, joined: &Joined) -> Vec<Slot> {
        let Some(next) = stepped(joined, true) else { return Vec::new() };
        let first = Selected { picture: 0, ..next };
        self.slots(app, joined, if self.flipped { [next, first] } else { [first, next] })
    }
}

/// The next (or previous) pair, or picture of the group; after its last one the next group.
fn stepped(joined: &Joined, forward: bool) -> Option<Selected> {
    let Selected { row, picture } = joined.selected;
    let picture = picture.max(1);
    match forward {
        true if picture + 1 < joined.pictures(row) => Some(Selected { row, picture: picture + 1 }),
        true => (row + 1 < joined.rows()).then_some(Selected { row: row + 1, picture: 1 }),
        false if picture > 1 => Some(Selected { row, picture: picture - 1 }),
        false => row.checked_sub(1).map(|row| Selected { row, picture: joined.pictures(row).max(2) - 1 }),
    }
}

impl App {
    pub(in crate::tui) fn view_pair(&mut self) {
        if let Some(joined) = self.joined.as_mut().filter(|j| j.rows() > 0) {
            joined.selected.picture = joined.selected.picture.max(1);
            self.pair = Some(Pair::default());
        }
    }

    pub(in crate::tui) fn pair_action(&mut self, action: Action) -> Vec<Task> {
        let (Some(pair), Some(joined)) = (&mut self.pair, &mut self.joined) else { return Vec::new() };
        let [left, right] = pair.sides(joined);
        let row = joined.selected.row;
        match action {
            Action::Left | Action::Right => {
                joined.selected = stepped(joined, action == Action::Right).unwrap_or(joined.selected);
            }
            Action::Up => joined.selected = Selected { row: row.saturating_sub(1), picture: 1 },
            Action::Down => joined.selected = Selected { row: (row + 1).min(joined.rows().max(1) - 1), picture: 1 },
            Action::Flip => pair.flipped = !pair.flipped,
            Action::MarkFirst => self.mark_in_pair(left),
            Action::MarkOthers => self.mark_in_pair(right),
            Action::WritePaths => self.ask_where_to_write_paths(),
            Action::Copy => {
                let picture = self.joined.as_ref().and_then(|joined| joined.picture(self, right));
                let Some(path) = picture.map(|p| p.path.to_string_lossy().into_owned()) else { return Vec::new() };
                self.notice = Some(Notice::Info(format!("copied {path}")));
                return vec![Task::Copy(path)];
            }
            Action::Back => self.pair = None,
            _ => {}
        }
        Vec::new()
    }

    fn mark_in_pair(&mut self, at: Selected) {
        if let Some(picture) = self.joined.as_ref().and_then(|joined| joined.picture(self, at)) {
            self.toggle(picture.path);
        }
    }
}

pub fn draw(frame: &mut Frame, app: &App, joined: &Joined, pair: &Pair) {
    let (top, halves, bottom) = Pair::areas(app);
    let [left, right] = pair.sides(joined);
    let pictures = joined.pictures(left.row);
    let other = left.picture.max(right.picture);
    let at = format!("{} of {}", thousands(left.row + 1), thousands(joined.rows()));
    let place = match joined.groups() {
        true => format!("group {at}   picture {} of {}", thousands(other + 1), thousands(pictures)),
        false => format!("pair {at}"),
    };
    let middle = super::draw::names(app, joined);
    bars::header(frame, top, &place, &middle, &values(app, joined, left, right));
    for (at, half) in [left, right].into_iter().zip(halves) {
        draw_half(frame, app, joined, at, half);
    }
    if let Some(prompt) = &app.prompt {
        return prompt.draw(frame, bottom);
    }
    match &app.notice {
        Some(Notice::Info(text) | Notice::Error(text)) => {
            frame.render_widget(Line::raw(format!(" {}", fit(text, usize::from(bottom.width) - 2))), bottom)
        }
        None => bars::hints(frame, bottom, &app.place().hints()),
    }
}

/// The value in both metrics.
fn values(app: &App, joined: &Joined, left: Selected, right: Selected) -> String {
    let (Some((a, _)), Some((b, _))) = (joined.row(left), joined.row(right)) else { return String::new() };
    let value = |metric: Metric| {
        let name = if app.size.width < 80 { metric.short() } else { metric.name() };
        format!(
            "{name} {}",
            metric.format(joined.join.descriptor.comparison().value(&a.descriptor, &b.descriptor, metric))
        )
    };
    Metric::ALL.map(value).join("   ")
}

fn draw_half(frame: &mut Frame, app: &App, joined: &Joined, at: Selected, half: Half) {
    let Some(key) = joined.picture(app, at) else { return };
    let slot = Pair::slot(app, &key, half.picture);
    picture::draw(frame, half.picture, &slot, &app.shelf);

    let marked = app.marked.contains(&key.path);
    let width = usize::from(half.caption.width).saturating_sub(if marked { 12 } else { 2 });
    let mut name = Line::from(Span::raw(format!(" {}", fit(&key.name, width))));
    if marked {
        name.push_span(Span::styled("  ✓ marked", theme::marked()));
    }
    let mut facts = Vec::new();
    if let Some((width, height)) = app.shelf.best(&slot).pixels() {
        facts.push(format!("{width} x {height}"));
    }
    facts.extend(key.stamp.map(|stamp| bytes(stamp.size)));
    let facts = Line::styled(format!(" {}", facts.join("   ")), theme::quiet());
    for (y, line) in (0..).zip([name, facts]) {
        let area = Rect { y: half.caption.y + y, height: 1, ..half.caption };
        frame.render_widget(line.centered(), area.intersection(half.caption));
    }
}
