//! A task of a join: a pair of blocks in, a part out. Run again it does no harm: whatever parts of others were there when it began, what is
//! merged of all is the same, on whichever machine.

use std::sync::Arc;

use super::best_values::BestValues;
use super::codes::Codes;
use super::folder::PlanFolder;
use super::join_plan::{JoinPlan, RowSet};
use super::part::{PartFile, PartHit};
use super::pieces;
use super::waves::{BlockPair, Waves};
use crate::cancel::Cancel;
use crate::cpu_time::core_seconds;
use crate::descriptor::{FeatureMatrix, Row};
use crate::error::{Error, Result};
use crate::join::{CodedSet, CodedSides, Engine, EngineJoin, Observer, Predicate, Selection, Sides};

/// What a task works on.
struct JoinTask<'a> {
    folder: &'a PlanFolder,
    plan: &'a JoinPlan,
    waves: Waves,
    number: usize,
    pair: BlockPair,
    /// What is sought.
    selection: Selection,
}

/// The file of a task's part.
pub fn part_file(folder: &PlanFolder, task: usize) -> PartFile {
    PartFile { path: folder.part(task), plan: folder.id, task }
}

/// Makes the part of task `number`, unless it is there.
pub fn run(folder: &PlanFolder, plan: &JoinPlan, number: usize, engine: &Engine, cancel: &Cancel) -> Result<()> {
    let part = part_file(folder, number);
    if part.is_whole() {
        return Ok(());
    }
    let waves = plan.waves();
    let pair = waves.pair(number).ok_or_else(|| Error::Input(format!("there is no task {number} in this plan")))?;
    let task = JoinTask { folder, plan, waves, number, pair, selection: plan.sought()? };
    let began = core_seconds();
    let (keys, others) = task.open()?;
    let elsewhere = task.elsewhere();
    let opened = core_seconds();
    let coded = task.coded(&keys, others.as_ref(), engine)?;
    let codes = coded.clone();
    let got_codes = core_seconds();
    let sections = task.join(&keys, others.as_ref(), &elsewhere, coded, engine, cancel)?;
    // What was found in zeros must not be told.
    keys.check_whole()?;
    others.map_or(Ok(()), |others| others.check_whole())?;
    codes.keys.check_whole()?;
    codes.rows.map_or(Ok(()), |rows| rows.check_whole())?;
    let joined = core_seconds();
    part.write(&sections)?;
    let [open, code, join, write] = [opened - began, got_codes - opened, joined - got_codes, core_seconds() - joined]
        .map(|seconds| format!("{seconds:.3}"));
    tracing::info!(task = number, open, code, join, write, "a part was made; core-seconds");
    Ok(())
}

