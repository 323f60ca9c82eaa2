//! Draws the list of pairs or groups, and the join's progress until there is one.

use std::path::Path;

use ratatui::Frame;
use ratatui::layout::{Margin, Rect};
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Wrap};

use crate::descriptor::FeatureMatrix;
use crate::join::With;
use crate::join::export::IDENTICAL;
use crate::text::{count, duration, printable, thousands};
use crate::tui::jobs::{Findings, JoinAnswer};
use crate::tui::pairs::{Pairs, Selected};
use crate::tui::set::SetState;
use crate::tui::theme;
use crate::tui::widgets::bars;
use crate::tui::widgets::grid::{Grid, Tile};
use crate::tui::widgets::panels;
use crate::tui::widgets::picture::Framed;
use crate::tui::widgets::text::title;
use crate::tui::world::World;

pub fn draw(frame: &mut Frame, pairs: &Pairs, world: &World) {
    let parts = world.parts(false);
    let asked = match &pairs.file {
        Some(path) => file_name(path),
        None => panels::asked(pairs.join.descriptor, pairs.join.metric, &pairs.join.predicate.to_string()),
    };
    let middle = match bars::room(world) {
        ..80 => asked,
        _ => format!("{}   {asked}", pairs.names(world)),
    };
    bars::header(frame, world, "join", &middle, &summary(pairs, world));
    panels::collapsed(frame, parts.settings, &note(pairs, world));
    let grid = pairs.grid(world);
    for (item, tile) in grid.tiles() {
        if let Some(at) = pairs.in_tile(&grid, item) {
            draw_picture(frame, pairs, world, &grid, at, tile);
        }
    }
    if pairs.rows() == 0 {
        let area = parts.pictures.inner(Margin::new(2, 2));
        match pairs.request.is_open() {
            true => under_way(frame, pairs, world, area),
            false => frame.render_widget(Paragraph::new(nothing(pairs, world)).wrap(Wrap { trim: true }), area),
        }
    }
}

fn draw_picture(frame: &mut Frame, pairs: &Pairs, world: &World, grid: &Grid, at: Selected, tile: Tile) {
    let (Some(picture), Some((_, value))) = (pairs.picture(at, world), pairs.row(at)) else { return };
    let (metric, pictures) = (pairs.join.metric, pairs.pictures(at.row));
    let framed = Framed {
        more: Vec::new(),
        marked: world.marks.contains(&picture.path),
        kept: world.marks.keeps(&picture.path),
        slot: &world.slot(picture.clone(), grid.room()),
        shelf: &world.shelf,
        title: match at.picture {
            0 => thousands(at.row + 1),
            // A large group is only partly visible.
            other if pairs.in_rows() && pictures > grid.shape.columns => format!("{} of {pictures}", other + 1),
            _ => String::new(),
        },
        name: title(&picture.name).to_owned(),
        value: match value {
            Some(_) if pairs.is_identical(at) => Some(IDENTICAL.to_owned()),
            Some(value) => Some(format!("{} {}", metric.short(), metric.format(value))),
            None => pairs.are_groups().then(|| count(pictures, "picture")),
        },
        selected: at == pairs.selected,
    };
    framed.draw(frame, tile);
}

fn file_name(path: &Path) -> String {
    printable(&crate::shown::path(path.file_name().unwrap_or(path.as_os_str())))
}

/// A summary at the right of the first line.
fn summary(pairs: &Pairs, world: &World) -> String {
    let Some(answer) = pairs.request.answer() else { return String::new() };
    let page = pairs.grid(world).page().map(|(at, of)| format!("page {}/{}   ", thousands(at), thousands(of)));
    let page = page.filter(|_| bars::room(world) >= 90).unwrap_or_default();
    let found = match &*answer.found {
        Findings::Groups(groups) => count(groups.len(), "group"),
        Findings::Pairs(pairs) => count(pairs.len(), "pair"),
    };
    format!("{page}{found}")
}

/// Caveats about the answer: results not shown, pictures that were missing, the time it took.
fn note(pairs: &Pairs, world: &World) -> String {
    let Some(answer) = pairs.request.answer() else { return String::new() };
    let missing = |matrix: &FeatureMatrix, set: usize| {
        let set = &world.sets[set];
        // In a complete dataset, pictures without a descriptor are unreadable.
        let of = if set.state == SetState::Complete { set.matrix.len() } else { set.images.len() };
        of.saturating_sub(matrix.len())
    };
    let keys = missing(&pairs.join.keys, pairs.settings.key_dataset);
    let others = match &pairs.join.with {
        With::Dataset(others) => missing(others, pairs.settings.dataset),
        With::Themselves => 0,
    };
    match (cut(pairs, answer).or_else(|| of_others(answer)), keys + others) {
        (Some(cut), _) => cut,
        (None, 0) if pairs.join.crops_differ() => "indexed with different --crops: similarities come out low".into(),
        (None, 0) => format!("{}{}", in_groups(pairs, answer), took(answer)),
        (None, missing) => {
            format!("{}without {} not indexed yet", in_groups(pairs, answer), count(missing, "picture"))
        }
    }
}

