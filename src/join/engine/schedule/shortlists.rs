//! The shortlists of many keys, filled by all threads, with thresholds that all threads can read.

use std::io::{self, Read, Write};
use std::ops::Range;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use parking_lot::Mutex;
use rayon::prelude::*;

use crate::join::engine::candidate::Bounded;
use crate::join::engine::merge::Shortlist;
use crate::join::predicate::Predicate;

pub struct Shortlists<C> {
    /// The keys of these lists.
    keys: Range<usize>,
    lists: Vec<Mutex<Shortlist<C>>>,
    /// Float32 bits. A threshold may lag behind its list, which lets more candidates pass.
    thresholds: Vec<AtomicU32>,
    /// The number of candidates that memory is allocated for.
    room: AtomicUsize,
}

impl<C: Bounded> Shortlists<C> {
    /// A row must be at least as close as `needed`; `elsewhere` gives the closeness of a key's rows found by others.
    pub fn new(
        keys: Range<usize>,
        predicate: Predicate,
        needed: f32,
        elsewhere: impl Fn(usize) -> Vec<f32>,
    ) -> Shortlists<C> {
        let lists: Vec<_> = keys.clone().map(|key| Shortlist::new(predicate, needed, elsewhere(key))).collect();
        let thresholds = lists.iter().map(|list| AtomicU32::new(list.threshold().to_bits())).collect();
        Shortlists { keys, lists: lists.into_iter().map(Mutex::new).collect(), thresholds, room: AtomicUsize::new(0) }
    }

    /// The closeness a row needs to enter the lists of `keys`.
    pub fn thresholds(&self, keys: Range<usize>) -> Vec<f32> {
        let thresholds = &self.thresholds[keys.start - self.keys.start..keys.end - self.keys.start];
        thresholds.iter().map(|bits| f32::from_bits(bits.load(Ordering::Relaxed))).collect()
    }

    /// Adds candidates, sorted by the number of their list.
    pub fn extend(&self, candidates: &[(u32, C)]) {
        for of_one in candidates.chunk_by(|a, b| a.0 == b.0) {
            let at = of_one[0].0 as usize - self.keys.start;
            let mut list = self.lists[at].lock();
            let before = list.room();
            list.extend(of_one.iter().map(|(_, candidate)| *candidate));
            if list.room() > before {
                self.room.fetch_add(list.room() - before, Ordering::Relaxed);
            }
            self.thresholds[at].store(list.threshold().to_bits(), Ordering::Relaxed);
        }
    }

    /// Writes all lists.
    pub fn write(&self, to: &mut dyn Write) -> io::Result<()> {
        self.lists.iter().try_for_each(|list| list.lock().write(to))
    }

    /// Adds to each list what was written, of the first `rows` rows. After an error some lists lack theirs.
    pub fn read(&self, from: &mut dyn Read, rows: usize) -> io::Result<()> {
        for (list, threshold) in self.lists.iter().zip(&self.thresholds) {
            let mut list = list.lock();
            list.read(from, rows)?;
            self.room.fetch_add(list.room(), Ordering::Relaxed);
            threshold.store(list.threshold().to_bits(), Ordering::Relaxed);
        }
        Ok(())
    }

    /// The number of candidates that all lists together have memory for.
    pub fn room(&self) -> usize {
        self.room.load(Ordering::Relaxed)
    }

    /// Each key and its list, in order.
    pub fn into_par_iter(self) -> impl IndexedParallelIterator<Item = (usize, Shortlist<C>)> {
        self.keys.into_par_iter().zip(self.lists).map(|(key, list)| (key, list.into_inner()))
    }
}
