//! How alike two descriptors are: cosine similarity or Euclidean distance.

use std::cmp::Ordering;

use crate::features::Descriptor;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Metric {
    /// <x, y> / (|x| |y|), in 0..1 as descriptors have no negative values; larger is more similar. 0 if either is zero.
    #[default]
    Cosine,
    /// |x - y|, from 0; smaller is more similar.
    Euclidean,
}

impl Metric {
    pub const ALL: [Metric; 2] = [Metric::Cosine, Metric::Euclidean];

    pub fn name(self) -> &'static str {
        match self {
            Metric::Cosine => "cosine",
            Metric::Euclidean => "euclidean",
        }
    }

    /// What a value is called where there is little room.
    pub fn short(self) -> &'static str {
        match self {
            Metric::Cosine => "cos",
            Metric::Euclidean => "dist",
        }
    }

    /// In words: which values are the better ones.
    pub fn direction(self) -> &'static str {
        match self {
            Metric::Cosine => "similarity, larger is more similar",
            Metric::Euclidean => "distance, smaller is more similar",
        }
    }

    /// The exact value: float64 sums of exact products (or differences) of float32 values, in index order.
    pub fn value(self, a: &Descriptor, b: &Descriptor) -> f64 {
        match self {
            Metric::Cosine => a.cosine(b),
            Metric::Euclidean => a.squared_distance(b).sqrt(),
        }
    }

    /// The better value first.
    pub fn compare(self, a: f64, b: f64) -> Ordering {
        match self {
            Metric::Cosine => b.total_cmp(&a),
            Metric::Euclidean => a.total_cmp(&b),
        }
    }

    /// `value` with as many digits as tell results apart.
    pub fn format(self, value: f64) -> String {
        match self {
            Metric::Cosine => format!("{value:.3}"),
            // Descriptors of length 1 are at most 2 apart.
            Metric::Euclidean if value <= 2.0 => format!("{value:.3}"),
            Metric::Euclidean => format!("{value:.1}"),
        }
    }
}

impl std::fmt::Display for Metric {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.pad(self.name())
    }
}
