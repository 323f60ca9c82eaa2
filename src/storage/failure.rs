//! Why a file of descriptors can't be read or written. Which one it is, is known above.

use std::io;

use crate::limits::Limit;

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

impl Failure {
    /// The limit that it failed at, if one is the reason.
    pub fn limit(&self) -> Option<Limit> {
        self.of_system().and_then(Limit::of)
    }

    /// What the system said, if it did.
    pub fn of_system(&self) -> Option<&io::Error> {
        match self {
            Failure::Io(error) => Some(error),
            Failure::Zip(error) => std::error::Error::source(error)?.downcast_ref(),
            Failure::Content(_) | Failure::Torn(_) => None,
        }
    }
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
