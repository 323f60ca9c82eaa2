//! The library's errors. Each names its file and, where there is one, the remedy.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::limits::Limit;

/// The reason of a failure, worded to follow the name of the thing that failed.
pub type Reason = Box<dyn std::error::Error + Send + Sync>;

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Reading or writing a file or folder failed.
    #[error("{}: {}", crate::shown::path(path), in_words(source))]
    Io { path: PathBuf, source: io::Error },
    /// A picture that can't be read. It is skipped; work goes on.
    #[error("{}: {reason}", crate::shown::path(path))]
    Picture { path: PathBuf, reason: Reason },
    /// Weights that aren't VGG-16's.
    #[error("weights {origin}: {reason}")]
    Weights { origin: String, reason: String },
    /// A `features.npz` that can't be used: damaged, or from another program.
    #[error("{}: {reason}", crate::shown::path(path))]
    Features { path: PathBuf, reason: String },
    /// The disk has no room for a file.
    #[error(
        "{}: can't be written: the disk is full, or a quota or ulimit -f is reached; what was stored before is still there",
        crate::shown::path(path)
    )]
    NoRoom { path: PathBuf },
    /// A mapped file that another program changed: anything computed from it is worthless.
    #[error(
        "{}: was cut short by another program while in use; run the command again, which rebuilds the file",
        crate::shown::path(path)
    )]
    Torn { path: PathBuf },
    /// A stored row that doesn't match its checksum: anything computed with it is worthless.
    #[error("{}: {what} is damaged: it doesn't match its checksum", crate::shown::path(path))]
    Damaged { path: PathBuf, what: String },
    /// A plan's file that can't be used: missing, damaged, or from another plan.
    #[error("{}: {reason}", crate::shown::path(path))]
    Plan { path: PathBuf, reason: String },
    /// A folder, name or number from the user that can't be used.
    #[error("{0}")]
    Input(String),
    /// The screens can't be drawn: there is no terminal, or only one that prints lines.
    #[error("the screens need a terminal{0}; simages index and simages query work without one (simages --help)")]
    NoTerminal(&'static str),
    /// The network can't be loaded, or failed: a defect, or too little memory.
    #[error("{0}")]
    Network(String),
    /// The system refuses memory, threads or files. The file being read is not at fault.
    #[error(transparent)]
    Limit(Limit),
    /// The user asked to stop.
    #[error("cancelled")]
    Cancelled,
}

/// For optional steps, which are skipped if they fail.
pub trait UnlessLimited<T> {
    /// None after an error, except a limit, which is passed on: the step might have worked.
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
    /// The message, for use where the picture's name stands beside it.
    pub fn beside_its_name(&self) -> String {
        match self {
            Error::Picture { reason, .. } => reason.to_string(),
            other => other.to_string(),
        }
    }

    /// An error about the picture at `path`, or the limit behind it.
    pub fn picture(path: &Path, reason: impl Into<Reason>) -> Error {
        let reason = reason.into();
        match Limit::behind(&*reason) {
            Some(limit) => Error::Limit(limit),
            None => Error::Picture { path: path.to_owned(), reason },
        }
    }

    /// For errors of storing: turns a full disk into [`Error::NoRoom`].
    pub fn of_store(self) -> Error {
        match self {
            Error::Io { path, source } if is_no_room(&source) => Error::NoRoom { path },
            other => other,
        }
    }

    /// For `map_err` on I/O: adds the path, which `std::io::Error` lacks.
    pub fn io(path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Error {
        move |source| match Limit::of(&source) {
            Some(limit) => Error::Limit(limit),
            None => Error::Io { path: path.as_ref().to_owned(), source },
        }
    }
}

/// The system's error in plain words that can follow the name of a file.
pub fn in_words(error: &io::Error) -> String {
    if let Some(inner) = error.get_ref() {
        // `tempfile` wraps the error and adds a temporary name, which would only confuse.
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
        ErrorKind::NotADirectory => "part of its path is a file, not a folder".into(),
        ErrorKind::ReadOnlyFilesystem => "is in a read-only place".into(),
        ErrorKind::StorageFull => "the disk is full".into(),
        ErrorKind::QuotaExceeded => "the quota is used up".into(),
        ErrorKind::FileTooLarge => "larger than this disk or ulimit -f allows".into(),
        ErrorKind::InvalidFilename => "its name is too long or not allowed on this disk".into(),
        _ => {
            // Drop the system's error number.
            let text = error.to_string();
            let end = text.find(" (os error ").unwrap_or(text.len());
            text[..end].to_owned()
        }
    }
}

/// Whether the disk or the user's quota is full, or the file has reached `ulimit -f`.
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
        assert_eq!(in_words(&io::Error::other("exists already")), "exists already");
    }
}
