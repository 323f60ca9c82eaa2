//! Room for calls within calls, of which a shell may let a program have little (`ulimit -s`).

use std::thread::Builder;

use super::{Limit, end};

/// As much as is usual. Threads have their own whatever the limit is.
const USUAL: usize = 8 << 20;
/// Enough is had from so much on.
const ENOUGH: u64 = 4 << 20;

/// What `work` returns, done where there is room: here, or on a thread of its own.
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
