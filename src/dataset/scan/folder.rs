//! What is in one folder.

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

/// Whether descriptors are kept in a file of this name.
fn is_ours(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    name.starts_with(b"features.npz") || name == b"features.simages"
}

/// A file or folder that is to be looked at.
pub struct Reached {
    pub path: PathBuf,
    /// Path inside the dataset, as of a picture; of the dataset's folder itself, empty.
    pub name: String,
    /// The rules of the folder that it is in.
    pub rules: Rules,
}

/// What a folder lists.
pub struct FolderEntry {
    pub listed: DirEntry,
    pub file_type: FileType,
    /// Its name as text; of a folder, with `/`: so they sort as the names of all pictures do.
    pub name: String,
}

/// The entries that may matter, in the system's order.
#[derive(Default)]
pub struct Listed {
    pub entries: Vec<FolderEntry>,
    /// How many files are no pictures by their names, by extension.
    pub others: BTreeMap<String, usize>,
    /// Names that can't be looked at, and why; an empty one is the folder's.
    pub errors: Vec<(String, io::Error)>,
    pub has_ignore_file: bool,
}

/// What an entry is.
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

    /// The name inside the dataset of what is called `name` in this folder; of nothing, its own.
    pub fn name_of(&self, name: &str) -> String {
        match (self.name.is_empty(), name.is_empty()) {
            (true, _) => name.to_owned(),
            (false, true) => self.name.clone(),
            (false, false) => [&self.name, "/", name].concat(),
        }
    }

    /// The path of `entry` in this folder, where `rules` hold.
    pub fn inside(&self, entry: &FolderEntry, rules: &Rules) -> Reached {
        let name = self.name_of(entry.name.trim_end_matches('/'));
        Reached { path: entry.listed.path(), name, rules: rules.clone() }
    }
}

impl FolderEntry {
    /// A look at it: one call to the system, if any.
    pub fn kind(&self) -> io::Result<EntryKind> {
        if self.file_type.is_symlink() {
            return Ok(EntryKind::Link);
        }
        let metadata = self.listed.metadata()?;
        Ok(if self.file_type.is_dir() { EntryKind::Folder(metadata) } else { EntryKind::Picture(metadata) })
    }
}
