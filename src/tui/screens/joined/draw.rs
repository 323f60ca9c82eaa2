//! The list of pairs or groups, and how far the join is before there is one.

use ratatui::Frame;
use ratatui::layout::{Margin, Rect};
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Wrap};

use super::{Joined, Selected};
use crate::descriptor::FeatureMatrix;
use crate::join::With;
use crate::text::{count, duration, printable, thousands};
use crate::tui::app::App;
use crate::tui::joining::{Answer, Found};
use crate::tui::set::State;
use crate::tui::theme;
use crate::tui::widgets::bars;
use crate::tui::widgets::grid::{Grid, Tile};
use crate::tui::widgets::panels;
use crate::tui::widgets::picture::Framed;
use crate::tui::widgets::text::title;

pub fn draw(frame: &mut Frame, app: &App, joined: &Joined) {
    let parts = app.parts();
    let asked = panels::asked(joined.join.descriptor, joined.join.metric, &joined.join.predicate.to_string());
    let middle = match app.size.width {
        ..80 => asked,
        _ => format!("{}   {asked}", names(app, joined)),
    };
    bars::header(frame, parts.header, "join", &middle, &summary(app, joined));
    match (&joined.edited, app.focus) {
        (Some(edited), Some(_)) => {
            let labels = app.labels();
            let fields = app.fields();
            panels::Shown { settings: edited, fields, focus: app.focus, datasets: &labels, ranking: None }
                .draw(frame, parts.settings);
        }
        _ => panels::collapsed(frame, parts.settings, &note(app, joined)),
    }
    let grid = joined.grid(app);
    for (item, tile) in grid.tiles() {
        if let Some(at) = joined.in_tile(&grid, item) {
            draw_picture(frame, app, joined, &grid, at, tile);
        }
    }
    if joined.rows() == 0 {
        let area = parts.pictures.inner(Margin::new(2, 2));
        match (&joined.error, &joined.answer) {
            (None, None) => under_way(frame, app, joined, area),
            _ => frame.render_widget(Paragraph::new(nothing(app, joined)).wrap(Wrap { trim: true }), area),
        }
    }
    super::super::footer(frame, app, &parts);
}

fn draw_picture(frame: &mut Frame, app: &App, joined: &Joined, grid: &Grid, at: Selected, tile: Tile) {
    let (Some(picture), Some((_, value))) = (joined.picture(app, at), joined.row(at)) else { return };
    let (metric, pictures) = (joined.join.metric, joined.pictures(at.row));
    let framed = Framed {
        marked: app.marked.contains(&picture.path),
        slot: &app.slot(picture.path, picture.stamp, grid.room()),
        shelf: &app.shelf,
        title: match at.picture {
            0 => thousands(at.row + 1),
            // Not all of a large group are seen at once.
            other if joined.in_rows() && pictures > grid.shape.columns => format!("{} of {pictures}", other + 1),
            _ => String::new(),
        },
        name: title(&picture.name).to_owned(),
        value: match value {
            Some(value) => Some(format!("{} {}", metric.short(), metric.format(value))),
            None => joined.groups().then(|| count(pictures, "picture")),
        },
        selected: at == joined.selected,
    };
    framed.draw(frame, tile);
}

/// `animals ⋈ garden`
pub fn names(app: &App, joined: &Joined) -> String {
    let name = |set: usize| &app.sets[set].dataset.name;
    format!("{} ⋈ {}", name(joined.settings.key_dataset), name(joined.settings.dataset))
}

/// What was found, at the right of the first line.
fn summary(app: &App, joined: &Joined) -> String {
    let Some(answer) = &joined.answer else { return String::new() };
    let page = joined.grid(app).page().map(|(at, of)| format!("page {}/{}   ", thousands(at), thousands(of)));
    let page = page.filter(|_| app.size.width >= 110).unwrap_or_default();
    let found = match &*answer.found {
        Found::Groups(groups) => count(groups.len(), "group"),
        Found::Pairs(pairs) => count(pairs.len(), "pair"),
    };
    format!("{page}{found}")
}

