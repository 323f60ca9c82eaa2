//! A plan in its folder: where what lies below the shared folder.
//!
//! ```text
//! SHARED/rows-1f8b0c94d2e37a65/000000.simages   pieces: some rows each, as plain features.simages
//! SHARED/rows-1f8b…/000000.full-values.codes    their codes for the first look of joins, by the first task that made them
//! SHARED/join-5a0d…/plan.json                   the manifest, and its checksum in a second line
//! SHARED/join-5a0d…/waves.txt                   the tasks' numbers, a line for each wave
//! SHARED/join-5a0d…/parts/000007.part           what a task has found
//! ```
//!
//! The same work has the same plan, in the same folder, and the same identity: whoever makes the plan again goes on with the
//! parts that are there.

use std::path::{Path, PathBuf};

use super::manifest::{self, Manifest, Work};
use super::part::{PartFile, PlanId, part_path};
use super::shared_file::{self, patiently, unusable};
use crate::error::{Error, Result};

const MANIFEST: &str = "plan.json";
const WAVES: &str = "waves.txt";

/// A plan in its folder.
#[derive(Clone, Debug)]
pub struct PlanFolder {
    /// Its whole path.
    pub folder: PathBuf,
    /// The shared folder that it lies in.
    pub shared: PathBuf,
    pub manifest: Manifest,
    pub id: PlanId,
}

impl PlanFolder {
    /// Reads a plan.
    ///
    /// # Errors
    /// [`Error::Plan`] if there is none, or it is damaged.
    pub fn open(folder: &Path) -> Result<PlanFolder> {
        let path = folder.join(MANIFEST);
        let manifest = patiently(|| {
            let bytes = std::fs::read(&path).map_err(|error| unusable(&path, &error))?;
            manifest::read(&bytes).map_err(|reason| Error::Plan { path: path.clone(), reason })
        })?;
        let folder = folder.canonicalize().map_err(Error::io(folder))?;
        let shared = folder.parent().unwrap_or(&folder).to_owned();
        Ok(PlanFolder { id: manifest.id(), folder, shared, manifest })
    }

    /// Puts a plan below the shared folder, in a folder called `name`. One that is there is
    /// replaced; of the same work it is the same.
    pub fn create(shared: &Path, name: &str, manifest: Manifest) -> Result<PlanFolder> {
        let folder = shared.join(name);
        let parts = folder.join("parts");
        std::fs::create_dir_all(&parts).map_err(Error::io(&parts)).map_err(Error::of_store)?;
        shared_file::write(shared, format!("{name}/{MANIFEST}"), &manifest::written(&manifest))?;
        let line = |wave: &Vec<usize>| wave.iter().map(usize::to_string).collect::<Vec<_>>().join(" ") + "\n";
        let waves: String = manifest.waves().iter().map(line).collect();
        shared_file::write(shared, format!("{name}/{WAVES}"), waves.as_bytes())?;
        PlanFolder::open(&folder)
    }

    /// The file of the part of a join's task.
    pub fn part_file(&self, task: usize) -> PartFile {
        PartFile { path: self.part(task), plan: self.id, task }
    }

    /// Where the part of a task is.
    pub fn part(&self, task: usize) -> PathBuf {
        let extension = match self.manifest.work {
            Work::Join(_) => "part",
            Work::Index(_) => "simages",
        };
        part_path(&self.folder, task, extension)
    }
}
