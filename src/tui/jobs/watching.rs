//! Watches the folders while the program runs, so that new, changed, moved and deleted pictures are noticed and
//! indexed.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant, SystemTime};

use crate::cancel::Cancel;
use crate::dataset::{FileId, FolderWatch, ImageFile, Scan, Skipped, Stamp};
use crate::index::indexer::PutOff;

/// How long a folder must rest after a change to be read, and how long changes may last until it is read anyway.
const QUIET: Duration = Duration::from_millis(300);
const LONGEST: Duration = Duration::from_millis(1500);
/// The interval between two looks at a file that may still be written; older files are complete.
const GROWING: Duration = Duration::from_millis(500);
const RESTS: Duration = Duration::from_secs(2);
/// Folders whose changes aren't reported are read this often at most, and for this share of the time at most.
const SLOWLY: Duration = Duration::from_secs(3);
const PART_OF_TIME: u32 = 10;
/// How often to look for a folder that is gone.
const AWAY: Duration = Duration::from_secs(2);
/// After this long without changes, `features.npz` is replaced.
const AT_REST: Duration = Duration::from_secs(30);

/// Why the indexing thread wakes up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// Something has changed in a dataset's folder.
    Changed(usize),
    /// A request to look again: everywhere, or only where changes aren't reported.
    Look { at_all: bool },
    /// It should end.
    Finish,
}

/// What is known of a dataset's folder.
pub struct WatchedFolder {
    watch: Option<FolderWatch>,
    /// The folder being watched: another one may be mounted in its place.
    watched: Option<FileId>,
    /// The pictures found by the last look, by name.
    pub images: Vec<ImageFile>,
    pub put_off: PutOff,
    /// Files that may still be written, as last seen.
    growing: HashMap<String, Stamp>,
    looked: Instant,
    took: Duration,
    /// The first and the last change since.
    changed: Option<(Instant, Instant)>,
    /// Whether the folder itself is gone.
    pub is_away: bool,
    /// Whether indexing it has failed, and whether to try again though nothing has changed.
    pub has_failed: bool,
    pub again: bool,
    /// Since when `features.npz` lacks rows.
    pub behind_since: Option<Instant>,
}

impl WatchedFolder {
    pub fn new() -> WatchedFolder {
        WatchedFolder {
            watch: None,
            watched: None,
            images: Vec::new(),
            put_off: PutOff::default(),
            growing: HashMap::new(),
            looked: Instant::now(),
            took: Duration::ZERO,
            changed: None,
            is_away: false,
            has_failed: false,
            again: false,
            behind_since: None,
        }
    }

    /// The folder was read; these pictures may be indexed now.
    pub fn seen(&mut self, images: &[ImageFile]) {
        self.images = images.to_vec();
        self.looked = Instant::now();
    }

    /// These could not be read. They aren't tried again until they change.
    pub fn unreadable(&mut self, skipped: &[Skipped]) {
        let stamped = |skipped: &Skipped| {
            let image = ImageFile::named(&self.images, &skipped.file)?;
            Some((skipped.file.clone(), ((image.stamp(), image.ctime_ns), skipped.error.clone())))
        };
        self.put_off.unreadable = skipped.iter().filter_map(stamped).collect();
    }

    /// Starts watching for changes; returns why not.
    pub fn watch(&mut self, root: &Path, dataset: usize, wake: &Sender<Wake>, cancel: &Cancel) -> Result<(), String> {
        (self.watch, self.watched) = (None, FileId::at(root));
        let wake = wake.clone();
        self.watch = Some(FolderWatch::start(root, cancel, move || {
            let _ = wake.send(Wake::Changed(dataset));
        })?);
        Ok(())
    }

    pub fn take(&mut self, wake: Wake) {
        let now = Instant::now();
        match wake {
            Wake::Changed(_) => self.changed = Some((self.changed.map_or(now, |(first, _)| first), now)),
            Wake::Look { at_all } => {
                if at_all {
                    // The disk may only have had a temporary fault.
                    self.put_off.unreadable.clear();
                    self.again = self.has_failed;
                }
                let is_stale = self.looked.elapsed() > (PART_OF_TIME * self.took).max(SLOWLY);
                if at_all || self.watch.is_none() && is_stale {
                    // Read at once.
                    self.changed = Some((now - LONGEST, now - QUIET));
                }
            }
            Wake::Finish => {}
        }
    }

    /// When to read the folder next; None: when something changes.
    pub fn due(&self) -> Option<Instant> {
        let told = self.changed.map(|(first, last)| (last + QUIET).min(first + LONGEST));
        let growing = (!self.growing.is_empty()).then(|| self.looked + GROWING.max(PART_OF_TIME * self.took));
        let unwatched = self.watch.is_none().then(|| self.looked + (PART_OF_TIME * self.took).max(SLOWLY));
        let away = self.is_away.then(|| self.looked + AWAY);
        [told, growing, unwatched, away].into_iter().flatten().min()
    }

    /// When to replace `features.npz`.
    pub fn rest_due(&self) -> Option<Instant> {
        Some(self.behind_since? + AT_REST)
    }

