//! Starts as many threads as wanted, or as many as the system allows.

use std::io;
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread::{Builder, JoinHandle, available_parallelism, sleep};
use std::time::Duration;

use parking_lot::Mutex;
use rayon::{ThreadBuilder, ThreadPoolBuilder};

use super::{Limit, end};

/// Kinds of threads that each want one per processor (or `--threads`): the common pool, the network, file scanning, and
/// decoders.
const KINDS: usize = 4;
/// Threads with tasks of their own: signals, input, workers of the screens.
const OTHERS: usize = 16;
/// A thread that has just ended still counts for a moment.
const TRIES: usize = 10;
const BETWEEN: Duration = Duration::from_millis(20);
/// A minimal stack, for a thread that does nothing.
const LITTLE: usize = 64 << 10;

/// The most threads of one kind.
static MOST: AtomicUsize = AtomicUsize::new(usize::MAX);

/// `wanted`, or the most allowed for one kind, so that some are left for the others.
pub fn at_most(wanted: usize) -> usize {
    wanted.min(MOST.load(Ordering::Relaxed)).max(1)
}

/// Threads waiting to join a pool. A pool that is refused even one thread would fail as a whole.
pub struct Crew {
    count: usize,
    to: Sender<ThreadBuilder>,
}

impl Crew {
    /// Starts `wanted` threads, or as many as possible. An error if not even one starts.
    pub fn hire(wanted: usize, name: &str) -> Result<Crew, Limit> {
        let wanted = at_most(wanted);
        let (to, tasks) = channel::<ThreadBuilder>();
        let tasks = Arc::new(Mutex::new(tasks));
        for count in 0..wanted {
            let tasks = tasks.clone();
            let work = move || {
                // Release the lock before working: the next thread waits for it.
                let task = tasks.lock().recv();
                task.into_iter().for_each(ThreadBuilder::run);
            };
            let started = match count {
                0 => start(name, work),
                _ => Builder::new().name(format!("{name} {count}")).spawn(work).map_err(|error| refusal(&error)),
            };
            match started {
                Ok(_) => {}
                Err(limit) if count == 0 => return Err(limit),
                Err(_) => {
                    tracing::warn!(count, wanted, "no more threads can be had");
                    return Ok(Crew { count, to });
                }
            }
        }
        Ok(Crew { count: wanted, to })
    }

    pub fn count(&self) -> usize {
        self.count
    }

    /// Hands one of them a pool's task.
    pub fn start(&self, task: ThreadBuilder) -> io::Result<()> {
        self.to.send(task).map_err(|_| io::Error::other(Limit::Threads))
    }
}

/// Starts the common thread pool: one thread per processor (or RAYON_NUM_THREADS), or fewer where the system refuses
/// more. An error if not even one starts.
pub fn begin() -> Result<(), Limit> {
    let crew = Crew::hire(in_common(), "common")?;
    let pool = ThreadPoolBuilder::new().num_threads(crew.count()).spawn_handler(|task| crew.start(task));
    pool.build_global().map_err(|_| Limit::Threads)
}

fn in_common() -> usize {
    let asked = std::env::var("RAYON_NUM_THREADS").ok().and_then(|text| text.parse().ok()).filter(|count| *count > 0);
    asked.unwrap_or_else(|| available_parallelism().map_or(1, usize::from))
}

/// Checks that the system allows this many threads of each kind. If not, sets a lower limit and returns a note about
/// it.
pub fn share(wanted: Option<NonZero<usize>>) -> Option<String> {
    let wanted = wanted.map_or(1, NonZero::get).max(in_common());
    let Err((count, Limit::Threads)) = tried(KINDS * wanted + OTHERS) else { return None };
    // If there are none at all, the first thread that is needed will say so.
    let most = (count.saturating_sub(OTHERS) / KINDS).clamp(1, wanted);
    MOST.store(most, Ordering::Relaxed);
    let with = if most == 1 { "1 thread".into() } else { format!("{most} threads") };
    (count > 0 && most < wanted).then(|| format!("continuing with {with} instead of {wanted}: {}", Limit::Threads))
}

/// Starts this many threads, which end at once. The error says how many started, and which limit was hit.
fn tried(wanted: usize) -> Result<(), (usize, Limit)> {
    let gate = Arc::new(Mutex::new(()));
    let held = gate.lock();
    let mut waiting = Vec::new();
    let mut outcome = Ok(());
    while waiting.len() < wanted && outcome.is_ok() {
        let gate = gate.clone();
        match Builder::new().stack_size(LITTLE).spawn(move || drop(gate.lock())) {
            Ok(thread) => waiting.push(thread),
            Err(error) => outcome = Err((waiting.len(), refusal(&error))),
        }
    }
    drop(held);
    waiting.into_iter().for_each(|thread| drop(thread.join()));
    outcome
}

fn refusal(error: &io::Error) -> Limit {
    Limit::of_start(error).unwrap_or(Limit::Threads)
}

/// Starts a thread; if refused, tries again for a moment.
pub fn start<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> Result<JoinHandle<T>, Limit> {
    start_boxed(name, Box::new(work))
}

/// The same, compiled once for each kind of result.
fn start_boxed<T: Send + 'static>(name: &str, work: Box<dyn FnOnce() -> T + Send>) -> Result<JoinHandle<T>, Limit> {
    let work = Arc::new(Mutex::new(Some(work)));
    let mut tries = 0;
    loop {
        let work = work.clone();
        let begin = move || {
            let work = work.lock().take();
            work.expect("one thread is started")()
        };
        tries += 1;
        match Builder::new().name(name.into()).spawn(begin) {
            Ok(thread) => return Ok(thread),
            Err(error) if tries == TRIES => return Err(refusal(&error)),
            Err(_) => sleep(BETWEEN),
        }
    }
}

/// Starts a thread that the program can't do without: ends the program if the system refuses.
pub fn spawn<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    start(name, work).unwrap_or_else(|limit| end(limit))
}

/// Whether no thread can be started right now, and why.
pub fn short() -> Option<Limit> {
    Builder::new().stack_size(LITTLE).spawn(|| ()).err().as_ref().and_then(Limit::of_start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_tried_is_there_and_what_is_started_is_done_once() {
        assert_eq!(tried(5), Ok(()));
        assert_eq!(start("test", || 7).unwrap().join().unwrap(), 7);
        assert_eq!(share(NonZero::new(3)), None);
        assert_eq!((at_most(0), at_most(5)), (1, 5));
    }

    #[test]
    fn a_pool_is_made_of_threads_that_are_there() {
        let crew = Crew::hire(3, "test").unwrap();
        assert_eq!(crew.count(), 3);
        let pool = ThreadPoolBuilder::new().num_threads(crew.count()).spawn_handler(|task| crew.start(task));
        let pool = pool.build().unwrap();
        let names = pool.broadcast(|_| std::thread::current().name().unwrap().to_owned());
        assert!(names.len() == 3 && names.iter().all(|name| name.starts_with("test")), "{names:?}");
    }
}
