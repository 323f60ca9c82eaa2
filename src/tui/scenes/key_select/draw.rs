//! Draws key select: the settings, the pictures, or why there are none.

use ratatui::Frame;
use ratatui::layout::Margin;
use ratatui::widgets::{Paragraph, Wrap};

use super::state::KeySelect;
use crate::text::{count, thousands};
use crate::tui::scene::Screen;
use crate::tui::scenes::nothing::nothing;
use crate::tui::set::{Set, SetState};
use crate::tui::theme;
use crate::tui::widgets::bars;
use crate::tui::widgets::panels;
use crate::tui::widgets::picture::Framed;
use crate::tui::widgets::text::title;
use crate::tui::widgets::welcome;
use crate::tui::world::World;

pub fn draw(frame: &mut Frame, screen: &KeySelect, world: &World) {
    let parts = world.parts(true);
    let set = &world.sets[screen.dataset];
    header(frame, screen, world, set);
    let (labels, ranking) = (world.labels(), screen.ranking(world));
    let (settings, fields) = (&screen.settings, screen.fields());
    panels::Panels { settings, fields, focus: None, datasets: &labels, ranking }.draw(frame, parts.settings);

    let grid = screen.grid(world);
    for (item, tile) in grid.tiles() {
        let Some(picture) = screen.picture_at(item, world) else { continue };
        let (marked, kept) = (world.marks.contains(&picture.path), world.marks.keeps(&picture.path));
        let framed = Framed {
            more: Vec::new(),
            name: title(&picture.name).to_owned(),
            slot: &world.slot(picture, grid.room()),
            shelf: &world.shelf,
            title: String::new(),
            value: None,
            selected: item == screen.selected,
            marked,
            kept,
        };
        framed.draw(frame, tile);
    }
    welcome::draw(frame, parts.welcome, world.sets.len() > 1);
    if screen.order.is_empty() {
        let text = Paragraph::new(nothing(set, !screen.filter.is_empty())).centered().wrap(Wrap { trim: true });
        frame.render_widget(text.style(theme::remark()), parts.pictures.inner(Margin::new(2, 2)));
    }
}

fn header(frame: &mut Frame, screen: &KeySelect, world: &World, set: &Set) {
    let of = set.images.len();
    let images = match &screen.filter {
        filter if filter.is_empty() => count(of, "picture"),
        filter => format!("{} of {} contain \"{filter}\"", thousands(screen.order.len()), count(of, "picture")),
    };
    let page = screen.grid(world).page().map(|(at, of)| format!("   page {at}/{of}")).unwrap_or_default();
    // In a complete dataset, the others are unreadable.
    let indexed = match (&set.state, of.saturating_sub(set.matrix.len())) {
        (SetState::Complete, unread @ 1..) => format!("indexed {}, unreadable {unread}", set.matrix.len()),
        _ => format!("indexed {}/{of}", set.matrix.len()),
    };
    let order = screen.sorted.told(set);
    let ordered = order.as_ref().map(|order| format!("{order}   {indexed}"));
    let right = match (&set.state, bars::room(world)) {
        (SetState::Scanning, _) => "looking for pictures".into(),
        (_, ..100) if screen.filter.is_empty() && ordered.is_some() => ordered.unwrap_or_default(),
        (_, ..80) if screen.filter.is_empty() => indexed,
        (_, ..80) => images,
        _ => format!("{images}{page}   {}", ordered.unwrap_or(indexed)),
    };
    bars::header(frame, world, "key select", &set.dataset.name, &right);
}
