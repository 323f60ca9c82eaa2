//! Which neighbours are results: the k nearest, or all within a range.

use super::metric::Metric;
use crate::error::{Error, Result};

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Predicate {
    /// The k nearest neighbours; k is at least 1.
    Knn(usize),
    /// All neighbours within a range: with a cosine similarity of at least this (0..1), or a Euclidean distance of at
    /// most this (from 0).
    Range(f64),
}

/// A predicate without its parameter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    #[default]
    Knn,
    Range,
}

impl Kind {
    pub const ALL: [Kind; 2] = [Kind::Knn, Kind::Range];

    pub fn name(self) -> &'static str {
        match self {
            Kind::Knn => "kNN",
            Kind::Range => "range",
        }
    }

    /// What it is for, in plain words.
    pub fn meaning(self) -> &'static str {
        match self {
            Kind::Knn => "the k nearest, however far",
            Kind::Range => "all within the range",
        }
    }

    /// Parses the parameter. Errors are worded for the metric.
    pub fn parse(self, text: &str, metric: Metric) -> Result<Predicate> {
        let text = text.trim();
        let wrong = |expected: &str| Error::Input(format!("\"{text}\": {expected}"));
        match self {
            Kind::Knn => match text.parse() {
                Ok(k) if k >= 1 => Ok(Predicate::Knn(k)),
                _ => Err(wrong("k is a whole number of pictures, at least 1")),
            },
            Kind::Range => {
                let value = text.parse().ok().filter(|value| metric.is_range(*value));
                value.map(Predicate::Range).ok_or_else(|| wrong(metric.range_meaning()))
            }
        }
    }
}

impl Predicate {
    pub fn kind(self) -> Kind {
        match self {
            Predicate::Knn(_) => Kind::Knn,
            Predicate::Range(_) => Kind::Range,
        }
    }
}

impl std::fmt::Display for Predicate {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Predicate::Knn(k) => write!(f, "kNN {k}"),
            Predicate::Range(value) => write!(f, "range {value}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_follow_predicate_and_metric() {
        use Metric::*;
        let ok = |kind: Kind, text, metric| kind.parse(text, metric).ok();
        assert_eq!(ok(Kind::Knn, " 10 ", Cosine), Some(Predicate::Knn(10)));
        assert_eq!(ok(Kind::Range, "0.5", Cosine), Some(Predicate::Range(0.5)));
        assert_eq!(ok(Kind::Range, "2500", Euclidean), Some(Predicate::Range(2500.0)));
        for (kind, text, metric) in [
            (Kind::Knn, "0", Cosine),
            (Kind::Knn, "-1", Cosine),
            (Kind::Knn, "2.5", Cosine),
            (Kind::Knn, "", Cosine),
            (Kind::Range, "1.01", Cosine),
            (Kind::Range, "-0.1", Cosine),
            (Kind::Range, "nan", Cosine),
            (Kind::Range, "ten", Euclidean),
            (Kind::Range, "-1", Euclidean),
            (Kind::Range, "inf", Euclidean),
        ] {
            let message = kind.parse(text, metric).unwrap_err().to_string();
            assert!(message.starts_with(&format!("\"{text}\"")), "{message}");
        }
    }
}
