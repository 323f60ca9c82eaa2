//! What a dataset's files hold when indexing begins.

use crate::error::{Error, Result};
use crate::index::store::Store;
use crate::storage::Stored;

#[derive(Debug)]
pub enum Existing {
    /// There is none.
    Nothing,
    Rows(Stored),
    /// There is one that can't be used, and why.
    Unusable(String),
}

impl Existing {
    /// What is in `store`. An error only where it can't even be looked at.
    pub fn load(store: &Store) -> Result<Existing> {
        match store.load() {
            Ok(None) => Ok(Existing::Nothing),
            Ok(Some(stored)) => Ok(Existing::Rows(stored)),
            Err(Error::Features { reason, .. }) => Ok(Existing::Unusable(reason)),
            Err(other) => Err(other),
        }
    }

    /// The rows, if there are some that can be used.
    pub fn rows(&self) -> Option<&Stored> {
        match self {
            Existing::Rows(stored) => Some(stored),
            Existing::Nothing | Existing::Unusable(_) => None,
        }
    }

    /// What its rows were computed with, if it says so.
    pub fn model(&self) -> Option<&str> {
        self.rows()?.model.as_deref()
    }

    /// Whether it is as it is written today, with all that is derived, or there is nothing.
    pub fn is_current(&self) -> bool {
        matches!(self, Existing::Nothing) || self.takes_rows()
    }

    /// Whether rows can be appended to it.
    pub fn takes_rows(&self) -> bool {
        self.rows().is_some_and(|stored| stored.prepared.takes_rows())
    }
}
