//! The threads that compute, each with memory of its own.

use parking_lot::Mutex;
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::floats::Floats;
use crate::error::{Error, Result};
use crate::limits::{Crew, Limit};
use crate::priority;

/// A thread's buffers, kept from one convolution to the next.
#[derive(Default)]
pub struct Scratch {
    /// Transformed inputs.
    pub inputs: Floats,
    /// Products, summed over channels.
    pub sums: Floats,
    /// PixelRows of the layer before.
    pub rows: Floats,
}

pub struct Threads {
    pool: ThreadPool,
    /// One for each thread.
    scratch: Vec<Mutex<Scratch>>,
}

impl Threads {
    /// So many, or as many as can be had. In the background, whatever else runs goes first.
    pub fn new(count: usize, in_background: bool) -> Result<Threads> {
        let crew = Crew::hire(count, "network").map_err(Error::Limit)?;
        let pool = ThreadPoolBuilder::new().num_threads(crew.count()).spawn_handler(|task| crew.start(task));
        let pool = pool.start_handler(move |_| {
            if in_background {
                priority::lower();
            }
        });
        let pool = pool.build().map_err(|_| Error::Limit(Limit::Threads))?;
        let scratch = (0..pool.current_num_threads()).map(|_| Mutex::default()).collect();
        Ok(Threads { pool, scratch })
    }

    pub fn count(&self) -> usize {
        self.scratch.len()
    }

    /// Runs `work`, whose parallel iterators use these threads.
    pub fn run<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        self.pool.install(work)
    }

    /// With the buffers of this thread, one of ours.
    pub fn with_scratch<R>(&self, work: impl FnOnce(&mut Scratch) -> R) -> R {
        let own = &self.scratch[self.pool.current_thread_index().expect("called from within run")];
        work(&mut own.lock())
    }
}
