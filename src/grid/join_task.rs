//! A task of a join: compares a pair of blocks and writes a part. A task may run repeatedly: the merged result is the
//! same on any machine, whichever other parts existed when it began.

use std::sync::Arc;

use super::best_values::BestValues;
use super::codes::Codes;
use super::folder::PlanFolder;
use super::join_plan::{JoinPlan, RowSet};
use super::part::{PartCandidate, PartHit};
use super::pieces;
use super::waves::{BlockPair, Waves};
use crate::cancel::Cancel;
use crate::cpu_time::core_seconds;
use crate::descriptor::{FeatureMatrix, Row};
use crate::error::Result;
use crate::join::{Candidate, CodedSet, CodedSides, Engine, EngineJoin, Hit, Observer, Predicate, Selection, Sides};

/// A task's place in the plan.
struct JoinTask<'a> {
    folder: &'a PlanFolder,
    plan: &'a JoinPlan,
    waves: Waves,
    number: usize,
    pair: BlockPair,
    /// The query.
    selection: Selection,
}

/// Makes the part of task `number`, which joins `pair`.
pub fn run(
    folder: &PlanFolder,
    plan: &JoinPlan,
    (number, pair): (usize, BlockPair),
    engine: &Engine,
    cancel: &Cancel,
) -> Result<()> {
    let task = JoinTask { folder, plan, waves: plan.waves(), number, pair, selection: plan.sought()? };
    let began = core_seconds();
    let (keys, others) = task.open()?;
    let elsewhere = task.elsewhere();
    let opened = core_seconds();
    let coded = task.coded(&keys, others.as_ref(), engine)?;
    let codes = coded.clone();
    let got_codes = core_seconds();
    let blocks = OpenedBlocks { keys: &keys, others: others.as_ref(), elsewhere: &elsewhere, coded };
    let sections = task.join(blocks, engine, cancel)?;
    // A file cut short reads as zeros; hits found in those must not be written.
    keys.check_whole()?;
    others.map_or(Ok(()), |others| others.check_whole())?;
    codes.keys.check_whole()?;
    codes.rows.map_or(Ok(()), |rows| rows.check_whole())?;
    let joined = core_seconds();
    match sections {
        Sections::Hits(sections) => folder.part_file(number).write(&sections)?,
        Sections::Candidates(sections) => folder.part_file(number).write(&sections)?,
    }
    let [open, code, join, write] = [opened - began, got_codes - opened, joined - got_codes, core_seconds() - joined]
        .map(|seconds| format!("{seconds:.3}"));
    tracing::info!(task = number, open, code, join, write, "a part was made; core-seconds");
    Ok(())
}

