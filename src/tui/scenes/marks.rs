//! The list of marks: every marked picture, the origin of its mark, and the picture itself beside the list.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::further_keys::like_marked;
use super::question::{Answer, Question};
use crate::dataset::Stamp;
use crate::text::{bytes, count, date, printable, thousands};
use crate::tui::keys::{KeyTable, Keys, keys};
use crate::tui::marks::{Mark, MarkedFile};
use crate::tui::meanings as on;
use crate::tui::parts::full_screen;
use crate::tui::pictures::{Part, Slot};
use crate::tui::scene::{Go, Layer, Screen};
use crate::tui::selection::{Move, PageShape};
use crate::tui::set::KeyPicture;
use crate::tui::theme;
use crate::tui::widgets::text::{fit, fit_left};
use crate::tui::widgets::{bars, picture};
use crate::tui::world::World;

/// Lines of detail about the selected mark.
const DETAILS: u16 = 4;
/// On narrower screens there is no picture beside the list.
const WITH_PICTURE: u16 = 100;

#[derive(Clone, Copy, Debug)]
pub enum MarksAction {
    Go(Move),
    View,
    Unmark,
    UnmarkAll,
    Like,
    Back,
}
use MarksAction as Act;

pub static KEYS: Keys<MarksAction> = keys! { "Marks"
    Act::Go(Move::Up) => [on::UP] "move" "mark above";
    Act::Go(Move::Down) => [on::DOWN] "move" "mark below";
    Act::View => [on::GO_ON, on::VIEW] "view" "view the picture beside the kept one; again: the list";
    Act::Unmark => [on::MARK] "unmark" "unmark the picture";
    Act::UnmarkAll => [on::UNMARK_ALL] "unmark all" "unmark all pictures, after asking";
    Act::Like => [on::LIKE_MARKED] "more like them" "find pictures similar to the marked ones, taken together";
    Act::Back => [on::ESC, on::BACK, on::MARKS] "back" "back to the pictures";
    Act::Go(Move::PageDown) => [on::PAGE_DOWN] "" "next page";
    Act::Go(Move::PageUp) => [on::PAGE_UP] "" "previous page";
    Act::Go(Move::Home) => [on::HOME] "" "first mark";
    Act::Go(Move::End) => [on::END] "" "last mark";
};

pub static UNMARK_KEYS: Keys<Answer> = keys! { "Unmarking all"
    Answer::Yes => [on::GO_ON, on::UNMARK_ALL] "yes" "unmark all pictures";
    Answer::No => [on::ESC, on::BACK] "no" "leave the marks as they are";
};

pub struct MarksList {
    selected: usize,
    /// The selected picture fills the screen, beside the kept one.
    large: bool,
    /// The user went from here to the pictures similar to the marked ones.
    left: bool,
}

impl MarksList {
    pub fn new() -> MarksList {
        MarksList { selected: 0, large: false, left: false }
    }

    /// The areas of the list, the picture beside it, and the details.
    fn areas(world: &World) -> (Rect, Option<Rect>, Rect) {
        let middle = full_screen(world.area())[1];
        let [above, details] = Layout::vertical([Constraint::Min(1), Constraint::Length(DETAILS)]).areas(middle);
        if above.width < WITH_PICTURE {
            return (above, None, details);
        }
        let [list, picture] = Layout::horizontal([Constraint::Fill(2), Constraint::Fill(1)]).areas(above);
        (list, Some(picture), details)
    }

    /// The selected mark; there may be fewer than before.
    fn at(&self, world: &World) -> usize {
        self.selected.min(world.marks.len().saturating_sub(1))
    }

