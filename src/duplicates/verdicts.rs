//! Verdicts: pairs that the user declared not duplicates, remembered by the files' contents. They survive renaming,
//! moving and copying.
//!
//! The file is JSON Lines, one verdict per line, and is only ever appended to, under a lock: two programs may write at
//! once, and a kill costs at most the line being written. The last line about a pair counts.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::collection::Collection;
use crate::dataset::ContentHash;
use crate::error::{Error, Result};
use crate::text::{hex, unhex};
use crate::whole_file;

/// Where verdicts are stored.
#[derive(Clone, Debug)]
pub struct VerdictsFile {
    path: PathBuf,
}

/// One line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct VerdictLine {
    /// BLAKE3 of both files, the smaller one first.
    contents: [String; 2],
    /// Their names at the time.
    names: [String; 2],
    /// Whether the verdict was undone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    undone: bool,
}

type Contents = [[u8; 32]; 2];

/// Two files that are not duplicates: their contents, and their names.
pub type JudgedPair = ([ContentHash; 2], [String; 2]);

/// All pairs that are not duplicates, with their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdicts {
    pairs: BTreeMap<Contents, [String; 2]>,
}

impl Verdicts {
    /// Whether two contents were declared not duplicates.
    pub fn part(&self, collection: &Collection, a: u32, b: u32) -> bool {
        if self.pairs.is_empty() {
            return false;
        }
        let content = |of: u32| collection.compared(of).row.content();
        content(a).zip(content(b)).is_some_and(|(a, b)| self.part_contents(a, b))
    }

    /// The same by contents.
    pub fn part_contents(&self, a: ContentHash, b: ContentHash) -> bool {
        self.pairs.contains_key(&ordered(a, b))
    }

    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// The contents and names of each pair.
    pub fn iter(&self) -> impl Iterator<Item = ([ContentHash; 2], &[String; 2])> {
        self.pairs.iter().map(|(contents, names)| (contents.map(ContentHash), names))
    }

    fn take(&mut self, line: VerdictLine) {
        let [Some(a), Some(b)] = line.contents.map(|digits| content_of(&digits)) else { return };
        match line.undone {
            true => drop(self.pairs.remove(&[a, b])),
            false => drop(self.pairs.insert([a, b], line.names)),
        }
    }
}

impl VerdictsFile {
    /// In this folder of the user's data.
    pub fn new(data: &Path) -> VerdictsFile {
        VerdictsFile { path: data.join("not-duplicates.jsonl") }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The verdicts so far; none if there is no file yet. Malformed lines are skipped.
    pub fn read(&self) -> Result<Verdicts> {
        match whole_file::read(&self.path) {
            Ok(bytes) => Ok(parsed(&bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Verdicts::default()),
            Err(error) => Err(Error::io(&self.path)(error)),
        }
    }

    /// Adds pairs with the names of their files, or undoes them (`undone`). Returns all verdicts so far, by any
    /// program.
    pub fn add(&self, pairs: &[JudgedPair], undone: bool) -> Result<Verdicts> {
        let folder = self.path.parent().expect("made of a folder");
        std::fs::create_dir_all(folder).map_err(Error::io(folder))?;
        let line = |([a, b], names): &JudgedPair| {
            let [first, second] = ordered(*a, *b);
            let names = if a.0 == first { names.clone() } else { [names[1].clone(), names[0].clone()] };
            serde_json::to_string(&VerdictLine { contents: [hex(&first), hex(&second)], names, undone })
                .expect("it is only text")
        };
        let text: String = pairs.iter().map(|pair| line(pair) + "\n").collect();
        let written = || {
            let mut file: File = OpenOptions::new().create(true).read(true).append(true).open(&self.path)?;
            // Without file locks, appending alone keeps lines apart.
            let _ = file.lock();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            let begun = bytes.last().is_some_and(|last| *last != b'\n');
            let text = if begun { format!("\n{text}") } else { text.clone() };
            file.seek(SeekFrom::End(0))?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            bytes.extend(text.as_bytes());
            Ok(parsed(&bytes))
        };
        written().map_err(Error::io(&self.path))
    }
}

fn parsed(bytes: &[u8]) -> Verdicts {
    let mut verdicts = Verdicts::default();
    let lines = bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok());
    lines.for_each(|line| verdicts.take(line));
    verdicts
}

fn ordered(a: ContentHash, b: ContentHash) -> Contents {
    if a.0 <= b.0 { [a.0, b.0] } else { [b.0, a.0] }
}

fn content_of(digits: &str) -> Option<[u8; 32]> {
    unhex(digits)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(first: u8) -> ContentHash {
        ContentHash([first; 32])
    }

    fn pair(a: u8, b: u8) -> ([ContentHash; 2], [String; 2]) {
        ([hash(a), hash(b)], [format!("{a}.jpg"), format!("{b}.jpg")])
    }

    fn names(verdicts: &Verdicts) -> Vec<String> {
        verdicts.iter().map(|(_, names)| names.join(" ")).collect()
    }

    #[test]
    fn the_last_word_about_a_pair_counts_in_whatever_order_it_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = VerdictsFile::new(&folder.path().join("data/simages"));
        assert!(file.read().unwrap().is_empty());
        assert_eq!(names(&file.add(&[pair(2, 1), pair(1, 3)], false).unwrap()), ["1.jpg 2.jpg", "1.jpg 3.jpg"]);
        assert_eq!(names(&file.add(&[pair(1, 2)], true).unwrap()), ["1.jpg 3.jpg"]);
        assert_eq!(names(&file.add(&[pair(1, 2)], false).unwrap()), ["1.jpg 2.jpg", "1.jpg 3.jpg"]);
        assert_eq!(file.read().unwrap().len(), 2);
    }

    #[test]
    fn a_line_that_was_cut_costs_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let file = VerdictsFile::new(folder.path());
        file.add(&[pair(1, 2)], false).unwrap();
        let mut whole = std::fs::read(file.path()).unwrap();
        let half = whole.len() / 2;
        whole.extend_from_within(..half);
        std::fs::write(file.path(), &whole).unwrap();
        assert_eq!(names(&file.add(&[pair(1, 4)], false).unwrap()), ["1.jpg 2.jpg", "1.jpg 4.jpg"]);
        assert_eq!(file.read().unwrap().len(), 2);
    }

    #[test]
    fn of_many_that_answer_at_once_none_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let file = VerdictsFile::new(folder.path());
        std::thread::scope(|scope| {
            for thread in 0..4u8 {
                let file = &file;
                scope.spawn(move || (0..20).for_each(|n| drop(file.add(&[pair(thread, 10 + n)], false).unwrap())));
            }
        });
        assert_eq!(file.read().unwrap().len(), 80);
    }
}
