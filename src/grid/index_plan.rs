//! A plan for indexing: lists of pictures without descriptors, one list per task.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::shared_file::SharedFile;
use crate::dataset::{FileId, ImageFile, Stamp, ctime_ns};
use crate::descriptor::{Crops, Row};
use crate::error::{Error, Result};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndexPlan {
    /// The dataset's folder, at the same path on every machine.
    pub root: OsString,
    pub crops: String,
    /// Identifies the network that descriptors are computed with.
    pub model: String,
    /// The class of instructions to use: another class gives different last bits.
    pub instructions: String,
    pub lists: Vec<PictureList>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PictureList {
    pub file: SharedFile,
    pub pictures: usize,
}

/// A picture of a list, stored as a line of JSON.
#[derive(Serialize, Deserialize)]
pub struct ListedPicture {
    pub name: String,
    /// The path in the dataset's folder, if it differs from the name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path: Option<OsString>,
    pub size: u64,
    pub mtime_ns: i64,
}

impl IndexPlan {
    pub fn root(&self) -> &Path {
        Path::new(&self.root)
    }

    pub fn crops(&self) -> Result<Crops> {
        let named = Crops::ALL.into_iter().find(|crops| crops.name() == self.crops);
        named.ok_or_else(|| Error::Input(format!("the plan needs {}, which this version doesn't support", self.crops)))
    }

    /// The pictures of a list that haven't changed since the plan was made. Others are left to the next index run.
    pub fn pictures(&self, shared: &Path, task: usize) -> Result<Vec<ImageFile>> {
        let list = self.lists.get(task).ok_or_else(|| Error::Input(format!("this plan has no task {task}")))?;
        let path = list.file.check(shared)?;
        let text = std::fs::read_to_string(&path).map_err(Error::io(&path))?;
        if !self.root().is_dir() {
            return Err(Error::Input(format!(
                "{}: this machine has no such folder; pictures must be at the same path on all machines",
                crate::shown::path(self.root())
            )));
        }
        let image = |line: &str| {
            let listed: ListedPicture = serde_json::from_str(line).ok()?;
            let path: PathBuf = self.root().join(listed.path.as_deref().unwrap_or(listed.name.as_ref()));
            let metadata = path.metadata().ok()?;
            let stamp = Stamp { size: listed.size, mtime_ns: listed.mtime_ns };
            (Stamp::of(&metadata) == stamp).then(|| ImageFile {
                name: listed.name,
                id: FileId::of(&path, &metadata),
                path,
                size: stamp.size,
                mtime_ns: stamp.mtime_ns,
                ctime_ns: ctime_ns(&metadata),
            })
        };
        Ok(text.lines().filter_map(image).collect())
    }

    /// Whether these rows may be the result of a task.
    pub fn are_of(&self, task: usize, rows: &[Arc<Row>]) -> bool {
        self.lists.get(task).is_some_and(|list| rows.len() <= list.pictures)
    }
}
