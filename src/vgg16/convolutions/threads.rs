//! The computing threads, each with its own buffers.

use parking_lot::Mutex;
use rayon::prelude::*;
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
    /// Transformed inputs in parts.
    pub parts: Floats,
    /// Products, summed over channels.
    pub sums: Floats,
    /// Rows of the previous layer.
    pub rows: Floats,
}

pub struct Threads {
    pool: ThreadPool,
    /// One for each thread.
    scratch: Vec<Mutex<Scratch>>,
}

impl Threads {
    /// Starts `count` threads, or as many as possible. In the background, they run at a lower priority.
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

    /// Calls `work` with each item, and the buffers of the thread that it gets. After an error no more are begun.
    pub fn each<I: Send>(
        &self,
        items: Vec<I>,
        work: &(dyn Fn(I, &mut Scratch) -> Result<(), Limit> + Sync),
    ) -> Result<(), Limit> {
        let with_scratch = |item| {
            let own = &self.scratch[self.pool.current_thread_index().expect("it runs on our threads")];
            work(item, &mut own.lock())
        };
        self.run(|| items.into_par_iter().with_max_len(1).try_for_each(with_scratch))
    }
}
