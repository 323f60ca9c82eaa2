//! The settings of a join: which datasets, metric, predicate and its parameter; and the panels that show them.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Paragraph};
use unicode_width::UnicodeWidthStr;

use crate::error::Result;
use crate::features::Pooling;
use crate::join::{Kind, Metric, Predicate, Ranking};
use crate::tui::keys::Action;
use crate::tui::theme;
use crate::tui::widgets::text::fit;

/// Options shown of a long list.
const MOST_OPTIONS: usize = 8;
/// Where a panel has fewer columns, each of them counts in all.
const NARROW: u16 = 16;
/// Neighbours that a range lets pass before the user says what it should be.
const SENSIBLE: usize = 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    KeyDataset,
    Dataset,
    Metric,
    Predicate,
    Parameter,
    Descriptor,
}

pub const ALL: [Field; 6] =
    [Field::KeyDataset, Field::Dataset, Field::Metric, Field::Predicate, Field::Parameter, Field::Descriptor];
/// Where the key is chosen already.
pub const WITHOUT_KEY: [Field; 5] =
    [Field::Dataset, Field::Metric, Field::Predicate, Field::Parameter, Field::Descriptor];

impl Field {
    /// Of the width: its longest words.
    fn share(self) -> u16 {
        match self {
            Field::KeyDataset | Field::Dataset | Field::Parameter => 10,
            Field::Metric | Field::Descriptor => 9,
            Field::Predicate => 8,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Dataset (by number) that the key comes from.
    pub key_dataset: usize,
    /// Dataset to join it with.
    pub dataset: usize,
    pub metric: Metric,
    pub kind: Kind,
    pub k: usize,
    /// By which descriptor pictures are compared.
    pub pooling: Pooling,
    /// Whether near-identical results become one; a key changes it, not a panel.
    pub fold: bool,
    /// For each descriptor and metric; None until the user says, or the first ranking suggests one.
    ranges: [[Option<f64>; Metric::ALL.len()]; Pooling::ALL.len()],
    /// The parameter as it is being typed.
    typed: Option<String>,
}

impl Settings {
    pub fn new(key_dataset: usize, dataset: usize) -> Settings {
        Settings {
            key_dataset,
            dataset,
            metric: Metric::default(),
            kind: Kind::default(),
            k: 10,
            pooling: Pooling::default(),
            fold: false,
            ranges: Default::default(),
            typed: None,
        }
    }

    fn range(&self) -> Option<f64> {
        self.ranges[self.pooling as usize][self.metric as usize]
    }

    fn set(&mut self, predicate: Predicate) {
        match predicate {
            Predicate::Knn(k) => self.k = k,
            Predicate::Range(range) => self.ranges[self.pooling as usize][self.metric as usize] = Some(range),
        }
    }

    /// What is asked for; a range that nobody has set yet is chosen by `ranking`. None if there is neither.
    pub fn predicate(&self, ranking: Option<&Ranking>) -> Option<Predicate> {
        match self.kind {
            Kind::Knn => Some(Predicate::Knn(self.k)),
            Kind::Range => {
                let suggested = || ranking.filter(|r| r.metric == self.metric)?.sensible_range(SENSIBLE);
                self.range().or_else(suggested).map(Predicate::Range)
            }
        }
    }

    /// Takes the range that `choose` finds where one is asked for and nobody has said which.
    pub fn start_range(&mut self, choose: impl FnOnce(&Settings) -> f64) {
        if self.kind == Kind::Range && self.range().is_none() {
            let range = choose(self);
            self.set(Predicate::Range(range));
        }
    }

    /// The parameter as text.
    pub fn parameter(&self, ranking: Option<&Ranking>) -> String {
        match (&self.typed, self.predicate(ranking)) {
            (Some(typed), _) => typed.clone(),
            (None, Some(Predicate::Knn(k))) => k.to_string(),
            (None, Some(Predicate::Range(range))) => self.round(range).to_string(),
            (None, None) => "…".into(),
        }
    }

    /// How many of `ranking` pass, with what is being typed.
    pub fn passing(&self, ranking: &Ranking) -> Option<usize> {
        let predicate = match &self.typed {
            Some(typed) => self.kind.parse(typed, self.metric).ok(),
            None => self.predicate(Some(ranking)),
        };
        predicate.map(|p| ranking.count(p))
    }

    /// Takes what was typed; an error leaves it as it is, to be corrected.
    pub fn commit(&mut self) -> Result<()> {
        if let Some(typed) = &self.typed {
            let predicate = self.kind.parse(typed, self.metric)?;
            self.set(predicate);
            self.typed = None;
        }
        Ok(())
    }

    /// Drops what is being typed.
    pub fn forget_typed(&mut self) {
        self.typed = None;
    }

    /// Types a character into the parameter; backspace is `\u{8}`.
    pub fn type_char(&mut self, c: char, ranking: Option<&Ranking>) -> bool {
        match c {
            '0'..='9' | '.' => self.typed.get_or_insert_default().push(c),
            '\u{8}' => {
                let mut text = self.parameter(ranking);
                text.pop();
                self.typed = Some(text);
            }
            _ => return false,
        }
        true
    }

    /// Changes `field` as `action` says. `datasets`: how many there are.
    pub fn change(&mut self, field: Field, action: Action, datasets: usize, ranking: Option<&Ranking>) {
        let forward = matches!(action, Action::Down | Action::PageDown);
        let step = |at: usize, count: usize| match forward {
            true => (at + 1).min(count.saturating_sub(1)),
            false => at.saturating_sub(1),
        };
        match field {
            Field::KeyDataset => self.key_dataset = step(self.key_dataset, datasets),
            Field::Dataset => self.dataset = step(self.dataset, datasets),
            Field::Metric => self.choose(field, usize::from(forward)),
            Field::Predicate => self.choose(field, usize::from(forward)),
            Field::Descriptor => self.choose(field, step(self.pooling as usize, Pooling::ALL.len())),
            Field::Parameter => {
                let far = matches!(action, Action::PageUp | Action::PageDown);
                self.step_parameter(!forward, far, ranking);
            }
        }
    }

    /// Takes option `at` of `field`.
    pub fn choose(&mut self, field: Field, at: usize) {
        match field {
            Field::KeyDataset => self.key_dataset = at,
            Field::Dataset => self.dataset = at,
            Field::Metric => self.metric = Metric::ALL[at.min(1)],
            Field::Predicate => self.kind = Kind::ALL[at.min(1)],
            Field::Descriptor => self.pooling = Pooling::ALL[at.min(Pooling::ALL.len() - 1)],
            Field::Parameter => return,
        }
        self.typed = None;
    }

    fn step_parameter(&mut self, up: bool, far: bool, ranking: Option<&Ranking>) {
        if self.commit().is_err() {
            self.typed = None;
        }
        let sign = if up { 1.0 } else { -1.0 };
        match self.predicate(ranking) {
            Some(Predicate::Knn(k)) => {
                let step = if far { 10 } else { 1 };
                self.k = if up { k.saturating_add(step) } else { k.saturating_sub(step).max(1) };
            }
            Some(Predicate::Range(range)) => {
                let (step, most) = match (self.metric, self.pooling) {
                    (Metric::Cosine, _) => (0.01, 1.0),
                    (Metric::Euclidean, Pooling::Full) => (10.0, f64::MAX),
                    // Of length 1.
                    (Metric::Euclidean, _) => (0.01, 2.0),
                };
                let step = if far { 10.0 * step } else { step };
                let range = self.round((range + sign * step).clamp(0.0, most));
                self.set(Predicate::Range(range));
            }
            None => {}
        }
    }

    /// The options of `field` and the one taken; the parameter has none.
    pub fn options<'a>(&self, field: Field, datasets: &'a [String]) -> (Vec<&'a str>, usize) {
        let datasets = || datasets.iter().map(String::as_str).collect();
        match field {
            Field::KeyDataset => (datasets(), self.key_dataset),
            Field::Dataset => (datasets(), self.dataset),
            Field::Metric => (Metric::ALL.map(Metric::name).into(), self.metric as usize),
            Field::Predicate => (Kind::ALL.map(Kind::name).into(), self.kind as usize),
            Field::Descriptor => (Pooling::ALL.map(Pooling::name).into(), self.pooling as usize),
            Field::Parameter => (Vec::new(), 0),
        }
    }

    /// A range to the digits one would type.
    fn round(&self, range: f64) -> f64 {
        match (self.metric, self.pooling) {
            (Metric::Euclidean, Pooling::Full) => (range * 10.0).round() / 10.0,
            _ => (range * 1e4).round() / 1e4,
        }
    }

    fn title(&self, field: Field) -> &'static str {
        match (field, self.kind, self.metric) {
            (Field::KeyDataset, ..) => "key dataset",
            (Field::Dataset, ..) => "join with",
            (Field::Metric, ..) => "metric",
            (Field::Predicate, ..) => "predicate",
            (Field::Descriptor, ..) => "descriptor",
            (Field::Parameter, Kind::Knn, _) => "k",
            (Field::Parameter, Kind::Range, Metric::Cosine) => "similarity ≥",
            (Field::Parameter, Kind::Range, Metric::Euclidean) => "distance ≤",
        }
    }
}

