//! Draws the tabs, and in each the card's pictures beside their best matches.

use ratatui::Frame;
use ratatui::layout::{Margin, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};
use unicode_width::UnicodeWidthStr;

use super::state::{ArchiveTabs, in_tile};
use crate::archive::{CardPicture, StandingKind};
use crate::dataset::others_in_words;
use crate::duplicates::time_ns;
use crate::text::{bytes, count, date, printable, thousands};
use crate::tui::jobs::ArchiveAnswer;
use crate::tui::pairs::Selected;
use crate::tui::theme;
use crate::tui::widgets::bars;
use crate::tui::widgets::grid::Tile;
use crate::tui::widgets::picture::Framed;
use crate::tui::widgets::text::fit;
use crate::tui::world::World;

pub fn draw(frame: &mut Frame, archive: &ArchiveTabs, world: &World) {
    let parts = world.parts(false);
    bars::header(frame, world, "is it there?", &archive.names(world), &summary(archive, world));
    let Some(answer) = archive.answer() else { return under_way(frame, archive, world, parts.pictures) };
    frame.render_widget(tabs(archive, answer, parts.settings.width.into()), parts.settings);
    if archive.tab == StandingKind::Unreadable {
        return unreadable(frame, answer, parts.pictures);
    }
    if archive.shown.is_empty() {
        let text = Paragraph::new(nothing(archive, world)).wrap(Wrap { trim: true });
        return frame.render_widget(text, parts.pictures.inner(Margin::new(2, 1)));
    }
    for (item, tile) in archive.grid(world).tiles() {
        draw_picture(frame, archive, answer, in_tile(item), tile, world);
    }
}

/// ` not there 160   unsure 31   there, but smaller 5   there 104   can't be read 2`
fn tabs(archive: &ArchiveTabs, answer: &ArchiveAnswer, width: usize) -> Line<'static> {
    let gap = if width < 90 { "" } else { "   " };
    let mut spans = Vec::new();
    for kind in StandingKind::ALL {
        let found = answer.check.count(kind);
        let text = format!(" {} {} ", kind.text(), thousands(found));
        let style = match kind == archive.tab {
            true => theme::selected().add_modifier(Modifier::REVERSED),
            false if found == 0 => theme::remark(),
            false => Style::new(),
        };
        spans.extend([Span::styled(text, style), Span::raw(gap)]);
    }
    Line::from(spans)
}

fn summary(archive: &ArchiveTabs, world: &World) -> String {
    let page = archive.grid(world).page().map(|(at, of)| format!("page {}/{}", thousands(at), thousands(of)));
    page.filter(|_| archive.tab != StandingKind::Unreadable).unwrap_or_default()
}

fn draw_picture(
    frame: &mut Frame,
    archive: &ArchiveTabs,
    answer: &ArchiveAnswer,
    at: Selected,
    tile: Tile,
    world: &World,
) {
    let (Some(number), Some(picture), Some(row)) =
        (archive.number(at), archive.picture_at(at), archive.shown.get(at.row))
    else {
        return;
    };
    let collection = &answer.collection;
    let width = usize::from(tile.caption.width).saturating_sub(2);
    // The header names the card's dataset, and the archive's if there is only one.
    let row_name = &collection.picture(number).row.name;
    let name = if at.picture == 0 || archive.sets.len() == 2 { row_name.clone() } else { collection.name(number) };
    let (folder, name) = name.rsplit_once('/').unwrap_or(("", &name));
    let facts = collection.picture(number).facts;
    let pixels = facts.map_or_else(String::new, |facts| format!("{}x{}  ", facts.width, facts.height));
    let facts = format!("{pixels}{}", bytes(collection.image(number).size));
    let dated = format!("{facts}  {}", date(time_ns(collection, number)));
    let facts = if dated.width() <= width { dated } else { facts };
    // What is wrong with the archive's copy is said of that one.
    let of_reason = usize::from(row.standing.kind() == StandingKind::Smaller);
    let said = match (at.picture == of_reason, row.standing.reason()) {
        (true, reason) if reason.width() <= width => reason.to_owned(),
        (true, _) => row.standing.short().to_owned(),
        (false, _) => likeness(row),
    };
    let line = |text: &str| Line::raw(format!(" {}", fit(text, width)));
    let framed = Framed {
        marked: world.marks.contains(&picture.path),
        kept: world.marks.keeps(&picture.path),
        slot: &world.slot(picture, tile.picture.as_size()),
        shelf: &world.shelf,
        title: if at.picture == 0 { thousands(at.row + 1) } else { String::new() },
        name: fit(&printable(name), width),
        value: None,
        more: vec![
            line(&printable(folder)),
            line(&facts),
            Line::styled(format!(" {}", fit(&said, width)), theme::value()),
        ],
        selected: at == archive.selected,
    };
    framed.draw(frame, tile);
}

