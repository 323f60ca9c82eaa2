//! Which file systems have peculiarities.

use std::path::Path;

/// They don't report changes made on other machines: NFS, SMB and CIFS, FUSE, 9P, Ceph, AFS.
const REMOTE: [u64; 8] = [0x6969, 0x517b, 0xff53_4d42, 0xfe53_4d42, 0x6573_5546, 0x0102_1997, 0x00c3_6400, 0x5346_414f];

/// They may number a file anew after they have forgotten it: FAT, exFAT, FUSE.
const RENUMBERING: [u64; 3] = [0x4d44, 0x2011_bab0, 0x6573_5546];

pub fn is_remote(path: &Path) -> bool {
    kind(path).is_some_and(|kind| REMOTE.contains(&kind))
}

/// Whether a file may get another inode number without having changed.
pub fn renumbers(path: &Path) -> bool {
    kind(path).is_some_and(|kind| RENUMBERING.contains(&kind))
}

/// The system's number of the file system's kind; None if unknown.
#[cfg(target_os = "linux")]
fn kind(path: &Path) -> Option<u64> {
    // The number is signed on some machines.
    Some(rustix::fs::statfs(path).ok()?.f_type as u64 & 0xffff_ffff)
}

#[cfg(not(target_os = "linux"))]
fn kind(_: &Path) -> Option<u64> {
    None
}
