//! Passes pixels to a terminal on the same machine through a file in memory, which it reads and deletes: no
//! compression, no loss.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustix::process::{Pid, test_kill_process};
use tempfile::TempPath;

/// A folder in memory, on Linux; elsewhere the files are soon read and rarely reach a disk.
const IN_MEMORY: &str = "/dev/shm";
const NAME: &str = "simages-";
/// Kitty only deletes files with this in their name.
const PERMISSION: &str = "-tty-graphics-protocol-";

fn folder() -> PathBuf {
    let folder = Path::new(IN_MEMORY);
    if folder.is_dir() { folder.into() } else { std::env::temp_dir() }
}

/// A file with these bytes, readable by this user only. Deleted with the returned value, unless someone deleted it
/// before.
pub fn file(bytes: &[u8]) -> io::Result<TempPath> {
    let prefix = format!("{NAME}{}{PERMISSION}", std::process::id());
    let mut file = tempfile::Builder::new().prefix(&prefix).tempfile_in(folder())?;
    file.write_all(bytes)?;
    Ok(file.into_temp_path())
}

/// The file's name in the form that kitty wants.
pub fn named(file: &Path) -> String {
    STANDARD.encode(file.as_os_str().as_encoded_bytes())
}

/// Deletes files left by killed processes.
pub fn prune() {
    for entry in fs::read_dir(folder()).into_iter().flatten().flatten() {
        if owner(&entry.file_name().to_string_lossy()).is_some_and(is_gone) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The process that made the file of this name.
fn owner(name: &str) -> Option<Pid> {
    let (pid, _) = name.strip_prefix(NAME)?.split_once(PERMISSION)?;
    Pid::from_raw(pid.parse().ok()?)
}

fn is_gone(pid: Pid) -> bool {
    test_kill_process(pid) == Err(rustix::io::Errno::SRCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_goes_with_its_owner() {
        let kept = file(b"pixels").unwrap();
        assert_eq!(fs::read(&kept).unwrap(), b"pixels");
        prune();
        assert!(kept.exists(), "its process lives");
        let place = kept.to_path_buf();
        drop(kept);
        assert!(!place.exists());

        let mut child = std::process::Command::new("true").spawn().unwrap();
        let left = folder().join(format!("{NAME}{}{PERMISSION}x", child.id()));
        fs::write(&left, b"").unwrap();
        child.wait().unwrap();
        prune();
        assert!(!left.exists());
    }

    #[test]
    fn other_files_belong_to_nobody() {
        assert_eq!(owner("simages-12-tty-graphics-protocol-abc"), Pid::from_raw(12));
        for name in ["simages-x-tty-graphics-protocol-abc", "simages-12", "kitty-12-tty-graphics-protocol-", ""] {
            assert_eq!(owner(name), None, "{name}");
        }
    }
}