    /// Whether the path now leads to another folder than the one watched.
    pub fn lost_its_folder(&self, root: &Path) -> bool {
        let now = FileId::at(root);
        now.is_some() && now != self.watched
    }

    /// A look begins.
    pub fn look(&mut self) -> Instant {
        self.changed = None;
        Instant::now()
    }

    /// The look found this. Returns whether there is something to do.
    pub fn found(&mut self, scan: &Scan, began: Instant) -> bool {
        (self.looked, self.took) = (Instant::now(), began.elapsed());
        let known: HashSet<(&FileId, Stamp)> = self.images.iter().map(|image| (&image.id, image.stamp())).collect();
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos() as i64;
        let rests = |image: &ImageFile| {
            let stamp = image.stamp();
            // A moved file isn't being written any more.
            known.contains(&(&image.id, stamp))
                || self.growing.get(&image.name) == Some(&stamp)
                || now.saturating_sub(image.mtime_ns) > RESTS.as_nanos() as i64
        };
        let growing: HashMap<String, Stamp> =
            scan.images.iter().filter(|image| !rests(image)).map(|i| (i.name.clone(), i.stamp())).collect();
        // Changed permissions, too: marks name them, and what couldn't be read may be readable.
        let all = |image: &ImageFile| (image.stamp(), image.ctime_ns, image.id.clone());
        let is_same = |(a, b): (&ImageFile, &ImageFile)| a.name == b.name && all(a) == all(b);
        let same = self.images.len() == scan.images.len() && self.images.iter().zip(&scan.images).all(is_same);
        let something = !same || growing != self.growing;
        self.put_off.growing = growing.keys().cloned().collect();
        self.growing = growing;
        something
    }

    /// The folder can't be read. Returns whether that is news.
    pub fn is_gone(&mut self) -> bool {
        self.looked = Instant::now();
        self.images.clear();
        self.growing.clear();
        self.watch = None;
        !std::mem::replace(&mut self.is_away, true)
    }
}

/// Waits for a reason to wake, until `due`; takes all that have come. False: it should end.
pub fn wait(wakes: &Receiver<Wake>, due: Option<Instant>, cancel: &Cancel, sets: &RefCell<Vec<WatchedFolder>>) -> bool {
    let left = due.map_or(Duration::from_hours(1), |due| due.saturating_duration_since(Instant::now()));
    let first = match wakes.recv_timeout(left) {
        Ok(wake) => Some(wake),
        Err(RecvTimeoutError::Timeout) => None,
        Err(RecvTimeoutError::Disconnected) => return false,
    };
    for wake in first.into_iter().chain(wakes.try_iter()) {
        match wake {
            Wake::Finish => return false,
            Wake::Changed(dataset) => sets.borrow_mut()[dataset].take(wake),
            Wake::Look { .. } => sets.borrow_mut().iter_mut().for_each(|set| set.take(wake)),
        }
    }
    !cancel.is_cancelled()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::Dataset;

    fn scan(folder: &Path) -> Scan {
        Dataset::open(folder).unwrap().scan(&Cancel::default(), &mut |_| ()).unwrap()
    }

    #[test]
    fn a_file_is_left_until_it_rests_and_one_that_was_moved_rests() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("a.png", "a");
        let mut set = WatchedFolder::new();
        set.seen(&scan(folder.path()).images);
        let look = |set: &mut WatchedFolder| {
            let began = set.look();
            let found = scan(folder.path());
            let something = set.found(&found, began);
            set.seen(&found.images);
            let mut growing: Vec<_> = set.put_off.growing.iter().cloned().collect();
            growing.sort();
            (something, growing)
        };
        assert_eq!(look(&mut set), (false, vec![]));
        std::fs::rename(folder.path().join("a.png"), folder.path().join("b.png")).unwrap();
        write("c.png", "half");
        assert_eq!(look(&mut set), (true, vec!["c.png".to_owned()]));
        assert!(set.due().is_some());
        write("c.png", "nearly all");
        assert_eq!(look(&mut set).1, ["c.png"]);
        // Unchanged since the last look: now it is read.
        assert_eq!(look(&mut set), (true, vec![]));
        assert_eq!(look(&mut set), (false, vec![]));
    }

    #[test]
    fn what_cannot_be_read_is_put_off_as_long_as_it_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.png"), "no picture").unwrap();
        let mut set = WatchedFolder::new();
        set.seen(&scan(folder.path()).images);
        set.unreadable(&[Skipped { file: "a.png".into(), path: None, error: "damaged".into() }]);
        assert_eq!(set.put_off.unreadable["a.png"].1, "damaged");
        // Its permissions change, as on the way to being readable.
        let began = set.look();
        assert!(!set.found(&scan(folder.path()), began));
        std::thread::sleep(Duration::from_millis(20));
        let readable = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(folder.path().join("a.png"), readable).unwrap();
        assert!(set.found(&scan(folder.path()), began));
        assert!(set.is_gone() && !set.is_gone());
    }
}
