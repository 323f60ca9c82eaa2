//! Watches a dataset's folder for changes, where the system reports them.

use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::exclude::IGNORE_FILE;
use super::file_system::is_remote;
use crate::cancel::Cancel;
use crate::limits;

/// The time between two looks at [`Cancel`].
const SOON: Duration = Duration::from_millis(50);

/// Reports changes as long as it lives.
pub struct FolderWatch {
    _watcher: RecommendedWatcher,
}

impl FolderWatch {
    /// Calls `changed` when something changes in the folder or below, except for our own files and mere reads. The
    /// error says why changes aren't reported.
    pub fn start(root: &Path, cancel: &Cancel, changed: impl Fn() + Send + 'static) -> Result<FolderWatch, String> {
        if is_remote(root) {
            return Err("this file system doesn't report changes made elsewhere".into());
        }
        let (root, below) = (root.to_owned(), root.to_owned());
        let tell = move |event: notify::Result<Event>| {
            // A look will also find missed events.
            if event.is_ok_and(|event| !is_change(&event, &below)) {
                return;
            }
            changed();
        };
        let begin = move || {
            let mut watcher = notify::recommended_watcher(tell)?;
            watcher.watch(&root, RecursiveMode::Recursive)?;
            Ok(FolderWatch { _watcher: watcher })
        };
        // It looks at each file first. Of a million that takes half a minute, which nobody who quits waits for.
        let (sender, begun) = channel();
        limits::spawn("watch", move || sender.send(begin()));
        loop {
            match begun.recv_timeout(SOON) {
                Ok(watch) => return watch.map_err(|error| why_not(&error)),
                Err(RecvTimeoutError::Timeout) if !cancel.is_cancelled() => {}
                Err(_) => return Err("SIMages ends".into()),
            }
        }
    }
}

fn why_not(error: &notify::Error) -> String {
    match &error.kind {
        ErrorKind::MaxFilesWatch => {
            "the system's watch limit is reached; raise fs.inotify.max_user_watches (sysctl)".into()
        }
        _ => error.to_string(),
    }
}

fn is_change(event: &Event, root: &Path) -> bool {
    let is_read = match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => false,
        EventKind::Access(_) => true,
        _ => false,
    };
    !is_read && (event.need_rescan() || event.paths.is_empty() || !event.paths.iter().all(|path| is_ours(path, root)))
}

/// Hidden files, files in hidden folders, and our descriptor files. But ignore files matter.
fn is_ours(path: &Path, root: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let inside = path.strip_prefix(root).unwrap_or(path);
    let is_hidden = inside.components().any(|part| part.as_os_str().as_encoded_bytes().starts_with(b"."));
    is_hidden && name != IGNORE_FILE || name.starts_with("features.npz") || name == "features.simages"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_told_but_not_our_own_nor_reading() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("sub")).unwrap();
        std::fs::write(folder.path().join("a.png"), "a").unwrap();
        let (sender, changes) = channel();
        let watch = FolderWatch::start(folder.path(), &Cancel::default(), move || {
            let _ = sender.send(());
        })
        .unwrap();
        let is_told = |within: u64| changes.recv_timeout(Duration::from_millis(within)).is_ok();
        std::fs::read(folder.path().join("a.png")).unwrap();
        std::fs::write(folder.path().join("features.simages"), "rows").unwrap();
        std::fs::write(folder.path().join(".features.npz.lock"), "").unwrap();
        assert!(!is_told(300));
        std::fs::write(folder.path().join("sub/b.png"), "b").unwrap();
        assert!(is_told(10_000));
        while is_told(300) {}
        std::fs::remove_file(folder.path().join("a.png")).unwrap();
        assert!(is_told(10_000));
        drop(watch);
    }
}
