//! Finds all pairs of small hashes that differ in few bits.

use std::sync::atomic::{AtomicUsize, Ordering};

use pulp::NullaryFnOnce;
use rayon::prelude::*;

use super::collection::Collection;
use crate::cancel::Cancel;
use crate::dataset::PerceptualHash;
use crate::error::Result;
use crate::parallel;
use crate::progress::Progress;
use crate::simd::{Instructions, Integers, Kernel, WithInstructions, vectorize};

/// Two pictures whose hashes are near in some orientation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NearHashes {
    /// The smaller index first.
    pub pictures: (u32, u32),
    /// Differing bits in the best orientation.
    pub distance: u8,
    /// Differing bits when upright.
    pub upright: u8,
    /// For each of the two: whether it is the hash of the picture inside a frame.
    pub in_frame: [bool; 2],
}

/// A hash of a whole picture, or of the picture inside its frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureHash {
    pub picture: u32,
    pub is_inside: bool,
    pub hash: PerceptualHash,
}

/// Keys that a thread takes at a time.
const KEYS: usize = 64;
/// Rows whose first words are compared at a time, so that their distances stay in the cache.
const ROWS: usize = 256;

/// Which pictures to compare with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashPairing {
    All,
    /// Each of the first ones with each of the others.
    FirstWithOthers(usize),
}

/// The hashes of these contents, numbered in their order: some have none, some have two.
pub fn hashes_of(collection: &Collection, contents: &[u32]) -> Vec<PictureHash> {
    let of = |number: usize| {
        let row = &collection.compared(contents[number]).row;
        [(false, row.hash()), (true, row.hash_inside())].map(|(is_inside, hash)| {
            let hash = hash.filter(|hash| !hash.is_featureless())?;
            Some(PictureHash { picture: number as u32, is_inside, hash })
        })
    };
    parallel::map(contents.len(), of).into_iter().flatten().flatten().collect()
}

/// Pictures with two hashes that differ in at most `limit` bits, in order; each pair once, with its nearest hashes.
/// `hashes`: in the order of their pictures. `progress` counts hashes, now and then.
pub fn near_hashes(
    hashes: &[PictureHash],
    compared: HashPairing,
    limit: u32,
    instructions: Instructions,
    cancel: &Cancel,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Vec<NearHashes>> {
    let words: Vec<PerceptualHash> = hashes.iter().map(|of| of.hash).collect();
    let columns: [Vec<u64>; 4] = std::array::from_fn(|word| words.iter().map(|hash| hash.0[word]).collect());
    let done = AtomicUsize::new(0);
    let (all_keys, first_row) = match compared {
        HashPairing::All => (words.len(), 0),
        HashPairing::FirstWithOthers(first) => {
            let keys = hashes.partition_point(|of| (of.picture as usize) < first);
            (keys, keys)
        }
    };
    let blocks = parallel::try_map(all_keys.div_ceil(KEYS), |block| {
        cancel.check()?;
        let keys = block * KEYS..((block + 1) * KEYS).min(all_keys);
        let block = HashBlock { words: &words, columns: &columns, keys: keys.clone(), first_row, limit };
        let found = instructions.with(block);
        let done = done.fetch_add(keys.len(), Ordering::Relaxed) + keys.len();
        progress(Progress::hashes(done, all_keys));
        Ok(found)
    });
    let mut near = Vec::new();
    for block in blocks? {
        near.extend(block.into_iter().filter_map(|mut found| {
            let [a, b] = [found.pictures.0, found.pictures.1].map(|at| hashes[at as usize]);
            (found.pictures, found.in_frame) = ((a.picture, b.picture), [a.is_inside, b.is_inside]);
            (found.pictures.0 != found.pictures.1).then_some(found)
        }));
    }
    near.par_sort_unstable_by_key(|found| (found.pictures, found.distance, found.upright, found.in_frame));
    near.dedup_by_key(|found| found.pictures);
    Ok(near)
}

/// Some keys, each against the later hashes from `first_row` on.
struct HashBlock<'a> {
    words: &'a [PerceptualHash],
    columns: &'a [Vec<u64>; 4],
    keys: std::ops::Range<usize>,
    first_row: usize,
    limit: u32,
}

impl WithInstructions for HashBlock<'_> {
    type Output = Vec<NearHashes>;

    fn call<F: Kernel, I: Integers>(self, floats: F, _: I) -> Vec<NearHashes> {
        vectorize(floats, Loops(self))
    }
}

struct Loops<'a>(HashBlock<'a>);

impl NullaryFnOnce for Loops<'_> {
    type Output = Vec<NearHashes>;

    #[inline(always)]
    fn call(self) -> Vec<NearHashes> {
        let HashBlock { words, columns, keys, first_row, limit } = self.0;
        let mut found = Vec::new();
        let mut distances = [0u32; ROWS];
        for key in keys {
            let turned = words[key].orientations();
            let mut from = first_row.max(key + 1);
            while from < words.len() {
                let rows = from..(from + ROWS).min(words.len());
                for (orientation, hash) in turned.iter().enumerate() {
                    let distances = &mut distances[..rows.len()];
                    // Half of the bits first: most pairs exceed the limit already.
                    let [first, second] = [0, 1].map(|word| &columns[word][rows.clone()]);
                    for ((distance, a), b) in distances.iter_mut().zip(first).zip(second) {
                        *distance = (a ^ hash.0[0]).count_ones() + (b ^ hash.0[1]).count_ones();
                    }
                    if distances.iter().all(|distance| *distance > limit) {
                        continue;
                    }
                    for (at, _) in distances.iter().enumerate().filter(|(_, distance)| **distance <= limit) {
                        let row = rows.start + at;
                        let distance = hash.distance(words[row]);
                        // Of several orientations within the limit, the first of the best.
                        let is_best = || {
                            let all = turned.iter().map(|other| other.distance(words[row]));
                            all.enumerate()
                                .min_by_key(|(_, distance)| *distance)
                                .is_some_and(|(at, _)| at == orientation)
                        };
                        if distance <= limit && is_best() {
                            let upright = turned[0].distance(words[row]) as u8;
                            let pictures = (key as u32, row as u32);
                            found.push(NearHashes {
                                pictures,
                                distance: distance as u8,
                                upright,
                                in_frame: [false; 2],
                            });
                        }
                    }
                }
                from = rows.end;
            }
        }
        found
    }
}