/// What one should know of the answer: results that are not shown, pictures that were not there yet, the time it took.
fn note(app: &App, joined: &Joined) -> String {
    let Some(answer) = &joined.answer else { return String::new() };
    let missing = |matrix: &FeatureMatrix, set: usize| {
        let set = &app.sets[set];
        // Of a complete one, those that have no descriptor can't be read.
        let of = if set.state == State::Complete { set.matrix.len() } else { set.images.len() };
        of.saturating_sub(matrix.len())
    };
    let keys = missing(&joined.join.keys, joined.settings.key_dataset);
    let others = match &joined.join.with {
        With::Dataset(others) => missing(others, joined.settings.dataset),
        With::Themselves => 0,
    };
    match (cut(answer), keys + others) {
        (Some(cut), _) => cut,
        (None, 0) if joined.join.crops_differ() => "indexed by different --crops: less alike than they could be".into(),
        (None, 0) => format!("{}{}", in_groups(joined, answer), took(answer)),
        (None, missing) => {
            format!("{}without {} not indexed yet", in_groups(joined, answer), count(missing, "picture"))
        }
    }
}

/// How many pictures have a near-duplicate.
fn in_groups(joined: &Joined, answer: &Answer) -> String {
    let Found::Groups(groups) = &*answer.found else { return String::new() };
    let pictures: usize = groups.iter().map(|group| 1 + group.neighbours.len()).sum();
    format!("{} of {}, ", thousands(pictures), count(joined.join.keys.len(), "picture"))
}

fn cut(answer: &Answer) -> Option<String> {
    let results = thousands(answer.results as usize);
    answer.cut.then(|| match &*answer.found {
        Found::Pairs(pairs) => format!("the best {} of {results} results; w writes all", thousands(pairs.len())),
        Found::Groups(_) => format!("groups of the best pairs of {results}: a stricter range has fewer"),
    })
}

fn took(answer: &Answer) -> String {
    match answer.took.as_secs_f64() {
        seconds @ ..1.0 => format!("in {:.0} ms", seconds * 1e3),
        seconds @ ..10.0 => format!("in {seconds:.1} s"),
        _ => format!("in {}", duration(answer.took)),
    }
}

/// Before there is an answer.
fn under_way(frame: &mut Frame, app: &App, joined: &Joined, area: Rect) {
    let keys = count(joined.join.keys.len(), "picture");
    let text = match &joined.join.with {
        With::Dataset(others) => format!("{keys} with {}", count(others.len(), "picture")),
        With::Themselves => format!("{keys} with each other"),
    };
    let line = |y: u16| Rect { y: area.y + y, height: 1, ..area }.intersection(area);
    frame.render_widget(Line::raw(format!(" joining {text}")), line(0));
    bars::joining(frame, line(2), &names(app, joined), joined.step.as_ref());
    frame.render_widget(Line::styled(" b cancels it and goes back", theme::quiet()), line(4));
}

/// Why nothing is shown.
fn nothing(app: &App, joined: &Joined) -> Vec<Line<'static>> {
    if let Some(error) = &joined.error {
        return vec![Line::styled(format!("✗ {}", printable(error)), theme::error()), Line::raw("b goes back")];
    }
    let name = |set: usize| printable(&app.sets[set].dataset.name);
    let (keys, others) = (joined.settings.key_dataset, joined.settings.dataset);
    let empty = [keys, others].into_iter().find(|set| match (*set == keys, &joined.join.with) {
        (true, _) => joined.join.keys.is_empty(),
        (false, With::Dataset(matrix)) => matrix.is_empty(),
        (false, With::Themselves) => false,
    });
    match empty {
        Some(set) if app.sets[set].images.is_empty() => vec![Line::raw(format!("{} has no pictures", name(set)))],
        Some(set) => vec![
            Line::raw(format!("nothing of {} was indexed yet", name(set))),
            Line::raw("e, then ⏎, joins what is there by now"),
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
