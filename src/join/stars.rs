//! Near-duplicates in groups: each is a star, a picture and others that are all within the range of it.
//!
//! Not chains: where a is near b and b near c, a and c may have nothing in common, and whoever deletes duplicates must
//! not be told that they have. Stars are chosen one after another: the picture with the most neighbours that are in no
//! star yet (then the one with the better best value, then by name) takes all of these. A picture whose neighbours have
//! all been taken is in no group.

use std::collections::BinaryHeap;
use std::sync::Arc;

use super::best_pairs::Pair;
use super::metric::Metric;
use super::neighbour::Neighbour;
use super::set_join::Group;
use crate::descriptor::Row;

/// The stars in `pairs`, the results of a range self-join: best value first, then the larger one, then by name. The key
/// of each is its centre.
pub fn stars(pairs: &[Pair], metric: Metric) -> Vec<Group> {
    let mut sky = Sky::new(pairs, metric);
    let mut candidates: BinaryHeap<_> = (0..sky.points.len()).filter_map(|at| sky.candidate(at)).collect();
    let mut groups = Vec::new();
    // What has been taken since makes a candidate worse, never better: the first one that is still as good is the best.
    while let Some(promised) = candidates.pop() {
        let Some(candidate) = sky.candidate(promised.at) else { continue };
        if candidate < promised {
            candidates.push(candidate);
        } else {
            groups.push(sky.take(promised.at));
        }
    }
    groups.sort_by(|a, b| {
        let value = metric.compare(a.neighbours[0].value, b.neighbours[0].value);
        let size = b.neighbours.len().cmp(&a.neighbours.len());
        value.then(size).then_with(|| a.key.name.cmp(&b.key.name))
    });
    groups
}

/// The pictures, sorted by name, and who is near whom.
struct Sky {
    metric: Metric,
    points: Vec<Point>,
}

struct Point {
    row: Arc<Row>,
    /// By number, with the value; best first, then by name.
    near: Vec<(usize, f64)>,
    /// How many of them are in no star yet.
    free: usize,
    taken: bool,
}

impl Sky {
    fn new(pairs: &[Pair], metric: Metric) -> Sky {
        let mut rows: Vec<_> = pairs.iter().flat_map(|p| [&p.key, &p.neighbour.row]).cloned().collect();
        rows.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        rows.dedup_by(|a, b| a.name == b.name);
        let at = |row: &Row| rows.binary_search_by(|r| r.name.cmp(&row.name)).expect("all of them are there");
        let mut near = vec![Vec::new(); rows.len()];
        for pair in pairs {
            let (a, b, value) = (at(&pair.key), at(&pair.neighbour.row), pair.neighbour.value);
            near[a].push((b, value));
            near[b].push((a, value));
        }
        let picture = |(row, mut near): (Arc<Row>, Vec<(usize, f64)>)| {
            near.sort_unstable_by(|a, b| metric.compare(a.1, b.1).then(a.0.cmp(&b.0)));
            Point { row, free: near.len(), near, taken: false }
        };
        Sky { metric, points: rows.into_iter().zip(near).map(picture).collect() }
    }

    /// Neighbours of a picture that are in no star yet, best first.
    fn free(&self, at: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.points[at].near.iter().copied().filter(|(near, _)| !self.points[*near].taken)
    }

    /// A picture as the centre of the next star; None if it can't be one.
    fn candidate(&self, at: usize) -> Option<Centre> {
        let picture = &self.points[at];
        let (_, best) = self.free(at).next().filter(|_| !picture.taken)?;
        Some(Centre { metric: self.metric, free: picture.free, best, at })
    }

    fn take(&mut self, centre: usize) -> Group {
        let members: Vec<_> = self.free(centre).collect();
        for at in members.iter().map(|(at, _)| *at).chain([centre]) {
            self.points[at].taken = true;
            for i in 0..self.points[at].near.len() {
                let (near, _) = self.points[at].near[i];
                self.points[near].free -= 1;
            }
        }
        let neighbour = |(at, value): (usize, f64)| Neighbour { row: self.points[at].row.clone(), value };
        Group { key: self.points[centre].row.clone(), neighbours: members.into_iter().map(neighbour).collect() }
    }
}

/// Better ones are greater.
struct Centre {
    metric: Metric,
    free: usize,
    best: f64,
    /// By name.
    at: usize,
}

