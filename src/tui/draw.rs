//! Draws the whole screen: the scene, and below it progress and key hints.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::{Clear, Paragraph, Wrap};

use super::app::App;
use super::keys::{Hint, hints};
use super::parts::full_screen;
use super::scene::Layer;
use super::scenes::hints_of;
use super::set::SetState;
use super::theme;
use super::widgets::bars;
use super::widgets::prompt::Prompt;
use super::widgets::text::{fit, fit_left, fit_middle};
use super::world::{Notice, SMALLEST, World};
use crate::dataset::Skipped;
use crate::text::{count, printable};

pub fn draw(frame: &mut Frame, app: &App) {
    let (area, world, screen) = (frame.area(), &app.world, app.trail.shown());
    if area != world.area() {
        // The terminal is being resized: the message is on its way.
        return;
    }
    if world.is_too_small() {
        let mut text = format!(
            "This terminal is {} x {}.\nSIMages needs at least {} x {}.\n\nEnlarge it, or use a smaller font;\nq quits.",
            area.width, area.height, SMALLEST.width, SMALLEST.height
        );
        if let Some(Notice::Error(error)) = &world.notice {
            // First: it may be about quitting, and there is little room.
            text = format!("✗ {error}\n\n{text}");
        }
        frame.render_widget(Paragraph::new(text).centered().wrap(Wrap { trim: true }), area);
        return;
    }
    let covering = app.covering();
    if covering.is_none() {
        screen.draw(frame, world);
    }
    for layer in &app.layers[covering.unwrap_or(0)..] {
        layer.draw(frame, screen, world);
    }
    match covering {
        Some(_) => last_line(frame, app),
        None => footer(frame, app),
    }
}

/// The last line below a full-screen layer: a prompt, a notice, something being written, or keys.
fn last_line(frame: &mut Frame, app: &App) {
    let [.., area] = full_screen(app.world.area());
    let Some(top) = app.layers.last() else { return };
    if let Some(question) = top.question() {
        let text = Line::raw(format!(" {question} "));
        let parts = Layout::horizontal([Constraint::Length(text.width() as u16), Constraint::Min(0)]);
        let [said, keys] = parts.areas(area);
        frame.render_widget(text, said);
        return bars::hints(frame, keys, &answers(&**top));
    }
    match (top.prompt(), &app.world.notice) {
        (Some(prompt), _) => {
            if let Some(above) = above(prompt, &app.world) {
                let [top, ..] = full_screen(app.world.area());
                said_above(frame, top, above, prompt);
            }
            prompt.draw(frame, area);
        }
        (None, Some(Notice::Info(text) | Notice::Error(text))) if top.shows_notices() => {
            let text = fit(text, usize::from(area.width) - 2);
            frame.render_widget(Line::raw(format!(" {text}")), area);
        }
        (None, None) if app.world.writing.is_some() && top.shows_notices() => background(frame, area, app),
        _ => bars::hints(frame, area, &hints_of(top.keys())),
    }
}

/// The keys that answer a question.
fn answers(question: &dyn Layer) -> Vec<Hint> {
    hints(&question.keys().rows())
}

/// What a prompt is about to do, or an error: why the text can't be taken, or what else failed just now.
fn above(prompt: &Prompt, world: &World) -> Option<(String, Style)> {
    let failed = match &world.notice {
        Some(Notice::Error(why)) => Some(why),
        _ => prompt.refused.as_ref(),
    };
    let failed = failed.map(|why| (format!("✗ {why}"), theme::error()));
    failed.or_else(|| prompt.above.clone().map(|text| (text, theme::value())))
}

