//! Walks through a folder: first real files and folders, in the order of names, then the targets of links, one by one.
//! Each folder is walked once and each file is one picture, however many paths lead there.

use std::collections::hash_map;
use std::collections::{HashMap, VecDeque};
use std::fs::Metadata;

use super::folder::{EntryKind, FolderEntry, Reached};
use super::found::{Scan, ScanProgress};
use crate::cancel::Cancel;
use crate::dataset::exclude::{IGNORE_FILE, Rules, Verdict};
use crate::dataset::file_id::{FileId, links};
use crate::dataset::folder::Dataset;
use crate::dataset::further_name::{FurtherName, ReachedBy};
use crate::dataset::left_out::{LeftOutBy, LeftOutCounts};
use crate::dataset::meant::why_not;
use crate::dataset::picture::{ImageFile, Skipped};
use crate::dataset::stamp::{ctime_ns, mtime_ns};
use crate::dataset::system_folders;
use crate::error::{Error, Result};
use crate::limits::Limit;

impl Dataset {
    /// Finds the pictures. An unreadable subfolder is listed; an unreadable dataset is an error. Reports progress at
    /// every entry, and can be cancelled there.
    pub fn scan(&self, cancel: &Cancel, tell: &mut dyn FnMut(ScanProgress)) -> Result<Scan> {
        let metadata = std::fs::metadata(&self.root).map_err(Error::io(&self.root))?;
        std::fs::read_dir(&self.root).map_err(Error::io(&self.root))?;
        let mut walk = Walk {
            cancel,
            tell,
            progress: ScanProgress::default(),
            scan: Scan::default(),
            left_out: LeftOutCounts::default(),
            folders: HashMap::new(),
            pictures: HashMap::new(),
            visits: Vec::new(),
            links: VecDeque::new(),
        };
        let root = Reached { path: self.root.clone(), name: String::new(), rules: self.exclude.rules(&self.root) };
        walk.visits.push(Visit::Folder(FileId::of(&self.root, &metadata), root));
        walk.run()?;
        Ok(walk.finish())
    }
}

struct Walk<'a> {
    cancel: &'a Cancel,
    tell: &'a mut dyn FnMut(ScanProgress),
    progress: ScanProgress,
    scan: Scan,
    left_out: LeftOutCounts,
    /// Folders already walked, each with its name, and whether it was reached by a link.
    folders: HashMap<FileId, (String, bool)>,
    /// Pictures already found, each with its index in the scan, and whether it was reached by a link.
    pictures: HashMap<FileId, (usize, bool)>,
    /// The next visits, as a stack.
    visits: Vec<Visit>,
    /// Links to follow after everything else.
    links: VecDeque<Reached>,
}

enum Visit {
    Folder(FileId, Reached),
    Picture(ImageFile, ReachedBy),
    Link(Reached),
}

