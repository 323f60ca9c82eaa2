//! The panels that show the settings.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Paragraph};
use unicode_width::UnicodeWidthStr;

use crate::join::{DescriptorKind, Kind, Metric, Ranking};
use crate::tui::settings::{Field, Settings};
use crate::tui::theme;
use crate::tui::widgets::text::fit;

/// The most options shown of a long list.
const MOST_OPTIONS: usize = 8;
/// Follows a range that depends on the key.
const AUTO: &str = " auto";
/// Panels narrower than this have no space around the mark of an option.
const NARROW: u16 = 16;

impl Field {
    /// Its share of the width: that of its longest words.
    fn share(self) -> u16 {
        match self {
            Field::KeyDataset | Field::Dataset | Field::Parameter => 10,
            Field::Metric | Field::Descriptor => 9,
            Field::Predicate => 8,
        }
    }
}

/// The panels' height: one line, or the options if a field has the focus.
pub fn height(datasets: usize, focused: bool, room: u16) -> u16 {
    // In little room, long lists scroll.
    let least = if room < 15 { 3 } else { DescriptorKind::ALL.len() };
    let options = if focused { datasets.clamp(least, MOST_OPTIONS) as u16 } else { 1 };
    (options + 2).min(room.max(3))
}

/// The area of each field's panel.
pub fn panels<'a>(area: Rect, fields: &'a [Field]) -> impl Iterator<Item = (Field, Rect)> + 'a {
    let areas = Layout::horizontal(fields.iter().map(|field| Constraint::Fill(field.share()))).split(area);
    fields.iter().copied().zip(areas.to_vec())
}

/// The option in the row `y` of a panel that shows all of them.
pub fn option_at(area: Rect, y: u16, count: usize, taken: usize) -> Option<usize> {
    let room = usize::from(area.height.saturating_sub(2));
    let row = usize::from(y.checked_sub(area.y + 1)?);
    let at = first(count, taken, room) + row;
    (row < room && at < count).then_some(at)
}

/// The first option shown, chosen so that the one taken is visible.
fn first(count: usize, taken: usize, room: usize) -> usize {
    (taken + 1).saturating_sub(room).min(count.saturating_sub(room))
}

/// What panels show besides the settings.
pub struct Panels<'a> {
    pub settings: &'a Settings,
    pub fields: &'a [Field],
    pub focus: Option<Field>,
    /// Names with the number of pictures.
    pub datasets: &'a [String],
    /// For the live count.
    pub ranking: Option<&'a Ranking>,
}

impl Panels<'_> {
    pub fn draw(&self, frame: &mut Frame, area: Rect) {
        let narrow = panels(area, self.fields).any(|(_, panel)| panel.width < NARROW);
        for (field, area) in panels(area, self.fields) {
            let focused = self.focus == Some(field);
            let (style, border) = match focused {
                true => (theme::selected_frame(), BorderType::Thick),
                false => (theme::quiet(), BorderType::Plain),
            };
            let (title, room) = (self.settings.title(field), usize::from(area.width).saturating_sub(2));
            let title = match title.width() {
                width if width > room => self.settings.short_title(field).to_owned(),
                _ if area.width < 16 => title.to_owned(),
                _ => format!(" {title} "),
            };
            let title = Span::styled(title, theme::on_frame(if focused { theme::selected() } else { Style::new() }));
            let mut block = Block::bordered().border_type(border).border_style(style).title(title);
            let inner = block.inner(area);
            let lines = match field {
                Field::Parameter => self.parameter(inner, focused),
                _ => {
                    let (options, taken) = self.settings.options(field, self.datasets);
                    let room = usize::from(inner.height);
                    let first = first(options.len(), taken, room);
                    // With only one line, the option taken is all that is shown.
                    if room > 1 && first > 0 {
                        block = block.title_top(Line::styled("▴", theme::on_frame(Style::new())).right_aligned());
                    }
                    if room > 1 && first + room < options.len() {
                        block = block.title_bottom(Line::styled("▾", theme::on_frame(Style::new())).right_aligned());
                    }
                    let shown = options.into_iter().enumerate().skip(first).take(room);
                    let mut lines: Vec<_> = shown
                        .map(|(at, option)| option_line(option, at == taken, inner.width, focused, narrow))
                        .collect();
                    lines.extend(meaning(self.settings.meaning(field), inner, lines.len()));
                    lines
                }
            };
            frame.render_widget(Paragraph::new(lines).block(block), area);
        }
    }

    fn parameter(&self, area: Rect, focused: bool) -> Vec<Line<'static>> {
        let cursor = if focused { "▏" } else { "" };
        let style = if focused { theme::selected() } else { Style::new() };
        let mut value = format!(" {}{cursor}", self.settings.parameter(self.ranking));
        if self.settings.is_auto() && value.width() + AUTO.len() <= usize::from(area.width) {
            value += AUTO;
        }
        let counts = self.ranking.and_then(|r| Some((self.settings.passing(r)?, r.len())));
        let count = counts.map(|(passing, of)| format!("{passing} of {of}"));
        let mut lines = vec![Line::styled(value.clone(), style)];
        if area.height == 1 {
            let room = usize::from(area.width).saturating_sub(value.chars().count() + 2);
            if let Some(count) = count.filter(|c| self.settings.kind == Kind::Range && c.len() <= room) {
                lines[0].push_span(Span::styled(format!("  {count}"), theme::value()));
            }
            return lines;
        }
        lines.extend(counts.map(|(passing, of)| {
            let in_words = match self.settings.kind {
                Kind::Knn => format!(" {passing} nearest of {of}"),
                Kind::Range => format!(" {passing} of {of} pass"),
            };
            let texts = [in_words, format!(" {passing} of {of}"), format!(" {passing}/{of}")];
            let fits = texts.iter().find(|text| text.width() <= usize::from(area.width)).cloned();
            Line::styled(fits.unwrap_or_default(), theme::value())
        }));
        let meaning = match self.settings.kind {
            Kind::Knn if counts.is_some() => return lines,
            Kind::Knn => "nearest",
            Kind::Range => self.settings.metric.direction(),
        };
        let width = usize::from(area.width).saturating_sub(1);
        let free = usize::from(area.height).saturating_sub(lines.len());
        let whole: Vec<_> = meaning.split(", ").flat_map(|part| textwrap::wrap(part, width.max(1))).collect();
        let words = match whole.len() <= free {
            true => whole.iter().map(|part| part.to_string()).collect::<Vec<_>>(),
            false => meaning.split(", ").map(|part| fit(part, width)).collect(),
        };
        lines.extend(words.iter().map(|part| Line::styled(format!(" {part}"), theme::remark())));
        lines
    }
}

