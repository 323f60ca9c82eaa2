//! A task of the last wave: computes the values of the candidates that the pairs of blocks left for one block's keys.
//!
//! Pairs of blocks give bounds for more rows than the result has: compared with rows of other blocks, most can't be
//! among the nearest. So values are computed only once, for few rows, which are read and checked one by one.

use std::collections::HashMap;
use std::ops::Range;

use rayon::prelude::*;

use super::folder::PlanFolder;
use super::join_plan::{JoinPlan, RowSet};
use super::part::{PartCandidate, PartHit, PartSection};
use super::pieces::PiecesByRow;
use crate::cancel::Cancel;
use crate::cpu_time::core_seconds;
use crate::descriptor::Descriptor;
use crate::error::Result;
use crate::join::{Candidate, Engine, Hit, Predicate, Selection, Shortlist};
use crate::parallel;

/// The number of keys whose rows are in memory at a time.
const KEYS: usize = 4096;
/// The number of keys that a thread takes at a time.
const TOGETHER: usize = 32;

/// The query and its rows.
struct ValuesTask<'a> {
    keys: PiecesByRow<'a>,
    /// None: the keys themselves.
    others: Option<PiecesByRow<'a>>,
    selection: Selection,
    k: usize,
    plan: &'a JoinPlan,
}

/// Makes the part of task `number`, for the keys of `block`. Needs the parts of all pairs with candidates of these
/// keys.
pub fn run(
    folder: &PlanFolder,
    plan: &JoinPlan,
    (number, block): (usize, usize),
    engine: &Engine,
    cancel: &Cancel,
) -> Result<()> {
    let selection = plan.sought()?;
    let Predicate::Knn(k) = selection.predicate else { unreachable!("values come last with kNN only") };
    let began = core_seconds();
    let found = plan.waves().contributions(block).into_iter();
    let mut sections: Vec<PartSection<PartCandidate>> =
        found.map(|found| folder.part_file(found.task).section(found.section)).collect::<Result<_>>()?;
    let keys = open(folder, plan.keys())?;
    let others = plan.others().map(|others| open(folder, others)).transpose()?;
    let task = ValuesTask { keys, others, selection, k, plan };
    let opened = core_seconds();
    let mut hits = Vec::new();
    let keys = plan.keys().rows(block);
    for first in keys.clone().step_by(KEYS) {
        cancel.check()?;
        let some = first..(first + KEYS).min(keys.end);
        let candidates = some.clone().map(|key| {
            let mut all: Vec<PartCandidate> = Vec::new();
            sections.iter_mut().try_for_each(|section| section.take(key as u32, &mut all))?;
            let mut list = Shortlist::new(selection.predicate, f32::NEG_INFINITY, Vec::new());
            list.extend(all.iter().map(|one| Candidate { row: one.row, lower: one.at_least, upper: one.at_most }));
            Ok(list.into_sorted())
        });
        let candidates = candidates.collect::<Result<Vec<_>>>()?;
        hits.extend(task.values(some, &candidates, engine)?);
    }
    sections.iter_mut().try_for_each(PartSection::finish)?;
    task.keys.check_whole()?;
    task.others.as_ref().map_or(Ok(()), PiecesByRow::check_whole)?;
    let computed = core_seconds();
    folder.part_file(number).write(&[hits])?;
    let [open, values, write] =
        [opened - began, computed - opened, core_seconds() - computed].map(|seconds| format!("{seconds:.3}"));
    tracing::info!(task = number, open, values, write, "a part was made; core-seconds");
    Ok(())
}

fn open<'a>(folder: &'a PlanFolder, set: &'a RowSet) -> Result<PiecesByRow<'a>> {
    PiecesByRow::new(&folder.shared, set.blocks.iter().flatten())
}

impl ValuesTask<'_> {
    /// The hits of `keys`, in their order, given each key's candidates.
    fn values(&self, keys: Range<usize>, candidates: &[Vec<Candidate>], engine: &Engine) -> Result<Vec<PartHit>> {
        let mut numbers: Vec<u32> = candidates.iter().flatten().map(|one| one.row).collect();
        numbers.par_sort_unstable();
        numbers.dedup();
        let others = self.others.as_ref().unwrap_or(&self.keys);
        let rows = parallel::try_map_each(&numbers, |row| others.descriptor(*row as usize))?;
        let places: HashMap<u32, usize> = numbers.into_iter().zip(0..).collect();
        let comparison = self.plan.descriptor()?.comparison();
        let chunk = |(keys, candidates): &(&[usize], &[Vec<Candidate>])| -> Result<Vec<PartHit>> {
            let mut nearest = comparison.nearest(engine, self.selection.metric, self.k);
            let mut hits = Vec::new();
            for (key, candidates) in keys.iter().zip(*candidates).filter(|(_, candidates)| !candidates.is_empty()) {
                // By name, because ties go by the place among these rows.
                let mut named: Vec<u32> = candidates.iter().map(|one| one.row).collect();
                named.sort_unstable();
                let place = |row: u32| named.binary_search(&row).expect("every candidate is listed") as u32;
                let near: Vec<_> = candidates.iter().map(|one| Candidate { row: place(one.row), ..*one }).collect();
                let descriptors: Vec<&Descriptor> = named.iter().map(|row| &rows[places[row]]).collect();
                let found = nearest(&self.keys.descriptor(*key)?, &near, &descriptors);
                let hit = |hit: &Hit| PartHit { key: *key as u32, row: named[hit.row as usize], value: hit.value };
                hits.extend(found.iter().map(hit));
            }
            Ok(hits)
        };
        let keys: Vec<usize> = keys.collect();
        let chunks: Vec<_> = keys.chunks(TOGETHER).zip(candidates.chunks(TOGETHER)).collect();
        Ok(parallel::try_map_each(&chunks, chunk)?.concat())
    }
}
