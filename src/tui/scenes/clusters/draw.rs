//! Draws clusters: a tile for each, or for each picture of one.

use ratatui::Frame;
use ratatui::layout::{Margin, Rect};
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Wrap};

use super::state::ClustersScreen;
use crate::text::{count, printable, thousands};
use crate::tui::scenes::nothing::nothing as no_pictures;
use crate::tui::theme;
use crate::tui::widgets::bars;
use crate::tui::widgets::picture::Framed;
use crate::tui::widgets::text::{fit, title};
use crate::tui::world::World;

pub fn draw(frame: &mut Frame, screen: &ClustersScreen, world: &World) {
    let parts = world.parts(false);
    header(frame, screen, world);
    let line = Line::raw(fit(&format!(" {}", told(screen)), parts.settings.width.into()));
    frame.render_widget(line, parts.settings);
    if screen.shown() == 0 {
        return nothing(frame, screen, world, parts.pictures);
    }
    let grid = screen.grid(world);
    for (item, tile) in grid.tiles() {
        let Some(picture) = screen.picture_at(item) else { continue };
        let (marked, kept, value) = match screen.inside {
            Some(_) => (world.marks.contains(&picture.path), world.marks.keeps(&picture.path), None),
            None => {
                let (marked, of) = screen.marked(item, world);
                let some =
                    if (1..of).contains(&marked) { format!(", {} ✓", thousands(marked)) } else { String::new() };
                (marked == of, false, Some(format!("{}{some}", count(of, "picture"))))
            }
        };
        let framed = Framed {
            more: Vec::new(),
            name: title(&picture.name).to_owned(),
            slot: &world.slot(picture, grid.room()),
            shelf: &world.shelf,
            title: thousands(item + 1),
            value,
            selected: item == screen.at(),
            marked,
            kept,
        };
        framed.draw(frame, tile);
    }
}

fn header(frame: &mut Frame, screen: &ClustersScreen, world: &World) {
    let of = screen.answer.as_ref().map(|answer| screen.sets.told(answer.ground.collection().len(), world));
    let page = screen.grid(world).page().map(|(at, of)| format!("page {}/{}   ", thousands(at), thousands(of)));
    let page = page.unwrap_or_default();
    let clusters = screen.clusters().len();
    let is_narrow = bars::room(world) < 80;
    let right = match (of, screen.inside) {
        (None, _) => String::new(),
        (Some(_), None) if is_narrow => format!("{page}{}", count(clusters, "cluster")),
        (Some(_), Some(_)) if is_narrow => {
            format!("{page}{}: {}", thousands(screen.selected + 1), count(screen.shown(), "picture"))
        }
        (Some(of), None) => format!("{page}{}   {of}", count(clusters, "cluster")),
        (Some(_), Some(_)) => {
            let number = format!("cluster {} of {}", thousands(screen.selected + 1), thousands(clusters));
            format!("{page}{number}: {}", count(screen.shown(), "picture"))
        }
    };
    bars::header(frame, world, "clusters", &screen.sets.names(world), &right);
}

/// What is shown, and what is running.
fn told(screen: &ClustersScreen) -> String {
    let what = match screen.inside {
        _ if screen.answer.is_none() => String::new(),
        Some(_) => "the most central picture first".to_owned(),
        None => match screen.fineness {
            0 => "the largest cluster first, each by its most central picture".to_owned(),
            _ => format!("the largest first, each by its most central picture; resolution {}", screen.resolution()),
        },
    };
    let percent = screen.step.map_or(0, |step| step.progress.percent());
    match (&screen.error, screen.is_under_way() && screen.answer.is_some()) {
        (Some(error), _) => format!("✗ {}", printable(error)),
        (None, true) => format!("{what}   updating {percent} %"),
        (None, false) => what,
    }
}

/// Before there are clusters, or if there are none.
fn nothing(frame: &mut Frame, screen: &ClustersScreen, world: &World, area: Rect) {
    let line = |y: u16| Rect { y: area.y + y, height: 1, ..area }.intersection(area);
    if screen.error.is_some() {
        return frame.render_widget(Line::raw(" b goes back"), line(1));
    }
    if screen.answer.is_some() {
        let text = match world.sets.get(screen.settings.key_dataset).filter(|set| set.images.is_empty()) {
            Some(set) => Paragraph::new(no_pictures(set, false)),
            None => Paragraph::new("no picture is indexed yet: clusters appear with the first ones"),
        };
        return frame.render_widget(text.wrap(Wrap { trim: true }), area.inner(Margin::new(2, 1)));
    }
    let pictures = count(screen.sets.indexed(world), "picture");
    frame.render_widget(Line::raw(format!(" looking for clusters in {pictures}")), line(0));
    bars::joining(frame, line(2), &screen.sets.names(world), screen.step.as_ref());
    frame.render_widget(Line::styled(" b cancels and goes back", theme::remark()), line(4));
}
