//! Files that appear when all of them is written: first a temporary one beside the place, then a rename.

use std::path::Path;

use tempfile::NamedTempFile;

/// How temporary files' names end.
pub const SUFFIX: &str = ".tmp";

/// A temporary file in `folder`, as readable as others. It goes when it is dropped before it is in its place.
pub fn temporary(folder: &Path, prefix: &str) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix).suffix(SUFFIX);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    // The temporary name, which the error holds, tells nobody anything.
    builder.tempfile_in(folder).map_err(|e| e.kind().into())
}

/// Makes a rename itself survive a power cut, where folders can be opened and synced.
pub fn sync_folder(folder: &Path) {
    if let Ok(folder) = std::fs::File::open(folder) {
        let _ = folder.sync_all();
    }
}
