//! A dataset on the screens: its pictures, its descriptors so far, and its progress.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use crate::dataset::{
    Dataset, FileId, FurtherName, ImageFile, LeftOut, PicturePart, Scan, ScanProgress, Skipped, Stamp,
};
use crate::descriptor::{FeatureMatrix, Row};
use crate::duplicates::CollectionSource;
use crate::marks::MarkedFile;
use crate::progress::Progress;
use crate::text::thousands;
use crate::tui::pictures::PictureFile;
use crate::tui::widgets::text::title;

/// A dataset and what is known of it.
pub struct Set {
    pub dataset: Dataset,
    pub images: Arc<Vec<ImageFile>>,
    /// How often its files have changed.
    pub changes: u64,
    pub matrix: FeatureMatrix,
    pub skipped: Vec<Skipped>,
    /// Other paths to its pictures.
    pub further_names: Vec<FurtherName>,
    pub left_out: Vec<LeftOut>,
    /// How many files aren't named like pictures, by extension.
    pub others: BTreeMap<String, usize>,
    /// The progress of a slow scan.
    pub scanning: Option<ScanProgress>,
    pub state: SetState,
}

/// The progress of a dataset.
#[derive(Clone, Debug, PartialEq)]
pub enum SetState {
    Scanning,
    /// Scanned but incomplete, and waiting for its turn.
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

/// The file of a picture that is, or may become, a key.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyPicture {
    pub path: PathBuf,
    pub stamp: Option<Stamp>,
    /// The file's identity, if it existed.
    pub id: Option<FileId>,
    pub name: String,
    /// The part of the picture that is meant.
    pub part: Option<PicturePart>,
}

impl KeyPicture {
    pub fn file(&self) -> PictureFile {
        PictureFile { path: self.path.clone(), stamp: self.stamp }
    }

    /// Whether both are the same file, or the same part of it.
    pub fn is_same(&self, other: &KeyPicture) -> bool {
        let is_same_file = self.path == other.path || self.id.is_some() && self.id == other.id;
        is_same_file && self.part == other.part
    }

    /// Its name where there is little room; for a part, `a.jpg#x,y,width,height`.
    pub fn told(&self) -> String {
        match self.part {
            None => title(&self.name).to_owned(),
            Some(part) => format!("{}#{part}", self.name.rsplit('/').next().unwrap_or(&self.name)),
        }
    }

    /// Its path, and the part.
    pub fn written(&self) -> PathBuf {
        let mut written = self.path.clone().into_os_string();
        if let Some(part) = self.part {
            written.push(format!("#{part}"));
        }
        written.into()
    }
}

impl From<&MarkedFile> for KeyPicture {
    fn from(file: &MarkedFile) -> KeyPicture {
        KeyPicture {
            path: file.path.clone(),
            stamp: Some(file.stamp),
            id: Some(file.id.clone()),
            name: file.name.clone(),
            part: None,
        }
    }
}

impl From<&ImageFile> for KeyPicture {
    fn from(image: &ImageFile) -> KeyPicture {
        let (path, name) = (image.path.clone(), image.name.clone());
        KeyPicture { path, stamp: Some(image.stamp()), id: Some(image.id.clone()), name, part: None }
    }
}

impl Set {
    pub fn new(dataset: Dataset) -> Set {
        Set {
            dataset,
            images: Arc::default(),
            changes: 0,
            matrix: FeatureMatrix::default(),
            skipped: Vec::new(),
            further_names: Vec::new(),
            left_out: Vec::new(),
            others: BTreeMap::new(),
            scanning: None,
            state: SetState::Scanning,
        }
    }

    /// The picture `name`, if it still exists.
    pub fn image(&self, name: &str) -> Option<&ImageFile> {
        let at = self.images.binary_search_by(|i| i.name.as_str().cmp(name)).ok()?;
        Some(&self.images[at])
    }

    /// The picture that `row` describes, if it is still in its place.
    pub fn picture(&self, row: &Row) -> KeyPicture {
        let image = self.image(&row.name);
        let path = image.map_or_else(|| self.dataset.root.join(&row.name), |image| image.path.clone());
        let id = image.map(|image| image.id.clone());
        KeyPicture { path, stamp: row.stamp, id, name: row.name.clone(), part: None }
    }

    /// The name of `key` here: as the same file is listed, or its path.
    pub fn name_of(&self, key: &KeyPicture) -> Option<String> {
        let same = self.images.iter().find(|image| key.id.as_ref() == Some(&image.id));
        same.map(|image| image.name.clone()).or_else(|| self.dataset.name_of(&key.path))
    }

    /// Everything known of it so far, for finding duplicates.
    pub fn source(&self) -> CollectionSource {
        let (name, root) = (self.dataset.name.clone(), self.dataset.root.clone());
        CollectionSource { name, root, matrix: self.matrix.clone(), images: self.images.clone() }
    }

    /// The folder was read.
    pub fn scanned(&mut self, scan: Scan) {
        let file = |image: &ImageFile| (image.stamp(), image.id.clone());
        let is_same = |(a, b): (&ImageFile, &ImageFile)| a.name == b.name && file(a) == file(b);
        let same = self.images.len() == scan.images.len() && self.images.iter().zip(&scan.images).all(is_same);
        self.changes += u64::from(!same);
        self.images = Arc::new(scan.images);
        (self.further_names, self.left_out, self.others) = (scan.further_names, scan.left_out, scan.others);
        self.skipped.clear();
        self.scanning = None;
        if self.state == SetState::Scanning {
            self.state = SetState::Waiting;
        }
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
