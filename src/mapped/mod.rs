//! Files mapped into memory, and protection against their being cut short while in use.
//!
//! Input: a path. Output: a [`Mapped`], the file's bytes, of which only those accessed are read; and whether they are
//! still unchanged. Nothing prevents another program from cutting a mapped file. The lost bytes then read as zeros
//! ([`faults`]), and code that computed with them must check before showing results.

#[cfg(unix)]
mod faults;
mod file;
#[cfg(all(test, unix))]
mod tests;

pub use file::Mapped;
