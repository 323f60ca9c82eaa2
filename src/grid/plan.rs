//! The manifest of a plan: what is to be done, and by which files, all below the shared folder.
//!
//! ```text
//! SHARED/rows-1f8b0c94d2e37a65/000000.simages   pieces: some rows each, as plain features.simages
//! SHARED/join-5a0d…/plan.json                   the manifest, and its checksum in a second line
//! SHARED/join-5a0d…/waves.txt                   the tasks' numbers, a line for each wave
//! SHARED/join-5a0d…/parts/000007.part           what a task has found
//! ```
//!
//! The same work has the same plan, in the same folder, and the same identity: whoever makes the plan again goes on with the
//! parts that are there.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::checked::{Checked, DAMAGED, patiently, unusable};
use super::index_plan::IndexPlan;
use super::join_plan::JoinPlan;
use super::part::{PlanId, part_path};
use crate::dataset::Stamp;
use crate::error::{Error, Result};
use crate::text::hex;
use crate::whole_file::WholeFile;

const MANIFEST: &str = "plan.json";
const WAVES: &str = "waves.txt";
/// How temporary files begin.
pub const TEMPORARY: &str = ".plan.";
/// Another layout, or other bits of the same work, have another number.
const VERSION: u32 = 1;
const REMEDY: &str = "make the plan again: the same command as before";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    version: u32,
    pub work: Work,
    /// Files outside that the work was made of.
    pub inputs: Vec<Input>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Work {
    Join(JoinPlan),
    Index(IndexPlan),
}

/// A dataset's file as it was when the plan was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Input {
    pub path: PathBuf,
    pub size: u64,
    pub mtime_ns: i64,
}

impl Input {
    pub fn new(path: PathBuf) -> Option<Input> {
        let Stamp { size, mtime_ns } = Stamp::of(&path.metadata().ok()?);
        Some(Input { path, size, mtime_ns })
    }

    /// An error if it has changed since. On a machine that doesn't have it nobody can tell: what tasks read are copies.
    fn check(&self) -> Result<()> {
        let Ok(now) = self.path.metadata() else { return Ok(()) };
        match Stamp::of(&now) == (Stamp { size: self.size, mtime_ns: self.mtime_ns }) {
            true => Ok(()),
            false => {
                let reason = format!("has changed since the plan was made; {REMEDY}");
                Err(Error::Plan { path: self.path.clone(), reason })
            }
        }
    }
}

impl Plan {
    pub fn new(work: Work, inputs: Vec<Input>) -> Plan {
        Plan { version: VERSION, work, inputs }
    }

    /// Of the work alone: a dataset's file that was written anew with the same rows makes no other plan.
    pub fn id(&self) -> PlanId {
        let text = serde_json::to_vec(&(self.version, &self.work)).expect("numbers and texts");
        Sha256::digest(text).into()
    }

    /// The tasks' numbers, wave by wave.
    pub fn waves(&self) -> Vec<Vec<usize>> {
        match &self.work {
            Work::Join(join) => join.waves().numbers(),
            Work::Index(index) => vec![(0..index.lists.len()).collect()],
        }
    }

    /// An error if a dataset's file has changed since.
    pub fn check_inputs(&self) -> Result<()> {
        self.inputs.iter().try_for_each(Input::check)
    }
}

/// A plan in its folder.
#[derive(Clone, Debug)]
pub struct PlanFolder {
    /// Its whole path.
    pub folder: PathBuf,
    /// The shared folder that it lies in.
    pub shared: PathBuf,
    pub plan: Plan,
    pub id: PlanId,
}

impl PlanFolder {
    /// Reads a plan.
    ///
    /// # Errors
    /// [`Error::Plan`] if there is none, or it is damaged.
    pub fn open(folder: &Path) -> Result<PlanFolder> {
        let path = folder.join(MANIFEST);
        let plan = patiently(|| {
            let bytes = std::fs::read(&path).map_err(|error| unusable(&path, &error))?;
            read(&bytes).map_err(|reason| Error::Plan { path: path.clone(), reason })
        })?;
        let folder = folder.canonicalize().map_err(Error::io(folder))?;
        let shared = folder.parent().unwrap_or(&folder).to_owned();
        Ok(PlanFolder { id: plan.id(), folder, shared, plan })
    }

    /// Puts a plan below the shared folder, in a folder called `name`. One that is there is kept if it is the same; a damaged
    /// one is replaced.
    pub fn create(shared: &Path, name: &str, plan: Plan) -> Result<PlanFolder> {
        let folder = shared.join(name);
        let parts = folder.join("parts");
        std::fs::create_dir_all(&parts).map_err(Error::io(&parts)).map_err(Error::of_store)?;
        let bytes = written(&plan);
        replace(&folder.join(MANIFEST), &bytes)?;
        let line = |wave: &Vec<usize>| wave.iter().map(usize::to_string).collect::<Vec<_>>().join(" ") + "\n";
        replace(&folder.join(WAVES), plan.waves().iter().map(line).collect::<String>().as_bytes())?;
        PlanFolder::open(&folder)
    }

    /// Where the part of a task is.
    pub fn part(&self, task: usize) -> PathBuf {
        let extension = match self.plan.work {
            Work::Join(_) => "part",
            Work::Index(_) => "simages",
        };
        part_path(&self.folder, task, extension)
    }

    /// A file below the shared folder that is a part of the plan.
    pub fn file(&self, checked: &Checked) -> Result<PathBuf> {
        checked.check(&self.shared).map_err(|error| match error {
            Error::Plan { path, reason } => Error::Plan { path, reason: format!("{reason}; {REMEDY}") },
            other => other,
        })
    }
}

/// Writes a file, unless it is so already.
fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    if std::fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    let write = || {
        let mut file = WholeFile::create(path, TEMPORARY)?;
        file.write_all(bytes)?;
        file.replace()
    };
    write().map_err(Error::io(path)).map_err(Error::of_store)
}

/// The manifest: a line of JSON, and one with its SHA-256.
fn written(plan: &Plan) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(plan).expect("numbers and texts");
    let sum = hex(&Sha256::digest(&bytes));
    bytes.extend(format!("\nsha256 {sum}\n").as_bytes());
    bytes
}

fn read(bytes: &[u8]) -> Result<Plan, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| damaged())?;
    let (json, rest) = text.split_once('\n').ok_or_else(damaged)?;
    if rest != format!("sha256 {}\n", hex(&Sha256::digest(json))) {
        return Err(damaged());
    }
    let version: Version = serde_json::from_str(json).map_err(|_| damaged())?;
    if version.version != VERSION {
        return Err(format!("is of another version of SIMages; {REMEDY}"));
    }
    serde_json::from_str(json).map_err(|_| damaged())
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

fn damaged() -> String {
    format!("{DAMAGED}; {REMEDY}")
}
