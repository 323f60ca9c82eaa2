//! Stack space for nested calls; a shell may grant very little (`ulimit -s`).

use std::thread::Builder;

use super::{Limit, end};

/// The usual size. Threads get this much whatever the limit is.
const USUAL: usize = 8 << 20;
/// At least this much is enough.
const ENOUGH: u64 = 4 << 20;

/// Runs `work` with enough stack: here, or on a thread of its own.
pub fn with_room<T: Send + 'static>(work: fn() -> T) -> T {
    if given().is_none_or(|given| given >= ENOUGH) {
        return work();
    }
    let started = Builder::new().name("main".into()).stack_size(USUAL).spawn(work);
    let done = started.unwrap_or_else(|error| end(Limit::of_start(&error).unwrap_or(Limit::Threads))).join();
    done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

#[cfg(unix)]
fn given() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Stack).current
}

#[cfg(not(unix))]
fn given() -> Option<u64> {
    None
}
