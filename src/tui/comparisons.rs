//! What is known of couples of pictures that were looked at side by side.

use std::num::NonZeroUsize;

use lru::LruCache;

use super::jobs::{CompareJob, Compared};
use super::pictures::PictureFile;
use crate::error::Result;

/// Couples that are kept.
const KEPT: usize = 256;

pub struct Comparisons {
    /// None: it failed, and need not be tried again.
    known: LruCache<[PictureFile; 2], Option<Compared>>,
    /// What was asked for last.
    asked: Option<CompareJob>,
}

impl Default for Comparisons {
    fn default() -> Comparisons {
        Comparisons { known: LruCache::new(NonZeroUsize::new(KEPT).expect("not zero")), asked: None }
    }
}

impl Comparisons {
    pub fn get(&self, files: &[PictureFile; 2]) -> Option<&Compared> {
        self.known.peek(files)?.as_ref()
    }

    /// What is to be done to know of these two, if that isn't under way.
    pub fn ask(&mut self, files: [PictureFile; 2]) -> Option<CompareJob> {
        let job = CompareJob { files };
        if self.known.get(&job.files).is_some() || self.asked.as_ref() == Some(&job) {
            return None;
        }
        self.asked = Some(job.clone());
        Some(job)
    }

    pub fn take(&mut self, job: CompareJob, outcome: Result<Compared>) {
        if let Err(error) = &outcome {
            tracing::warn!("{error}");
        }
        self.asked.take_if(|asked| *asked == job);
        self.known.put(job.files, outcome.ok());
    }
}
