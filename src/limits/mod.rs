//! What the system lets the program have: memory, threads, open files. Where it is not enough, that is an error that names the
//! limit and what to do, never a defect and never a picture's fault.
//!
//! Who asks for something and is refused makes a [`Limit`] of the refusal ([`Limit::of`], [`Limit::of_start`]). What can't be
//! refused in order, as memory for a string, ends the program with the same words ([`last_word`]); and a panic is looked at for
//! what was short behind it ([`Limit::now`]).

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

/// Of what there is not enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    Memory,
    Threads,
    Files,
}

impl Limit {
    pub const ALL: [Limit; 3] = [Limit::Memory, Limit::Threads, Limit::Files];

    /// The limit that an error of the system tells of, if it does.
    pub fn of(error: &io::Error) -> Option<Limit> {
        if let Some(inner) = error.get_ref() {
            // Something made by us, or the system's own word with a name beside it.
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

    /// The same of an error of which a library has kept no more than its kind, which has no name for some.
    pub fn of_kind(error: &io::Error) -> Option<Limit> {
        use io::ErrorKind::*;
        let is_named =
            matches!(error.kind(), PermissionDenied | ReadOnlyFilesystem | NotFound | StorageFull | QuotaExceeded);
        Limit::of(error).or_else(|| if is_named { None } else { Limit::now() })
    }

    /// The same of an error when a thread or process was to be started. The system has one word for no thread and no room for
    /// its stack.
    pub fn of_start(error: &io::Error) -> Option<Limit> {
        let no_more = error.kind() == io::ErrorKind::WouldBlock;
        Limit::of(error).or_else(|| no_more.then(|| if memory::is_short() { Limit::Memory } else { Limit::Threads }))
    }

    /// The limit behind an error, or behind what caused it.
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

    /// What there is none left of right now: the reason of a failure that doesn't tell its own.
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
                        format!("ulimit -v lets the program have {}", bytes(space))
                    }
                    (_, Some(group)) => format!("its cgroup (container, service or job) lets it have {}", bytes(group)),
                    _ => "the system has none left".into(),
                };
                write!(f, "not enough memory: {who}; {MEMORY_REMEDY}")
            }
            Limit::Threads => {
                let who = match limit(Limit::Threads) {
                    Some(most) => format!("ulimit -u lets this user have {most}, or a cgroup (pids.max) has fewer"),
                    None => "a cgroup (pids.max) or the system has no more".into(),
                };
                write!(f, "not enough threads: {who}; end other programs, or raise the limit")
            }
            Limit::Files => {
                let who = match limit(Limit::Files) {
                    Some(most) => format!("ulimit -n lets the program open {most} files"),
                    None => "the system opens no more files".into(),
                };
                write!(f, "not enough open files: {who}; raise the limit (ulimit -n 256)")
            }
        }
    }
}

const MEMORY_REMEDY: &str = "600 MB are enough for most pictures, 1.5 GB for all: raise the limit, or end other programs; --threads 1 takes the least";

/// What is set for this process, if anything is.
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