/// The panels' height: one line, or the options where a field has the focus.
pub fn height(datasets: usize, focused: bool, room: u16) -> u16 {
    // Where there is little room, long lists scroll.
    let least = if room < 15 { 3 } else { Pooling::ALL.len() };
    let options = if focused { datasets.clamp(least, MOST_OPTIONS) as u16 } else { 1 };
    (options + 2).min(room.max(3))
}

/// Where each field's panel is.
pub fn panels<'a>(area: Rect, fields: &'a [Field]) -> impl Iterator<Item = (Field, Rect)> + 'a {
    let areas = Layout::horizontal(fields.iter().map(|field| Constraint::Fill(field.share()))).split(area);
    fields.iter().copied().zip(areas.to_vec())
}

/// The option under the row `y` of a panel that shows all of them.
pub fn option_at(area: Rect, y: u16, count: usize, taken: usize) -> Option<usize> {
    let room = usize::from(area.height.saturating_sub(2));
    let row = usize::from(y.checked_sub(area.y + 1)?);
    let at = first(count, taken, room) + row;
    (row < room && at < count).then_some(at)
}

/// The first option shown, so that the one taken is.
fn first(count: usize, taken: usize, room: usize) -> usize {
    (taken + 1).saturating_sub(room).min(count.saturating_sub(room))
}

