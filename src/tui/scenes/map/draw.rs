//! Draws the map: dots, tiles, the cursor, and the selected picture beside it.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect, Size};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use super::laid::ShownTile;
use super::state::MapScreen;
use super::view::Projection;
use crate::map::MapKind;
use crate::text::{bytes, count, printable, thousands};
use crate::tui::theme;
use crate::tui::widgets::bars;
use crate::tui::widgets::grid::Tile;
use crate::tui::widgets::picture::{self, Framed};
use crate::tui::widgets::text::{fit, fit_left, title};
use crate::tui::world::World;

/// Signs for pictures of the second dataset, and for cells with pictures of both.
const SECOND: &str = "┼";
const BOTH: &str = "╬";
const CURSOR: &str = "◆";
const MARK: &str = "✓";
/// Lines below the picture beside the map.
const CAPTION: u16 = 4;

/// The bits of braille dots, row by row, two per row.
const BITS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

pub fn draw(frame: &mut Frame, map: &MapScreen, world: &World) {
    let parts = world.parts(false);
    let of = map.answer.as_ref().map_or(String::new(), |_| map.sets.told(map.count(), world));
    bars::header(frame, world, "map", &map.sets.names(world), &of);
    let Some(answer) = &map.answer else { return under_way(frame, map, world, parts.pictures) };
    frame.render_widget(legend(map, world, parts.settings.width.into()), parts.settings);
    if answer.ground.collection.is_empty() {
        let text = "no picture is indexed yet: the map appears with the first ones";
        return frame
            .render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), parts.pictures.inner(Margin::new(2, 1)));
    }
    let (_, side) = map.areas(world);
    if let Some(projection) = map.projection(world) {
        let tiles = map.tiles(world);
        dots(frame.buffer_mut(), map, world, &projection, &tiles);
        for tile in &tiles {
            draw_tile(frame, map, *tile, world);
        }
        cursor(frame.buffer_mut(), map, &projection, &tiles);
    }
    beside(frame, map, side, world);
}

/// How pictures are placed, and the progress of the better map.
fn state(map: &MapScreen, is_short: bool) -> String {
    let Some(answer) = &map.answer else { return String::new() };
    let percent = map.step.map_or(0, |step| step.progress.percent());
    match (answer.map.kind, &map.error) {
        (_, Some(_)) if is_short => "✗".into(),
        (_, Some(error)) => format!("✗ {}", printable(error)),
        (MapKind::Components, None) if map.is_arranged() => format!("arranging by neighbours {percent} %"),
        (kind, None) if map.is_arranged() => format!("{}, updating {percent} %", kind.text()),
        (kind, None) => kind.text().into(),
    }
}

/// ` ⣿ animals 144   ┼ garden 98   ╬ both                     by neighbours`
fn legend(map: &MapScreen, world: &World, width: usize) -> Line<'static> {
    let mut line = Line::raw(" ");
    let of = map.sets.sets.len();
    for (at, set) in map.sets.sets.iter().enumerate().filter(|_| of > 1) {
        let sign = if at == 0 { "⣿" } else { SECOND };
        let in_it = (0..map.count() as u32).filter(|picture| map.dataset_of(*picture) == at).count();
        line.push_span(Span::styled(sign, theme::dots(at, of)));
        let name = fit(&world.sets[*set].dataset.name, 20);
        line.push_span(Span::raw(format!(" {name} {}   ", thousands(in_it))));
    }
    if of > 1 {
        line.push_span(Span::styled(BOTH, theme::dots(1, of)));
        line.push_span(Span::raw(" both   "));
    }
    let room = width.saturating_sub(line.width() + 1);
    let said = fit(&state(map, room < 20), room);
    let gap = room.saturating_sub(Span::raw(said.as_str()).width());
    line.push_span(Span::raw(format!("{}{said}", " ".repeat(gap))));
    line
}

/// The contents of a cell.
#[derive(Clone, Copy, Default)]
struct Held {
    dots: u8,
    second: bool,
    marked: bool,
}

fn dots(buffer: &mut Buffer, map: &MapScreen, world: &World, projection: &Projection, tiles: &[ShownTile]) {
    let (Some(answer), area) = (&map.answer, projection.area) else { return };
    let mut cells = vec![Held::default(); usize::from(area.width) * usize::from(area.height)];
    let collection = &answer.ground.collection;
    for (at, place) in (0..).zip(&answer.map.places) {
        let Some(seen) = projection.seen(projection.cell(*place)) else { continue };
        let held = &mut cells[usize::from(seen.y - area.y) * usize::from(area.width) + usize::from(seen.x - area.x)];
        if collection.picture(at).source > 0 {
            held.second = true;
        } else {
            let (x, y) = projection.dot(*place);
            held.dots |= BITS[y.rem_euclid(4) as usize][x.rem_euclid(2) as usize];
        }
        held.marked |= !world.marks.is_empty() && world.marks.contains(&collection.image(at).path);
    }
    let of = map.sets.sets.len();
    for (position, held) in area.positions().zip(&cells) {
        if tiles.iter().any(|tile| tile.area.contains(position)) {
            continue;
        }
        let cell = &mut buffer[position];
        match (held.dots, held.second) {
            _ if held.marked => cell.set_symbol(MARK).set_style(theme::selected()),
            (0, false) => continue,
            (0, true) => cell.set_symbol(SECOND).set_style(theme::dots(1, of)),
            (_, true) => cell.set_symbol(BOTH).set_style(theme::dots(1, of)),
            (dots, false) => {
                let symbol = char::from_u32(0x2800 + u32::from(dots)).unwrap_or('.');
                cell.set_char(symbol).set_style(theme::dots(0, of))
            }
        };
    }
}

