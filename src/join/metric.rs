//! How alike two descriptors are: cosine similarity or Euclidean distance.

use std::cmp::Ordering;

use crate::descriptor::{Descriptor, DescriptorKind, cosine};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Metric {
    /// <x, y> / (|x| |y|), in 0..1 as descriptors have no negative values; larger is more similar. 0 if either is zero.
    #[default]
    Cosine,
    /// |x - y|, from 0; smaller is more similar.
    Euclidean,
}

/// Where fractions of a distance begin to mean something: full descriptors are hundreds apart, those of length 1 at most 2.
const FAR: f64 = 10.0;

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

    /// The exact value of two full descriptors, compared by `descriptor`: float64 sums of exact products (or differences) of
    /// float32 values, in index order; or of regions.
    pub fn value(self, descriptor: DescriptorKind, a: &Descriptor, b: &Descriptor) -> f64 {
        if descriptor == DescriptorKind::Regions {
            let (a, b) = (a.regions(), b.regions());
            return self.of_unit(cosine(a.dot(b), a.squared_norm(), b.squared_norm()));
        }
        let (a, b) = (a.compared_by(descriptor), b.compared_by(descriptor));
        match self {
            Metric::Cosine => a.cosine(b),
            Metric::Euclidean => a.squared_distance(b).sqrt(),
        }
    }

    /// The value of descriptors of length 1 with this cosine similarity.
    pub fn of_unit(self, cosine: f64) -> f64 {
        match self {
            Metric::Cosine => cosine,
            Metric::Euclidean => (2.0 - 2.0 * cosine).sqrt(),
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
            Metric::Euclidean if value >= FAR => format!("{value:.1}"),
            _ => format!("{value:.3}"),
        }
    }

    /// A range that lets `value` pass, rounded to what one would type.
    pub fn range_around(self, value: f64) -> f64 {
        match self {
            Metric::Cosine => (value * 100.0).floor() / 100.0,
            Metric::Euclidean if value >= FAR => (value / 10.0).ceil() * 10.0,
            Metric::Euclidean => (value * 100.0).ceil() / 100.0,
        }
    }
}

impl std::fmt::Display for Metric {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.pad(self.name())
    }
}