/// What panels show besides the settings.
pub struct Shown<'a> {
    pub settings: &'a Settings,
    pub fields: &'a [Field],
    pub focus: Option<Field>,
    /// Names with the number of pictures.
    pub datasets: &'a [String],
    /// For the live count.
    pub ranking: Option<&'a Ranking>,
}

impl Shown<'_> {
    pub fn draw(&self, frame: &mut Frame, area: Rect) {
        let narrow = panels(area, self.fields).any(|(_, panel)| panel.width < NARROW);
        for (field, area) in panels(area, self.fields) {
            let focused = self.focus == Some(field);
            let (style, border) = match focused {
                true => (theme::selected(), BorderType::Thick),
                false => (theme::quiet(), BorderType::Plain),
            };
            let title = match area.width {
                ..16 => self.settings.title(field).to_owned(),
                _ => format!(" {} ", self.settings.title(field)),
            };
            let title = Span::styled(title, if focused { style } else { Style::new() });
            let block = Block::bordered().border_type(border).border_style(style).title(title);
            let inner = block.inner(area);
            let lines = match field {
                Field::Parameter => self.parameter(inner, focused),
                _ => self.options(field, inner, focused, narrow),
            };
            frame.render_widget(Paragraph::new(lines).block(block), area);
        }
    }

    fn options(&self, field: Field, area: Rect, focused: bool, narrow: bool) -> Vec<Line<'static>> {
        let (options, taken) = self.settings.options(field, self.datasets);
        let room = usize::from(area.height);
        let first = first(options.len(), taken, room);
        let shown = options.iter().enumerate().skip(first).take(room);
        let (mark, no_mark) = if narrow { ("▸", " ") } else { (" ▸ ", "   ") };
        let line = |(at, option): (usize, &&str)| {
            let text = fit(option, usize::from(area.width).saturating_sub(no_mark.len()));
            match at == taken {
                true => Line::styled(format!("{mark}{text}"), if focused { theme::selected() } else { Style::new() }),
                false => Line::styled(format!("{no_mark}{text}"), theme::quiet()),
            }
        };
        shown.map(line).collect()
    }

    fn parameter(&self, area: Rect, focused: bool) -> Vec<Line<'static>> {
        let cursor = if focused { "▏" } else { "" };
        let style = if focused { theme::selected() } else { Style::new() };
        let value = format!(" {}{cursor}", self.settings.parameter(self.ranking));
        let count = self.ranking.and_then(|r| Some((self.settings.passing(r)?, r.len())));
        let count = count.map(|(passing, of)| format!("{passing} of {of}"));
        let mut lines = vec![Line::styled(value.clone(), style)];
        if area.height == 1 {
            let room = usize::from(area.width).saturating_sub(value.chars().count() + 2);
            if let Some(count) = count.filter(|c| self.settings.kind == Kind::Range && c.len() <= room) {
                lines[0].push_span(Span::styled(format!("  {count}"), theme::value()));
            }
            return lines;
        }
        lines.extend(count.map(|c| Line::styled(format!(" {c} pass"), theme::value())));
        let meaning = match self.settings.kind {
            Kind::Knn => "nearest",
            Kind::Range => self.settings.metric.direction(),
        };
        let width = usize::from(area.width).saturating_sub(1);
        let words = meaning.split(", ").map(|part| Line::styled(format!(" {}", fit(part, width)), theme::quiet()));
        lines.extend(words);
        lines
    }
}

