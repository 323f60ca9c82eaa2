//! Indexing as a plan: pictures that have no descriptor yet, in lists, each a task.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::checked::{Checked, Summing};
use super::plan::{Plan, PlanFolder, TEMPORARY, Work};
use crate::dataset::{Dataset, FileId, ImageFile, Stamp, ctime_ns};
use crate::descriptor::{Crops, Row};
use crate::error::{Error, Result};
use crate::simd::InstructionClass;
use crate::text::hex;
use crate::whole_file::WholeFile;

/// Pictures of a list at most: a piece of so many rows comes of it.
pub const MOST_PICTURES: usize = super::pieces::MOST_ROWS;
/// Fewer aren't worth a process, which prepares the network first.
const LEAST_PICTURES: usize = 16;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndexPlan {
    /// The dataset's folder, which each machine finds at this path.
    root: OsString,
    crops: String,
    /// What descriptors are computed with.
    pub model: String,
    /// The class of instructions: others would give other last bits.
    pub instructions: String,
    pub lists: Vec<PictureList>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PictureList {
    pub file: Checked,
    pub pictures: usize,
}

/// A picture of a list: a line of JSON.
#[derive(Serialize, Deserialize)]
struct Listed {
    name: String,
    /// Below the dataset's folder, where the name isn't that.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    path: Option<OsString>,
    size: u64,
    mtime_ns: i64,
}

/// What is to be indexed.
pub struct ToCompute<'a> {
    pub dataset: &'a Dataset,
    pub images: &'a [ImageFile],
    pub crops: Crops,
    pub model: String,
    pub instructions: InstructionClass,
}

/// Pictures of a list, so that `tasks` of them or more come of so many, if there are enough.
pub fn each(pictures: usize, tasks: usize) -> usize {
    pictures.div_ceil(tasks.max(1)).clamp(LEAST_PICTURES, MOST_PICTURES)
}

/// Puts the plan below the shared folder: lists of `each` pictures.
pub fn make(what: &ToCompute, shared: &Path, each: usize) -> Result<PlanFolder> {
    std::fs::create_dir_all(shared).map_err(Error::io(shared)).map_err(Error::of_store)?;
    let shared = shared.canonicalize().map_err(Error::io(shared))?;
    let root = &what.dataset.root;
    let texts: Vec<String> = what.images.chunks(each).map(|images| list(root, images)).collect();
    let mut hasher = Sha256::new();
    hasher.update(format!("{root:?} {} {}", what.model, what.instructions.name()));
    texts.iter().for_each(|text| hasher.update(text));
    let name = format!("index-{}", hex(&hasher.finalize()[..8]));
    let folder = shared.join(&name).join("lists");
    std::fs::create_dir_all(&folder).map_err(Error::io(&folder)).map_err(Error::of_store)?;
    let lists = texts.iter().enumerate().map(|(at, text)| {
        let path = format!("{name}/lists/{at:06}.jsonl");
        let place = shared.join(&path);
        let write = || {
            let mut file = Summing::new(WholeFile::create(&place, TEMPORARY)?);
            file.write_all(text.as_bytes())?;
            let sum = file.sum();
            file.to.replace().map(|()| sum)
        };
        let sum = write().map_err(Error::io(&place)).map_err(Error::of_store)?;
        Ok(PictureList { file: Checked { path, size: sum.size, crc32: sum.crc32 }, pictures: text.lines().count() })
    });
    let work = Work::Index(IndexPlan {
        root: root.as_os_str().to_owned(),
        crops: what.crops.name().into(),
        model: what.model.clone(),
        instructions: what.instructions.name().into(),
        lists: lists.collect::<Result<_>>()?,
    });
    PlanFolder::create(&shared, &name, Plan::new(work, Vec::new()))
}

fn list(root: &Path, images: &[ImageFile]) -> String {
    let listed = |image: &ImageFile| {
        let differs = image.path != root.join(&image.name);
        let path = differs.then(|| image.path.strip_prefix(root).unwrap_or(&image.path).as_os_str().to_owned());
        Listed { name: image.name.clone(), path, size: image.size, mtime_ns: image.mtime_ns }
    };
    images.iter().map(|image| serde_json::to_string(&listed(image)).expect("numbers and texts") + "\n").collect()
}

impl IndexPlan {
    pub fn root(&self) -> &Path {
        Path::new(&self.root)
    }

    pub fn crops(&self) -> Result<Crops> {
        let named = Crops::ALL.into_iter().find(|crops| crops.name() == self.crops);
        named.ok_or_else(|| Error::Input(format!("the plan asks for {}, which this version doesn't know", self.crops)))
    }

    /// The pictures of a list that are as they were when the plan was made; others are left to whoever indexes next.
    pub fn pictures(&self, folder: &PlanFolder, task: usize) -> Result<Vec<ImageFile>> {
        let list = self.lists.get(task).ok_or_else(|| Error::Input(format!("there is no task {task} in this plan")))?;
        let path = folder.file(&list.file)?;
        let text = std::fs::read_to_string(&path).map_err(Error::io(&path))?;
        if !self.root().is_dir() {
            return Err(Error::Input(format!(
                "{}: there is no such folder on this machine; pictures must be at the same path on all of them",
                crate::shown::path(self.root())
            )));
        }
        let image = |line: &str| {
            let listed: Listed = serde_json::from_str(line).ok()?;
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

    /// Whether these rows can be those of a task's pictures.
    pub fn are_of(&self, task: usize, rows: &[std::sync::Arc<Row>]) -> bool {
        self.lists.get(task).is_some_and(|list| rows.len() <= list.pictures)
    }
}
