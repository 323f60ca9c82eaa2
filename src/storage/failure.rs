//! Why a descriptor file can't be read or written. The caller knows which file it is.

use std::io;

use crate::limits::Limit;
use crate::whole_file::GivenUp;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The contents are invalid: the file is damaged, or something else.
    #[error("{0}")]
    Content(String),
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The zip of an npz can't be read or written.
    #[error(transparent)]
    Zip(#[from] rawzip::Error),
    /// The rows to write are no longer there.
    #[error(transparent)]
    Torn(crate::Error),
}

impl Failure {
    /// The limit behind the failure, if any.
    pub fn limit(&self) -> Option<Limit> {
        self.of_system().and_then(Limit::of)
    }

    /// The system's error, if any.
    pub fn of_system(&self) -> Option<&io::Error> {
        match self {
            Failure::Io(error) => Some(error),
            Failure::Zip(error) => std::error::Error::source(error)?.downcast_ref(),
            Failure::Content(_) | Failure::Torn(_) => None,
        }
    }

    /// Whether writing was given up because nobody waits for it any more.
    pub fn is_given_up(&self) -> bool {
        self.of_system().and_then(io::Error::get_ref).is_some_and(|inner| inner.is::<GivenUp>())
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
