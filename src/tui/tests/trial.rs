//! A thousand random changes to pictures and marks: all marks are always shown, and printed paths never include the
//! last copy of anything. The files are real, the descriptors made up: a picture is similar to others of its family,
//! which is the first letter of its name.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};

use fastrand::Rng;
use ratatui::layout::Size;

use super::*;
use crate::cancel::Cancel;
use crate::dataset::Dataset;
use crate::marks::{LastCheck, Separator};
use crate::tui::marks::print::{checked, print};

struct Trial {
    folder: tempfile::TempDir,
    app: App,
    random: Rng,
    /// Files made so far.
    made: usize,
    /// Tasks without an answer so far.
    open: Vec<Task>,
}

impl Trial {
    fn new(seed: u64) -> Trial {
        let folder = tempfile::tempdir().unwrap();
        let roots = ["one", "two"].map(|name| folder.path().join(name));
        for root in &roots {
            fs::create_dir_all(root.join("sub")).unwrap();
        }
        let datasets = roots.iter().map(|root| Dataset::open(root).unwrap()).collect();
        // Tall enough to show all marks at once.
        let app = App::new(datasets, Size::new(150, 90));
        let mut trial = Trial { folder, app, random: Rng::with_seed(seed), made: 0, open: Vec::new() };
        for _ in 0..24 {
            trial.add();
        }
        trial.scan(0);
        trial.scan(1);
        trial
    }

    fn add(&mut self) {
        self.made += 1;
        let family = self.random.choice(['a', 'b', 'c', 'd', 'e']).unwrap();
        let folder = self.random.choice(["one", "one/sub", "two", "two/sub"]).unwrap();
        let path = self.folder.path().join(folder).join(format!("{family}{}.jpg", self.made));
        // Few sizes, so that equal sizes prove nothing.
        let _ = fs::write(path, vec![b'x'; self.random.usize(1..4)]);
    }

    /// All files, sorted.
    fn files(&self) -> Vec<PathBuf> {
        let folders = ["one", "one/sub", "two", "two/sub"].map(|name| self.folder.path().join(name));
        let entries = folders.iter().flat_map(fs::read_dir).flatten().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> = entries.filter(|path| path.extension().is_some()).collect();
        files.sort();
        files
    }

    fn file(&mut self) -> Option<PathBuf> {
        let files = self.files();
        self.random.choice(files)
    }

    fn new_name(&mut self, beside: &Path) -> PathBuf {
        self.made += 1;
        let family = beside.file_name().unwrap().to_str().unwrap().chars().next().unwrap();
        let parent = self.random.choice(["one", "one/sub", "two"]).unwrap();
        self.folder.path().join(parent).join(format!("{family}{}.jpg", self.made))
    }

    /// A scan, then descriptors of its pictures.
    fn scan(&mut self, dataset: usize) {
        let Ok(scan) = self.app.world.sets[dataset].dataset.scan(&Cancel::default(), &mut |_| ()) else { return };
        let images = scan.images.clone();
        let row = |image: &ImageFile| {
            let file = image.name.rsplit('/').next().unwrap().as_bytes();
            let mut dense = vec![0.0; DESCRIPTOR_LEN];
            dense[usize::from(file[0] - b'a') + 1] = 10.0;
            // So far apart that a range of 0.99 has some of a family, and 0.999 few.
            dense[0] = f32::from(file[1] % 8);
            Row::new(image.name.clone(), Some(image.stamp()), Descriptor::from_dense(&dense).unwrap())
        };
        let matrix: FeatureMatrix = images.iter().map(row).collect();
        let progress = Progress::images(0, 0);
        for event in [Event::Scanned(scan), Event::Indexed { matrix, progress }] {
            let tasks = self.app.update(happened(dataset, event, Instant::now()));
            self.open.extend(tasks);
        }
    }

