//! Answers that workers give for some pictures, each asked for once: comparisons of two pictures, and what is in a file's
//! header.

use std::hash::Hash;
use std::num::NonZeroUsize;

use lru::LruCache;

use crate::error::Result;

/// The most answers kept.
const KEPT: usize = 256;

pub struct AskedOnce<K: Eq + Hash, V> {
    /// None: it failed and isn't tried again.
    known: LruCache<K, Option<V>>,
    /// What was asked for last.
    asked: Option<K>,
}

impl<K: Eq + Hash, V> Default for AskedOnce<K, V> {
    fn default() -> AskedOnce<K, V> {
        AskedOnce { known: LruCache::new(NonZeroUsize::new(KEPT).expect("not zero")), asked: None }
    }
}

impl<K: Clone + Eq + Hash, V> AskedOnce<K, V> {
    pub fn get(&self, of: &K) -> Option<&V> {
        self.known.peek(of)?.as_ref()
    }

    /// Returns it to be asked for, unless that was done already.
    pub fn ask(&mut self, of: K) -> Option<K> {
        if self.known.get(&of).is_some() || self.asked.as_ref() == Some(&of) {
            return None;
        }
        self.asked = Some(of.clone());
        Some(of)
    }

    pub fn take(&mut self, of: K, outcome: Result<V>) {
        if let Err(error) = &outcome {
            tracing::warn!("{error}");
        }
        self.asked.take_if(|asked| *asked == of);
        self.known.put(of, outcome.ok());
    }
}