/// Says it, with the prompt's keys beside it. The end of a reason is the remedy.
fn said_above(frame: &mut Frame, area: Rect, (text, style): (String, Style), prompt: &Prompt) {
    let keys: usize = prompt.hints().iter().filter(|hint| hint.always).map(Hint::width).sum();
    let room = usize::from(area.width).saturating_sub(keys + 2);
    let text = Line::styled(format!(" {} ", fit_middle(&text, room)), style);
    let [said, keys] = Layout::horizontal([Constraint::Length(text.width() as u16), Constraint::Min(0)]).areas(area);
    frame.render_widget(Clear, area);
    frame.render_widget(text, said);
    bars::hints(frame, keys, &prompt.hints());
}

/// The two lines below a screen: a prompt, a notice, a remark or progress; and keys.
fn footer(frame: &mut Frame, app: &App) {
    let (world, screen, top) = (&app.world, app.trail.shown(), app.layers.last().map(|layer| &**layer));
    let parts = world.parts(screen.shows_settings());
    if let Some(prompt) = top.and_then(|layer| layer.prompt()) {
        let Some(above) = above(prompt, world) else {
            prompt.draw(frame, parts.status);
            return bars::hints(frame, parts.hints, &prompt.hints());
        };
        said_above(frame, parts.status, above, prompt);
        return prompt.draw(frame, parts.hints);
    }
    let width = usize::from(parts.status.width).saturating_sub(2);
    if let Some((layer, question)) = top.and_then(|layer| Some((layer, layer.question()?))) {
        // Whatever happens meanwhile, this is what the keys answer.
        frame.render_widget(Line::raw(format!(" {}", fit(question, width))), parts.status);
        return bars::hints(frame, parts.hints, &answers(layer));
    }
    let remark = top.map_or_else(|| screen.remark(world), |layer| layer.remark());
    match (&world.notice, remark) {
        (Some(Notice::Info(text)), _) => {
            frame.render_widget(Line::raw(format!(" {}", fit(text, width))), parts.status);
        }
        (Some(Notice::Error(text)), _) => {
            frame.render_widget(Line::styled(format!(" ✗ {}", fit(text, width - 2)), theme::error()), parts.status);
        }
        (None, Some(remark)) if world.writing.is_none() => {
            frame.render_widget(Line::raw(format!(" {}", fit(&remark, width))), parts.status);
        }
        _ => background(frame, parts.status, app),
    }
    bars::hints(frame, parts.hints, &hints_of(app.keys()));
}

/// Background work: a join being written, else a dataset being indexed; else the selected picture's path, and how many
/// pictures were skipped.
fn background(frame: &mut Frame, area: Rect, app: &App) {
    let world = &app.world;
    if let Some(writing) = &world.writing {
        return bars::joining(
            frame,
            area,
            &format!("writing {}", crate::shown::path(&writing.path)),
            writing.step.as_ref(),
        );
    }
    for set in &world.sets {
        if let Some(progress) = set.scanning {
            let text = format!(" {}: scanning: {}", set.dataset.name, count(progress.pictures, "picture"));
            return frame.render_widget(Line::styled(fit(&text, usize::from(area.width)), theme::remark()), area);
        }
        if let SetState::Indexing { progress, since, now, elsewhere } = set.state {
            let elapsed = now.duration_since(since);
            let indexing = bars::IndexingBar { dataset: &set.dataset.name, progress, elapsed, elsewhere };
            return bars::progress(frame, area, &indexing);
        }
    }
    let skipped: usize = world.sets.iter().map(|s| s.skipped.len() - Skipped::films(&s.skipped)).sum();
    let skipped = match skipped {
        0 => String::new(),
        skipped => format!(" {} can't be read (x) ", count(skipped, "picture")),
    };
    let [left, right] =
        Layout::horizontal([Constraint::Min(0), Constraint::Length(skipped.chars().count() as u16)]).areas(area);
    frame.render_widget(Line::styled(skipped, theme::remark()), right);
    if let Some(picture) = app.stands_on() {
        let path = fit_left(&printable(&crate::shown::path(&picture.path)), usize::from(left.width).saturating_sub(2));
        frame.render_widget(Line::styled(format!(" {path}"), theme::remark()), left);
    }
}
