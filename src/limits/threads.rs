//! Threads: as many as wanted, or as many as can be had.

use std::io;
use std::thread::JoinHandle;

use rayon::{ThreadPoolBuildError, ThreadPoolBuilder};

use super::{Limit, end};

/// Starts the threads that all work in common is done on: as many as there are processors (or RAYON_NUM_THREADS says), or fewer
/// where there can't be more. An error where there can't be one.
pub fn begin() -> Result<(), Limit> {
    let asked = std::env::var("RAYON_NUM_THREADS").ok().and_then(|text| text.parse().ok()).filter(|count| *count > 0);
    let wanted = asked.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    fewer(wanted, |count| ThreadPoolBuilder::new().num_threads(count).build_global())
}

/// What `build` makes of `wanted` threads, or of half as many, and so on.
pub fn fewer<T>(wanted: usize, build: impl Fn(usize) -> Result<T, ThreadPoolBuildError>) -> Result<T, Limit> {
    let mut count = wanted.max(1);
    loop {
        match build(count) {
            Ok(built) => return Ok(built),
            Err(error) if count == 1 => return Err(reason(&error)),
            Err(_) => count /= 2,
        }
        tracing::warn!(threads = count, "only so many threads can be had");
    }
}

fn reason(error: &ThreadPoolBuildError) -> Limit {
    let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<io::Error>());
    cause.and_then(Limit::of_start).or_else(Limit::now).unwrap_or(Limit::Threads)
}

/// A thread that the program can't do without: it ends where the system refuses it.
pub fn spawn<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    let started = std::thread::Builder::new().name(name.into()).spawn(work);
    started.unwrap_or_else(|error| end(Limit::of_start(&error).unwrap_or(Limit::Threads)))
}

/// Whether no thread can be started now, and why.
pub fn short() -> Option<Limit> {
    let started = std::thread::Builder::new().stack_size(64 << 10).spawn(|| ());
    started.err().as_ref().and_then(Limit::of_start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    #[test]
    fn as_many_threads_are_taken_as_can_be_had() {
        let tried = RefCell::new(Vec::new());
        // More than anybody may have are refused before they are begun.
        let refused =
            || ThreadPoolBuilder::new().num_threads(1).spawn_handler(|_| Err(io::ErrorKind::WouldBlock.into()));
        let build = |most: usize| {
            let tried = &tried;
            move |count: usize| {
                tried.borrow_mut().push(count);
                if count > most { refused().build().map(|_| 0) } else { Ok(count) }
            }
        };
        assert_eq!(fewer(12, build(4)), Ok(3));
        assert_eq!(tried.take(), [12, 6, 3]);
        assert_eq!(fewer(2, build(0)), Err(Limit::Threads));
    }
}
