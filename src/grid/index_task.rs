//! A task of indexing: a list of pictures in, a piece of rows out. And from the pieces to the dataset's own file.

use std::sync::Arc;
use std::time::Instant;

use super::folder::PlanFolder;
use super::index_plan::IndexPlan;
use super::part::TEMPORARY;
use super::shared_file::{DAMAGED, patiently, unusable};
use crate::cancel::Cancel;
use crate::dataset::Dataset;
use crate::descriptor::Row;
use crate::error::{Error, Result};
use crate::index::indexer::{self, ToIndex};
use crate::simd::Instructions;
use crate::storage::Failure;
use crate::storage::sparse::{self, Identity};
use crate::vgg16::{Network, NetworkOptions};
use crate::whole_file::WholeFile;

/// Makes the piece of task `number`, unless it is there.
pub fn run(
    folder: &PlanFolder,
    plan: &IndexPlan,
    number: usize,
    options: &NetworkOptions,
    cancel: &Cancel,
) -> Result<()> {
    if rows_now(folder, plan, number).is_ok() {
        return Ok(());
    }
    let network = Network::new(NetworkOptions { instructions: Some(instructions(plan, options)?), ..options.clone() });
    let crops = plan.crops()?;
    if network.weights()?.model(crops) != plan.model {
        let reason =
            "the plan is of other weights, or of another version of SIMages; all machines need the same (--weights)";
        return Err(Error::Input(reason.into()));
    }
    let began = Instant::now();
    let images = plan.pictures(&folder.shared, number)?;
    let rows = indexer::describe_all(&images, crops, &network, cancel)?;
    let place = folder.part(number);
    let write = || -> Result<(), Failure> {
        let mut file = WholeFile::create(&place, TEMPORARY)?;
        sparse::write(&mut file, &rows, &plan.model, mark(folder, number))?;
        Ok(file.replace()?)
    };
    write().map_err(|failure| match failure {
        Failure::Io(error) => Error::io(&place)(error).of_store(),
        other => Error::Plan { path: place.clone(), reason: format!("can't be written ({other})") },
    })?;
    tracing::info!(task = number, rows = rows.len(), seconds = began.elapsed().as_secs_f64(), "a part was made");
    Ok(())
}

/// The instructions to compute with: of the plan's class, and of this machine.
fn instructions(plan: &IndexPlan, options: &NetworkOptions) -> Result<Instructions> {
    let of_class = |instructions: &Instructions| instructions.class().name() == plan.instructions;
    if let Some(forced) = options.instructions.filter(|forced| !of_class(forced)) {
        return Err(Error::Input(format!("SIMAGES_CPU={}: the plan is for {}", forced.name(), plan.instructions)));
    }
    let found = options.instructions.or_else(|| Instructions::available().into_iter().find(of_class));
    found.ok_or_else(|| {
        Error::Input(format!(
            "this processor has no {} instructions, and with others the last bits of descriptors differ: plan with \
             SIMAGES_CPU=portable, or leave this machine out",
            plan.instructions
        ))
    })
}

/// The rows that a task has made.
///
/// # Errors
/// [`Error::Plan`] if they are missing, damaged, or of another plan.
pub fn rows(folder: &PlanFolder, plan: &IndexPlan, task: usize) -> Result<Vec<Arc<Row>>> {
    patiently(|| rows_now(folder, plan, task))
}

pub fn rows_now(folder: &PlanFolder, plan: &IndexPlan, task: usize) -> Result<Vec<Arc<Row>>> {
    let path = folder.part(task);
    path.metadata().map_err(|error| unusable(&path, &error))?;
    let failed = |reason: &str| Error::Plan { path: path.clone(), reason: reason.into() };
    let found = sparse::open(&path).filter(|sparse| sparse.whole).ok_or_else(|| failed(DAMAGED))?;
    if found.npz != mark(folder, task) || found.model != plan.model {
        return Err(failed("is of another plan or task"));
    }
    let rows = found.matrix.rows();
    if !plan.are_of(task, rows) || rows.iter().any(|row| !row.was_looked_at()) {
        return Err(failed(DAMAGED));
    }
    Ok(rows.to_vec())
}

/// Puts the rows of all tasks into the dataset's own files. How many there are.
pub fn merge(
    folder: &PlanFolder,
    plan: &IndexPlan,
    what: &ToIndex,
    network: &Network,
    cancel: &Cancel,
) -> Result<usize> {
    let mut all = Vec::new();
    for task in 0..plan.lists.len() {
        all.extend(rows(folder, plan, task)?);
    }
    indexer::take_rows(what, all, network, cancel)
}

/// The dataset of a plan.
pub fn dataset(plan: &IndexPlan) -> Result<Dataset> {
    Dataset::open(plan.root())
}

/// Where plain files say which `features.npz` they go with, a part says which plan and task.
fn mark(folder: &PlanFolder, task: usize) -> Identity {
    let (numbers, _) = folder.id.as_chunks();
    let [size, mtime] = [0, 1].map(|at| u64::from_le_bytes(numbers[at]));
    Identity { size, mtime_ns: mtime.cast_signed(), end: task as u32, unused: 0 }
}