    fn keys(&mut self, keys: &str) {
        let mut rest = keys;
        while let Some(c) = rest.chars().next() {
            let end = if c == '<' { rest.find('>').unwrap() + 1 } else { c.len_utf8() };
            let code = match &rest[..end] {
                "<enter>" => KeyCode::Enter,
                "<esc>" => KeyCode::Esc,
                "<left>" => KeyCode::Left,
                "<right>" => KeyCode::Right,
                "<up>" => KeyCode::Up,
                "<down>" => KeyCode::Down,
                "<tab>" => KeyCode::Tab,
                "<backspace>" => KeyCode::Backspace,
                _ => KeyCode::Char(c),
            };
            rest = &rest[end..];
            let tasks = self.app.update(Msg::Key(KeyEvent::new(code, KeyModifiers::NONE)));
            self.open.extend(tasks);
        }
    }

    /// Answers all open tasks.
    fn answers(&mut self) {
        while !self.open.is_empty() {
            let tasks = std::mem::take(&mut self.open);
            answer(&mut self.app, &tasks);
        }
    }

    fn happens(&mut self) {
        match self.random.u8(..100) {
            0..5 => self.add(),
            5..8 => self.file().map_or((), |file| drop(fs::remove_file(file))),
            8..11 => {
                let Some(file) = self.file() else { return };
                let to = self.new_name(&file);
                let _ = fs::rename(file, to);
            }
            11..14 => {
                let Some(file) = self.file() else { return };
                let to = self.new_name(&file);
                let _ = symlink(file, to);
            }
            14..17 => {
                let Some(file) = self.file() else { return };
                let to = self.new_name(&file);
                let _ = fs::hard_link(file, to);
            }
            17..19 => {
                // A folder goes away, or comes back.
                let folder = self.folder.path().join(self.random.choice(["one/sub", "two/sub", "two"]).unwrap());
                let away = folder.with_extension("away");
                let (from, to) = if away.exists() { (away, folder) } else { (folder, away) };
                let _ = fs::rename(from, to);
            }
            19..20 => {
                // The same folder by another path.
                let _ = symlink(self.folder.path().join("one/sub"), self.folder.path().join("one/linked"));
            }
            20..23 => self.file().map_or((), |file| drop(fs::write(file, "changed"))),
            23..33 => {
                let dataset = self.random.usize(..2);
                self.scan(dataset);
            }
            33..38 => self.keys("P"),
            38..42 => {
                let range = self.random.choice(["0.9", "0.99", "0.999", "0.5"]).unwrap();
                let open = if self.app.trail.after.is_empty() { "<tab><left><left>" } else { "e<left><left>" };
                let predicate = self.random.choice(["<left><down><right>", ""]).unwrap();
                self.keys(&format!("{open}{predicate}{}{range}<enter><esc>", "<backspace>".repeat(6)));
            }
            42..44 => {
                let dataset = self.random.choice(["<tab><right><down><enter>", "<tab><right><up><enter>"]).unwrap();
                self.keys(dataset);
            }
            44..56 => self.keys(" "),
            56..64 => self.keys("K"),
            64..65 => self.keys("mUU<esc>"),
            65..67 => self.keys("m<down> <esc>"),
            67..70 => self.keys("d"),
            70..74 => self.keys("f"),
            74..78 => self.keys("v"),
            78..81 => self.keys("<enter>"),
            81..85 => self.keys("b"),
            85..86 => self.keys("bbbb"),
            other => {
                let way = ["<left>", "<right>", "<up>", "<down>", "G", "g"][usize::from(other) % 6];
                self.keys(way);
            }
        }
        // Answers come at once, or later.
        if self.random.u8(..4) > 0 {
            self.answers();
        }
    }

    fn check(&mut self) {
        self.marks_are_shown();
        self.marks_are_of_groups();
        self.what_is_printed_has_a_copy();
    }

    fn marks_are_shown(&mut self) {
        let (count, layers) = (self.app.world.marks.len(), self.app.layers.len());
        let header = format!("✓ {count} marked");
        let shown = screen(&self.app);
        let line = shown.lines().next().unwrap();
        assert_eq!(line.contains(" marked, "), count > 0, "{line}");
        assert!(count == 0 || line.contains(&header), "{line}");
        if self.app.layers.iter().any(|layer| layer.prompt().is_some() || layer.keys().title() == "Marks") {
            return;
        }
        self.keys("m");
        let list = screen(&self.app);
        assert!(count == 0 || list.contains(&header), "{list}");
        for mark in self.app.world.marks.iter().take(80) {
            assert!(list.contains(&format!("✓ {}", mark.file.name)), "{} in {list}", mark.file.name);
        }
        self.keys("m");
        assert_eq!(self.app.layers.len(), layers);
    }