impl JoinTask<'_> {
    /// The rows of both blocks; of one block with itself none of the second.
    fn open(&self) -> Result<(FeatureMatrix, Option<FeatureMatrix>)> {
        let keys = pieces::open(&self.folder.shared, &self.plan.keys().blocks[self.pair.keys])?;
        let others = match self.plan.others() {
            Some(others) => Some(&others.blocks[self.pair.rows]),
            None if self.pair.keys == self.pair.rows => None,
            None => Some(&self.plan.keys().blocks[self.pair.rows]),
        };
        Ok((keys, others.map(|pieces| pieces::open(&self.folder.shared, pieces)).transpose()?))
    }

    /// The numbers of the first rows of both blocks.
    fn firsts(&self) -> [u32; 2] {
        let others = self.plan.others().unwrap_or(self.plan.keys());
        [self.plan.keys().rows(self.pair.keys), others.rows(self.pair.rows)].map(|rows| rows.start as u32)
    }

    /// The values of what others have found by now, best first: of the first block's keys, then of the second one's where that
    /// has keys. Whoever has found what, and when: a hit that is a result in the end has never k better ones.
    fn elsewhere(&self) -> Vec<Vec<f64>> {
        let Predicate::Knn(k) = self.selection.predicate else { return Vec::new() };
        let mut blocks = vec![self.pair.keys];
        if self.waves.is_both_ways(self.pair) {
            blocks.push(self.pair.rows);
        }
        let mut all = Vec::new();
        for block in blocks {
            let keys = self.plan.keys().rows(block);
            let mut found = BestValues::new(self.selection.metric, k, keys);
            for others in self.waves.contributions(block).into_iter().filter(|found| found.task != self.number) {
                // One that can't be used only makes more work here: who merges asks for it.
                if let Ok(hits) = part_file(self.folder, others.task).read(others.section) {
                    found.add(&hits);
                }
            }
            all.extend(found.finish());
        }
        all
    }

    /// Codes of both blocks, as the join numbers their rows.
    fn coded(&self, keys: &FeatureMatrix, others: Option<&FeatureMatrix>, engine: &Engine) -> Result<CodedSides> {
        let Some(plan) = engine.plan else { return Ok(CodedSides::default()) };
        let codes = Codes { kind: self.plan.descriptor()?, plan };
        let of = |set: &RowSet, block: usize, rows: &FeatureMatrix, partners: usize| {
            let (mut all, mut first) = (CodedSet::default(), 0);
            for piece in &set.blocks[block] {
                let rows = &rows.rows()[first..first + piece.rows];
                first += piece.rows;
                match codes.of(&self.folder.shared, piece, rows, partners > 1)? {
                    Some(codes) => all.append(codes),
                    None => return Ok(CodedSet::default()),
                }
            }
            Ok(all)
        };
        let (set, other_set) = (self.plan.keys(), self.plan.others().unwrap_or(self.plan.keys()));
        let mut coded = CodedSides { keys: of(set, self.pair.keys, keys, other_set.blocks.len())?, rows: None };
        if let Some(others) = others {
            let rows = of(other_set, self.pair.rows, others, set.blocks.len())?;
            match self.waves.is_both_ways(self.pair) {
                true if coded.keys.count() != keys.len() => return Ok(CodedSides::default()),
                true => coded.keys.append(rows),
                false => coded.rows = Some(rows),
            }
        }
        Ok(coded)
    }

    /// The sections of the part.
    fn join(
        &self,
        keys: &FeatureMatrix,
        others: Option<&FeatureMatrix>,
        elsewhere: &[Vec<f64>],
        coded: CodedSides,
        engine: &Engine,
        cancel: &Cancel,
    ) -> Result<Vec<Vec<PartHit>>> {
        let second = keys.len();
        let all: Vec<Arc<Row>>;
        let sides = match others {
            None => Sides::Itself(keys.rows()),
            Some(others) if self.waves.is_both_ways(self.pair) => {
                all = keys.rows().iter().chain(others.rows()).cloned().collect();
                Sides::Halves { all: &all, second }
            }
            Some(others) => Sides::Apart { keys: keys.rows(), rows: others.rows() },
        };
        let is_both = matches!(sides, Sides::Halves { .. });
        let [first_key, first_row] = self.firsts();
        let mut sections = vec![Vec::new(); if is_both { 2 } else { 1 }];
        let mut at = 0usize;
        let joined = EngineJoin { sides, selection: self.selection, elsewhere, coded };
        let observer = Observer { cancel, progress: &|_| () };
        self.plan.descriptor()?.comparison().join(engine, &joined, observer, &mut |results| {
            for hits in results {
                let (section, key, rows) = match at.checked_sub(second) {
                    // Keys of the second half have hits in the first.
                    Some(key) if is_both => (1, first_row + key as u32, first_key),
                    // Of halves, rows of the second one are numbered after the first.
                    _ if is_both => (0, first_key + at as u32, first_row - second as u32),
                    _ => (0, first_key + at as u32, if others.is_some() { first_row } else { first_key }),
                };
                sections[section].extend(hits.iter().map(|hit| PartHit { key, row: rows + hit.row, value: hit.value }));
                at += 1;
            }
            Ok(())
        })?;
        Ok(sections)
    }
}
