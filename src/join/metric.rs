//! The metrics, cosine similarity and Euclidean distance: their wording, and which values are better.
//! `engine/closeness.rs` has how the engine computes them.

use std::cmp::Ordering;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Metric {
    /// <x, y> / (|x| |y|), in 0..1 as descriptors have no negative values (with regions it may be slightly below 0);
    /// larger is more similar. 0 if either is zero.
    #[default]
    Cosine,
    /// |x - y|, from 0; smaller is more similar.
    Euclidean,
}

/// The lengths of the vectors compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lengths {
    /// Any length: those of full descriptors are in the thousands.
    Any,
    /// Length 1, except zero vectors.
    One,
}

/// The steps in which a range's parameter is changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RangeSteps {
    pub step: f64,
    pub largest: f64,
    /// Digits after the decimal point that people would type.
    digits: i32,
}

impl RangeSteps {
    pub fn round(self, value: f64) -> f64 {
        let ten = 10f64.powi(self.digits);
        (value * ten).round() / ten
    }
}

/// From here on, fractions of a distance are meaningless: distances of full descriptors are in the hundreds, those of
/// unit vectors are at most 2.
const FAR: f64 = 10.0;

impl Metric {
    pub const ALL: [Metric; 2] = [Metric::Cosine, Metric::Euclidean];

    pub fn name(self) -> &'static str {
        match self {
            Metric::Cosine => "cosine",
            Metric::Euclidean => "euclidean",
        }
    }

    /// What it is for, in plain words.
    pub fn meaning(self) -> &'static str {
        match self {
            Metric::Cosine => "the same pattern, however strong",
            Metric::Euclidean => "the same values",
        }
    }

    /// A short name for its values.
    pub fn short(self) -> &'static str {
        match self {
            Metric::Cosine => "cos",
            Metric::Euclidean => "dist",
        }
    }

    /// Its index in [`Metric::ALL`].
    pub fn index(self) -> usize {
        Metric::ALL.iter().position(|metric| *metric == self).expect("all are listed")
    }

    fn larger_is_better(self) -> bool {
        match self {
            Metric::Cosine => true,
            Metric::Euclidean => false,
        }
    }

    /// Which values are better, in words.
    pub fn direction(self) -> &'static str {
        match self.larger_is_better() {
            true => "similarity, larger is more similar",
            false => "distance, smaller is more similar",
        }
    }

    /// The name of a range's parameter.
    pub fn range_label(self) -> &'static str {
        match self.larger_is_better() {
            true => "similarity ≥",
            false => "distance ≤",
        }
    }

    /// Orders the better value first.
    pub fn compare(self, a: f64, b: f64) -> Ordering {
        match self.larger_is_better() {
            true => b.total_cmp(&a),
            false => a.total_cmp(&b),
        }
    }

    /// A number that is larger for a better value.
    pub fn as_closeness(self, value: f64) -> f64 {
        if self.larger_is_better() { value } else { -value }
    }

    /// Whether `value` is a valid range.
    pub fn is_range(self, value: f64) -> bool {
        match self {
            Metric::Cosine => (0.0..=1.0).contains(&value),
            Metric::Euclidean => value >= 0.0 && value.is_finite(),
        }
    }

    /// What a range is; the message for an invalid one.
    pub fn range_meaning(self) -> &'static str {
        match self {
            Metric::Cosine => "a cosine range is a similarity from 0 to 1, such as 0.35",
            Metric::Euclidean => "a euclidean range is a distance from 0, such as 2500",
        }
    }

    /// The steps of a range, for vectors of these lengths.
    pub fn range_steps(self, lengths: Lengths) -> RangeSteps {
        match (self, lengths) {
            (Metric::Cosine, _) => RangeSteps { step: 0.01, largest: 1.0, digits: 4 },
            (Metric::Euclidean, Lengths::Any) => RangeSteps { step: 10.0, largest: f64::MAX, digits: 1 },
            (Metric::Euclidean, Lengths::One) => RangeSteps { step: 0.01, largest: 2.0, digits: 4 },
        }
    }

    /// `value` with enough digits to tell results apart.
    pub fn format(self, value: f64) -> String {
        match self {
            Metric::Euclidean if value >= FAR => format!("{value:.1}"),
            // Not "-0.000".
            _ if value.abs() < 0.0005 => "0.000".to_owned(),
            _ => format!("{value:.3}"),
        }
    }

    /// A range that includes `value` (but no cosine below 0), rounded like people would. Ranges start at 0.
    pub fn range_around(self, value: f64) -> f64 {
        let range = match self {
            Metric::Cosine => (value * 100.0).floor() / 100.0,
            Metric::Euclidean if value >= FAR => (value / 10.0).ceil() * 10.0,
            Metric::Euclidean => (value * 100.0).ceil() / 100.0,
        };
        range.max(0.0)
    }

    /// The value of two descriptors with this cosine similarity, rounded like people would. Where lengths matter, both
    /// have this squared length.
    pub fn range_at(self, cosine: f64, lengths: Lengths, squared_length: impl FnOnce() -> f64) -> f64 {
        // |x - y|² = |x|² + |y|² - 2 |x| |y| cos
        let distance = |squared: f64| (2.0 * squared * (1.0 - cosine)).sqrt();
        match (self, lengths) {
            (Metric::Cosine, _) => cosine,
            (Metric::Euclidean, Lengths::Any) => (distance(squared_length()) / 10.0).ceil() * 10.0,
            (Metric::Euclidean, Lengths::One) => (distance(1.0) * 100.0).round() / 100.0,
        }
    }
}

impl std::fmt::Display for Metric {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_better_value_is_the_first_and_the_closer_one() {
        for (metric, better, worse) in [(Metric::Cosine, 0.9, 0.1), (Metric::Euclidean, 1.0, 5.0)] {
            assert!(metric.compare(better, worse).is_lt() && metric.compare(better, better).is_eq(), "{metric}");
            assert!(metric.as_closeness(better) > metric.as_closeness(worse), "{metric}");
        }
    }

    #[test]
    fn ranges_are_what_one_would_type_and_let_the_value_pass() {
        for metric in Metric::ALL {
            for value in [0.0, 0.123456, 0.5, 0.98765] {
                let range = metric.range_around(value);
                assert!(metric.compare(value, range).is_le() && metric.is_range(range), "{metric} {value}: {range}");
                assert!((range - value).abs() <= 0.01 && range.to_string().len() <= 4, "{metric} {value}: {range}");
            }
            for steps in [Lengths::Any, Lengths::One].map(|lengths| metric.range_steps(lengths)) {
                assert_eq!(steps.round(steps.step * 3.0).to_string(), if steps.step < 1.0 { "0.03" } else { "30" });
                assert!(metric.is_range(steps.largest) && metric.is_range(steps.step));
            }
            assert_eq!(Metric::ALL[metric.index()], metric);
            assert_eq!(metric.format(-0.0001), "0.000");
        }
        // A hair below 0, as regions may be.
        assert_eq!(Metric::Cosine.range_around(-0.0001), 0.0);
        // With keys against, a distance may be.
        assert_eq!(Metric::Euclidean.range_around(-0.5), 0.0);
        assert_eq!([312.4, 9.876].map(|value| Metric::Euclidean.range_around(value)), [320.0, 9.88]);
    }
}
