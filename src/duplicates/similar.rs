//! Finds the pairs of a collection that may be copies, once: by a descriptor down to a floor, and by the small hash.

use std::collections::HashMap;

use super::collection::Collection;
use super::hashes::{HashPairing, NearHashes, hashes_of, near_hashes};
use super::settings::{HASH_LIMIT, floor};
use crate::cancel::Cancel;
use crate::descriptor::Row;
use crate::error::Result;
use crate::join::{DescriptorKind, Engine, JoinedFiles, Metric, Predicate, SetJoin, With};
use crate::parallel;
use crate::progress::Progress;
use crate::text::count;

/// The best pairs kept of each kind, per content.
const PAIRS_A_PICTURE: usize = 100;

/// How pictures are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Witnesses {
    /// By the small hash only: quick, and without the network.
    Hash,
    /// By a descriptor and the small hash.
    Both(DescriptorKind),
}

/// The similarity of two contents, the smaller index first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Likeness {
    pub contents: (u32, u32),
    /// The cosine similarity of the descriptors, unless below the [`floor`].
    pub value: Option<f64>,
    /// Differing bits of the small hashes, in the best orientation and upright; unless the first exceeds the limit.
    pub distance: Option<(u8, u8)>,
    /// For each of the two: whether the hash is of the picture inside a frame.
    pub in_frame: [bool; 2],
}

impl Likeness {
    /// From the value of the descriptors and from the small hashes, where near enough.
    pub fn new(contents: (u32, u32), value: Option<f64>, hashes: Option<NearHashes>) -> Likeness {
        let distance = hashes.map(|near| (near.distance, near.upright));
        Likeness { contents, value, distance, in_frame: hashes.map_or([false; 2], |near| near.in_frame) }
    }

    /// Whether they are near at this range; the hash ignores the range.
    pub fn is_within(&self, range: f64) -> bool {
        self.distance.is_some() || self.value.is_some_and(|value| value >= range)
    }

    /// Larger is more similar: by value, or without one, by distance.
    pub fn closeness(&self) -> f64 {
        self.value.unwrap_or_else(|| -1.0 - self.distance.map_or(0.0, |(distance, _)| f64::from(distance)))
    }

    /// `0.912`, or `7 bits off` without a value.
    pub fn text(&self) -> String {
        match (self.value, self.distance) {
            (Some(value), _) => format!("{value:.3}"),
            (None, Some((distance, _))) => format!("{} off", count(distance.into(), "bit")),
            (None, None) => String::new(),
        }
    }
}

/// All pairs, in the order of their contents.
#[derive(Clone, Debug, Default)]
pub struct SimilarPairs {
    pub pairs: Vec<Likeness>,
    /// Below this value, pairs were not searched or not kept.
    pub floor: f64,
    /// Whether there were more pairs than kept: those with the greatest hash distances are missing, or the floor was
    /// raised.
    pub is_cut: bool,
}

impl SimilarPairs {
    /// Compares all contents. By descriptor, searches pairs with a value of at least `from`; the fewer there are, the
    /// less time it takes. `progress` reports each of the two passes.
    pub fn among(
        collection: &Collection,
        witnesses: Witnesses,
        from: f64,
        engine: Engine,
        cancel: &Cancel,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<SimilarPairs> {
        let most = PAIRS_A_PICTURE * collection.contents().max(1);
        let progress = parking_lot::Mutex::new(progress);
        let mut similar = SimilarPairs { floor: 1.0, ..SimilarPairs::default() };
        let hashes = hashes_of(collection, &(0..collection.contents() as u32).collect::<Vec<_>>());
        let tell = |done| progress.lock()(done);
        let mut near = near_hashes(&hashes, HashPairing::All, HASH_LIMIT, engine.instructions, cancel, &tell)?;
        if near.len() > most {
            near.select_nth_unstable_by_key(most, |pair| (pair.distance, pair.pictures));
            near.truncate(most);
            similar.is_cut = true;
        }
        let mut near: HashMap<_, _> = near.into_iter().map(|near| (near.pictures, near)).collect();
        if let Witnesses::Both(descriptor) = witnesses {
            let mut best = Best { most, floor: from, pairs: Vec::new(), is_cut: false };
            let join = SetJoin {
                keys: collection.matrix(0..collection.contents() as u32),
                with: With::Themselves,
                files: JoinedFiles::default(),
                descriptor,
                metric: Metric::Cosine,
                predicate: Predicate::Range(best.floor),
            };
            join.run(engine, cancel, &mut |done| progress.lock()(done), &mut |group| {
                let key = Collection::content_of_row(&group.key);
                let pair = |row: &Row| (key, Collection::content_of_row(row));
                group.neighbours.iter().for_each(|n| best.take(pair(&n.row), n.value));
                Ok(())
            })?;
            similar.floor = best.shrink(most);
            similar.is_cut |= best.is_cut;
            let both = |(contents, value)| Likeness::new(contents, Some(value), near.remove(&contents));
            similar.pairs.extend(best.pairs.into_iter().map(both));
        }
        // Pairs found only by the hash get a value too.
        let value_of = |(a, b): (u32, u32)| match witnesses {
            Witnesses::Hash => None,
            Witnesses::Both(descriptor) => {
                let [a, b] = [a, b].map(|content| &collection.compared(content).row.descriptor);
                let value = descriptor.comparison().value(a, b, Metric::Cosine);
                (value >= floor(descriptor)).then_some(value)
            }
        };
        let of_hashes = |(contents, near): &(_, _)| Likeness::new(*contents, value_of(*contents), Some(*near));
        let near: Vec<_> = near.into_iter().collect();
        similar.pairs.extend(parallel::map_each(&near, of_hashes));
        // Independent of the order in which they were found.
        similar.pairs.sort_unstable_by_key(|pair| pair.contents);
        Ok(similar)
    }

    /// The similarity of these two contents, the smaller index first, if found.
    pub fn find(&self, a: u32, b: u32) -> Option<&Likeness> {
        self.pairs.binary_search_by_key(&(a, b), |likeness| likeness.contents).ok().map(|at| &self.pairs[at])
    }
}

/// The best pairs so far.
struct Best {
    most: usize,
    /// Nothing below it is kept any more.
    floor: f64,
    pairs: Vec<((u32, u32), f64)>,
    is_cut: bool,
}

impl Best {
    fn take(&mut self, contents: (u32, u32), value: f64) {
        if value >= self.floor {
            self.pairs.push((contents, value));
            if self.pairs.len() >= 2 * self.most {
                self.shrink(self.most);
            }
        }
    }

    /// Drops all but the best, and those tied with the worst of them: everything above the floor is complete.
    fn shrink(&mut self, most: usize) -> f64 {
        if self.pairs.len() > most {
            let (_, (_, worst), _) = self.pairs.select_nth_unstable_by(most, |a, b| b.1.total_cmp(&a.1));
            self.floor = worst.next_up();
            self.pairs.retain(|(_, value)| *value >= self.floor);
            self.is_cut = true;
        }
        self.floor
    }
}
