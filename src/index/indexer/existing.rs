//! The contents of a dataset's files when indexing begins.

use crate::error::{Error, Result};
use crate::index::store::Store;
use crate::storage::Stored;

#[derive(Debug)]
pub enum Existing {
    /// There is no file.
    Nothing,
    Rows(Stored),
    /// There is one that can't be used; the reason.
    Unusable(String),
}

impl Existing {
    /// The contents of `store`. An error only if they can't even be examined.
    pub fn load(store: &Store) -> Result<Existing> {
        match store.load() {
            Ok(None) => Ok(Existing::Nothing),
            Ok(Some(stored)) => Ok(Existing::Rows(stored)),
            Err(Error::Features { reason, .. }) => Ok(Existing::Unusable(reason)),
            Err(other) => Err(other),
        }
    }

    /// The rows, if usable.
    pub fn rows(&self) -> Option<&Stored> {
        match self {
            Existing::Rows(stored) => Some(stored),
            Existing::Nothing | Existing::Unusable(_) => None,
        }
    }

    /// What computed its rows, if it says so.
    pub fn model(&self) -> Option<&str> {
        self.rows()?.model.as_deref()
    }

    /// Whether it is complete and in the current format, or doesn't exist.
    pub fn is_current(&self) -> bool {
        matches!(self, Existing::Nothing) || self.takes_rows()
    }

    /// Whether rows can be appended to it.
    pub fn takes_rows(&self) -> bool {
        self.rows().is_some_and(|stored| stored.prepared.takes_rows())
    }
}
