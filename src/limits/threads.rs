//! Threads: as many as wanted, or as many as can be had.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::{Builder, JoinHandle};

use parking_lot::Mutex;
use rayon::{ThreadBuilder, ThreadPoolBuilder};

use super::{Limit, end};

/// Threads that wait to become those of a pool. A pool that asks for one too many has none at all.
pub struct Crew {
    count: usize,
    to: Sender<ThreadBuilder>,
}

impl Crew {
    /// As many as `wanted`, or as can be had. An error where there can't be one.
    pub fn hire(wanted: usize, name: &str) -> Result<Crew, Limit> {
        let (to, tasks) = channel::<ThreadBuilder>();
        let tasks = Arc::new(Mutex::new(tasks));
        for count in 0..wanted.max(1) {
            let tasks = tasks.clone();
            let work = move || {
                // Let go before it begins: the next one waits for it.
                let task = tasks.lock().recv();
                task.into_iter().for_each(ThreadBuilder::run);
            };
            if let Err(error) = Builder::new().name(format!("{name} {count}")).spawn(work) {
                if count == 0 {
                    return Err(Limit::of_start(&error).unwrap_or(Limit::Threads));
                }
                tracing::warn!(count, wanted, "no more threads can be had");
                return Ok(Crew { count, to });
            }
        }
        Ok(Crew { count: wanted.max(1), to })
    }

    pub fn count(&self) -> usize {
        self.count
    }

    /// Lets one of them do what a pool wants of it.
    pub fn start(&self, task: ThreadBuilder) -> io::Result<()> {
        self.to.send(task).map_err(|_| io::Error::other(Limit::Threads))
    }
}

/// Starts the threads that all work in common is done on: as many as there are processors (or RAYON_NUM_THREADS says), or fewer
/// where there can't be more. An error where there can't be one.
pub fn begin() -> Result<(), Limit> {
    let asked = std::env::var("RAYON_NUM_THREADS").ok().and_then(|text| text.parse().ok()).filter(|count| *count > 0);
    let wanted = asked.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let crew = Crew::hire(wanted, "common")?;
    let pool = ThreadPoolBuilder::new().num_threads(crew.count()).spawn_handler(|task| crew.start(task));
    pool.build_global().map_err(|_| Limit::Threads)
}

/// A thread that the program can't do without: it ends where the system refuses it.
pub fn spawn<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    let started = Builder::new().name(name.into()).spawn(work);
    started.unwrap_or_else(|error| end(Limit::of_start(&error).unwrap_or(Limit::Threads)))
}

/// Whether no thread can be started now, and why.
pub fn short() -> Option<Limit> {
    Builder::new().stack_size(64 << 10).spawn(|| ()).err().as_ref().and_then(Limit::of_start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_is_made_of_threads_that_are_there() {
        let crew = Crew::hire(3, "test").unwrap();
        assert_eq!(crew.count(), 3);
        let pool = ThreadPoolBuilder::new().num_threads(crew.count()).spawn_handler(|task| crew.start(task));
        let pool = pool.build().unwrap();
        let names = pool.broadcast(|_| std::thread::current().name().unwrap().to_owned());
        assert!(names.len() == 3 && names.iter().all(|name| name.starts_with("test ")), "{names:?}");
    }
}
