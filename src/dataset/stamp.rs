//! What tells a changed picture from the one that was looked at.

/// A file's size in bytes and last change in nanoseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stamp {
    pub size: u64,
    pub mtime_ns: i64,
}
