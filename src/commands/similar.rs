//! Which pictures are results: the descriptor, metric and predicate.

use clap::Args;

use super::words::one_of;
use crate::error::Result;
use crate::join::{DescriptorKind, Kind, Metric, Predicate};

/// k, if neither k nor a range is given.
const KNN: &str = "10";

#[derive(Debug, Args)]
pub struct Similar {
    /// Use the reference system's settings: descriptor full, cosine, the 10 nearest
    #[arg(long, conflicts_with_all = ["descriptor", "metric", "knn", "range"])]
    as_reference: bool,

    /// By which descriptor
    #[arg(long, help = format!("The descriptor to compare: {}", DescriptorKind::all_in_words()))]
    #[arg(value_parser = one_of(DescriptorKind::ALL.map(|kind| (kind.name(), kind))))]
    #[arg(default_value = DescriptorKind::default().name(), hide_possible_values = true)]
    descriptor: DescriptorKind,

    /// The metric: cosine (similarity, larger is more similar) or euclidean (distance, smaller is more similar)
    #[arg(long, value_parser = one_of(Metric::ALL.map(|metric| (metric.name(), metric))))]
    #[arg(default_value = Metric::default().name(), hide_possible_values = true)]
    pub metric: Metric,

    /// Find the K nearest pictures [default: 10, unless a range is given]
    #[arg(short = 'k', long, value_name = "K", conflicts_with = "range", allow_hyphen_values = true)]
    knn: Option<String>,

    /// Find all pictures within a range: with a similarity of at least R (cosine, 0 to 1), or at a distance of at most
    /// R (euclidean, from 0)
    #[arg(long, value_name = "R", allow_hyphen_values = true)]
    range: Option<String>,
}

impl Similar {
    pub fn descriptor(&self) -> DescriptorKind {
        if self.as_reference { DescriptorKind::Full } else { self.descriptor }
    }

    pub fn predicate(&self) -> Result<Predicate> {
        match (&self.knn, &self.range) {
            (_, Some(range)) => Kind::Range.parse(range, self.metric),
            (knn, None) => Kind::Knn.parse(knn.as_deref().unwrap_or(KNN), self.metric),
        }
    }
}
