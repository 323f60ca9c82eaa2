//! The manifest of a plan: what is to be done, and by which files. A line of JSON, and one with its SHA-256.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::index_plan::IndexPlan;
use super::join_plan::JoinPlan;
use super::part::PlanId;
use super::shared_file::{DAMAGED, REMEDY};
use crate::dataset::Stamp;
use crate::error::{Error, Result};
use crate::join::{Engine, Plan};
use crate::text::hex;

/// Another layout, or other bits of the same work, have another number.
const VERSION: u32 = 2;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    version: u32,
    pub work: Work,
    /// Files outside that the work was made of.
    pub inputs: Vec<InputFile>,
    /// The engine's plan for a join, chosen once for all tasks. It changes no result, so it is no part of the identity.
    #[serde(default)]
    pub engine_plan: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Work {
    Join(JoinPlan),
    Index(IndexPlan),
}

/// A dataset's file as it was when the plan was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputFile {
    pub path: PathBuf,
    pub size: u64,
    pub mtime_ns: i64,
}

impl InputFile {
    pub fn new(path: PathBuf) -> Option<InputFile> {
        let Stamp { size, mtime_ns } = Stamp::of(&path.metadata().ok()?);
        Some(InputFile { path, size, mtime_ns })
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

impl Manifest {
    pub fn new(work: Work, inputs: Vec<InputFile>) -> Manifest {
        Manifest { version: VERSION, work, inputs, engine_plan: None }
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

    /// `engine`, with the plan that was chosen for all tasks, unless it has one.
    pub fn engine(&self, engine: &Engine) -> Engine {
        let chosen = self.engine_plan.as_deref().and_then(Plan::named);
        Engine { plan: engine.plan.or(chosen), ..*engine }
    }

    /// An error if a dataset's file has changed since.
    pub fn check_inputs(&self) -> Result<()> {
        self.inputs.iter().try_for_each(InputFile::check)
    }
}

/// The manifest: a line of JSON, and one with its SHA-256.
pub fn written(manifest: &Manifest) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(manifest).expect("numbers and texts");
    let sum = hex(&Sha256::digest(&bytes));
    bytes.extend(format!("\nsha256 {sum}\n").as_bytes());
    bytes
}

/// The error says why it can't be used.
pub fn read(bytes: &[u8]) -> Result<Manifest, String> {
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
