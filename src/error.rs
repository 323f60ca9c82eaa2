//! The library's errors. Each names the file it is about and, where there is one, the remedy.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::limits::Limit;

/// Why something failed, in words that stand beside the name of what it is about.
pub type Reason = Box<dyn std::error::Error + Send + Sync>;

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Reading or writing a file or folder failed.
    #[error("{}: {}", crate::shown::path(path), in_words(source))]
    Io { path: PathBuf, source: io::Error },
    /// A picture that can't be read; it is skipped, nothing else stops.
    #[error("{}: {reason}", crate::shown::path(path))]
    Picture { path: PathBuf, reason: Reason },
    /// Weights that aren't VGG-16's.
    #[error("weights {origin}: {reason}")]
    Weights { origin: String, reason: String },
    /// A `features.npz` that can't be used: damaged, or of something else.
    #[error("{}: {reason}", crate::shown::path(path))]
    Features { path: PathBuf, reason: String },
    /// A file that the disk has no room for.
    #[error(
        "{}: can't be written: the disk is full, or the quota is used up; what was stored before is still there",
        crate::shown::path(path)
    )]
    NoRoom { path: PathBuf },
    /// A file that was mapped and is no longer what it was: what was computed from it is worth nothing.
    #[error(
        "{}: was cut short by another program while it was in use; run it again, the file is made anew",
        crate::shown::path(path)
    )]
    Torn { path: PathBuf },
    /// A file of a plan of tasks that can't be used: missing, damaged, or of something else.
    #[error("{}: {reason}", crate::shown::path(path))]
    Plan { path: PathBuf, reason: String },
    /// A folder, name or number the user gave that can't be used.
    #[error("{0}")]
    Input(String),
    /// The screens can't be drawn: there is no terminal, or one that prints lines only.
    #[error("the screens need a terminal{0}; simages index and simages query do without (simages --help)")]
    NoTerminal(&'static str),
    /// The network can't be had, or failed: a defect, or too little memory.
    #[error("{0}")]
    Network(String),
    /// The system refuses memory, threads or files: whatever was to be read is not to blame.
    #[error(transparent)]
    Limit(Limit),
    /// Someone asked to stop.
    #[error("cancelled")]
    Cancelled,
}

/// For what is done without where it can't be had.
pub trait UnlessLimited<T> {
    /// None after an error, unless that is a limit: then nobody knows whether it can be had.
    fn unless_limited(self) -> Result<Option<T>>;
}

impl<T> UnlessLimited<T> for Result<T> {
    fn unless_limited(self) -> Result<Option<T>> {
        match self {
            Ok(there) => Ok(Some(there)),
            Err(error @ Error::Limit(_)) => Err(error),
            Err(_) => Ok(None),
        }
    }
}

impl Error {
    /// What went wrong, for where the picture is named beside it.
    pub fn beside_its_name(&self) -> String {
        match self {
            Error::Picture { reason, .. } => reason.to_string(),
            other => other.to_string(),
        }
    }

    /// Of the picture at `path`, unless a limit is the reason.
    pub fn picture(path: &Path, reason: impl Into<Reason>) -> Error {
        let reason = reason.into();
        match Limit::behind(&*reason) {
            Some(limit) => Error::Limit(limit),
            None => Error::Picture { path: path.to_owned(), reason },
        }
    }

    /// Of what is stored: that there is no room for it is told apart.
    pub fn of_store(self) -> Error {
        match self {
            Error::Io { path, source } if is_no_room(&source) => Error::NoRoom { path },
            other => other,
        }
    }

    /// For `map_err` on I/O: adds the path that `std::io::Error` lacks.
    pub fn io(path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Error {
        move |source| match Limit::of(&source) {
            Some(limit) => Error::Limit(limit),
            None => Error::Io { path: path.as_ref().to_owned(), source },
        }
    }
}

/// What the system says, in words for anybody, that stand after the name of a file.
pub fn in_words(error: &io::Error) -> String {
    if let Some(inner) = error.get_ref() {
        // As `tempfile` tells it: with a name that nobody knows.
        let system = inner.source().and_then(|source| source.downcast_ref::<io::Error>());
        return system.map_or_else(|| inner.to_string(), in_words);
    }
    #[cfg(unix)]
    if error.raw_os_error() == Some(libc::ELOOP) {
        return "a link that leads back to itself".into();
    }
    match error.kind() {
        ErrorKind::NotFound => "no such file or folder".into(),
        ErrorKind::PermissionDenied => "permission denied".into(),
        ErrorKind::IsADirectory => "is a folder, not a file".into(),
        ErrorKind::NotADirectory => "what should be a folder on the way there is a file".into(),
        ErrorKind::ReadOnlyFilesystem => "lies where nothing can be written (read-only)".into(),
        ErrorKind::StorageFull => "the disk is full".into(),
        ErrorKind::QuotaExceeded => "the quota is used up".into(),
        ErrorKind::InvalidFilename => "its name is too long for the disk, or not allowed there".into(),
        _ => {
            // The number is the system's own.
            let text = error.to_string();
            let end = text.find(" (os error ").unwrap_or(text.len());
            text[..end].to_owned()
        }
    }
}

/// Whether the disk is full, or the user's part of it, or files may not be so large (`ulimit -f`).
pub fn is_no_room(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_is_told_without_its_numbers() {
        for number in 1..134 {
            let text = in_words(&io::Error::from_raw_os_error(number));
            assert!(!text.contains("os error") && !text.is_empty(), "{text}");
        }
        let error = tempfile::tempfile_in("/nowhere/at/all").unwrap_err();
        assert_eq!(in_words(&error), "no such file or folder");
        assert_eq!(in_words(&io::Error::other("is there already")), "is there already");
    }
}
