//! The folder of a plan, and the layout of the shared folder.
//!
//! ```text
//! SHARED/rows-1f8b0c94d2e37a65/000000.simages   pieces: some of the rows, as plain features.simages
//! SHARED/rows-1f8b…/000000.full-values.codes    their codes for joins, stored by the first task that computed them
//! SHARED/join-5a0d…/plan.json                   the manifest, and its checksum in a second line
//! SHARED/join-5a0d…/waves.txt                   task numbers, a line per wave
//! SHARED/join-5a0d…/parts/000007.part           the result of a task
//! ```
//!
//! The same work always gives the same plan, with the same identity in the same folder. Making the plan again therefore
//! continues with the existing parts.

use std::path::{Path, PathBuf};

use super::manifest::{self, Manifest, Work};
use super::part::{PartFile, PlanId, part_path};
use super::shared_file::{self, patiently, unusable};
use crate::error::{Error, Result};
use crate::whole_file;

const MANIFEST: &str = "plan.json";
const WAVES: &str = "waves.txt";

/// A plan and its folder.
#[derive(Clone, Debug)]
pub struct PlanFolder {
    /// Its full path.
    pub folder: PathBuf,
    /// The shared folder that contains it.
    pub shared: PathBuf,
    pub manifest: Manifest,
    pub id: PlanId,
}

impl PlanFolder {
    /// Reads a plan.
    ///
    /// # Errors
    /// [`Error::Plan`] if it is missing or damaged.
    pub fn open(folder: &Path) -> Result<PlanFolder> {
        let path = folder.join(MANIFEST);
        let manifest = patiently(|| {
            let bytes = whole_file::read(&path).map_err(|error| unusable(&path, &error))?;
            manifest::read(&bytes).map_err(|reason| Error::Plan { path: path.clone(), reason })
        })?;
        let folder = folder.canonicalize().map_err(Error::io(folder))?;
        let shared = folder.parent().unwrap_or(&folder).to_owned();
        Ok(PlanFolder { id: manifest.id(), folder, shared, manifest })
    }

    /// Writes a plan into the folder `name` in the shared folder. Replaces an existing plan; for the same work, that is
    /// the same plan.
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

    /// The part of a task of a join.
    pub fn part_file(&self, task: usize) -> PartFile {
        PartFile { path: self.part(task), plan: self.id, task }
    }

    /// The path of a task's part.
    pub fn part(&self, task: usize) -> PathBuf {
        let extension = match self.manifest.work {
            Work::Join(_) => "part",
            Work::Index(_) => "simages",
        };
        part_path(&self.folder, task, extension)
    }
}