impl Ord for Centre {
    fn cmp(&self, other: &Centre) -> std::cmp::Ordering {
        let value = self.metric.compare(other.best, self.best);
        self.free.cmp(&other.free).then(value).then(other.at.cmp(&self.at))
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
    use crate::descriptor::Descriptor;

    fn row(name: &str) -> Arc<Row> {
        Arc::new(Row::new(name, None, Descriptor::default()))
    }

    fn pair(key: &str, file: &str, value: f64) -> Pair {
        Pair { key: row(key), neighbour: Neighbour { row: row(file), value } }
    }

    /// `centre: member member`
    fn seen(groups: &[Group]) -> Vec<String> {
        let seen = |g: &Group| {
            let members: Vec<_> = g.neighbours.iter().map(|n| n.row.name.as_str()).collect();
            format!("{}: {}", g.key.name, members.join(" "))
        };
        groups.iter().map(seen).collect()
    }

    #[test]
    fn a_chain_is_cut_where_the_range_ends() {
        let chain = [pair("a", "b", 0.9), pair("b", "c", 0.9), pair("c", "d", 0.9), pair("d", "e", 0.9)];
        assert_eq!(seen(&stars(&chain, Metric::Cosine)), ["b: a c", "d: e"]);
        // d, whose neighbours are all taken, is in no group.
        assert_eq!(seen(&stars(&chain[..3], Metric::Cosine)), ["b: a c"]);
    }

    #[test]
    fn the_fullest_star_is_first_to_choose_then_the_closest_then_by_name() {
        let pairs = [pair("a", "b", 0.99), pair("b", "c", 0.8), pair("b", "d", 0.85), pair("x", "y", 0.95)];
        assert_eq!(seen(&stars(&pairs, Metric::Cosine)), ["b: a d c", "x: y"]);
        let closest = [pair("a", "b", 5.0), pair("b", "c", 1.0)];
        assert_eq!(seen(&stars(&closest, Metric::Euclidean)), ["b: c a"]);
        let twins = [pair("p", "q", 1.0), pair("a", "b", 1.0), pair("a", "c", 0.9)];
        assert_eq!(seen(&stars(&twins, Metric::Cosine)), ["a: b c", "p: q"]);
        assert_eq!(seen(&stars(&[], Metric::Cosine)), [""; 0]);
    }

    /// As the head of this file says it, without any thought of speed.
    fn plainly(pairs: &[Pair], metric: Metric) -> Vec<String> {
        let mut near: BTreeMap<String, Vec<(String, f64)>> = BTreeMap::new();
        for pair in pairs {
            let (a, b, value) = (&pair.key.name, &pair.neighbour.row.name, pair.neighbour.value);
            near.entry(a.clone()).or_default().push((b.clone(), value));
            near.entry(b.clone()).or_default().push((a.clone(), value));
        }
        let mut groups = Vec::new();
        loop {
            let best = |near: &[(String, f64)]| near.iter().map(|n| n.1).min_by(|a, b| metric.compare(*a, *b)).unwrap();
            let centres = near.iter().filter(|(_, near)| !near.is_empty());
            let centre = centres.min_by(|(name, near), (other, others)| {
                let more = others.len().cmp(&near.len());
                more.then(metric.compare(best(near), best(others))).then(name.cmp(other))
            });
            let Some((centre, members)) = centre.map(|(c, m)| (c.clone(), m.clone())) else { break };
            let mut members = members;
            members.sort_by(|a, b| metric.compare(a.1, b.1).then(a.0.cmp(&b.0)));
            let gone: BTreeSet<_> = members.iter().map(|m| m.0.clone()).chain([centre.clone()]).collect();
            near.retain(|name, _| !gone.contains(name));
            near.values_mut().for_each(|near| near.retain(|(name, _)| !gone.contains(name)));
            groups.push((members[0].1, members.len(), centre, members));
        }
        groups.sort_by(|a, b| metric.compare(a.0, b.0).then(b.1.cmp(&a.1)).then(a.2.cmp(&b.2)));
        let text = |members: Vec<(String, f64)>| members.into_iter().map(|m| m.0).collect::<Vec<_>>().join(" ");
        groups.into_iter().map(|(_, _, centre, members)| format!("{centre}: {}", text(members))).collect()
    }

    proptest! {
        #[test]
        fn stars_are_disjoint_within_the_range_and_chosen_greedily(
            edges in prop::collection::btree_map((0u8..12, 0u8..12), 0u8..4, 0..40),
            metric in prop::sample::select(Metric::ALL.to_vec()),
        ) {
            let name = |at: u8| format!("{at:02}");
            let once = edges.iter().filter(|((a, b), _)| a < b);
            let pairs: Vec<_> = once.map(|((a, b), v)| pair(&name(*a), &name(*b), f64::from(*v) / 4.0)).collect();
            let groups = stars(&pairs, metric);
            let mut in_a_group = BTreeSet::new();
            for group in &groups {
                prop_assert!(!group.neighbours.is_empty());
                prop_assert!(in_a_group.insert(group.key.name.clone()), "{} twice", group.key.name);
                for member in &group.neighbours {
                    prop_assert!(in_a_group.insert(member.row.name.clone()), "{} twice", member.row.name);
                    let (a, b) = (group.key.name.as_str(), member.row.name.as_str());
                    let (a, b) = (a.min(b), a.max(b));
                    prop_assert!(pairs.contains(&pair(a, b, member.value)), "{a} and {b} are not within the range");
                }
            }
            // Of two near each other, at least one is in a group.
            for pair in &pairs {
                prop_assert!(in_a_group.contains(&pair.key.name) || in_a_group.contains(&pair.neighbour.row.name));
            }
            prop_assert_eq!(seen(&groups), plainly(&pairs, metric));
        }
    }
}
