//! A short path through all points, on which consecutive points are near.
//!
//! Takes edges of the k-nearest-neighbour graph, shortest first, as long as both points have a free end and no cycle
//! closes (the greedy edge heuristic; Bentley, 1992, Fast algorithms for geometric traveling salesman problems). That
//! leaves pieces; their ends are joined in the same way, by the nearest among ends, until one piece is left. It is then
//! shortened ([`super::shorter`]).

use super::shorter::shorten;
use crate::cancel::Cancel;
use crate::error::Result;
use crate::map::NeighbourGraph;
use crate::progress::Progress;

/// Neighbours of each point that may follow it.
const NEIGHBOURS: usize = 10;
const NONE: u32 = u32::MAX;

/// The `k` nearest neighbours of each of some points (in ascending order), among these.
pub type NearestAmong<'a> = dyn FnMut(&[u32], usize, &mut (dyn FnMut(Progress) + Send)) -> Result<NeighbourGraph> + 'a;

/// All points, each once. `distance` is a metric. Ends early with [`crate::Error::Cancelled`].
pub fn path(
    count: usize,
    distance: &dyn Fn(u32, u32) -> f64,
    nearest: &mut NearestAmong,
    cancel: &Cancel,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Vec<u32>> {
    let all: Vec<u32> = (0..count as u32).collect();
    let graph = nearest(&all, NEIGHBOURS, &mut |found| progress(Progress::steps((found.part() * 500.0) as u64, 1000)))?;
    let near: Vec<Vec<u32>> = graph.nearest.iter().map(|near| near.iter().map(|near| near.point).collect()).collect();
    let mut pieces = Pieces::new(count);
    pieces.join(&all, &graph, distance);
    drop(graph);
    while pieces.count > 1 {
        let ends = pieces.ends();
        let graph = nearest(&ends, NEIGHBOURS, &mut |_| {})?;
        if !pieces.join(&ends, &graph, distance) {
            pieces.join_in_order();
        }
        cancel.check()?;
    }
    let mut told = |part: f64| progress(Progress::steps(600 + (part * 400.0) as u64, 1000));
    let circle = shorten(pieces.walk(), &near, distance, cancel, &mut told)?;
    Ok(opened(circle, distance))
}

/// The cycle, cut at its longest edge; of the two directions, the one that starts with the lower index.
fn opened(mut circle: Vec<u32>, distance: &dyn Fn(u32, u32) -> f64) -> Vec<u32> {
    let step = |at: usize| distance(circle[(at + circle.len() - 1) % circle.len()], circle[at]);
    // Of equal ones, the first.
    let Some(cut) = (0..circle.len()).rev().max_by(|a, b| step(*a).total_cmp(&step(*b))) else { return circle };
    circle.rotate_left(cut);
    if circle.first() > circle.last() {
        circle.reverse();
    }
    circle
}

/// Pieces of the path.
struct Pieces {
    /// The neighbours of each point along its piece.
    beside: Vec<[u32; 2]>,
    /// A representative of each point's piece, as in a union-find structure.
    leader: Vec<u32>,
    count: usize,
}

impl Pieces {
    fn new(count: usize) -> Pieces {
        Pieces { beside: vec![[NONE; 2]; count], leader: (0..count as u32).collect(), count }
    }

    fn has_end(&self, point: u32) -> bool {
        self.beside[point as usize].contains(&NONE)
    }

    fn ends(&self) -> Vec<u32> {
        (0..self.beside.len() as u32).filter(|point| self.has_end(*point)).collect()
    }

    fn leader(&mut self, mut point: u32) -> u32 {
        while self.leader[point as usize] != point {
            let further = self.leader[self.leader[point as usize] as usize];
            self.leader[point as usize] = further;
            point = further;
        }
        point
    }

    /// Takes edges from `points` to near points, shortest first. Returns whether any could be taken.
    fn join(&mut self, points: &[u32], graph: &NeighbourGraph, distance: &dyn Fn(u32, u32) -> f64) -> bool {
        let before = self.count;
        let mut edges: Vec<(u32, u32)> = Vec::new();
        for (from, near) in points.iter().zip(&graph.nearest) {
            edges.extend(near.iter().map(|near| ((*from).min(near.point), (*from).max(near.point))));
        }
        edges.sort_unstable();
        edges.dedup();
        let mut edges: Vec<_> = edges.into_iter().map(|(a, b)| (distance(a, b), a, b)).collect();
        edges.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (_, a, b) in edges {
            self.link(a, b);
        }
        self.count < before
    }

    fn link(&mut self, a: u32, b: u32) {
        let leaders = [a, b].map(|point| self.leader(point));
        if leaders[0] == leaders[1] || !self.has_end(a) || !self.has_end(b) {
            return;
        }
        for (one, other) in [(a, b), (b, a)] {
            let free = self.beside[one as usize].iter_mut().find(|beside| **beside == NONE);
            *free.expect("it is an end") = other;
        }
        self.leader[leaders[0].max(leaders[1]) as usize] = leaders[0].min(leaders[1]);
        self.count -= 1;
    }

    /// Joins pieces one after another, where nothing is known to be near.
    fn join_in_order(&mut self) {
        let ends = self.ends();
        for at in 1..ends.len() {
            self.link(ends[at - 1], ends[at]);
        }
    }

    /// The remaining piece, from its end with the lowest index.
    fn walk(&self) -> Vec<u32> {
        let Some(first) = self.ends().first().copied() else { return Vec::new() };
        let (mut walked, mut before) = (vec![first], NONE);
        while let Some(here) = walked.last().copied() {
            let [a, b] = self.beside[here as usize];
            // A piece of a single point has no neighbours.
            let next = if a == before { b } else { a };
            if next == NONE {
                break;
            }
            before = here;
            walked.push(next);
        }
        walked
    }
}