/// The meaning of the option taken, in the lines below the options, after an empty one.
fn meaning(text: &str, area: Rect, options: usize) -> Vec<Line<'static>> {
    let free = usize::from(area.height).saturating_sub(options + 1);
    let words = textwrap::wrap(text, usize::from(area.width).saturating_sub(2).max(1));
    if text.is_empty() || words.len() > free {
        return Vec::new();
    }
    let words = words.iter().map(|line| Line::styled(format!(" {line}"), theme::remark()));
    std::iter::once(Line::default()).chain(words).collect()
}

/// An option, fitted to the panel's width.
fn option_line(option: &str, taken: bool, width: u16, focused: bool, narrow: bool) -> Line<'static> {
    let (mark, no_mark) = if narrow { ("▸", " ") } else { (" ▸ ", "   ") };
    let text = fit(option, usize::from(width).saturating_sub(no_mark.len()));
    match taken {
        true => Line::styled(format!("{mark}{text}"), if focused { theme::selected() } else { Style::new() }),
        false => Line::styled(format!("{no_mark}{text}"), theme::remark()),
    }
}

/// The settings in a few words: `gap  cosine  kNN 10`. The default descriptor is left out.
pub fn asked(descriptor: DescriptorKind, metric: Metric, predicate: &str) -> String {
    match descriptor {
        _ if descriptor == DescriptorKind::default() => format!("{metric}  {predicate}"),
        _ => format!("{descriptor}  {metric}  {predicate}"),
    }
}

/// The settings, closed, with a note about their results.
pub fn collapsed(frame: &mut Frame, area: Rect, note: &str) {
    let width = usize::from(area.width);
    let note = if note.is_empty() { String::new() } else { format!(" {} ", fit(note, width.saturating_sub(24))) };
    let line = "─".repeat(width.saturating_sub(19 + note.width()));
    let words = vec![
        Span::styled(" ── ", theme::quiet()),
        Span::styled("settings ▸ ", theme::remark()),
        Span::styled("(e) ", theme::key()),
        Span::styled(line, theme::quiet()),
        Span::styled(note, theme::value()),
    ];
    frame.render_widget(Line::from(words), area);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_taken_is_always_shown() {
        assert_eq!(first(20, 0, 5), 0);
        assert_eq!(first(20, 7, 5), 3);
        assert_eq!(first(3, 2, 5), 0);
        let area = Rect::new(0, 10, 20, 7);
        assert_eq!(option_at(area, 11, 20, 7), Some(3));
        assert_eq!(option_at(area, 10, 20, 7), None);
        assert_eq!(option_at(area, 13, 2, 0), None);
    }
}