fn draw_tile(frame: &mut Frame, map: &MapScreen, tile: ShownTile, world: &World) {
    let Some(key) = map.picture_at(tile.picture) else { return };
    let (room, label) = tile.parts();
    let (is_selected, is_marked) = (tile.picture == map.selected, world.marks.contains(&key.path));
    let width = usize::from(label.width);
    let lead = match (is_selected, map.dataset_of(tile.picture) > 0) {
        (true, _) => Span::styled("▸", theme::selected()),
        (false, true) => Span::styled(SECOND, theme::dots(1, map.sets.sets.len())),
        (false, false) => Span::raw(" "),
    };
    let sign = if is_marked { MARK } else { "" };
    // Names differ at their ends: img_0001, img_0002.
    let name = format!("{sign}{}", fit_left(title(&key.name), width.saturating_sub(1 + sign.chars().count())));
    let style = match (is_selected, is_marked) {
        (true, _) => theme::cursor(),
        (false, true) => theme::selected(),
        (false, false) => Style::new(),
    };
    picture::draw(frame, room, &world.slot(key, room.as_size()), &world.shelf);
    frame.render_widget(Line::from(vec![lead, Span::styled(name, style)]), label);
}

/// The cursor of a picture without a tile.
fn cursor(buffer: &mut Buffer, map: &MapScreen, projection: &Projection, tiles: &[ShownTile]) {
    let Some(answer) = &map.answer else { return };
    let Some(place) = answer.map.places.get(map.selected as usize) else { return };
    let seen = projection.seen(projection.cell(*place));
    if let Some(position) = seen.filter(|at| !tiles.iter().any(|tile| tile.area.contains(*at))) {
        buffer[position].set_symbol(CURSOR).set_style(theme::on_frame(theme::cursor()));
    }
}

/// The tile beside the map.
pub fn side_tile(side: Rect, cell: (u16, u16)) -> Tile {
    let width = side.width;
    let square = u32::from(width.saturating_sub(2)) * u32::from(cell.0.max(1)) / u32::from(cell.1.max(1));
    let height = (square.min(1000) as u16 + 2).min(side.height.saturating_sub(CAPTION)).max(3);
    let frame = Rect { height, ..side }.intersection(side);
    let caption = Rect { y: frame.bottom(), height: CAPTION, ..side }.intersection(side);
    Tile { area: side, frame, picture: frame.inner(Margin::new(1, 1)), caption }
}

pub fn side_room(side: Rect, cell: (u16, u16)) -> Size {
    side_tile(side, cell).picture.as_size()
}

fn beside(frame: &mut Frame, map: &MapScreen, side: Rect, world: &World) {
    let (Some(answer), Some(key)) = (&map.answer, map.picture_at(map.selected)) else { return };
    let tile = side_tile(side, world.terminal.cell);
    let width = usize::from(side.width).saturating_sub(2);
    let (folder, name) = key.name.rsplit_once('/').unwrap_or(("", &key.name));
    let facts = answer.ground.collection.picture(map.selected).facts;
    let pixels = facts.map_or_else(String::new, |facts| format!("{}x{}  ", facts.width, facts.height));
    let size = bytes(answer.ground.collection.image(map.selected).size);
    let mut more = vec![Line::raw(format!(" {}", fit(&format!("{pixels}{size}"), width)))];
    if map.sets.sets.len() > 1 {
        let set = &world.sets[map.sets.sets[map.dataset_of(map.selected)]];
        let path = if folder.is_empty() { set.dataset.name.clone() } else { format!("{}/{folder}", set.dataset.name) };
        more.push(Line::raw(format!(" {}", fit(&path, width))));
    } else if !folder.is_empty() {
        more.push(Line::raw(format!(" {}", fit(folder, width))));
    }
    let (marked, kept) = (world.marks.contains(&key.path), world.marks.keeps(&key.path));
    let name = printable(name);
    let framed = Framed {
        slot: &world.slot(key.clone(), tile.picture.as_size()),
        shelf: &world.shelf,
        title: String::new(),
        name: fit(&name, width),
        value: None,
        more,
        selected: true,
        marked,
        kept,
    };
    framed.draw(frame, tile);
}

fn under_way(frame: &mut Frame, map: &MapScreen, world: &World, area: Rect) {
    if let Some(error) = &map.error {
        let text = Paragraph::new(vec![
            Line::styled(format!("✗ {}", printable(error)), theme::error()),
            Line::raw("b goes back"),
        ]);
        return frame.render_widget(text.wrap(Wrap { trim: true }), area.inner(Margin::new(2, 1)));
    }
    let text = format!(" the map of {} is being made", count(map.sets.indexed(world), "picture"));
    frame.render_widget(Line::raw(text), Rect { height: 1.min(area.height), ..area });
}
