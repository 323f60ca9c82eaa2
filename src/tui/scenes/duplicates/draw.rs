//! Draws the groups, the effect of the range, and the reason why there are none.

use ratatui::Frame;
use ratatui::layout::{Margin, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};
use unicode_width::UnicodeWidthStr;

use super::captions;
use super::state::Duplicates;
use crate::text::{bytes, count, printable, thousands};
use crate::tui::jobs::DuplicatesAnswer;
use crate::tui::pairs::Selected;
use crate::tui::set::SetState;
use crate::tui::theme;
use crate::tui::widgets::bars;
use crate::tui::widgets::grid::Tile;
use crate::tui::widgets::picture::Framed;
use crate::tui::widgets::text::fit;
use crate::tui::world::World;

/// Columns of the histogram, where there is room.
const HISTOGRAM: usize = 40;

pub fn draw(frame: &mut Frame, duplicates: &Duplicates, world: &World) {
    let parts = world.parts(false);
    bars::header(frame, world, "near-duplicates", &duplicates.names(world), &summary(duplicates, world));
    let Some(answer) = duplicates.answer() else {
        return under_way(frame, duplicates, world, parts.pictures);
    };
    frame.render_widget(range_line(duplicates, parts.settings.width.into()), parts.settings);
    if duplicates.plan.groups.is_empty() {
        let text = Paragraph::new(nothing(duplicates, answer, world)).wrap(Wrap { trim: true });
        return frame.render_widget(text, parts.pictures.inner(Margin::new(2, 2)));
    }
    let flow = duplicates.flow(world);
    let mut labels = (usize::MAX, [Vec::new(), Vec::new()]);
    for (at, tile) in flow.tiles() {
        if labels.0 != at.row {
            labels = (at.row, labels_of(duplicates, answer, at.row, usize::from(tile.caption.width).saturating_sub(4)));
        }
        draw_picture(frame, duplicates, answer, at, tile, &labels.1, world);
    }
}

/// Names and folders of a group's pictures, shortened so that they can be told apart.
fn labels_of(duplicates: &Duplicates, answer: &DuplicatesAnswer, row: usize, width: usize) -> [Vec<String>; 2] {
    let pictures = duplicates.group(row).into_iter().flat_map(|group| group.pictures());
    let split = |picture: u32| {
        let name = answer.collection.name(picture);
        match name.rsplit_once('/') {
            Some((folder, name)) => (name.to_owned(), folder.to_owned()),
            None => (name, String::new()),
        }
    };
    let (names, folders): (Vec<_>, Vec<_>) = pictures.map(split).unzip();
    [captions::apart(&names, width), captions::apart(&folders, width + 2)]
}

fn draw_picture(
    frame: &mut Frame,
    duplicates: &Duplicates,
    answer: &DuplicatesAnswer,
    at: Selected,
    tile: Tile,
    [names, folders]: &[Vec<String>; 2],
    world: &World,
) {
    let (Some(group), Some(picture)) = (duplicates.group(at.row), duplicates.picture_at(at)) else { return };
    let full = Duplicates::caption(world) > 4;
    let width = usize::from(tile.caption.width).saturating_sub(2);
    let marked = world.marks.contains(&picture.path);
    let label = |of: &[String]| of.get(at.picture).cloned().unwrap_or_default();
    let folder = Line::raw(format!(" {}", label(folders)));
    let keeps = world.marks.keeps(&picture.path);
    let decided = match at.picture {
        0 => marked.then_some("marked by hand"),
        _ => world.marks.keeps_by_hand(&picture.path).then_some("kept by hand"),
    };
    let facts = captions::lines(&answer.collection, group, at.picture, decided, width, full);
    let framed = Framed {
        marked,
        kept: at.picture == 0 && !marked || keeps,
        slot: &world.slot(picture, tile.picture.as_size()),
        shelf: &world.shelf,
        title: match at.picture {
            0 => thousands(at.row + 1),
            _ => duplicates.likeness_at(at).unwrap_or_default(),
        },
        name: label(names),
        value: None,
        more: std::iter::once(folder).chain(facts).collect(),
        selected: at == duplicates.selected,
    };
    framed.draw(frame, tile);
}

/// The summary at the right of the first line.
fn summary(duplicates: &Duplicates, world: &World) -> String {
    if duplicates.answer().is_none() {
        return String::new();
    }
    let page = duplicates.flow(world).page().map(|(at, of)| format!("page {}/{}   ", thousands(at), thousands(of)));
    let (room, rules) = (bars::room(world), duplicates.by_rules(world));
    let page = page.filter(|_| room >= 110).unwrap_or_default();
    let groups = count(duplicates.plan.groups.len(), "group");
    let to_mark = match rules.open {
        0 => String::new(),
        open => format!("   {} to mark, {}", thousands(open), bytes(rules.open_bytes)),
    };
    let doubt = match rules.in_doubt {
        1.. if room >= 90 => format!("   {} unsure", thousands(rules.in_doubt)),
        _ => String::new(),
    };
    format!("{page}{groups}{to_mark}{doubt}")
}