    fn mark<'a>(&self, world: &'a World) -> Option<&'a Mark> {
        world.marks.iter().nth(self.at(world))
    }

    /// The index of the first mark shown.
    fn first(&self, world: &World) -> usize {
        let rows = usize::from(MarksList::areas(world).0.height).max(1);
        self.at(world) / rows * rows
    }

    fn act(&mut self, action: MarksAction, below: &dyn Screen, world: &mut World) -> Go {
        let (at, marks) = (self.at(world), world.marks.len());
        match action {
            Act::Go(way) => {
                let shape = PageShape { columns: 1, rows: MarksList::areas(world).0.height.into() };
                self.selected = way.from(at, shape, marks);
            }
            Act::View => self.large = !self.large && marks > 0,
            Act::Unmark => {
                if let Some(path) = self.mark(world).map(|mark| mark.file.path.clone()) {
                    world.marks.unmark(&path);
                }
                self.large &= !world.marks.is_empty();
            }
            Act::UnmarkAll if marks == 0 => {}
            Act::UnmarkAll => {
                let text = format!("unmark {}?", count(marks, "picture"));
                return Go::over(Question::new(text, &UNMARK_KEYS, |_, world| {
                    world.inform(format!("{} unmarked", count(world.marks.len(), "picture")));
                    world.marks.clear();
                }));
            }
            Act::Like => {
                let go = like_marked(None, below.settings(), world);
                self.left = matches!(go, Go::Similar(_));
                return go;
            }
            Act::Back if self.large && marks > 0 => self.large = false,
            Act::Back => return Go::back(),
        }
        Go::Stay
    }

    /// The pictures shown, and where: the selected one, and in the large view the kept one.
    fn shown(&self, world: &World) -> Vec<(MarkedFile, Rect)> {
        let Some(mark) = self.mark(world) else { return Vec::new() };
        let (_, beside, _) = MarksList::areas(world);
        if !self.large {
            return beside.map(|area| (mark.file.clone(), area)).into_iter().collect();
        }
        let [picture, _] =
            Layout::vertical([Constraint::Min(1), Constraint::Length(1)]).areas(full_screen(world.area())[1]);
        let Some(kept) = mark.kept() else { return vec![(mark.file.clone(), picture)] };
        let half = picture.width.saturating_sub(1) / 2;
        let (left, right) =
            (Rect { width: half, ..picture }, Rect { x: picture.right() - half, width: half, ..picture });
        vec![(kept.clone(), left), (mark.file.clone(), right)]
    }
}

fn slot(file: &MarkedFile, area: Rect, world: &World) -> Slot {
    let picture = KeyPicture::from(file);
    Slot { part: Part::Zoomed { zoom: 100, centre: (500, 500) }, ..world.slot(picture, area.as_size()) }
}

impl Layer for MarksList {
    fn keys(&self) -> &'static dyn KeyTable {
        &KEYS
    }

    fn press(&mut self, key: KeyEvent, below: &mut dyn Screen, world: &mut World) -> Go {
        KEYS.press(key, |action| self.act(action, below, world))
    }

    fn click(&mut self, at: Position, double: bool, below: &mut dyn Screen, world: &mut World) -> Go {
        let (list, ..) = MarksList::areas(world);
        if !self.large && list.contains(at) {
            let to = self.first(world) + usize::from(at.y - list.y);
            self.selected = to.min(world.marks.len().saturating_sub(1));
        }
        if double { self.act(Act::View, below, world) } else { Go::Stay }
    }

    fn wheel(&mut self, _: Position, forward: bool, below: &mut dyn Screen, world: &mut World) -> Go {
        self.act(Act::Go(if forward { Move::Down } else { Move::Up }), below, world)
    }

    fn back(&mut self, below: &mut dyn Screen, world: &mut World) -> Go {
        self.act(Act::Back, below, world)
    }

    fn stands_on(&self, _: &dyn Screen, world: &World) -> Option<KeyPicture> {
        Some(KeyPicture::from(&self.mark(world)?.file))
    }

    fn covers(&self) -> bool {
        true
    }

    fn stays(&self) -> bool {
        !self.left
    }

    fn visible(&self, _: &dyn Screen, world: &World) -> Vec<Slot> {
        self.shown(world).iter().map(|(file, area)| slot(file, *area, world)).collect()
    }

    fn draw(&self, frame: &mut Frame, _: &dyn Screen, world: &World) {
        let (list, _, details) = MarksList::areas(world);
        let place = match world.marks.is_empty() {
            true => "marks".into(),
            false => format!("marks   {} of {}", thousands(self.at(world) + 1), thousands(world.marks.len())),
        };
        bars::header(frame, world, &place, "", "");
        for (file, area) in self.shown(world) {
            picture::draw(frame, area, &slot(&file, area, world), &world.shelf);
        }
        let Some(mark) = self.mark(world) else {
            let text = Paragraph::new("No picture is marked. space marks the selected one, on every screen.");
            return frame.render_widget(text.style(theme::remark()).centered(), list);
        };
        if self.large {
            return captions(frame, &self.shown(world));
        }
        let first = self.first(world);
        let shown: Vec<_> = world.marks.iter().skip(first).take(list.height.into()).collect();
        let columns = MarkColumns::of(&shown, list.width.into());
        for (row, mark) in shown.into_iter().enumerate() {
            let area = Rect { y: list.y + row as u16, height: 1, ..list };
            frame.render_widget(columns.line(mark, first + row == self.at(world), world), area);
        }
        frame.render_widget(Paragraph::new(more(mark, details.width.into(), world)), details);
    }
}

