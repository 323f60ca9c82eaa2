//! Beyond one machine: runs joins and indexing as tasks of existing schedulers.
//!
//! Input: a join, or pictures without descriptors, and a folder shared by all machines. Output: the same results, to
//! the bit, as in one process. A plan (`manifest`, `folder`) lists the tasks and the files in the shared folder
//! that they use. A task is a process that makes one part ([`run_task`]). Merging (`join_merge`, `index_task`)
//! makes the result from the parts. Tasks have no side effects; they may run anywhere, in any order within a wave, and
//! any number of times. The [`schedulers`] start them; all of these are existing programs, none is ours.

mod best_values;
mod codes;
mod drive;
mod folder;
mod index_plan;
mod index_task;
mod join_merge;
mod join_plan;
mod join_task;
mod manifest;
mod part;
mod pieces;
mod plan_index;
mod plan_join;
pub mod schedulers;
mod shared_file;
mod values_task;
mod waves;

pub use drive::{drive, missing};
pub use folder::PlanFolder;
pub use index_task::{dataset, merge as merge_index};
pub use join_merge::{Named, groups, names};
pub use join_plan::JoinPlan;
pub use manifest::Work;
pub use plan_index::{MOST_PICTURES, ToCompute, each, plan_index};
pub use plan_join::{Making, block, plan_join};

use waves::TaskStep;

use crate::cancel::Cancel;
use crate::error::{Error, Result};
use crate::join::Engine;
use crate::vgg16::NetworkOptions;

/// Makes the part of a task, unless a complete one exists.
pub fn run_task(
    folder: &PlanFolder,
    task: usize,
    engine: &Engine,
    network: &NetworkOptions,
    cancel: &Cancel,
) -> Result<()> {
    match &folder.manifest.work {
        Work::Join(_) if folder.part_file(task).is_whole() => Ok(()),
        Work::Join(join) => {
            let engine = folder.manifest.engine(engine);
            match join.waves().steps().nth(task).ok_or_else(|| no_such_task(task))? {
                TaskStep::Pair(pair) => join_task::run(folder, join, (task, pair), &engine, cancel),
                TaskStep::Values(block) => values_task::run(folder, join, (task, block), &engine, cancel),
            }
        }
        Work::Index(index) => index_task::run(folder, index, task, network, cancel),
    }
}

fn no_such_task(task: usize) -> Error {
    Error::Input(format!("this plan has no task {task}"))
}