/// What is asked for, in a few words: `gap  cosine  kNN 10`. The usual descriptor need not be named.
pub fn asked(pooling: Pooling, metric: Metric, predicate: &str) -> String {
    match pooling {
        Pooling::Full => format!("{metric}  {predicate}"),
        _ => format!("{pooling}  {metric}  {predicate}"),
    }
}

/// The settings, closed; and what there is to say of what they brought.
pub fn collapsed(frame: &mut Frame, area: Rect, note: &str) {
    let width = usize::from(area.width);
    let note = if note.is_empty() { String::new() } else { format!(" {} ", fit(note, width.saturating_sub(24))) };
    let line = "─".repeat(width.saturating_sub(19 + note.width()));
    let words = vec![
        Span::styled(" ── settings ▸ ", theme::quiet()),
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
    fn the_parameter_follows_metric_and_predicate() {
        let mut settings = Settings::new(0, 0);
        assert_eq!(settings.predicate(None), Some(Predicate::Knn(10)));
        settings.change(Field::Parameter, Action::Up, 2, None);
        assert_eq!(settings.parameter(None), "11");
        settings.change(Field::Parameter, Action::PageDown, 2, None);
        settings.change(Field::Parameter, Action::Down, 2, None);
        assert_eq!(settings.parameter(None), "1");

        settings.change(Field::Predicate, Action::Down, 2, None);
        assert_eq!(settings.parameter(None), "…");
        "0.355".chars().for_each(|c| assert!(settings.type_char(c, None)));
        settings.commit().unwrap();
        settings.change(Field::Parameter, Action::Up, 2, None);
        assert_eq!(settings.parameter(None), "0.365");
        // Each metric keeps its own range.
        settings.change(Field::Metric, Action::Down, 2, None);
        assert_eq!(settings.predicate(None), None);
        settings.change(Field::Metric, Action::Up, 2, None);
        assert_eq!(settings.predicate(None), Some(Predicate::Range(0.365)));
    }

    #[test]
    fn what_is_typed_wrongly_stays_to_be_corrected() {
        let mut settings = Settings::new(0, 0);
        settings.type_char('0', None);
        assert!(settings.commit().unwrap_err().to_string().contains("at least 1"));
        assert_eq!(settings.parameter(None), "0");
        settings.type_char('\u{8}', None);
        settings.type_char('7', None);
        settings.commit().unwrap();
        assert_eq!(settings.predicate(None), Some(Predicate::Knn(7)));
        assert!(!settings.type_char('x', None));
    }

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