/// Widths of the columns of the list.
struct MarkColumns {
    name: usize,
    kept: usize,
}

impl MarkColumns {
    /// Besides names and kept pictures: the sign, bytes, the day.
    const OTHERS: usize = 3 + 2 + 11 + 2 + 10 + 2;

    fn of(marks: &[&Mark], width: usize) -> MarkColumns {
        let widest = |text: &dyn Fn(&Mark) -> String| marks.iter().map(|mark| Span::raw(text(mark)).width()).max();
        let name = widest(&|mark| printable(&mark.file.name)).unwrap_or(0);
        let kept = widest(&origin).unwrap_or(0);
        let room = width.saturating_sub(MarkColumns::OTHERS);
        let half = room / 2;
        // Each takes what the other leaves of its half.
        MarkColumns { name: name.min(room - kept.min(half)), kept: kept.min(room - name.min(half)) }
    }

    fn line(&self, mark: &Mark, selected: bool, world: &World) -> Line<'static> {
        let sign = if world.marks.why_left_out(&mark.file.path).is_some() { "✗" } else { "✓" };
        let name = fit_left(&mark.file.name, self.name);
        let pad = " ".repeat(self.name.saturating_sub(Span::raw(name.as_str()).width()));
        let lead = if selected { "▸" } else { " " };
        let style = if selected { theme::selected() } else { Style::new() };
        Line::from(vec![
            Span::styled(format!("{lead}{sign} {name}{pad}"), style),
            Span::raw(format!("  {:>11}  {}  ", bytes(mark.file.stamp.size), day(mark.file.stamp))),
            Span::raw(fit(&origin(mark), self.kept)),
        ])
    }
}

/// The origin of a mark.
fn origin(mark: &Mark) -> String {
    match mark.kept() {
        Some(kept) => format!("kept: {}", printable(&kept.name)),
        None => "by hand".into(),
    }
}

/// All details of the selected mark.
fn more(mark: &Mark, width: usize, world: &World) -> Vec<Line<'static>> {
    let path = |file: &MarkedFile| fit_left(&printable(&crate::shown::path(&file.path)), width.saturating_sub(10));
    let facts = |file: &MarkedFile| format!("{}, {}", bytes(file.stamp.size), day(file.stamp));
    let mut lines = vec![Line::styled("─".repeat(width), theme::quiet())];
    lines.push(Line::raw(format!(" marked  {}", path(&mark.file))));
    lines.push(match mark.kept() {
        Some(kept) => Line::raw(format!(" kept    {}", path(kept))),
        None => Line::raw(" picked by hand"),
    });
    lines.push(match (world.marks.why_left_out(&mark.file.path), mark.kept()) {
        (Some(why), _) => {
            Line::styled(fit(&format!(" ✗ left out of the last list written: {why}"), width), theme::error())
        }
        (None, Some(kept)) => Line::raw(format!(" marked: {}   kept: {}", facts(&mark.file), facts(kept))),
        (None, None) => Line::raw(format!(" {}", facts(&mark.file))),
    });
    lines
}

/// Captions below pictures that fill the screen.
fn captions(frame: &mut Frame, shown: &[(MarkedFile, Rect)]) {
    for (at, (file, area)) in shown.iter().enumerate() {
        let marked = at + 1 == shown.len();
        let (sign, style) = if marked { (" ✓ marked ", theme::marked()) } else { (" keep ", theme::value()) };
        let name = fit_left(&printable(&file.name), usize::from(area.width).saturating_sub(12));
        let line = Line::from(vec![Span::styled(sign, style), Span::raw(format!(" {name}"))]);
        frame.render_widget(line.centered(), Rect { y: area.bottom(), height: 1, ..*area });
    }
}

fn day(stamp: Stamp) -> String {
    date(stamp.mtime_ns)
}