impl JoinTask<'_> {
    /// The rows of both blocks; None for the second if a block is joined with itself.
    fn open(&self) -> Result<(FeatureMatrix, Option<FeatureMatrix>)> {
        let keys = pieces::open(&self.folder.shared, &self.plan.keys().blocks[self.pair.keys])?;
        let others = match self.plan.others() {
            Some(others) => Some(&others.blocks[self.pair.rows]),
            None if self.pair.keys == self.pair.rows => None,
            None => Some(&self.plan.keys().blocks[self.pair.rows]),
        };
        Ok((keys, others.map(|pieces| pieces::open(&self.folder.shared, pieces)).transpose()?))
    }

    /// The number of the first row of each block.
    fn firsts(&self) -> [u32; 2] {
        let others = self.plan.others().unwrap_or(self.plan.keys());
        [self.plan.keys().rows(self.pair.keys), others.rows(self.pair.rows)].map(|rows| rows.start as u32)
    }

    /// Lower bounds from the parts that other tasks have written by now, best first: for the keys of the first block,
    /// then for those of the second if that has keys. Whatever others found, no hit of the final result has k better
    /// ones.
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
                // An unusable part only means more work here; a later step that needs it reports it.
                let part = self.folder.part_file(others.task);
                if !self.waves.values_come_last() {
                    let hits: Vec<PartHit> = part.read(others.section).unwrap_or_default();
                    found.add(hits.iter().map(|hit| (hit.key, hit.value)));
                } else {
                    let near: Vec<PartCandidate> = part.read(others.section).unwrap_or_default();
                    let value = |one: &PartCandidate| self.selection.metric.at_least(f64::from(one.at_least));
                    found.add(near.iter().map(|one| (one.key, value(one))));
                }
            }
            all.extend(found.finish());
        }
        all
    }

    /// The codes of both blocks, in the order in which the join numbers their rows.
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

    /// Computes the part's sections.
    fn join(&self, blocks: OpenedBlocks, engine: &Engine, cancel: &Cancel) -> Result<Sections> {
        let OpenedBlocks { keys, others, elsewhere, coded } = blocks;
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
        let second = matches!(sides, Sides::Halves { .. }).then_some(second);
        let joined = EngineJoin { elsewhere, coded, ..EngineJoin::new(sides, self.selection) };
        let observer = Observer { cancel, progress: &|_| () };
        let comparison = self.plan.descriptor()?.comparison();
        if self.waves.values_come_last() {
            let mut found = self.numbered(second, others.is_some());
            comparison.candidates(engine, &joined, observer, &mut |candidates| {
                found.take(candidates, |key, row, one: Candidate| PartCandidate {
                    key,
                    row: row + one.row,
                    at_least: one.lower,
                    at_most: one.upper,
                });
                Ok(())
            })?;
            return Ok(Sections::Candidates(found.sections));
        }
        let mut found = self.numbered(second, others.is_some());
        comparison.join(engine, &joined, observer, &mut |hits| {
            found.take(hits, |key, row, hit: Hit| PartHit { key, row: row + hit.row, value: hit.value });
            Ok(())
        })?;
        Ok(Sections::Hits(found.sections))
    }

    /// Empty sections; two if the keys have a second half.
    fn numbered<R>(&self, second: Option<usize>, has_others: bool) -> Numbered<R> {
        let [first_key, first_row] = self.firsts();
        let sections = std::iter::repeat_with(Vec::new).take(if second.is_some() { 2 } else { 1 }).collect();
        Numbered { sections, second, has_others, first_key, first_row, at: 0 }
    }
}

/// A task's input.
struct OpenedBlocks<'a> {
    keys: &'a FeatureMatrix,
    others: Option<&'a FeatureMatrix>,
    elsewhere: &'a [Vec<f64>],
    coded: CodedSides,
}

/// A task's result.
enum Sections {
    Hits(Vec<Vec<PartHit>>),
    Candidates(Vec<Vec<PartCandidate>>),
}

/// Collects sections key by key, numbering keys and rows as in the whole sets.
struct Numbered<R> {
    sections: Vec<Vec<R>>,
    /// The first key of the second half, if there is one.
    second: Option<usize>,
    has_others: bool,
    first_key: u32,
    first_row: u32,
    /// The index of the next key.
    at: usize,
}

impl<R> Numbered<R> {
    /// Adds the results of the next keys. `record` makes a record from the key's number, the offset of row numbers, and
    /// a result.
    fn take<T>(&mut self, found: Vec<Vec<T>>, record: impl Fn(u32, u32, T) -> R) {
        for of_one in found {
            let at = self.at as u32;
            let (section, key, row) = match self.second {
                // Keys of the second half have hits in the first half.
                Some(second) if self.at >= second => (1, self.first_row + at - second as u32, self.first_key),
                // In halves, the rows of the second are numbered after those of the first.
                Some(second) => (0, self.first_key + at, self.first_row - second as u32),
                None => (0, self.first_key + at, if self.has_others { self.first_row } else { self.first_key }),
            };
            self.sections[section].extend(of_one.into_iter().map(|one| record(key, row, one)));
            self.at += 1;
        }
    }
}