/// `range 0.60 ▁▂▅█▇│▂▁  best   keep: pixels, lossless, bytes`
fn range_line(duplicates: &Duplicates, width: usize) -> Line<'static> {
    let wanted = &duplicates.wanted;
    let floor = duplicates.histogram.floor();
    let mut spans = vec![Span::raw(" range "), Span::styled(format!("{:.2}", wanted.range), theme::value())];
    let histogram = HISTOGRAM.min(width / 3);
    spans.push(Span::styled(format!("  {floor:.2} "), theme::remark()));
    spans.extend(duplicates.histogram.spans(wanted.range, histogram));
    spans.push(Span::styled(" 1", theme::remark()));
    let across = if wanted.across_folders { "   across folders" } else { "" };
    let used: usize = spans.iter().map(|span| span.content.width()).sum();
    let rules = format!("   by {}{across}   keep: {}", duplicates.descriptor.name(), wanted.rules.names());
    spans.push(Span::raw(fit(&rules, width.saturating_sub(used))));
    Line::from(spans)
}

/// While there is no answer.
fn under_way(frame: &mut Frame, duplicates: &Duplicates, world: &World, area: Rect) {
    let line = |y: u16| Rect { y: area.y + y, height: 1, ..area }.intersection(area);
    if let Some(error) = duplicates.request.error() {
        let text = Paragraph::new(vec![
            Line::styled(format!("✗ {}", printable(&error)), theme::error()),
            Line::raw("b goes back"),
        ]);
        return frame.render_widget(text.wrap(Wrap { trim: true }), area.inner(Margin::new(2, 1)));
    }
    let pictures: usize = duplicates.sets.iter().map(|set| world.sets[*set].matrix.len()).sum();
    let (pictures, descriptor) = (count(pictures, "picture"), duplicates.descriptor.name());
    let what = format!(" comparing {pictures} with each other: by small hashes, then by {descriptor}");
    frame.render_widget(Line::raw(what), line(0));
    bars::joining(frame, line(2), &duplicates.names(world), duplicates.step.as_ref());
    frame.render_widget(Line::styled(" b cancels and goes back", theme::remark()), line(4));
}

/// Why there is no group.
fn nothing(duplicates: &Duplicates, answer: &DuplicatesAnswer, world: &World) -> Vec<Line<'static>> {
    let sets = || duplicates.sets.iter().map(|set| &world.sets[*set]);
    let pictures: usize = sets().map(|set| set.images.len()).sum();
    if pictures == 0 {
        return vec![Line::raw("no pictures")];
    }
    if sets().any(|set| !matches!(set.state, SetState::Complete | SetState::Failed(_))) {
        let (seen, of) = (thousands(answer.collection.len()), count(pictures, "picture"));
        let told = match answer.by_hash {
            0 => format!("no near-duplicates among the {seen} of {of} indexed so far"),
            by_hash => {
                format!("no near-duplicates so far; {} of {of} compared by the small hash only", thousands(by_hash))
            }
        };
        return vec![Line::raw(told), Line::raw("more will be compared as indexing goes on")];
    }
    let pictures = count(answer.collection.len(), "picture");
    vec![
        Line::raw(format!("no near-duplicates among {pictures} at {:.2} or more", duplicates.wanted.range)),
        Line::raw("e, then ←, widens the range"),
    ]
}

/// A caveat about the answer; else all about the selected picture.
pub fn remark(duplicates: &Duplicates, world: &World) -> Option<String> {
    let answer = duplicates.answer()?;
    let of: usize = duplicates.sets.iter().map(|set| world.sets[*set].images.len()).sum();
    let missing = of.saturating_sub(answer.collection.len());
    let is_under_way = duplicates.sets.iter().any(|set| matches!(world.sets[*set].state, SetState::Indexing { .. }));
    match (missing, answer.collection.unseen()) {
        _ if answer.by_hash > 0 => {
            let of = count(answer.collection.len(), "picture");
            Some(format!(
                "{} of {of} compared by the small hash only, until they are indexed",
                thousands(answer.by_hash)
            ))
        }
        (1.., _) if is_under_way => None,
        (_, unseen @ 1..) => {
            let unseen = count(unseen, "picture");
            Some(format!("{unseen} not checked yet, so judged by the descriptor alone"))
        }
        _ if answer.similar.is_cut => {
            Some(format!("too many pairs: only those of {:.2} or more were kept", answer.similar.floor))
        }
        _ => selected(duplicates, answer, world),
    }
}

/// `backup/IMG_1.jpg: cropped from 2019/IMG_1.jpg`, in full.
fn selected(duplicates: &Duplicates, answer: &DuplicatesAnswer, world: &World) -> Option<String> {
    let (at, group) = (duplicates.selected, duplicates.group(duplicates.selected.row)?);
    let (number, path) = (duplicates.number(at)?, duplicates.picture_at(at)?.path);
    let name = answer.collection.name(number);
    let kept = world.marks.get(&path).and_then(|mark| mark.kept());
    let by_rule = group.members.iter().find(|member| member.picture == number).map_or(number, |member| member.instead);
    if let Some(kept) = kept.filter(|kept| kept.path != answer.collection.image(by_rule).path) {
        return Some(format!("{name}: marked, {} is kept", kept.name));
    }
    if at.picture > 0 && world.marks.keeps_by_hand(&path) {
        return Some(format!("{name}: kept by hand"));
    }
    Some(match at.picture.checked_sub(1).and_then(|member| group.members.get(member)) {
        None => format!("{name}: kept, {}", group.reason),
        Some(member) => match member.judgement {
            Ok(reason) => format!("{name}: a copy ({}) of {}", reason.text(), answer.collection.name(member.instead)),
            Err(doubt) => format!("{name}: unsure, {}", doubt.text()),
        },
    })
}
