//! Communities of the nearest-neighbour graph: points with more edges among themselves than to others.
//!
//! Traag, Waltman and van Eck, 2019, From Louvain to Leiden: guaranteeing well-connected communities. Maximizes the
//! modularity with a resolution γ (Reichardt and Bornholdt, 2006, Statistical mechanics of community detection): the
//! edges inside communities, minus γ times the number expected if edges were random.

use leiden_rs::{GraphData, GraphDataBuilder, Leiden, LeidenConfig, LeidenOutput, QualityType};

use crate::map::NeighbourGraph;
use crate::parallel;

/// Points are tried in an order drawn from a seed; the best of these seeds wins. They are fixed.
const SEEDS: usize = 4;

/// The index of each point's community. An edge counts twice if both points are among each other's nearest. A higher
/// `resolution` (above 0; usually 1) gives more and smaller communities.
pub fn communities(graph: &NeighbourGraph, resolution: f64) -> Vec<usize> {
    let count = graph.nearest.len();
    let mut ends: Vec<(usize, usize)> = Vec::new();
    for (from, near) in graph.nearest.iter().enumerate() {
        ends.extend(near.iter().map(|near| near.point as usize).map(|to| (from.min(to), from.max(to))));
    }
    ends.sort_unstable();
    // Without edges, each point is alone.
    if ends.is_empty() {
        return (0..count).collect();
    }
    let mut builder = GraphDataBuilder::new(count);
    for same in ends.chunk_by(|a, b| a == b) {
        builder.add_edge(same[0].0, same[0].1, same.len() as f64).expect("both are points, and it is more than 0");
    }
    let data = builder.build().expect("edges were checked");
    let found: Vec<LeidenOutput> = parallel::map(SEEDS, |seed| found(&data, resolution, seed as u64));
    // Of equal ones, the first.
    let best = found.into_iter().rev().max_by(|a, b| a.quality.total_cmp(&b.quality)).expect("there are seeds");
    best.partition.as_slice().to_vec()
}

/// The best communities from this seed: repeats until there is no improvement.
fn found(data: &GraphData, resolution: f64, seed: u64) -> LeidenOutput {
    let quality = QualityType::RBConfiguration;
    let leiden = Leiden::new(LeidenConfig { resolution, seed: Some(seed), quality, ..LeidenConfig::default() });
    let usable = "the resolution is more than 0";
    let mut found = leiden.run(data).expect(usable);
    loop {
        let next = leiden.run_with_initial_partition(data, found.partition.clone()).expect(usable);
        if next.quality <= found.quality {
            return found;
        }
        found = next;
    }
}
