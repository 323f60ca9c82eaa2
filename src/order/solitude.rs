//! How isolated a picture is. Ramaswamy, Rastogi and Shim, 2000, Efficient algorithms for mining outliers from large
//! data sets: the distance to the k-th nearest neighbour.

use crate::map::{GraphNeighbour, NeighbourGraph};

/// A few copies of a picture don't make it less of an outlier; more than a handful do.
pub const SOLITUDE_NEIGHBOURS: usize = 5;

/// Each point's distance to its k-th neighbour, k = 5, or to the last one if there are fewer; 0 if there is none.
pub fn solitude(graph: &NeighbourGraph) -> Vec<f64> {
    let last = |near: &Vec<GraphNeighbour>| {
        near.iter().take(SOLITUDE_NEIGHBOURS).next_back().map_or(0.0, |near| near.distance)
    };
    graph.nearest.iter().map(last).collect()
}
