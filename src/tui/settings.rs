//! The settings of a join: datasets, metric, predicate, its parameter, and descriptor.

use crate::error::Result;
use crate::join::{DescriptorKind, Kind, Metric, Predicate, RangeSteps, Ranking};
use crate::preferences::Choices;

/// How many neighbours pass the range that is suggested before the user sets one.
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
/// For screens that depend only on the pictures.
pub const DATASETS: [Field; 2] = [Field::KeyDataset, Field::Dataset];
/// For screens where the key is already chosen.
pub const WITHOUT_KEY: [Field; 5] =
    [Field::Dataset, Field::Metric, Field::Predicate, Field::Parameter, Field::Descriptor];

#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Index of the dataset that the key comes from.
    pub key_dataset: usize,
    /// Index of the dataset to join it with.
    pub dataset: usize,
    pub metric: Metric,
    pub kind: Kind,
    pub k: usize,
    /// The descriptor to compare.
    pub descriptor: DescriptorKind,
    /// Whether to search a second time; toggled by a key, not in a panel.
    pub expand: bool,
    /// Whether to fold near-identical results; also toggled by a key.
    pub fold: bool,
    /// For each descriptor and metric; None until the user sets a range, or the first ranking suggests one.
    ranges: [[Option<f64>; Metric::ALL.len()]; DescriptorKind::ALL.len()],
    /// The parameter while it is being typed.
    typed: Option<String>,
}

/// To the next or previous option of a field; a number goes up or down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Up,
    Down,
    /// By a lot.
    FarUp,
    FarDown,
}

impl Settings {
    pub fn new(key_dataset: usize, dataset: usize) -> Settings {
        Settings {
            key_dataset,
            dataset,
            metric: Metric::default(),
            kind: Kind::default(),
            k: 10,
            descriptor: DescriptorKind::default(),
            expand: false,
            fold: false,
            ranges: Default::default(),
            typed: None,
        }
    }

    /// With the given choices; the others stay.
    pub fn with(mut self, choices: &Choices) -> Settings {
        self.metric = choices.metric.unwrap_or(self.metric);
        self.descriptor = choices.descriptor.unwrap_or(self.descriptor);
        self.kind = choices.kind.unwrap_or(self.kind);
        self.k = choices.k.unwrap_or(self.k);
        if let Some(range) = choices.range {
            self.set(Predicate::Range(range));
        }
        self
    }

    /// All choices, to be saved for the next start.
    pub fn choices(&self) -> Choices {
        Choices {
            metric: Some(self.metric),
            descriptor: Some(self.descriptor),
            kind: Some(self.kind),
            k: Some(self.k),
            range: self.range(),
        }
    }

    fn range(&self) -> Option<f64> {
        self.ranges[self.descriptor.index()][self.metric.index()]
    }

    fn set(&mut self, predicate: Predicate) {
        match predicate {
            Predicate::Knn(k) => self.k = k,
            Predicate::Range(range) => self.ranges[self.descriptor.index()][self.metric.index()] = Some(range),
        }
    }

    /// The predicate. If the user has not set a range, `ranking` suggests it; None if there is no ranking either.
    pub fn predicate(&self, ranking: Option<&Ranking>) -> Option<Predicate> {
        match self.kind {
            Kind::Knn => Some(Predicate::Knn(self.k)),
            Kind::Range => {
                let suggested = || ranking.filter(|r| r.metric == self.metric)?.sensible_range(SENSIBLE);
                self.range().or_else(suggested).map(Predicate::Range)
            }
        }
    }

    /// Takes the range that `choose` finds, if a range is asked for and the user has not set one.
    pub fn start_range(&mut self, choose: impl FnOnce(&Settings) -> Option<f64>) {
        if self.kind == Kind::Range
            && self.range().is_none()
            && let Some(range) = choose(self)
        {
            self.set(Predicate::Range(range));
        }
    }

    /// The parameter as text.
    pub fn parameter(&self, ranking: Option<&Ranking>) -> String {
        match (&self.typed, self.predicate(ranking)) {
            (Some(typed), _) => typed.clone(),
            (None, Some(Predicate::Knn(k))) => k.to_string(),
            (None, Some(Predicate::Range(range))) => self.range_steps().round(range).to_string(),
            (None, None) => "…".into(),
        }
    }

    /// Whether the range follows the key, because the user has not set one.
    pub fn is_auto(&self) -> bool {
        self.kind == Kind::Range && self.range().is_none() && self.typed.is_none()
    }

    /// The predicate in words, with the range that `ranking` suggests if the user has not set one.
    pub fn asked(&self, ranking: Option<&Ranking>) -> String {
        match self.predicate(ranking) {
            Some(Predicate::Range(range)) if self.is_auto() => {
                format!("range auto {}", self.range_steps().round(range))
            }
            Some(predicate) => predicate.to_string(),
            None => "range auto".into(),
        }
    }

    /// How many of `ranking` pass, given what is being typed.
    pub fn passing(&self, ranking: &Ranking) -> Option<usize> {
        let predicate = match &self.typed {
            Some(typed) => self.kind.parse(typed, self.metric).ok(),
            None => self.predicate(Some(ranking)),
        };
        predicate.map(|p| ranking.count(p))
    }

