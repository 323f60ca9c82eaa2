//! From a plan to all of its parts: what is missing goes to a scheduler, and how far it is can be seen below the shared folder.

use std::path::Path;
use std::thread;
use std::time::Duration;

use super::folder::PlanFolder;
use super::index_task;
use super::manifest::Work;
use super::schedulers::{Job, Scheduler};
use super::shared_file::patiently;
use crate::cancel::Cancel;
use crate::error::{Error, Result};
use crate::limits::Limit;
use crate::progress::Progress;

/// Between two looks at the parts.
const LOOK: Duration = Duration::from_millis(200);

/// A task whose part can't be used, and why: it is missing, damaged, or of another plan.
#[derive(Debug)]
pub struct MissingPart {
    pub task: usize,
    pub why: Error,
    /// Whether there is a file all the same.
    pub is_there: bool,
}

/// The tasks whose parts are missing or can't be used, in the order of their numbers. All of each part is read.
pub fn missing(folder: &PlanFolder) -> Vec<MissingPart> {
    let usable = |task: usize| match &folder.manifest.work {
        Work::Join(_) => folder.part_file(task).check(),
        Work::Index(index) => index_task::rows_now(folder, index, task).map(|_| ()),
    };
    let look = |task| usable(task).err().map(|why| MissingPart { task, why, is_there: folder.part(task).exists() });
    folder.manifest.waves().into_iter().flatten().filter_map(look).collect()
}

/// Has `scheduler` make all parts that are missing; `program` is SIMages itself. `noted` hears of parts that can't be used: they
/// are made again.
///
/// # Errors
/// [`Error::Cancelled`]; what the scheduler says; [`Error::Plan`] if a part is missing all the same.
pub fn drive(
    folder: &PlanFolder,
    scheduler: &dyn Scheduler,
    program: &Path,
    cancel: &Cancel,
    told: &mut dyn FnMut(Progress),
    noted: &mut dyn FnMut(String),
) -> Result<()> {
    let missing_parts = missing(folder);
    for part in missing_parts.iter().filter(|part| part.is_there) {
        noted(format!("{}; made again", part.why));
        let path = folder.part(part.task);
        std::fs::remove_file(&path).map_err(Error::io(&path))?;
    }
    let is_missing = |task: &usize| missing_parts.binary_search_by_key(task, |part| part.task).is_ok();
    let mut waves = folder.manifest.waves();
    waves.iter_mut().for_each(|wave| wave.retain(is_missing));
    waves.retain(|wave| !wave.is_empty());
    let mut open: Vec<usize> = waves.iter().flatten().copied().collect();
    if open.is_empty() {
        return Ok(());
    }
    // Of what is made now: what was there before says nothing of how fast it goes.
    let amounts = amounts(folder);
    let work = |tasks: &[usize]| tasks.iter().map(|task| amounts[*task]).sum::<u64>();
    let of = work(&open);
    tracing::info!(tasks = open.len(), "to be made");
    let job = Job { program, plan: &folder.folder, waves: &waves };
    let stop = Cancel::default();
    let outcome = thread::scope(|scope| {
        let run = || scheduler.run(&job, &stop);
        let running = thread::Builder::new().name("scheduler".into()).spawn_scoped(scope, run);
        let running = running.map_err(|error| Error::Limit(Limit::of_start(&error).unwrap_or(Limit::Threads)))?;
        while !running.is_finished() {
            if cancel.is_cancelled() {
                stop.cancel();
            }
            open.retain(|task| !folder.part(*task).exists());
            let done = of - work(&open);
            told(match folder.manifest.work {
                Work::Join(_) => Progress::pairs(done, of),
                Work::Index(_) => Progress::images(done as usize, of as usize),
            });
            thread::park_timeout(LOOK);
        }
        running.join().expect("schedulers don't panic")
    });
    cancel.check()?;
    outcome?;
    // A network's file may be seen late.
    patiently(|| missing(folder).into_iter().next().map_or(Ok(()), |part| Err(part.why)))
}

/// How much each task does: pairs, or pictures.
fn amounts(folder: &PlanFolder) -> Vec<u64> {
    match &folder.manifest.work {
        Work::Join(join) => join.pairs(),
        Work::Index(index) => index.lists.iter().map(|list| list.pictures as u64).collect(),
    }
}
