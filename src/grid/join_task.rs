//! A task of a join: a pair of blocks in, a part out. Run again it does no harm: whatever parts of others were there when it began, what is
//! merged of all is the same, on whichever machine.

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
    let blocks = Blocks { keys: &keys, others: others.as_ref(), elsewhere: &elsewhere, coded };
    let sections = task.join(blocks, engine, cancel)?;
    // What was found in zeros must not be told.
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

    /// Of what others have found by now, values that it is at least as good as, best first: of the first block's keys, then of
    /// the second one's where that has keys. Whoever has found what, and when: a hit that is a result in the end has never k
    /// better ones.
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
                // One that can't be used only makes more work here: who needs its results asks for it.
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
    fn join(&self, blocks: Blocks, engine: &Engine, cancel: &Cancel) -> Result<Sections> {
        let Blocks { keys, others, elsewhere, coded } = blocks;
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
        let joined = EngineJoin { sides, selection: self.selection, elsewhere, coded };
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

    /// No sections yet, of halves two.
    fn numbered<R>(&self, second: Option<usize>, has_others: bool) -> Numbered<R> {
        let [first_key, first_row] = self.firsts();
        let sections = std::iter::repeat_with(Vec::new).take(if second.is_some() { 2 } else { 1 }).collect();
        Numbered { sections, second, has_others, first_key, first_row, at: 0 }
    }
}

/// What a task works with.
struct Blocks<'a> {
    keys: &'a FeatureMatrix,
    others: Option<&'a FeatureMatrix>,
    elsewhere: &'a [Vec<f64>],
    coded: CodedSides,
}

/// What a task has found.
enum Sections {
    Hits(Vec<Vec<PartHit>>),
    Candidates(Vec<Vec<PartCandidate>>),
}

/// Sections that are being filled, key by key, with keys and rows numbered as in the whole sets.
struct Numbered<R> {
    sections: Vec<Vec<R>>,
    /// Where the second half begins, if there are halves.
    second: Option<usize>,
    has_others: bool,
    first_key: u32,
    first_row: u32,
    /// The next key's place.
    at: usize,
}

impl<R> Numbered<R> {
    /// Takes what was found of the keys that come next; `record` makes a record of the key's number, what is to be added to the
    /// row's number, and what was found.
    fn take<T>(&mut self, found: Vec<Vec<T>>, record: impl Fn(u32, u32, T) -> R) {
        for of_one in found {
            let at = self.at as u32;
            let (section, key, row) = match self.second {
                // Keys of the second half have hits in the first.
                Some(second) if self.at >= second => (1, self.first_row + at - second as u32, self.first_key),
                // Of halves, rows of the second one are numbered after the first.
                Some(second) => (0, self.first_key + at, self.first_row - second as u32),
                None => (0, self.first_key + at, if self.has_others { self.first_row } else { self.first_key }),
            };
            self.sections[section].extend(of_one.into_iter().map(|one| record(key, row, one)));
            self.at += 1;
        }
    }
}
