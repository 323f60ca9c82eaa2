//! Makes a plan for indexing: writes lists of the pictures without descriptors into the shared folder, one list per
//! task.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::folder::PlanFolder;
use super::index_plan::{IndexPlan, ListedPicture, PictureList};
use super::manifest::{Manifest, Work};
use super::pieces::MOST_ROWS;
use super::shared_file;
use crate::dataset::{Dataset, ImageFile};
use crate::descriptor::Crops;
use crate::error::{Error, Result};
use crate::simd::InstructionClass;
use crate::text::hex;

/// Fewer pictures aren't worth a process, which has to prepare the network first.
const LEAST_PICTURES: usize = 16;
/// The most pictures per list: a list becomes a piece.
pub const MOST_PICTURES: usize = MOST_ROWS;
/// What to index.
pub struct ToCompute<'a> {
    pub dataset: &'a Dataset,
    pub images: &'a [ImageFile],
    pub crops: Crops,
    pub model: String,
    pub instructions: InstructionClass,
}

/// The number of pictures per list that gives at least `tasks` tasks, if there are enough pictures.
pub fn each(pictures: usize, tasks: usize) -> usize {
    pictures.div_ceil(tasks.max(1)).clamp(LEAST_PICTURES, MOST_PICTURES)
}

/// Writes the plan into the shared folder, with lists of `each` pictures.
pub fn plan_index(what: &ToCompute, shared: &Path, each: usize) -> Result<PlanFolder> {
    std::fs::create_dir_all(shared).map_err(Error::io(shared)).map_err(Error::of_store)?;
    let shared = shared.canonicalize().map_err(Error::io(shared))?;
    let root = &what.dataset.root;
    let texts: Vec<String> = what.images.chunks(each).map(|images| list(root, images)).collect();
    let mut hasher = Sha256::new();
    hasher.update(format!("{root:?} {} {}", what.model, what.instructions.name()));
    texts.iter().for_each(|text| hasher.update(text));
    let name = format!("index-{}", hex(&hasher.finalize()[..8]));
    let lists = texts.iter().enumerate().map(|(at, text)| {
        let file = shared_file::write(&shared, format!("{name}/lists/{at:06}.jsonl"), text.as_bytes())?;
        Ok(PictureList { file, pictures: text.lines().count() })
    });
    let work = Work::Index(IndexPlan {
        root: root.as_os_str().to_owned(),
        crops: what.crops.name().into(),
        model: what.model.clone(),
        instructions: what.instructions.name().into(),
        lists: lists.collect::<Result<_>>()?,
    });
    PlanFolder::create(&shared, &name, Manifest::new(work, Vec::new()))
}

fn list(root: &Path, images: &[ImageFile]) -> String {
    let listed = |image: &ImageFile| {
        let differs = image.path != root.join(&image.name);
        let path = differs.then(|| image.path.strip_prefix(root).unwrap_or(&image.path).as_os_str().to_owned());
        ListedPicture { name: image.name.clone(), path, size: image.size, mtime_ns: image.mtime_ns }
    };
    images.iter().map(|image| serde_json::to_string(&listed(image)).expect("numbers and texts") + "\n").collect()
}
