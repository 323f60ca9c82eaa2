//! The library's errors. Each names the file it is about and, where there is one, the remedy.

use std::path::{Path, PathBuf};

/// Why something failed, in words that stand beside the name of what it is about.
pub type Reason = Box<dyn std::error::Error + Send + Sync>;

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Reading or writing a file or folder failed.
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: std::io::Error },
    /// A picture that can't be read; it is skipped, nothing else stops.
    #[error("{}: {reason}", path.display())]
    Picture { path: PathBuf, reason: Reason },
    /// Weights that aren't VGG-16's.
    #[error("weights {origin}: {reason}")]
    Weights { origin: String, reason: String },
    /// A `features.npz` that can't be used: damaged, or of something else.
    #[error("{}: {reason}", path.display())]
    Features { path: PathBuf, reason: String },
    /// A file that was mapped and is no longer what it was: what was computed from it is worth nothing.
    #[error("{}: was cut short by another program while it was in use; run it again, the file is made anew", path.display())]
    Torn { path: PathBuf },
    /// A folder, name or number the user gave that can't be used.
    #[error("{0}")]
    Input(String),
    /// The screens can't be drawn: there is no terminal, or one that prints lines only.
    #[error("the screens need a terminal{0}; simages index and simages query do without (simages --help)")]
    NoTerminal(&'static str),
    /// The network can't be had, or failed: a defect, or too little memory.
    #[error("{0}")]
    Network(String),
    /// Someone asked to stop.
    #[error("cancelled")]
    Cancelled,
}

impl Error {
    /// What went wrong, for where the picture is named beside it.
    pub fn beside_its_name(&self) -> String {
        match self {
            Error::Picture { reason, .. } => reason.to_string(),
            other => other.to_string(),
        }
    }

    /// Of the picture at `path`.
    pub fn picture(path: &Path, reason: impl Into<Reason>) -> Error {
        Error::Picture { path: path.to_owned(), reason: reason.into() }
    }

    /// For `map_err` on I/O: adds the path that `std::io::Error` lacks.
    pub fn io(path: impl AsRef<Path>) -> impl FnOnce(std::io::Error) -> Error {
        move |source| Error::Io { path: path.as_ref().to_owned(), source }
    }
}
