//! The k nearest neighbours of each picture, found by the join.

use crate::cancel::Cancel;
use crate::descriptor::FeatureMatrix;
use crate::duplicates::Collection;
use crate::error::Result;
use crate::join::{DescriptorKind, Engine, JoinedFiles, Metric, Predicate, SetJoin, With};
use crate::progress::Progress;

use super::points::POOLING;

/// The nearest neighbours of each point.
pub struct NeighbourGraph {
    /// For each point the k nearest, nearest first; fewer if there are no more.
    pub nearest: Vec<Vec<GraphNeighbour>>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GraphNeighbour {
    pub point: u32,
    /// Euclidean distance of pooled descriptors of length 1: 0 to √2.
    pub distance: f64,
}

impl NeighbourGraph {
    /// For rows under the names that [`Collection::matrix`] gives them.
    pub fn find(
        matrix: FeatureMatrix,
        k: usize,
        engine: Engine,
        cancel: &Cancel,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<NeighbourGraph> {
        let join = SetJoin {
            keys: matrix,
            with: With::Themselves,
            files: JoinedFiles::default(),
            descriptor: DescriptorKind::Pooled(POOLING),
            metric: Metric::Euclidean,
            predicate: Predicate::Knn(k.max(1)),
        };
        let mut nearest = Vec::with_capacity(join.keys.len());
        join.run(engine, cancel, progress, &mut |group| {
            let neighbours = group.neighbours.iter().map(|neighbour| GraphNeighbour {
                point: Collection::content_of_row(&neighbour.row),
                distance: neighbour.value,
            });
            nearest.push(neighbours.collect());
            Ok(())
        })?;
        Ok(NeighbourGraph { nearest })
    }
}
