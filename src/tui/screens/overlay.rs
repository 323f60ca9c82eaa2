//! Lists that take the whole screen: the help, and the pictures that were skipped.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::text::{count, printable};
use crate::tui::app::App;
use crate::tui::keys::{Action, Place};
use crate::tui::msg::Task;
use crate::tui::theme;
use crate::tui::widgets::bars;

pub struct Overlay {
    content: Content,
    /// First line shown.
    scroll: usize,
}

enum Content {
    /// For this place first.
    Help(Place),
    Skipped,
}

impl Overlay {
    pub fn help(place: Place) -> Overlay {
        Overlay { content: Content::Help(place), scroll: 0 }
    }

    pub fn skipped() -> Overlay {
        Overlay { content: Content::Skipped, scroll: 0 }
    }

    fn title(&self) -> &'static str {
        match self.content {
            Content::Help(_) => "help",
            Content::Skipped => "pictures that can't be read",
        }
    }

    fn lines(&self, app: &App) -> Vec<Line<'static>> {
        match self.content {
            Content::Help(place) => help(app, place),
            Content::Skipped => skipped(app),
        }
    }
}

/// The keys of every place, those of `here` first.
fn help(app: &App, here: Place) -> Vec<Line<'static>> {
    let mut places = Place::ALL.to_vec();
    places.sort_by_key(|place| *place != here);
    let (mut lines, width) = (Vec::new(), usize::from(app.size.width));
    for place in places {
        lines.push(Line::styled(format!(" {}", place.title()), theme::title()));
        for binding in place.bindings() {
            lines.extend(beside(
                Span::styled(format!("   {:<20}", binding.names()), theme::key()),
                binding.help,
                width,
            ));
        }
        lines.push(Line::default());
    }
    let mouse =
        "click selects, double click views, the wheel pages, the right button goes back; a field takes clicks too";
    lines.push(Line::styled(" Mouse", theme::title()));
    lines.extend(beside(Span::raw("   "), mouse, width));
    lines.push(Line::default());
    lines.push(Line::styled(" Pictures", theme::title()));
    let terminal = &app.terminal;
    let reason = printable(&terminal.reason);
    let drawn = format!("drawn with {}: {reason} (simages doctor says more)", terminal.graphics.name());
    lines.extend(beside(Span::raw("   "), &drawn, width));
    lines
}

/// `text` in as many lines as it takes, right of `first`.
fn beside(first: Span<'static>, text: &str, width: usize) -> Vec<Line<'static>> {
    let room = width.saturating_sub(first.width() + 1).max(1);
    let indent = " ".repeat(first.width());
    let mut firsts = Some(first);
    let line = |part: std::borrow::Cow<str>| {
        Line::from(vec![firsts.take().unwrap_or_else(|| Span::raw(indent.clone())), Span::raw(part.into_owned())])
    };
    textwrap::wrap(text, room).into_iter().map(line).collect()
}

fn skipped(app: &App) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for set in app.sets.iter().filter(|set| !set.skipped.is_empty()) {
        let heading = format!(" {}   {} skipped", printable(&set.dataset.name), count(set.skipped.len(), "picture"));
        lines.push(Line::styled(heading, theme::title()));
        for skipped in &set.skipped {
            lines.push(Line::from(vec![
                Span::raw(format!("   {}  ", printable(&skipped.file))),
                Span::styled(printable(&skipped.error), theme::quiet()),
            ]));
        }
        lines.push(Line::default());
    }
    if lines.is_empty() {
        lines.push(Line::raw(" Every picture seen so far can be read."));
    }
    lines
}

impl App {
    pub(in crate::tui) fn overlay_action(&mut self, action: Action) -> Vec<Task> {
        let page = usize::from(self.size.height).saturating_sub(3);
        let Some(overlay) = &self.overlay else { return Vec::new() };
        let last = overlay.lines(self).len().saturating_sub(page);
        let Some(overlay) = &mut self.overlay else { return Vec::new() };
        match action {
            Action::Down => overlay.scroll += 1,
            Action::Up => overlay.scroll = overlay.scroll.saturating_sub(1),
            Action::PageDown => overlay.scroll += page,
            Action::PageUp => overlay.scroll = overlay.scroll.saturating_sub(page),
            Action::Back => {
                self.overlay = None;
                return Vec::new();
            }
            _ => {}
        }
        overlay.scroll = overlay.scroll.min(last);
        Vec::new()
    }
}

pub fn draw(frame: &mut Frame, app: &App, overlay: &Overlay) {
    let [top, middle, bottom] =
        Layout::vertical([Constraint::Length(1), Constraint::Min(1), Constraint::Length(1)]).areas(frame.area());
    let lines = overlay.lines(app);
    let shown = (overlay.scroll + usize::from(middle.height)).min(lines.len());
    let right = match lines.len() > usize::from(middle.height) {
        true => format!("{shown} of {} lines", lines.len()),
        false => String::new(),
    };
    bars::header(frame, top, overlay.title(), "", &right);
    frame.render_widget(Paragraph::new(lines).scroll((overlay.scroll as u16, 0)), middle);
    bars::hints(frame, bottom, &Place::Overlay.hints());
}
