//! A stamp, which tells a changed picture from the one seen before.

use std::time::UNIX_EPOCH;

/// A file's size in bytes, and its last modification in nanoseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stamp {
    pub size: u64,
    pub mtime_ns: i64,
}

impl Stamp {
    pub fn of(metadata: &std::fs::Metadata) -> Stamp {
        Stamp { size: metadata.len(), mtime_ns: mtime_ns(metadata) }
    }
}

/// Time of the last modification in nanoseconds since 1970; 0 where the file system has none.
pub fn mtime_ns(metadata: &std::fs::Metadata) -> i64 {
    let Ok(time) = metadata.modified() else { return 0 };
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => after.as_nanos().try_into().unwrap_or(i64::MAX),
        Err(before) => before.duration().as_nanos().try_into().map_or(i64::MIN, |n: i64| -n),
    }
}

/// Time of the last change of a file or its metadata, in nanoseconds since 1970; 0 where the system has none.
pub fn ctime_ns(metadata: &std::fs::Metadata) -> i64 {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        metadata.ctime().saturating_mul(1_000_000_000).saturating_add(metadata.ctime_nsec())
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        0
    }
}
