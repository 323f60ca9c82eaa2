//! The core of each group of near-duplicates: a star, a picture with others that are all near it.
//!
//! Chains are not stars: if a is near b and b near c, a and c may have nothing in common. Stars are chosen greedily: the
//! picture with the most neighbours that are in no star yet (ties: the one with the closer best neighbour, then the
//! smaller number) takes them all. A picture whose neighbours are all taken is in no star; `duplicates` adds it to the
//! group of its closest neighbour, where it is never marked in favour of a picture that it isn't like.

use std::collections::BinaryHeap;

/// A picture and those near it, the closest first; by number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Star {
    pub centre: u32,
    pub others: Vec<u32>,
}

impl Star {
    pub fn contents(&self) -> impl Iterator<Item = u32> {
        std::iter::once(self.centre).chain(self.others.iter().copied())
    }
}

/// Two pictures near each other (each pair once), and their closeness: larger is closer.
pub type Edge = ((u32, u32), f64);

/// The stars of `edges`, in the order chosen.
pub fn stars(edges: &[Edge]) -> Vec<Star> {
    let mut sky = Sky::new(edges);
    let mut candidates: BinaryHeap<_> = (0..sky.points.len()).filter_map(|at| sky.candidate(at)).collect();
    let mut stars = Vec::new();
    // Stars chosen since can only make a candidate worse. The first one that is unchanged is therefore the best.
    while let Some(promised) = candidates.pop() {
        let Some(candidate) = sky.candidate(promised.at) else { continue };
        if candidate < promised {
            candidates.push(candidate);
        } else {
            stars.push(sky.take(promised.at));
        }
    }
    stars
}

/// The pictures that are near another one, by number, with their neighbours.
struct Sky {
    points: Vec<Point>,
}

struct Point {
    number: u32,
    /// Neighbours by index, with the closeness; closest first, then by number.
    near: Vec<(usize, f64)>,
    /// How many of them are in no star yet.
    free: usize,
    taken: bool,
}

impl Sky {
    fn new(edges: &[Edge]) -> Sky {
        let mut numbers: Vec<u32> = edges.iter().flat_map(|((a, b), _)| [*a, *b]).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let at = |number: u32| numbers.binary_search(&number).expect("all of them are there");
        let mut near = vec![Vec::new(); numbers.len()];
        for ((a, b), closeness) in edges {
            let (a, b) = (at(*a), at(*b));
            near[a].push((b, *closeness));
            near[b].push((a, *closeness));
        }
        let point = |(number, mut near): (u32, Vec<(usize, f64)>)| {
            near.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            Point { number, free: near.len(), near, taken: false }
        };
        Sky { points: numbers.into_iter().zip(near).map(point).collect() }
    }

    /// Neighbours of a picture that are in no star yet, closest first.
    fn free(&self, at: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.points[at].near.iter().copied().filter(|(near, _)| !self.points[*near].taken)
    }

    /// A picture as the centre of the next star; None if it can't be one.
    fn candidate(&self, at: usize) -> Option<Centre> {
        let picture = &self.points[at];
        let (_, best) = self.free(at).next().filter(|_| !picture.taken)?;
        Some(Centre { free: picture.free, best, at })
    }

    fn take(&mut self, centre: usize) -> Star {
        let members: Vec<_> = self.free(centre).map(|(at, _)| at).collect();
        for at in members.iter().copied().chain([centre]) {
            self.points[at].taken = true;
            for i in 0..self.points[at].near.len() {
                let (near, _) = self.points[at].near[i];
                self.points[near].free -= 1;
            }
        }
        let number = |at: usize| self.points[at].number;
        Star { centre: number(centre), others: members.into_iter().map(number).collect() }
    }
}

/// Better ones are greater.
struct Centre {
    free: usize,
    best: f64,
    at: usize,
}

impl Ord for Centre {
    fn cmp(&self, other: &Centre) -> std::cmp::Ordering {
        self.free.cmp(&other.free).then(self.best.total_cmp(&other.best)).then(other.at.cmp(&self.at))
    }
}

