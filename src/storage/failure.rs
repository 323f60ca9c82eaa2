//! Why a file of descriptors can't be read or written. Which one it is, is known above.

use std::io;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// What is in the file can't be: it is damaged, or something else.
    #[error("{0}")]
    Content(String),
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The zip that an npz is can't be read or written.
    #[error(transparent)]
    Zip(#[from] rawzip::Error),
    /// What was to be written is no longer there.
    #[error(transparent)]
    Torn(crate::Error),
}

impl From<String> for Failure {
    fn from(what: String) -> Failure {
        Failure::Content(what)
    }
}

impl From<&str> for Failure {
    fn from(what: &str) -> Failure {
        Failure::Content(what.into())
    }
}
