//! How alone a picture is. Ramaswamy, Rastogi and Shim, 2000, Efficient algorithms for mining outliers from large data sets: the
//! distance to the k-th nearest neighbour.

use crate::map::NeighbourGraph;

/// A few copies of a picture don't make it less alone; more than a handful are company.
const K: usize = 5;

/// How many neighbours [`solitude`] wants to know.
pub fn solitude_neighbours() -> usize {
    K
}

/// Of each point its distance to the k-th neighbour, k = 5, or to the last one where there are fewer; 0 where there is none.
pub fn solitude(graph: &NeighbourGraph) -> Vec<f64> {
    let last =
        |near: &Vec<_>| near.iter().take(K).next_back().map_or(0.0, |near: &crate::map::GraphNeighbour| near.distance);
    graph.nearest.iter().map(last).collect()
}