    /// Takes the typed value; after an error it stays, to be corrected.
    pub fn commit(&mut self) -> Result<()> {
        if let Some(typed) = &self.typed {
            let predicate = self.kind.parse(typed, self.metric)?;
            self.set(predicate);
            self.typed = None;
        }
        Ok(())
    }

    /// Drops the typed value.
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

    /// Changes `field` by a step. `datasets`: their number.
    pub fn change(&mut self, field: Field, by: Step, datasets: usize, ranking: Option<&Ranking>) {
        let forward = matches!(by, Step::Down | Step::FarDown);
        let step = |at: usize, count: usize| match forward {
            true => (at + 1).min(count.saturating_sub(1)),
            false => at.saturating_sub(1),
        };
        match field {
            Field::KeyDataset => self.key_dataset = step(self.key_dataset, datasets),
            Field::Dataset => self.dataset = step(self.dataset, datasets),
            Field::Metric => self.choose(field, step(self.metric.index(), Metric::ALL.len())),
            Field::Predicate => self.choose(field, usize::from(forward)),
            Field::Descriptor => self.choose(field, step(self.descriptor.index(), DescriptorKind::ALL.len())),
            Field::Parameter => {
                let far = matches!(by, Step::FarUp | Step::FarDown);
                self.step_parameter(!forward, far, ranking);
            }
        }
    }

    /// Takes option `at` of `field`.
    pub fn choose(&mut self, field: Field, at: usize) {
        match field {
            Field::KeyDataset => self.key_dataset = at,
            Field::Dataset => self.dataset = at,
            Field::Metric => self.metric = Metric::ALL[at.min(Metric::ALL.len() - 1)],
            Field::Predicate => self.kind = Kind::ALL[at.min(1)],
            Field::Descriptor => self.descriptor = DescriptorKind::ALL[at.min(DescriptorKind::ALL.len() - 1)],
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
                let steps = self.range_steps();
                let step = if far { 10.0 * steps.step } else { steps.step };
                let range = steps.round((range + sign * step).clamp(0.0, steps.largest));
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
            Field::Metric => (Metric::ALL.map(Metric::name).into(), self.metric.index()),
            Field::Predicate => (Kind::ALL.map(Kind::name).into(), self.kind as usize),
            Field::Descriptor => (DescriptorKind::ALL.map(DescriptorKind::name).into(), self.descriptor.index()),
            Field::Parameter => (Vec::new(), 0),
        }
    }

    /// What the option taken of `field` means, in plain words.
    pub fn meaning(&self, field: Field) -> &'static str {
        match field {
            Field::KeyDataset => "the key comes from here",
            Field::Dataset => "results come from here",
            Field::Metric => self.metric.meaning(),
            Field::Predicate => self.kind.meaning(),
            Field::Descriptor => self.descriptor.meaning(),
            Field::Parameter => "",
        }
    }

    /// The steps in which a range changes.
    fn range_steps(&self) -> RangeSteps {
        self.metric.range_steps(self.descriptor.comparison().lengths())
    }

    pub fn title(&self, field: Field) -> &'static str {
        match (field, self.kind) {
            (Field::KeyDataset, _) => "key dataset",
            (Field::Dataset, _) => "join with",
            (Field::Metric, _) => "metric",
            (Field::Predicate, _) => "predicate",
            (Field::Descriptor, _) => "descriptor",
            (Field::Parameter, Kind::Knn) => "k",
            (Field::Parameter, Kind::Range) => self.metric.range_label(),
        }
    }

    /// For little room.
    pub fn short_title(&self, field: Field) -> &'static str {
        match (field, self.kind) {
            (Field::KeyDataset, _) => "key of",
            (Field::Dataset, _) => "in",
            (Field::Predicate, _) => "how",
            (Field::Descriptor, _) => "by",
            (Field::Parameter, Kind::Range) => "range",
            (Field::Metric | Field::Parameter, _) => self.title(field),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameter_follows_metric_and_predicate() {
        let mut settings = Settings::new(0, 0);
        assert_eq!(settings.predicate(None), Some(Predicate::Knn(10)));
        settings.change(Field::Parameter, Step::Up, 2, None);
        assert_eq!(settings.parameter(None), "11");
        settings.change(Field::Parameter, Step::FarDown, 2, None);
        settings.change(Field::Parameter, Step::Down, 2, None);
        assert_eq!(settings.parameter(None), "1");

        settings.change(Field::Predicate, Step::Down, 2, None);
        assert_eq!((settings.parameter(None).as_str(), settings.is_auto()), ("…", true));
        assert_eq!(settings.asked(None), "range auto");
        "0.355".chars().for_each(|c| assert!(settings.type_char(c, None)));
        settings.commit().unwrap();
        assert_eq!((settings.asked(None).as_str(), settings.is_auto()), ("range 0.355", false));
        settings.change(Field::Parameter, Step::Up, 2, None);
        assert_eq!(settings.parameter(None), "0.365");
        // Each metric keeps its own range.
        settings.change(Field::Metric, Step::Down, 2, None);
        assert_eq!(settings.predicate(None), None);
        settings.change(Field::Metric, Step::Up, 2, None);
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
}