    fn marks_are_of_groups(&self) {
        let marks = &self.app.world.marks;
        for mark in marks.iter().filter_map(|mark| mark.kept()) {
            assert!(!marks.contains(&mark.path), "{} is kept and marked", mark.name);
        }
        if marks.is_unsettled() {
            return;
        }
        let joined = self.app.trail.joined().and_then(|screen| screen.pairs());
        let rows: Vec<HashSet<(usize, String)>> = joined
            .iter()
            .flat_map(|pairs| (0..pairs.rows()).map(move |row| (pairs, row)))
            .map(|(pairs, row)| {
                let (first, others) = pairs.found().unwrap().get(row).unwrap();
                let others = others.iter().map(|other| (pairs.settings.dataset, other.row.name.clone()));
                others.chain([(pairs.settings.key_dataset, first.name.clone())]).collect()
            })
            .collect();
        let id = |file: &crate::tui::marks::MarkedFile| (file.dataset, file.name.clone());
        for mark in marks.iter() {
            let together = |kept| rows.iter().any(|row| row.contains(&id(&mark.file)) && row.contains(&id(kept)));
            assert!(mark.kept().is_none_or(together), "{mark:?} is of no group");
        }
        let marked: HashSet<_> = marks.iter().map(|mark| id(&mark.file)).collect();
        let by_hand: HashSet<_> =
            marks.iter().filter(|mark| mark.kept().is_none()).map(|mark| id(&mark.file)).collect();
        let are_groups = joined.is_some_and(Pairs::are_groups);
        for row in rows {
            let may_be = !are_groups && row.is_subset(&by_hand);
            assert!(may_be || !row.is_subset(&marked), "all of {row:?} are marked");
        }
    }

    /// If all printed files were deleted, the files kept in their place would still exist.
    fn what_is_printed_has_a_copy(&self) {
        let (mut out, mut doubts) = (Vec::new(), Vec::new());
        let cancel = Cancel::default();
        let checked = checked(&self.app.world.marks, LastCheck::silent(&cancel));
        print(&checked, Separator::Line, &mut out, &mut doubts).unwrap();
        let printed: HashSet<PathBuf> = String::from_utf8(out).unwrap().lines().map(PathBuf::from).collect();
        let doubts = String::from_utf8(doubts).unwrap();
        let places: HashSet<_> = printed.iter().map(|path| place(path)).collect();
        for mark in self.app.world.marks.iter() {
            let path = &mark.file.path;
            if !printed.contains(path) {
                assert!(
                    doubts.contains(path.to_str().unwrap()),
                    "{} is left out and not told",
                    crate::shown::path(path)
                );
                continue;
            }
            let metadata = path.metadata().unwrap();
            assert!(metadata.is_file() && metadata.len() == mark.file.stamp.size);
            let Some(kept) = mark.kept() else { continue };
            let file = kept.path.metadata().unwrap();
            assert!(file.is_file() && (file.dev(), file.ino()) != (metadata.dev(), metadata.ino()));
            assert!(!path.is_symlink() && !places.contains(&kept.path.canonicalize().unwrap()), "{mark:?}");
        }
    }
}

/// The entry of a folder that a path names, whatever path leads to the folder.
fn place(path: &Path) -> PathBuf {
    path.parent().unwrap().canonicalize().unwrap().join(path.file_name().unwrap())
}

#[test]
fn whatever_happens_marks_are_shown_and_what_is_printed_has_a_copy() {
    let (mut most, mut grouped) = (0, 0);
    let mut trial = Trial::new(1);
    for _ in 0..1_000 {
        trial.happens();
        trial.check();
        most = most.max(trial.app.world.marks.len());
        grouped += usize::from(trial.app.world.marks.has_grouped());
    }
    // It was tried.
    assert!(most > 5 && grouped > 200, "{most} marks at most, {grouped} times some of groups");
}
