//! The pairs and groups that a join found, as marks know them: who is together with whom.

use std::sync::Arc;

use crate::marks::MarkedFile;
use crate::tui::jobs::Findings;

/// What a join found, and which datasets (by number) its keys and the others are of.
#[derive(Clone, Debug)]
pub struct Groups {
    pub found: Arc<Findings>,
    pub keys: usize,
    pub others: usize,
}

impl Groups {
    /// The pictures of a pair or group: dataset and name.
    pub fn pictures(&self, row: usize) -> impl Iterator<Item = (usize, &str)> {
        let (key, others) = self.found.get(row).unzip();
        let others = others.into_iter().flatten().map(|other| (self.others, other.row.name.as_str()));
        key.map(|key| (self.keys, key.name.as_str())).into_iter().chain(others)
    }

    pub fn rows(&self) -> std::ops::Range<usize> {
        0..self.found.len()
    }

    /// The pairs or groups that hold this picture. In groups a picture is only once.
    pub fn rows_with(&self, file: &MarkedFile) -> impl Iterator<Item = usize> {
        let most = if matches!(*self.found, Findings::Groups(_)) { 1 } else { usize::MAX };
        let holds = |row: &usize| self.pictures(*row).any(|picture| picture == file.id());
        self.rows().filter(holds).take(most)
    }
}
