//! Folders that systems keep among the user's: thumbnails, trash, snapshots. Their pictures are copies of the user's,
//! or deleted ones.

use std::ffi::OsStr;
use std::path::Path;

use super::names::text;

/// Hidden ones (`.Trash-1000`, `.AppleDouble`, `.@__thumb`) are skipped anyway.
const KEPT: [&str; 16] = [
    // Synology
    "@eaDir",
    "@tmp",
    "#recycle",
    "#snapshot",
    // QNAP
    "@Recycle",
    "@Recently-Snapshot",
    // NetApp
    "~snapshot",
    // Windows
    "$RECYCLE.BIN",
    "RECYCLER",
    "System Volume Information",
    // Linux
    "lost+found",
    // macOS
    "__MACOSX",
    "Network Trash Folder",
    "Temporary Items",
    "TheVolumeSettingsFolder",
    "TheFindByContentFolder",
];
/// Folders that macOS shows as a single file: photo libraries.
const LIBRARIES: [&str; 4] = ["photoslibrary", "photolibrary", "migratedphotolibrary", "aplibrary"];
/// The folders of a library that hold the user's pictures; everything else is derived from them.
const ORIGINALS: [&str; 2] = ["originals", "Masters"];

/// The name of the folder at `path` if it is a system's: `@eaDir`, `Photos.photoslibrary/resources`.
pub fn kept(path: &Path) -> Option<String> {
    let (name, parent) = (path.file_name()?, path.parent()?);
    let is_one_of = |name: &OsStr, all: &[&str]| all.iter().any(|one| name.eq_ignore_ascii_case(one));
    if is_one_of(name, &KEPT) {
        return Some(text(name));
    }
    let is_library = parent.extension().is_some_and(|extension| is_one_of(extension, &LIBRARIES));
    let library = parent.file_name().filter(|_| is_library && !is_one_of(name, &ORIGINALS))?;
    Some(format!("{}/{}", text(library), text(name)))
}

/// Whether the folder is in `/proc`: its links lead to the open files of all programs, and so all over the machine.
pub fn is_of_processes(folder: &Path) -> bool {
    #[cfg(target_os = "linux")]
    {
        rustix::fs::statfs(folder).is_ok_and(|system| system.f_type == rustix::fs::PROC_SUPER_MAGIC)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = folder;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_systems_are_known_by_name_and_libraries_keep_their_originals() {
        let kept = |parent: &str, name: &str| kept(&Path::new(parent).join(name));
        assert_eq!(kept("/p", "@eaDir").as_deref(), Some("@eaDir"));
        assert_eq!(kept("/p", "$Recycle.Bin").as_deref(), Some("$Recycle.Bin"));
        assert_eq!(kept("/p", "recycle"), None);
        let library = "/p/Photos.photoslibrary";
        assert_eq!(kept(library, "resources").as_deref(), Some("Photos.photoslibrary/resources"));
        assert_eq!([kept(library, "originals"), kept(library, "Masters")], [None, None]);
        assert_eq!(kept("/p/photoslibrary", "resources"), None);
    }
}
