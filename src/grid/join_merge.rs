//! From parts to groups: the same, in the same order, as the join in one process tells them.

use std::sync::Arc;

use super::folder::PlanFolder;
use super::join_plan::JoinPlan;
use super::part::{PartHit, PartSection};
use super::pieces;
use crate::cancel::Cancel;
use crate::descriptor::Row;
use crate::error::Result;
use crate::join::{Group, Hit, Neighbour, Predicate};
use crate::progress::Progress;

/// The rows of both sides, in the order of names.
pub struct Named<'a> {
    pub keys: &'a [Arc<Row>],
    pub others: &'a [Arc<Row>],
}

/// The rows of a plan's pieces; no others where a set is joined with itself.
pub struct NamedRows {
    keys: Vec<Arc<Row>>,
    others: Option<Vec<Arc<Row>>>,
}

impl NamedRows {
    pub fn sides(&self) -> Named<'_> {
        Named { keys: &self.keys, others: self.others.as_ref().unwrap_or(&self.keys) }
    }
}

/// Rows as the pieces name them, without descriptors.
pub fn names(folder: &PlanFolder, plan: &JoinPlan) -> Result<NamedRows> {
    let of = |set: &super::join_plan::RowSet| pieces::names(&folder.shared, &set.blocks.concat());
    Ok(NamedRows { keys: of(plan.keys())?, others: plan.others().map(of).transpose()? })
}

/// Calls `take` with each key's group, in the order of names. All parts must be there; no more is in memory than the hits of
/// the key at hand. An error if a part changes meanwhile.
pub fn groups(
    folder: &PlanFolder,
    plan: &JoinPlan,
    named: Named,
    cancel: &Cancel,
    told: &mut dyn FnMut(Progress),
    take: &mut dyn FnMut(Group) -> Result<()>,
) -> Result<()> {
    let (asked, sought, twins) = (plan.selection()?, plan.sought()?, plan.twins(&folder.shared)?);
    let waves = plan.waves();
    for block in 0..plan.keys().blocks.len() {
        let keys = plan.keys().rows(block);
        let found = waves.results(block).into_iter();
        let mut sections: Vec<PartSection<PartHit>> =
            found.map(|found| folder.part_file(found.task).section(found.section)).collect::<Result<_>>()?;
        for key in keys.clone() {
            cancel.check()?;
            let mut hits = Vec::new();
            sections.iter_mut().try_for_each(|section| section.take(key as u32, &mut hits))?;
            let hits = hits.iter().map(|hit| Hit { row: hit.row, value: hit.value });
            let mut hits = sought.results(hits.collect());
            if let Some(twin) = twins.get(key) {
                hits.retain(|hit| Some(hit.row) != *twin);
            }
            if let Predicate::Knn(k) = asked.predicate {
                hits.truncate(k);
            }
            let neighbour = |hit: Hit| Neighbour::new(named.others[hit.row as usize].clone(), hit.value);
            take(Group { key: named.keys[key].clone(), neighbours: hits.into_iter().map(neighbour).collect() })?;
        }
        sections.iter_mut().try_for_each(PartSection::finish)?;
        told(Progress::images(keys.end, named.keys.len()));
    }
    Ok(())
}