impl PartialOrd for Centre {
    fn partial_cmp(&self, other: &Centre) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Centre {
    fn eq(&self, other: &Centre) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Centre {}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    /// `centre: other other`
    fn seen(stars: &[Star]) -> Vec<String> {
        let text = |numbers: &[u32]| numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(" ");
        stars.iter().map(|star| format!("{}: {}", star.centre, text(&star.others))).collect()
    }

    #[test]
    fn a_chain_is_cut_where_nearness_ends() {
        let chain = [((0, 1), 0.9), ((1, 2), 0.9), ((2, 3), 0.9), ((3, 4), 0.9)];
        assert_eq!(seen(&stars(&chain)), ["1: 0 2", "3: 4"]);
        // 3, whose neighbours are all taken, is in no star.
        assert_eq!(seen(&stars(&chain[..3])), ["1: 0 2"]);
    }

    #[test]
    fn the_fullest_star_is_first_to_choose_then_the_closest_then_the_first() {
        let edges = [((0, 1), 0.99), ((1, 2), 0.8), ((1, 3), 0.85), ((8, 9), 0.95)];
        assert_eq!(seen(&stars(&edges)), ["1: 0 3 2", "8: 9"]);
        assert_eq!(seen(&stars(&[((0, 1), -5.0), ((1, 2), -1.0)])), ["1: 2 0"]);
        assert_eq!(seen(&stars(&[((4, 5), 1.0), ((0, 1), 1.0), ((0, 2), 0.9)])), ["0: 1 2", "4: 5"]);
        assert_eq!(seen(&stars(&[])), [""; 0]);
    }

    /// As the head of this file says it, without any thought of speed.
    fn plainly(edges: &[Edge]) -> Vec<String> {
        let mut near: BTreeMap<u32, Vec<(u32, f64)>> = BTreeMap::new();
        for ((a, b), closeness) in edges {
            near.entry(*a).or_default().push((*b, *closeness));
            near.entry(*b).or_default().push((*a, *closeness));
        }
        let mut stars = Vec::new();
        loop {
            let best = |near: &[(u32, f64)]| near.iter().map(|n| n.1).max_by(f64::total_cmp).unwrap();
            let centres = near.iter().filter(|(_, near)| !near.is_empty());
            let centre = centres.min_by(|(number, near), (other, others)| {
                let more = others.len().cmp(&near.len());
                more.then(best(others).total_cmp(&best(near))).then(number.cmp(other))
            });
            let Some((centre, mut members)) = centre.map(|(c, m)| (*c, m.clone())) else { break };
            members.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            let gone: BTreeSet<_> = members.iter().map(|m| m.0).chain([centre]).collect();
            near.retain(|number, _| !gone.contains(number));
            near.values_mut().for_each(|near| near.retain(|(number, _)| !gone.contains(number)));
            stars.push(Star { centre, others: members.into_iter().map(|m| m.0).collect() });
        }
        seen(&stars)
    }

    proptest! {
        #[test]
        fn stars_are_disjoint_near_their_centres_and_chosen_greedily(
            edges in prop::collection::btree_map((0u32..12, 0u32..12), 0u8..4, 0..40),
        ) {
            let edges: Vec<_> =
                edges.into_iter().filter(|((a, b), _)| a < b).map(|(pair, v)| (pair, f64::from(v) / 4.0)).collect();
            let found = stars(&edges);
            let is_near = |a: u32, b: u32| edges.iter().any(|(pair, _)| *pair == (a.min(b), a.max(b)));
            let mut in_a_star = BTreeSet::new();
            for star in &found {
                prop_assert!(!star.others.is_empty());
                prop_assert!(star.contents().all(|number| in_a_star.insert(number)), "one is in two stars");
                prop_assert!(star.others.iter().all(|other| is_near(star.centre, *other)));
            }
            // Of two near each other, at least one is in a star.
            prop_assert!(edges.iter().all(|((a, b), _)| in_a_star.contains(a) || in_a_star.contains(b)));
            prop_assert_eq!(seen(&found), plainly(&edges));
        }
    }
}
