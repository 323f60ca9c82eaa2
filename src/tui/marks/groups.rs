//! The pairs or groups found last, for the rules on marks: which pictures belong together.

use std::collections::HashMap;
use std::sync::Arc;

use crate::duplicates::{Collection, GroupPlan};
use crate::marks::MarkedFile;
use crate::tui::jobs::{DuplicatesAnswer, Findings};

/// Pictures by dataset (index) and name.
#[derive(Clone, Debug)]
pub enum Groups {
    /// The pairs of a join, and the datasets of its keys and of the others.
    Pairs {
        found: Arc<Findings>,
        keys: usize,
        others: usize,
    },
    Duplicates(DuplicateRows),
}

/// Groups of near-duplicates.
#[derive(Clone, Debug)]
pub struct DuplicateRows {
    answer: Arc<DuplicatesAnswer>,
    /// The dataset of each source.
    sets: Vec<usize>,
    rows: Vec<Vec<u32>>,
    /// The group of each picture that is in one.
    row_of: HashMap<u32, usize>,
}

impl DuplicateRows {
    pub fn new(answer: Arc<DuplicatesAnswer>, sets: Vec<usize>, plan: &GroupPlan) -> DuplicateRows {
        let rows: Vec<Vec<u32>> = plan.groups.iter().map(|group| group.pictures().collect()).collect();
        let row_of = (0..).zip(&rows).flat_map(|(row, pictures)| pictures.iter().map(move |p| (*p, row))).collect();
        DuplicateRows { answer, sets, rows, row_of }
    }

    fn collection(&self) -> &Collection {
        &self.answer.collection
    }

    /// The group that holds this picture.
    fn row_with(&self, file: &MarkedFile) -> Option<usize> {
        let source = self.sets.iter().position(|set| *set == file.dataset)?;
        self.row_of.get(&self.collection().find(source, &file.name)?).copied()
    }
}

impl Groups {
    /// The pictures of a pair or group.
    pub fn pictures(&self, row: usize) -> Box<dyn Iterator<Item = (usize, &str)> + '_> {
        match self {
            Groups::Pairs { found, keys, others } => {
                let (key, found) = found.get(row).unzip();
                let found = found.into_iter().flatten().map(|other| (*others, other.row.name.as_str()));
                Box::new(key.map(|key| (*keys, key.name.as_str())).into_iter().chain(found))
            }
            Groups::Duplicates(groups) => {
                let named = |picture: &u32| {
                    let picture = groups.collection().picture(*picture);
                    (groups.sets[picture.source], picture.row.name.as_str())
                };
                Box::new(groups.rows[row].iter().map(named))
            }
        }
    }

    /// Whether one of each must stay unmarked, even against marks by hand: they are copies of each other. The two of a
    /// pair need not be similar at all.
    pub fn are_copies(&self) -> bool {
        !matches!(self, Groups::Pairs { found, .. } if matches!(**found, Findings::Pairs(_)))
    }

    pub fn rows(&self) -> std::ops::Range<usize> {
        match self {
            Groups::Pairs { found, .. } => 0..found.len(),
            Groups::Duplicates(groups) => 0..groups.rows.len(),
        }
    }

    /// The pairs or groups that hold this picture. A picture is in only one group.
    pub fn rows_with(&self, file: &MarkedFile) -> Box<dyn Iterator<Item = usize> + '_> {
        match self {
            Groups::Pairs { .. } => {
                let id = (file.dataset, file.name.clone());
                let holds = move |row: &usize| self.pictures(*row).any(|(set, name)| (set, name) == (id.0, &*id.1));
                Box::new(self.rows().filter(holds))
            }
            Groups::Duplicates(groups) => Box::new(groups.row_with(file).into_iter()),
        }
    }
}
