//! Files in the user's cache folder that only save time, such as thumbnails, maps and joins that were ended.

use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Deletes the oldest files in the subfolders of `folder` while they exceed `most` bytes.
pub fn prune_to(folder: &Path, most: u64) {
    let entries = |folder: PathBuf| fs::read_dir(folder).into_iter().flatten().flatten();
    let file = |entry: DirEntry| {
        let metadata = entry.metadata().ok().filter(|m| m.is_file())?;
        Some((metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH), metadata.len(), entry.path()))
    };
    let mut files: Vec<_> =
        entries(folder.to_owned()).flat_map(|folder| entries(folder.path())).filter_map(file).collect();
    let mut bytes: u64 = files.iter().map(|(_, len, _)| len).sum();
    if bytes <= most {
        return;
    }
    files.sort();
    // Delete a few more, so that the next call needn't.
    for (_, len, path) in files {
        if bytes <= most / 4 * 3 {
            break;
        }
        let _ = fs::remove_file(path);
        bytes -= len;
    }
}

/// Deletes the files in `folder` that were last written longer ago than `age`.
pub fn delete_older(folder: &Path, age: Duration) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let written = entry.metadata().and_then(|found| found.modified());
        if written.is_ok_and(|at| SystemTime::now().duration_since(at).is_ok_and(|since| since > age)) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Makes a folder that only the user can read: its files show what pictures may hide from others.
pub fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
