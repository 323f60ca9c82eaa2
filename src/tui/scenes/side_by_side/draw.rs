//! Draws the two pictures and the facts about them.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::facts::{self, Fact};
use super::places::{Places, halves};
use super::spread::{Arrangement, Spread};
use crate::tui::couples::Couples;
use crate::tui::theme;
use crate::tui::widgets::text::fit;
use crate::tui::widgets::{bars, picture};
use crate::tui::world::World;

/// Columns of the first line before the position.
const BEFORE_PLACE: usize = 10;
/// Precedes the better value, where bold isn't visible.
const BETTER: &str = "+ ";
/// Columns of the facts' names, which stand between their values.
const NAMES: u16 = 13;
/// Separates facts in a line.
const GAP: &str = "   ";
const NARROW_GAP: &str = "  ";

pub fn header(frame: &mut Frame, arrangement: Arrangement, couples: &dyn Couples, world: &World) {
    let room = usize::from(bars::room(world));
    let zoom = arrangement.view.name().map(|zoom| format!("   {zoom}")).unwrap_or_default();
    let place = |is_short: bool| format!("{}{zoom}", couples.place(is_short));
    let likeness = couples.likeness(room < 80);
    let fits = |place: &str, likeness: &str| BEFORE_PLACE + place.width() + GAP.width() + likeness.width() <= room;
    let place = Some(place(false)).filter(|long| fits(long, &likeness)).unwrap_or_else(|| place(true));
    // Half a number would be wrong.
    let first = likeness.split(GAP).next().unwrap_or_default();
    let likeness = [&likeness, first].into_iter().find(|likeness| fits(&place, likeness)).unwrap_or_default();
    bars::header(frame, world, &place, &couples.names(world), likeness);
}

pub fn draw(frame: &mut Frame, arrangement: Arrangement, spread: &Spread, world: &World) {
    let places = Places::new(world);
    for which in [0, 1] {
        picture::draw(frame, places.pictures[which], &spread.slots[which], &world.shelf);
        let line = caption(arrangement, spread, which, places.names[which].width, world);
        frame.render_widget(line.centered(), places.names[which]);
    }
    match places.has_table() {
        true => table(frame, places.facts, &facts::facts(spread)),
        false => lines(frame, places.facts, &facts::in_lines(spread)),
    }
}

/// The picture's name, or what is shown in its place; and whether it is marked or kept.
fn caption(arrangement: Arrangement, spread: &Spread, which: usize, width: u16, world: &World) -> Line<'static> {
    let path = &spread.sides[which].picture.path;
    let mut marks = Vec::new();
    if world.marks.contains(path) {
        marks.extend([Span::raw("  "), Span::styled(" ✓ marked ", theme::marked())]);
    }
    if world.marks.keeps(path) {
        marks.push(Span::styled("  keep ", theme::value()));
    }
    let room = usize::from(width).saturating_sub(marks.iter().map(Span::width).sum());
    let mut line = match which {
        1 if arrangement.shows_difference => difference(spread, room),
        _ => Line::raw(fit(&spread.sides[which].picture.name, room)),
    };
    line.extend(marks);
    line
}

/// How much the two differ.
fn difference(spread: &Spread, room: usize) -> Line<'static> {
    let levels = match room {
        ..22 => "",
        22..42 => " of 255",
        42.. => " of 255 grey levels",
    };
    let mean = spread.difference.map_or_else(|| "…".into(), |mean| format!("{mean:.1}{levels}"));
    let said = if room < 28 { "" } else { "mean " };
    Line::from(vec![Span::styled("difference", Style::new().bold()), Span::raw(format!("  {said}{mean}"))])
}

fn style(is_better: bool) -> Style {
    if is_better { Style::new().add_modifier(Modifier::BOLD) } else { Style::new() }
}

fn value(text: &str, is_better: bool, width: usize) -> Span<'static> {
    let sign = if is_better { BETTER } else { "" };
    Span::styled(fit(&format!("{sign}{text}"), width), style(is_better))
}

/// A line for each fact, its name between the two values.
fn table(frame: &mut Frame, area: Rect, facts: &[Fact]) {
    let width = area.width.saturating_sub(NAMES) / 2;
    let left = Rect { width, ..area };
    let names = Rect { x: left.right(), width: NAMES, ..area };
    let right = Rect { x: names.right(), width: area.right().saturating_sub(names.right()), ..area };
    for (row, fact) in (0..area.height).zip(facts) {
        let line = |area: Rect| Rect { y: area.y + row, height: 1, ..area };
        let [a, b] = [0, 1]
            .map(|which| value(&fact.values[which], fact.better == Some(which), usize::from(width).saturating_sub(1)));
        frame.render_widget(Line::from(a).right_aligned(), line(left));
        frame.render_widget(Line::raw(fact.name).centered(), line(names));
        frame.render_widget(Line::from(b), line(right));
    }
}

/// As many facts below each picture as there is room for.
fn lines(frame: &mut Frame, area: Rect, facts: &[Vec<Fact>]) {
    for (which, half) in halves(area).into_iter().enumerate() {
        for (row, facts) in (0..half.height).zip(facts) {
            let line = line(facts, which, half.width.into());
            frame.render_widget(line.centered(), Rect { y: half.y + row, height: 1, ..half });
        }
    }
}

fn line(facts: &[Fact], which: usize, width: usize) -> Line<'static> {
    let mut line = Line::default();
    for fact in facts.iter().filter(|fact| !fact.short[which].is_empty()) {
        let gap = match width {
            _ if line.spans.is_empty() => "",
            ..36 => NARROW_GAP,
            36.. => GAP,
        };
        let room = width.saturating_sub(line.width() + gap.width());
        let value = value(&fact.short[which], fact.better == Some(which), room);
        if value.content.ends_with('…') {
            break;
        }
        line.push_span(Span::raw(gap));
        line.push_span(value);
    }
    line
}
