//! The entries of one folder.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{DirEntry, FileType, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use crate::cancel::Cancel;
use crate::dataset::exclude::{IGNORE_FILE, Rules};
use crate::dataset::formats;
use crate::dataset::names::{is_hidden, text};
use crate::error::Result;

/// Whether a file of this name is one of our descriptor files.
fn is_ours(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    name.starts_with(b"features.npz") || name == b"features.simages"
}

/// A file or folder to look at.
pub struct Reached {
    pub path: PathBuf,
    /// Path inside the dataset, like a picture's name; empty for the dataset's own folder.
    pub name: String,
    /// The rules of its folder.
    pub rules: Rules,
}

/// An entry of a folder.
pub struct FolderEntry {
    pub listed: DirEntry,
    pub file_type: FileType,
    /// Its name as text; a folder's ends with `/`, so that entries sort like the names of all pictures.
    pub name: String,
}

/// The entries that may matter, in the system's order.
#[derive(Default)]
pub struct Listed {
    pub entries: Vec<FolderEntry>,
    /// How many files don't have the name of a picture, by extension.
    pub others: BTreeMap<String, usize>,
    /// Names that can't be examined, and why; an empty name stands for the folder.
    pub errors: Vec<(String, io::Error)>,
    pub has_ignore_file: bool,
}

/// The kind of an entry.
pub enum EntryKind {
    Folder(Metadata),
    Picture(Metadata),
    Link,
}

impl Reached {
    pub fn is_picture(&self) -> bool {
        formats::is_picture(&self.path)
    }

    /// Reads the folder.
    pub fn list(&self, cancel: &Cancel) -> Result<Listed> {
        let mut listed = Listed::default();
        let entries = match std::fs::read_dir(&self.path) {
            Ok(entries) => entries,
            Err(error) => {
                listed.errors.push((String::new(), error));
                return Ok(listed);
            }
        };
        for entry in entries {
            cancel.check()?;
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    listed.errors.push((String::new(), error));
                    continue;
                }
            };
            let name = entry.file_name();
            if is_hidden(&name) {
                listed.has_ignore_file |= name == IGNORE_FILE;
                continue;
            }
            match entry.file_type() {
                Ok(file_type) if file_type.is_dir() => {
                    listed.entries.push(FolderEntry { listed: entry, file_type, name: text(&name) + "/" });
                }
                Ok(file_type) if file_type.is_symlink() || formats::is_picture(name.as_ref()) => {
                    listed.entries.push(FolderEntry { listed: entry, file_type, name: text(&name) });
                }
                Ok(_) if is_ours(&name) => {}
                Ok(_) => {
                    let extension = Path::new(&name).extension().map(text).unwrap_or_default();
                    *listed.others.entry(extension.to_lowercase()).or_default() += 1;
                }
                Err(error) => listed.errors.push((text(&name), error)),
            }
        }
        Ok(listed)
    }

    /// The name in the dataset of the entry `name`; for an empty `name`, the folder's own.
    pub fn name_of(&self, name: &str) -> String {
        match (self.name.is_empty(), name.is_empty()) {
            (true, _) => name.to_owned(),
            (false, true) => self.name.clone(),
            (false, false) => [&self.name, "/", name].concat(),
        }
    }

    /// The path of `entry` in this folder, where `rules` apply.
    pub fn inside(&self, entry: &FolderEntry, rules: &Rules) -> Reached {
        let name = self.name_of(entry.name.trim_end_matches('/'));
        Reached { path: entry.listed.path(), name, rules: rules.clone() }
    }
}

impl FolderEntry {
    /// Its kind: at most one system call.
    pub fn kind(&self) -> io::Result<EntryKind> {
        if self.file_type.is_symlink() {
            return Ok(EntryKind::Link);
        }
        let metadata = self.listed.metadata()?;
        Ok(if self.file_type.is_dir() { EntryKind::Folder(metadata) } else { EntryKind::Picture(metadata) })
    }
}
