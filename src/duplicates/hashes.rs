//! All pairs of small hashes that differ in few bits.

use std::sync::atomic::{AtomicUsize, Ordering};

use pulp::NullaryFnOnce;
use rayon::prelude::*;

use crate::cancel::Cancel;
use crate::dataset::PerceptualHash;
use crate::error::Result;
use crate::progress::Progress;
use crate::simd::{Instructions, Integers, Kernel, WithInstructions, vectorize};

/// Two pictures whose hashes are near, in some orientation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NearHashes {
    /// The first is the smaller one.
    pub pictures: (u32, u32),
    /// Bits that differ, turned as they fit best.
    pub distance: u8,
    /// Bits that differ as they are.
    pub upright: u8,
}

/// Keys that a thread takes at a time.
const KEYS: usize = 64;
/// Rows whose first words are compared at a time: their distances stay in registers' reach.
const ROWS: usize = 256;

/// Which pictures are compared with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashPairing {
    All,
    /// Each of the first ones with each of the others.
    FirstWithOthers(usize),
}

/// Those of `hashes` (None: no witness) that differ in at most `limit` bits, by pictures. `progress` counts pictures, now and then.
pub fn near_hashes(
    hashes: &[Option<PerceptualHash>],
    compared: HashPairing,
    limit: u32,
    instructions: Instructions,
    cancel: &Cancel,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Vec<NearHashes>> {
    let seen = |(at, hash): (u32, &Option<PerceptualHash>)| Some((at, hash.filter(|hash| !hash.is_featureless())?));
    let (seen, words): (Vec<u32>, Vec<PerceptualHash>) = (0..).zip(hashes).filter_map(seen).unzip();
    let columns: [Vec<u64>; 4] = std::array::from_fn(|word| words.iter().map(|hash| hash.0[word]).collect());
    let done = AtomicUsize::new(0);
    let (all_keys, first_row) = match compared {
        HashPairing::All => (words.len(), 0),
        HashPairing::FirstWithOthers(first) => {
            let keys = seen.partition_point(|picture| (*picture as usize) < first);
            (keys, keys)
        }
    };
    let blocks: Vec<Result<Vec<NearHashes>>> = (0..all_keys.div_ceil(KEYS))
        .into_par_iter()
        .map(|block| {
            cancel.check()?;
            let keys = block * KEYS..((block + 1) * KEYS).min(all_keys);
            let block = HashBlock { words: &words, columns: &columns, keys: keys.clone(), first_row, limit };
            let found = instructions.with(block);
            let done = done.fetch_add(keys.len(), Ordering::Relaxed) + keys.len();
            progress(Progress::images(done, all_keys));
            Ok(found)
        })
        .collect();
    let mut near = Vec::new();
    for block in blocks {
        near.extend(block?.into_iter().map(|mut found| {
            let (a, b) = found.pictures;
            found.pictures = (seen[a as usize], seen[b as usize]);
            found
        }));
    }
    Ok(near)
}

/// Some keys against all hashes after each, from the first row on.
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
                    // Half of the bits first: most differ in more than the limit already.
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
                        // Of several orientations within the limit the first of the best.
                        let is_best = || {
                            let all = turned.iter().map(|other| other.distance(words[row]));
                            all.enumerate()
                                .min_by_key(|(_, distance)| *distance)
                                .is_some_and(|(at, _)| at == orientation)
                        };
                        if distance <= limit && is_best() {
                            let upright = turned[0].distance(words[row]) as u8;
                            let pictures = (key as u32, row as u32);
                            found.push(NearHashes { pictures, distance: distance as u8, upright });
                        }
                    }
                }
                from = rows.end;
            }
        }
        found
    }
}
