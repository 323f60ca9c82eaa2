//! A dataset on the screens: its pictures, their descriptors so far, and how far it is.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use crate::dataset::{Dataset, ImageFile, Skipped, Stamp};
use crate::descriptor::{FeatureMatrix, Row};
use crate::index::Progress;
use crate::text::thousands;

/// A dataset and what is known of it.
pub struct Set {
    pub dataset: Dataset,
    pub images: Arc<Vec<ImageFile>>,
    pub matrix: FeatureMatrix,
    pub skipped: Vec<Skipped>,
    pub state: SetState,
}

/// How far a dataset is.
#[derive(Clone, Debug, PartialEq)]
pub enum SetState {
    Scanning,
    /// Looked at, not complete, not its turn yet.
    Waiting,
    Indexing {
        progress: Progress,
        since: Instant,
        now: Instant,
        elsewhere: bool,
    },
    Complete,
    Failed(String),
}

impl SetState {
    pub fn indexing(since: Instant, elsewhere: bool) -> SetState {
        SetState::Indexing { progress: Progress::default(), since, now: since, elsewhere }
    }
}

/// A picture's file, which is a key or may become one.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyPicture {
    pub path: PathBuf,
    pub stamp: Option<Stamp>,
    pub name: String,
}

impl From<&ImageFile> for KeyPicture {
    fn from(image: &ImageFile) -> KeyPicture {
        KeyPicture { path: image.path.clone(), stamp: Some(image.stamp()), name: image.name.clone() }
    }
}

impl Set {
    pub fn new(dataset: Dataset) -> Set {
        Set {
            dataset,
            images: Arc::default(),
            matrix: FeatureMatrix::default(),
            skipped: Vec::new(),
            state: SetState::Scanning,
        }
    }

    /// The picture `name`, if it is (still) there.
    pub fn image(&self, name: &str) -> Option<&ImageFile> {
        let at = self.images.binary_search_by(|i| i.name.as_str().cmp(name)).ok()?;
        Some(&self.images[at])
    }

    /// The picture that `row` describes, if it is still where it was.
    pub fn picture(&self, row: &Row) -> KeyPicture {
        let path = match self.image(&row.name) {
            Some(image) => image.path.clone(),
            None => self.dataset.root.join(&row.name),
        };
        KeyPicture { path, stamp: row.stamp, name: row.name.clone() }
    }

    /// `animals 144`
    pub fn label(&self) -> String {
        let name = &self.dataset.name;
        match &self.state {
            SetState::Scanning => format!("{name} …"),
            SetState::Failed(_) => format!("{name} ✗"),
            _ => format!("{name} {}", thousands(self.images.len())),
        }
    }
}
