//! How alone a picture is. Ramaswamy, Rastogi and Shim, 2000, Efficient algorithms for mining outliers from large data sets: the
//! distance to the k-th nearest neighbour.

use crate::map::{GraphNeighbour, NeighbourGraph};

/// A few copies of a picture don't make it less alone; more than a handful are company.
pub const SOLITUDE_NEIGHBOURS: usize = 5;

/// Of each point its distance to the k-th neighbour, k = 5, or to the last one where there are fewer; 0 where there is none.
pub fn solitude(graph: &NeighbourGraph) -> Vec<f64> {
    let last = |near: &Vec<GraphNeighbour>| {
        near.iter().take(SOLITUDE_NEIGHBOURS).next_back().map_or(0.0, |near| near.distance)
    };
    graph.nearest.iter().map(last).collect()
}
