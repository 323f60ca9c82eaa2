//! Comparisons of pairs of pictures viewed side by side.

use std::num::NonZeroUsize;

use lru::LruCache;

use super::jobs::{CompareJob, Compared};
use super::pictures::PictureFile;
use crate::error::Result;

/// The most comparisons kept.
const KEPT: usize = 256;

pub struct Comparisons {
    /// None: the comparison failed and isn't tried again.
    known: LruCache<[PictureFile; 2], Option<Compared>>,
    /// The last comparison asked for.
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

    /// The job that compares these two, unless it is running or done.
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
