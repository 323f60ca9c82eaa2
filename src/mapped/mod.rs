//! Files mapped into memory, and what happens when they are cut short meanwhile.
//!
//! In: a path. Out: a [`Mapped`], the file's bytes as if they had been read, of which only those are that are looked at;
//! and whether they are still what they were. Nobody can keep another program from cutting a file that is mapped: the
//! bytes that were lost are read as zeros then ([`faults`]), and whoever computed something asks before it is shown.

#[cfg(unix)]
mod faults;
mod file;
#[cfg(all(test, unix))]
mod tests;

pub use file::Mapped;
