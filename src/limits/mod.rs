//! System limits: memory, threads, open files. Hitting one is an error that names the limit and the remedy. It is never
//! reported as a defect, nor blamed on a picture.
//!
//! Code that is refused something turns the refusal into a [`Limit`] ([`Limit::of`], [`Limit::of_start`]). Where
//! refusal can't be handled, as for the memory of a string, the program ends with the same message (`last_word`). A
//! panic is checked for a limit behind it ([`Limit::now`]).

mod cgroup;
mod last_word;
mod memory;
mod stack;
mod threads;

use std::error::Error;
use std::fmt;
use std::io;

pub use last_word::{Allocator, before_the_end, end, fail_as_before, prepare};
pub use memory::{address_space, left, left_in_group, most};
pub use stack::with_room;
pub use threads::{Crew, at_most, begin, share, spawn, start};

use crate::text::bytes;

/// What there is too little of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    Memory,
    Threads,
    Files,
}

impl Limit {
    pub const ALL: [Limit; 3] = [Limit::Memory, Limit::Threads, Limit::Files];

    /// The limit that a system error reports, if any.
    pub fn of(error: &io::Error) -> Option<Limit> {
        if let Some(inner) = error.get_ref() {
            // One of our own errors, or a system error wrapped with a name.
            let limit = inner.downcast_ref().copied();
            let limit = limit.or_else(|| Limit::of(inner.source()?.downcast_ref()?));
            return limit.or_else(|| (error.kind() == io::ErrorKind::OutOfMemory).then_some(Limit::Memory));
        }
        #[cfg(unix)]
        match error.raw_os_error() {
            Some(libc::EMFILE | libc::ENFILE) => return Some(Limit::Files),
            Some(libc::ENOMEM) => return Some(Limit::Memory),
            _ => {}
        }
        (error.kind() == io::ErrorKind::OutOfMemory).then_some(Limit::Memory)
    }

    /// Like [`Limit::of`], for an error of which a library kept only the kind; some limits have no kind.
    pub fn of_kind(error: &io::Error) -> Option<Limit> {
        use io::ErrorKind::*;
        let is_named =
            matches!(error.kind(), PermissionDenied | ReadOnlyFilesystem | NotFound | StorageFull | QuotaExceeded);
        Limit::of(error).or_else(|| if is_named { None } else { Limit::now() })
    }

    /// Like [`Limit::of`], for an error from starting a thread or process. The system reports "no thread" and "no room
    /// for its stack" alike.
    pub fn of_start(error: &io::Error) -> Option<Limit> {
        let no_more = error.kind() == io::ErrorKind::WouldBlock;
        Limit::of(error).or_else(|| no_more.then(|| if memory::is_short() { Limit::Memory } else { Limit::Threads }))
    }

    /// The limit behind an error or any of its causes.
    pub fn behind(error: &(dyn Error + 'static)) -> Option<Limit> {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if let Some(limit) = error.downcast_ref().copied().or_else(|| Limit::of(error.downcast_ref()?)) {
                return Some(limit);
            }
            cause = error.source();
        }
        None
    }

    /// The resource that is used up right now: the likely cause of an error that names none.
    pub fn now() -> Option<Limit> {
        if memory::is_short() {
            return Some(Limit::Memory);
        }
        let files = std::fs::metadata("/dev/null").and_then(|_| std::fs::File::open("/dev/null")).err();
        files.as_ref().and_then(Limit::of).or_else(threads::short)
    }
}

impl Error for Limit {}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Limit::Memory => {
                let who = match (memory::address_space(), cgroup::memory()) {
                    (Some(space), group) if group.is_none_or(|group| space <= group) => {
                        format!("ulimit -v allows the program {}", bytes(space))
                    }
                    (_, Some(group)) => format!("its cgroup (container, service or job) allows it {}", bytes(group)),
                    _ => "the system has none left".into(),
                };
                write!(f, "not enough memory: {who}; {MEMORY_REMEDY}")
            }
            Limit::Threads => {
                let who = match limit(Limit::Threads) {
                    Some(most) => format!("ulimit -u allows this user {most}, or a cgroup (pids.max) allows fewer"),
                    None => "a cgroup (pids.max) or the system allows no more".into(),
                };
                write!(f, "not enough threads: {who}; close other programs, or raise the limit")
            }
            Limit::Files => {
                let who = match limit(Limit::Files) {
                    Some(most) => format!("ulimit -n allows the program {most}"),
                    None => "the system allows no more".into(),
                };
                write!(f, "not enough open files: {who}; raise the limit (ulimit -n 256)")
            }
        }
    }
}

const MEMORY_REMEDY: &str = "600 MB is enough for most pictures, 1.5 GB for all: raise the limit, or close other programs; --threads 1 needs the least";

/// The limit set for this process, if any.
#[cfg(unix)]
fn limit(of: Limit) -> Option<u64> {
    use rustix::process::{Resource, getrlimit};
    let resource = match of {
        Limit::Memory => Resource::As,
        Limit::Threads => Resource::Nproc,
        Limit::Files => Resource::Nofile,
    };
    getrlimit(resource).current
}

#[cfg(not(unix))]
fn limit(_: Limit) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_found_behind_what_it_caused() {
        #[derive(Debug, thiserror::Error)]
        #[error("outer")]
        struct Outer(#[source] io::Error);
        let limit = |error: io::Error| Limit::behind(&Outer(error));
        assert_eq!(limit(io::Error::other(Limit::Threads)), Some(Limit::Threads));
        assert_eq!(limit(io::ErrorKind::OutOfMemory.into()), Some(Limit::Memory));
        assert_eq!(limit(io::ErrorKind::NotFound.into()), None);
        // As `tempfile` tells it: with the file's name.
        #[cfg(unix)]
        assert_eq!(limit(io::Error::other(Outer(io::Error::from_raw_os_error(libc::EMFILE)))), Some(Limit::Files));
        #[cfg(unix)]
        assert_eq!(
            [libc::EMFILE, libc::ENFILE, libc::ENOMEM, libc::EACCES].map(|n| limit(io::Error::from_raw_os_error(n))),
            [Some(Limit::Files), Some(Limit::Files), Some(Limit::Memory), None]
        );
    }

    #[test]
    fn nothing_is_short_here_and_each_limit_says_what_to_do() {
        assert_eq!(Limit::now(), None);
        for limit in Limit::ALL {
            let text = limit.to_string();
            assert!(text.starts_with("not enough ") && text.contains("raise the limit"), "{text}");
        }
    }
}