impl Walk<'_> {
    fn run(&mut self) -> Result<()> {
        loop {
            self.go_on()?;
            match self.visits.pop() {
                Some(Visit::Folder(id, folder)) => self.enter(id, folder, ReachedBy::FolderMount)?,
                Some(Visit::Picture(image, by)) => self.found(image, by),
                Some(Visit::Link(link)) => self.links.push_back(link),
                None => match self.links.pop_front() {
                    Some(link) => self.follow(link)?,
                    None => return Ok(()),
                },
            }
        }
    }

    /// Reports progress, unless cancelled.
    fn go_on(&mut self) -> Result<()> {
        (self.tell)(self.progress);
        self.cancel.check()
    }

    /// Walks a folder, unless it was walked before.
    fn enter(&mut self, id: FileId, folder: Reached, by: ReachedBy) -> Result<()> {
        let device = id.device();
        match self.folders.entry(id) {
            hash_map::Entry::Occupied(walked) => {
                let (same_as, is_link) = walked.get().clone();
                let by = if is_link { ReachedBy::FolderLink } else { by };
                self.scan.further_names.push(FurtherName { file: folder.name, same_as, by });
                return Ok(());
            }
            hash_map::Entry::Vacant(new) => new.insert((folder.name.clone(), by == ReachedBy::FolderLink)),
        };
        self.progress.folders += 1;
        let listed = folder.list(self.cancel)?;
        for (extension, files) in listed.others {
            *self.scan.others.entry(extension).or_default() += files;
        }
        for (name, error) in listed.errors {
            if let Some(limit) = Limit::of(&error) {
                return Err(Error::Limit(limit));
            }
            let why = why_not(&folder.path.join(&name), &error);
            self.skip(folder.name_of(&name), why);
        }
        let rules = if listed.has_ignore_file { self.with_ignore_file(&folder) } else { folder.rules.clone() };
        let mut visits = Vec::new();
        for entry in listed.entries {
            self.go_on()?;
            if let Some(visit) = self.visit(&folder, device, &entry, &rules) {
                visits.push((entry.name, visit));
            }
        }
        // The last one is popped first.
        visits.sort_unstable_by(|(a, _), (b, _)| b.cmp(a));
        self.visits.extend(visits.into_iter().map(|(_, visit)| visit));
        Ok(())
    }

    /// The visit to make for an entry of `folder`, if any.
    fn visit(&mut self, folder: &Reached, device: Option<u64>, entry: &FolderEntry, rules: &Rules) -> Option<Visit> {
        let place = folder.inside(entry, rules);
        let is_folder = entry.file_type.is_dir();
        // Whether a link leads to a folder is known only by its target.
        if !entry.file_type.is_symlink() && self.is_left_out(&place, is_folder) {
            return None;
        }
        match entry.kind() {
            Ok(EntryKind::Link) => Some(Visit::Link(place)),
            Ok(EntryKind::Folder(metadata)) => {
                let id = FileId::of(&place.path, &metadata);
                let is_mounted_here = id.device() != device;
                (!is_mounted_here || !self.is_of_processes(&place)).then_some(Visit::Folder(id, place))
            }
            Ok(EntryKind::Picture(metadata)) => {
                // The same file again in a folder that is walked once: through another entry, or a mount.
                let by = if links(&metadata) > 1 { ReachedBy::HardLink } else { ReachedBy::Mount };
                Some(Visit::Picture(self.image(place, &metadata)?, by))
            }
            Err(error) => {
                self.skip(place.name, error);
                None
            }
        }
    }

    fn follow(&mut self, link: Reached) -> Result<()> {
        let metadata = match std::fs::metadata(&link.path) {
            Ok(metadata) => metadata,
            Err(error) => {
                // One without a picture's name was expected to be a folder.
                if !self.is_left_out(&link, !link.is_picture()) {
                    let error = why_not(&link.path, &error);
                    self.skip(link.name, error);
                }
                return Ok(());
            }
        };
        let is_folder = metadata.is_dir();
        if !is_folder && !link.is_picture() || self.is_left_out(&link, is_folder) {
            return Ok(());
        }
        if is_folder {
            if self.is_of_processes(&link) {
                return Ok(());
            }
            return self.enter(FileId::of(&link.path, &metadata), link, ReachedBy::FolderLink);
        }
        if let Some(image) = self.image(link, &metadata) {
            self.found(image, ReachedBy::Link);
        }
        Ok(())
    }

    /// Adds a picture, unless it was found by another path.
    fn found(&mut self, image: ImageFile, by: ReachedBy) {
        match self.pictures.entry(image.id.clone()) {
            hash_map::Entry::Vacant(new) => {
                new.insert((self.scan.images.len(), by == ReachedBy::Link));
                self.scan.images.push(image);
            }
            hash_map::Entry::Occupied(found) => {
                let (first, is_link) = *found.get();
                let by = if is_link { ReachedBy::Link } else { by };
                let same_as = self.scan.images[first].name.clone();
                self.scan.further_names.push(FurtherName { file: image.name, same_as, by });
            }
        }
    }

    fn image(&mut self, place: Reached, metadata: &Metadata) -> Option<ImageFile> {
        if !metadata.is_file() {
            self.skip(place.name, "not a regular file");
            return None;
        }
        self.progress.pictures += 1;
        Some(ImageFile {
            id: FileId::of(&place.path, metadata),
            name: place.name,
            path: place.path,
            size: metadata.len(),
            mtime_ns: mtime_ns(metadata),
            ctime_ns: ctime_ns(metadata),
        })
    }

    /// Whether the user or the system excludes it; counts it if so.
    fn is_left_out(&mut self, place: &Reached, is_folder: bool) -> bool {
        match place.rules.verdict(&place.path, is_folder) {
            Verdict::Wanted => return false,
            Verdict::LeftOut(by, name) => self.left_out.add(by, name, is_folder),
            Verdict::None => {
                let kept = is_folder.then(|| system_folders::kept(&place.path)).flatten();
                let Some(name) = kept else { return false };
                self.left_out.add(LeftOutBy::System, &name, true);
            }
        }
        true
    }

    /// Whether the folder is one whose links lead all over the machine; counts it as excluded if so.
    fn is_of_processes(&mut self, folder: &Reached) -> bool {
        let left_out = system_folders::is_of_processes(&folder.path);
        if left_out {
            self.left_out.add(LeftOutBy::System, &folder.name, true);
        }
        left_out
    }

    /// The rules in `folder`, which contains an ignore file.
    fn with_ignore_file(&mut self, folder: &Reached) -> Rules {
        let path = folder.path.join(IGNORE_FILE);
        let name = folder.name_of(IGNORE_FILE);
        // Reading from a pipe would never end.
        if !path.is_file() {
            self.skip(name, "not a regular file");
            return folder.rules.clone();
        }
        let (rules, error) = folder.rules.with_file(&path, name.clone());
        if let Some(error) = error {
            self.skip(name, error);
        }
        rules
    }

    fn skip(&mut self, file: String, error: impl ToString) {
        let error = error.to_string();
        self.scan.skipped.push(Skipped { file, path: None, error });
    }

    fn finish(self) -> Scan {
        let Walk { mut scan, left_out, .. } = self;
        scan.left_out = left_out.into_all();
        scan.images.sort_by(|a, b| a.name.cmp(&b.name));
        scan.skipped.sort_by(|a, b| a.file.cmp(&b.file));
        scan.drop_names_twice();
        scan
    }
}

impl Scan {
    /// Drops duplicates: names that aren't UTF-8 may look the same.
    fn drop_names_twice(&mut self) {
        let Scan { images, skipped, .. } = self;
        images.dedup_by(|image, before| {
            let twice = image.name == before.name;
            if twice {
                skipped.push(Skipped::picture(image, "another file has this name".into()));
            }
            twice
        });
    }
}
