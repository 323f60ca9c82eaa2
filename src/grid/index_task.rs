//! A task of indexing: computes the rows of a list of pictures as a piece. And the merge of all pieces into the
//! dataset's files.

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

/// Makes the piece of task `number`, unless it exists.
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
        let reason = "the plan was made with other weights or another version of SIMages; all machines need the same";
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

/// The instructions to use: of the plan's class, and supported by this machine.
fn instructions(plan: &IndexPlan, options: &NetworkOptions) -> Result<Instructions> {
    let of_class = |instructions: &Instructions| instructions.class().name() == plan.instructions;
    if let Some(forced) = options.instructions.filter(|forced| !of_class(forced)) {
        return Err(Error::Input(format!("SIMAGES_CPU={}: the plan is for {}", forced.name(), plan.instructions)));
    }
    let found = options.instructions.or_else(|| Instructions::available().into_iter().find(of_class));
    found.ok_or_else(|| {
        Error::Input(format!(
            "this processor has no {} instructions, and others give descriptors with different last bits: plan with \
             SIMAGES_CPU=portable, or exclude this machine",
            plan.instructions
        ))
    })
}

/// The rows made by a task.
///
/// # Errors
/// [`Error::Plan`] if they are missing, damaged, or from another plan.
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

/// Stores the rows of all tasks in the dataset's files. Returns how many.
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

/// A plan's dataset.
pub fn dataset(plan: &IndexPlan) -> Result<Dataset> {
    Dataset::open(plan.root())
}

/// Identifies plan and task in a part, in the field where other files identify their `features.npz`.
fn mark(folder: &PlanFolder, task: usize) -> Identity {
    let (numbers, _) = folder.id.as_chunks();
    let [size, mtime] = [0, 1].map(|at| u64::from_le_bytes(numbers[at]));
    Identity { size, mtime_ns: mtime.cast_signed(), end: task as u32, unused: 0 }
}