/// Similarity to the best match: `identical`, `0.912`, `7 bits off`; for a new picture, to the nearest one.
pub fn likeness(row: &CardPicture) -> String {
    let Some(best) = row.best else { return String::new() };
    let alike = best.likeness.map_or_else(|| "identical".to_owned(), |likeness| likeness.text());
    match row.standing.kind() {
        StandingKind::New => format!("nearest: {alike}"),
        _ => alike,
    }
}

fn unreadable(frame: &mut Frame, answer: &ArchiveAnswer, area: Rect) {
    let mut lines: Vec<Line> = vec![Line::raw("these can't be read, so they may be there or not"), Line::raw("")];
    let room = usize::from(area.height).saturating_sub(3);
    let all = &answer.check.unreadable;
    lines.extend(
        all.iter()
            .take(room)
            .map(|skipped| Line::raw(format!("{}: {}", printable(&skipped.file), printable(&skipped.error)))),
    );
    if all.len() > room {
        lines.push(Line::raw(format!("and {} more: x lists all", thousands(all.len() - room))));
    }
    frame.render_widget(Paragraph::new(lines), area.inner(Margin::new(2, 1)));
}

fn under_way(frame: &mut Frame, archive: &ArchiveTabs, world: &World, area: Rect) {
    let line = |y: u16| Rect { y: area.y + y, height: 1, ..area }.intersection(area);
    if let Some(error) = archive.request.error() {
        let text = Paragraph::new(vec![
            Line::styled(format!("✗ {}", printable(&error)), theme::error()),
            Line::raw("b goes back"),
        ]);
        return frame.render_widget(text.wrap(Wrap { trim: true }), area.inner(Margin::new(2, 1)));
    }
    let pictures = count(world.sets[archive.sets[0]].matrix.len(), "picture");
    frame.render_widget(Line::raw(format!(" looking for {pictures} in the other datasets' index")), line(0));
    bars::joining(frame, line(2), &archive.names(world), archive.step.as_ref());
    frame.render_widget(Line::styled(" b cancels and goes back", theme::remark()), line(4));
}

fn nothing(archive: &ArchiveTabs, world: &World) -> Vec<Line<'static>> {
    let card = printable(&world.sets[archive.sets[0]].dataset.name);
    let text = match archive.tab {
        StandingKind::New if archive.answer().is_none_or(|answer| answer.check.pictures.is_empty()) => {
            format!("no picture of {card} has been compared yet")
        }
        StandingKind::New => {
            let of = |kind: StandingKind| archive.answer().map_or(0, |answer| answer.check.count(kind));
            let doubts: Vec<_> = [StandingKind::Unsure, StandingKind::Unreadable, StandingKind::Smaller]
                .into_iter()
                .filter(|kind| of(*kind) > 0)
                .map(|kind| format!("{} {}", thousands(of(kind)), kind.text()))
                .collect();
            match doubts.is_empty() {
                true => format!("all pictures of {card} are there"),
                false => format!("nothing of {card} is surely missing, but see the other tabs: {}", doubts.join("; ")),
            }
        }
        StandingKind::Unsure => "nothing is unsure".to_owned(),
        StandingKind::Smaller => "nothing is there only as a worse copy".to_owned(),
        StandingKind::There => format!("no picture of {card} is there"),
        StandingKind::Unreadable => String::new(),
    };
    vec![Line::raw(text)]
}

/// A caveat about the answer; else all about the selected picture.
pub fn remark(archive: &ArchiveTabs, world: &World) -> Option<String> {
    let answer = archive.answer()?;
    if archive.is_scanning(world) {
        return Some("still reading folders: more may turn out to be there".into());
    }
    let [card, archives] = archive.missing(world).map(|pictures| count(pictures, "picture"));
    match archive.missing(world).into() {
        (0, 0) => {}
        (1.., 0) => return Some(format!("{card} still to be compared")),
        (0, 1..) => return Some(format!("{archives} of the others not indexed yet: more may turn out to be there")),
        (1.., 1..) => {
            return Some(format!("{card} still to be compared; {archives} of the others not indexed yet"));
        }
    }
    let others = others_in_words(&world.sets[archive.sets[0]].others);
    if let Some(others) = others.filter(|_| archive.tab == StandingKind::New && archive.selected.row == 0) {
        return Some(format!("skipped: {others}"));
    }
    if answer.check.own > 0 {
        let own = count(answer.check.own, "file");
        return Some(format!("{own} of the others are the same files, which don't count"));
    }
    let (row, collection) = (archive.shown.get(archive.selected.row)?, &answer.collection);
    let beside = match row.best {
        Some(best) => format!("   beside {}", collection.name(best.picture)),
        None => String::new(),
    };
    Some(format!("{}: {}{beside}", collection.name(row.picture), row.standing.kind().text()))
}
