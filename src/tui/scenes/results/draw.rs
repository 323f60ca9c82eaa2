//! Draws the key and its results, or why there are none.

use ratatui::Frame;
use ratatui::layout::Margin;
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Wrap};

use super::state::Results;
use crate::join::{Kind, Predicate};
use crate::text::{count, printable, thousands};
use crate::tui::scene::Screen;
use crate::tui::set::SetState;
use crate::tui::theme;
use crate::tui::widgets::bars;
use crate::tui::widgets::grid::{Grid, Tile};
use crate::tui::widgets::panels;
use crate::tui::widgets::picture::Framed;
use crate::tui::widgets::text::{fit, title};
use crate::tui::world::World;

pub fn draw(frame: &mut Frame, results: &Results, world: &World) {
    let parts = world.parts(false);
    header(frame, results, world);
    panels::collapsed(frame, parts.settings, &order(results));
    draw_keys(frame, results, world);
    for (digit, (walked, tile)) in (1..).zip(results.trail(world)) {
        draw_walked(frame, results, world, digit, walked, tile);
    }
    let grid = results.grid(world);
    for (item, tile) in grid.tiles() {
        draw_result(frame, results, world, &grid, item, tile);
    }
    if results.items().is_empty() {
        let text = Paragraph::new(nothing(results, world)).wrap(Wrap { trim: true });
        frame.render_widget(text, results.area(world).inner(Margin::new(2, 2)));
    }
}

/// The keys, as many as have room.
fn draw_keys(frame: &mut Frame, results: &Results, world: &World) {
    let keys = &results.search.keys;
    let (tiles, line) = results.key_tiles(world);
    let more = keys.count().saturating_sub(tiles.len());
    let slots = results.key_slots(world);
    for (((key, is_for), tile), slot) in keys.all().zip(tiles).zip(slots) {
        let framed = Framed {
            more: Vec::new(),
            slot: &slot,
            shelf: &world.shelf,
            title: match (keys.only(), is_for) {
                (Some(_), _) => "key",
                (None, true) => "for",
                (None, false) => "against",
            }
            .into(),
            name: key.told(),
            value: None,
            selected: false,
            marked: world.marks.contains(&key.path),
            kept: world.marks.keeps(&key.path),
        };
        framed.draw(frame, tile);
    }
    if let Some(line) = line {
        let text = fit(&format!(" {}", count(more, "more key")), line.width.into());
        frame.render_widget(Line::styled(text, theme::remark()), line);
    }
}

/// A note about the order, unless it is that of the values.
fn order(results: &Results) -> String {
    let further = results.answer().and_then(|answer| answer.ranking.further());
    match further.filter(|_| results.search.settings.kind == Kind::Knn) {
        None => String::new(),
        Some(0) => "expanded: none of the nearest qualified as a key".to_owned(),
        Some(further) => format!("{} added (E); values are still similarity to your key", count(further, "key")),
    }
}

/// A key of the trail, small, with the digit that returns to it.
fn draw_walked(frame: &mut Frame, results: &Results, world: &World, digit: usize, walked: usize, tile: Tile) {
    let key = results.walked[walked].first();
    let framed = Framed {
        more: Vec::new(),
        slot: &world.slot(key.clone(), tile.picture.as_size()),
        shelf: &world.shelf,
        title: digit.to_string(),
        name: String::new(),
        value: None,
        selected: false,
        marked: world.marks.contains(&key.path),
        kept: false,
    };
    framed.draw(frame, tile);
}

fn draw_result(frame: &mut Frame, results: &Results, world: &World, grid: &Grid, item: usize, tile: Tile) {
    let (Some(picture), Some(neighbour)) = (results.picture(item, world), results.items().get(item)) else { return };
    let metric = results.search.settings.metric;
    let stands_for = results.answer().map_or(0, |answer| answer.ranking.stands_for(&neighbour.row.name));
    let more = if stands_for > 0 { format!("  +{stands_for}") } else { String::new() };
    let width = usize::from(tile.caption.width).saturating_sub(2);
    let near = format!("near {}", results.search.nearest(neighbour).told());
    let near = Line::styled(format!(" {}", fit(&near, width)), theme::remark());
    let framed = Framed {
        more: if results.search.keys.like.len() > 1 { vec![near] } else { Vec::new() },
        marked: world.marks.contains(&picture.path),
        kept: world.marks.keeps(&picture.path),
        slot: &world.slot(picture.clone(), grid.room()),
        shelf: &world.shelf,
        title: (item + 1).to_string(),
        name: title(&picture.name).to_owned(),
        value: Some(results.search.likeness(neighbour, metric.short()) + &more),
        selected: item == results.selected,
    };
    framed.draw(frame, tile);
}

fn header(frame: &mut Frame, results: &Results, world: &World) {
    let set = &world.sets[results.search.settings.dataset];
    let predicate = results.search.settings.asked(results.answer().map(|answer| &*answer.ranking));
    let key = results.search.keys.told();
    let asked = panels::asked(results.search.settings.descriptor, results.search.settings.metric, &predicate);
    let middle = format!("{key} ⋈ {}   {asked}", set.dataset.name);
    let right = match results.answer() {
        None if results.search.request.error().is_some() => String::new(),
        None => "searching …".into(),
        Some(answer) => {
            let (passing, of) = (thousands(results.passing), thousands(answer.ranking.len()));
            let page = results.grid(world).page().map(|(at, of)| format!("page {at}/{of}   ")).unwrap_or_default();
            // In a complete dataset, pictures without a descriptor are unreadable.
            let is_complete = set.state == SetState::Complete;
            let left = if is_complete { 0 } else { set.images.len().saturating_sub(set.matrix.len()) };
            let more = if left > 0 { format!(", {} not indexed yet", thousands(left)) } else { String::new() };
            let folded = match answer.ranking.gone() {
                0 if results.search.settings.fold => ", none to fold".to_owned(),
                0 => String::new(),
                gone => format!(", {} folded", thousands(gone)),
            };
            let (brief, took) = (format!("{passing} of {of}"), answer.took.as_secs_f64() * 1e3);
            match bars::room(world) {
                ..80 => brief,
                80..110 => format!("{page}{brief}"),
                _ => format!("{page}{brief}{more}{folded} in {took:.1} ms"),
            }
        }
    };
    bars::header(frame, world, "results", &middle, &right);
}

/// Why no result is shown.
fn nothing(results: &Results, world: &World) -> Vec<Line<'static>> {
    let width = usize::from(world.size.width);
    let set = &world.sets[results.search.settings.dataset];
    match (results.search.request.error(), results.answer()) {
        (Some(error), _) => {
            vec![Line::styled(format!("✗ {}", printable(&error)), theme::error()), Line::raw("b goes back")]
        }
        (None, None) => vec![Line::raw("describing the key …")],
        (None, Some(answer)) if answer.ranking.is_empty() && set.images.len() > 1 => {
            vec![Line::raw(fit(
                &format!("nothing of {} is indexed yet; results appear during indexing", set.dataset.name),
                width,
            ))]
        }
        (None, Some(answer)) if answer.ranking.is_empty() => {
            vec![Line::raw(fit(&format!("{} has no other pictures to compare with", set.dataset.name), width))]
        }
        (None, Some(answer)) => {
            let best = answer.ranking.results(Predicate::Knn(1)).first();
            let metric = results.search.settings.metric;
            let best = best.map_or_else(String::new, |n| metric.format(n.value));
            vec![
                Line::raw(format!("no picture is within this range; the most similar has {} {best}", metric.short())),
                Line::raw("e changes the range"),
            ]
        }
    }
}