/// How many pictures have a near-duplicate.
fn in_groups(pairs: &Pairs, answer: &JoinAnswer) -> String {
    let Findings::Groups(groups) = &*answer.found else { return String::new() };
    let pictures: usize = groups.iter().map(|group| 1 + group.neighbours.len()).sum();
    format!("{} of {}, ", thousands(pictures), count(pairs.join.keys.len(), "picture"))
}

/// How many results of a file belong to other pictures.
fn of_others(answer: &JoinAnswer) -> Option<String> {
    let unknown = answer.file.map_or(0, |file| file.unknown);
    let (unknown, results) =
        (thousands(unknown as usize), (unknown > 0).then(|| count(answer.results as usize, "result"))?);
    Some(format!("{unknown} of {results} name pictures that are not here"))
}

fn cut(joined: &Pairs, answer: &JoinAnswer) -> Option<String> {
    let results = thousands(answer.results as usize);
    answer.cut.then(|| match &*answer.found {
        Findings::Pairs(pairs) if joined.file.is_some() => {
            format!("the best {} of {results} results in the file", thousands(pairs.len()))
        }
        Findings::Pairs(pairs) => format!("the best {} of {results} results; w writes all", thousands(pairs.len())),
        Findings::Groups(_) => format!("groups of the best pairs of {results}: use a stricter range"),
    })
}

fn took(answer: &JoinAnswer) -> String {
    match answer.took.as_secs_f64() {
        seconds @ ..1.0 => format!("in {:.0} ms", seconds * 1e3),
        seconds @ ..10.0 => format!("in {seconds:.1} s"),
        _ => format!("in {}", duration(answer.took)),
    }
}

/// While there is no answer.
fn under_way(frame: &mut Frame, pairs: &Pairs, world: &World, area: Rect) {
    let keys = count(pairs.join.keys.len(), "picture");
    let text = match &pairs.join.with {
        With::Dataset(others) => format!("{keys} with {}", count(others.len(), "picture")),
        With::Themselves => format!("{keys} with each other"),
    };
    let line = |y: u16| Rect { y: area.y + y, height: 1, ..area }.intersection(area);
    let doing = match &pairs.file {
        Some(path) => format!(" reading {}", file_name(path)),
        None => format!(" joining {text}"),
    };
    frame.render_widget(Line::raw(doing), line(0));
    bars::joining(frame, line(2), &pairs.names(world), pairs.step.as_ref());
    frame.render_widget(Line::styled(" b cancels and goes back", theme::remark()), line(4));
}

/// Why nothing is shown.
fn nothing(pairs: &Pairs, world: &World) -> Vec<Line<'static>> {
    if let Some(error) = pairs.request.error() {
        return vec![Line::styled(format!("✗ {}", printable(&error)), theme::error()), Line::raw("b goes back")];
    }
    if let (Some(path), Some(answer)) = (&pairs.file, pairs.request.answer()) {
        let (file, names) = (file_name(path), printable(&pairs.names(world)));
        return match answer.results as usize {
            0 => vec![Line::raw(format!("{file} holds no results"))],
            results => vec![
                Line::raw(format!("none of the {} in {file} belong to {names}", count(results, "result"))),
                Line::raw("e chooses the datasets that were joined; pictures appear once indexed"),
            ],
        };
    }
    let name = |set: usize| printable(&world.sets[set].dataset.name);
    let (keys, others) = (pairs.settings.key_dataset, pairs.settings.dataset);
    let empty = [keys, others].into_iter().find(|set| match (*set == keys, &pairs.join.with) {
        (true, _) => pairs.join.keys.is_empty(),
        (false, With::Dataset(matrix)) => matrix.is_empty(),
        (false, With::Themselves) => false,
    });
    match empty {
        Some(set) if world.sets[set].images.is_empty() => vec![Line::raw(format!("{} has no pictures", name(set)))],
        Some(set) => vec![
            Line::raw(format!("nothing of {} was indexed yet", name(set))),
            Line::raw("e, then ⏎, joins what is indexed by now"),
        ],
        None if keys == others => vec![
            Line::raw(format!("no two pictures of {} are within this range", name(keys))),
            Line::raw("e changes the range"),
        ],
        None => vec![
            Line::raw(format!("no picture of {} is within this range of one of {}", name(others), name(keys))),
            Line::raw("e changes the range"),
        ],
    }
}
