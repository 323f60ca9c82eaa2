//! A join as a plan: two sets of rows in blocks, or one with itself, and what is asked.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::checked::{Checked, Sum};
use super::pieces::{self, MOST_ROWS, Piece};
use super::plan::{Input, Plan, PlanFolder, TEMPORARY, Work};
use super::waves::Waves;
use crate::cancel::Cancel;
use crate::descriptor::FeatureMatrix;
use crate::error::{Error, Result};
use crate::join::{DescriptorKind, Metric, Predicate, Selection, SetJoin, With};
use crate::progress::Progress;
use crate::text::hex;
use crate::whole_file::WholeFile;

/// Rows of a block at most: a task then takes about 3 GB.
pub const MOST_BLOCK: usize = 1 << 16;
/// Fewer aren't worth a process.
const LEAST_BLOCK: usize = 512;
/// In the file of twins: none.
const NONE: u32 = u32::MAX;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JoinPlan {
    /// The keys, and what they are joined with; one set: with itself.
    sets: Vec<RowSet>,
    descriptor: String,
    metric: String,
    asked: Asked,
    /// For each key the row that is of the same file, a u32 each: where files are on both sides.
    twins: Option<Checked>,
}

/// A set of rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RowSet {
    /// What the descriptors were computed with, and of which crops.
    pub model: String,
    pub crops: String,
    /// The class of instructions that they were computed with, where rows say it.
    pub instructions: Option<String>,
    pub blocks: Vec<Vec<Piece>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Asked {
    Knn(usize),
    /// With all its digits.
    Range(String),
}

/// What a plan is made of besides the join.
pub struct Making<'a> {
    pub shared: &'a Path,
    /// What the descriptors were computed with: of the keys, and of what they are joined with.
    pub models: [&'a str; 2],
    /// Rows of a block.
    pub block: usize,
    /// The datasets' files.
    pub inputs: Vec<PathBuf>,
}

/// Rows of a block, so that `tasks` of them or more come of a set of so many rows, if it is large enough.
pub fn block(rows: usize, tasks: usize) -> usize {
    let blocks = (1..).find(|blocks| blocks * (blocks + 1) / 2 >= tasks).expect("there are enough numbers");
    rows.div_ceil(blocks).clamp(LEAST_BLOCK, MOST_BLOCK)
}

/// Puts the plan of a join, and the pieces that it reads, below the shared folder. `told` hears how far that is.
pub fn make(join: &SetJoin, making: Making, cancel: &Cancel, told: &mut dyn FnMut(Progress)) -> Result<PlanFolder> {
    let Making { shared, models, block, inputs } = making;
    std::fs::create_dir_all(shared).map_err(Error::io(shared)).map_err(Error::of_store)?;
    let shared = &shared.canonicalize().map_err(Error::io(shared))?;
    let others = match &join.with {
        With::Dataset(others) => Some(others),
        With::Themselves => None,
    };
    let matrices: Vec<(&FeatureMatrix, &str)> = [Some(&join.keys), others].into_iter().flatten().zip(models).collect();
    let all: usize = matrices.iter().map(|(matrix, _)| matrix.len()).sum();
    let (mut sets, mut before, mut digests) = (Vec::new(), 0, Vec::new());
    for (matrix, model) in matrices {
        let instructions = instructions(matrix)?;
        let digest = pieces::digest(matrix, model, block.min(MOST_ROWS));
        let mut told = |done| told(Progress::images(before + done, all));
        let blocks = pieces::write(shared, &format!("rows-{digest}"), matrix, model, block, cancel, &mut told)?;
        digests.push(digest);
        before += matrix.len();
        sets.push(RowSet { model: model.into(), crops: matrix.crops.name().into(), instructions, blocks });
    }
    matching(&sets)?;
    let asked = match join.predicate {
        Predicate::Knn(k) => Asked::Knn(k),
        Predicate::Range(limit) => Asked::Range(format!("{limit:?}")),
    };
    let twins = others.map_or(Vec::new(), |others| join.files.twins(&join.keys, others));
    let what = format!("{digests:?} {} {} {asked:?} {block} {twins:?}", join.descriptor, join.metric);
    let name = format!("join-{}", hex(&Sha256::digest(what)[..8]));
    let twins = write_twins(shared, &name, &twins)?;
    let (descriptor, metric) = (join.descriptor.name().into(), join.metric.name().into());
    let work = Work::Join(JoinPlan { sets, descriptor, metric, asked, twins });
    PlanFolder::create(shared, &name, Plan::new(work, inputs.into_iter().filter_map(Input::new).collect()))
}

/// The class of instructions of rows that say one. Where it differs, so may the last bits of the same picture's rows.
fn instructions(matrix: &FeatureMatrix) -> Result<Option<String>> {
    let mut classes = matrix.rows().iter().filter_map(|row| Some((row.instructions()?, &row.name)));
    let Some((first, name)) = classes.next() else { return Ok(None) };
    match classes.find(|(class, _)| *class != first) {
        None => Ok(Some(first.name().into())),
        Some((other, of)) => Err(differ((name, first.name()), (of, other.name()))),
    }
}

fn matching(sets: &[RowSet]) -> Result<()> {
    let [keys, others] = sets else { return Ok(()) };
    match (&keys.instructions, &others.instructions) {
        (Some(a), Some(b)) if a != b => Err(differ(("the keys", a), ("the others", b))),
        _ => Ok(()),
    }
}

fn differ((a, class): (&str, &str), (b, other): (&str, &str)) -> Error {
    Error::Input(format!(
        "rows of one plan must be computed with the same class of instructions: {a} with {class}, {b} with {other}; their \
         last bits differ. Index one of both anew with SIMAGES_CPU set"
    ))
}

fn write_twins(shared: &Path, name: &str, twins: &[Option<u32>]) -> Result<Option<Checked>> {
    if twins.is_empty() {
        return Ok(None);
    }
    let (folder, path) = (shared.join(name), format!("{name}/twins"));
    std::fs::create_dir_all(&folder).map_err(Error::io(&folder)).map_err(Error::of_store)?;
    let place = shared.join(&path);
    let bytes: Vec<u8> = twins.iter().flat_map(|twin| twin.unwrap_or(NONE).to_le_bytes()).collect();
    let write = || {
        let mut file = WholeFile::create(&place, TEMPORARY)?;
        std::io::Write::write_all(&mut file, &bytes)?;
        file.replace()
    };
    write().map_err(Error::io(&place)).map_err(Error::of_store)?;
    let Sum { size, crc32 } = Sum::of_file(&place).map_err(Error::io(&place))?;
    Ok(Some(Checked { path, size, crc32 }))
}

impl JoinPlan {
    pub fn keys(&self) -> &RowSet {
        &self.sets[0]
    }

    /// What the keys are joined with; None: with themselves.
    pub fn others(&self) -> Option<&RowSet> {
        self.sets.get(1)
    }

    pub fn descriptor(&self) -> Result<DescriptorKind> {
        let named = DescriptorKind::ALL.into_iter().find(|kind| kind.name() == self.descriptor);
        named.ok_or_else(|| unknown("descriptor", &self.descriptor))
    }

    fn metric(&self) -> Result<Metric> {
        let named = Metric::ALL.into_iter().find(|metric| metric.name() == self.metric);
        named.ok_or_else(|| unknown("metric", &self.metric))
    }

    /// What is asked for.
    pub fn selection(&self) -> Result<Selection> {
        let metric = self.metric()?;
        let predicate = match &self.asked {
            Asked::Knn(k) => Predicate::Knn(*k),
            Asked::Range(text) => Predicate::Range(text.parse().map_err(|_| unknown("range", text))?),
        };
        Ok(Selection { metric, predicate })
    }

    /// What tasks look for: with a twin among the nearest, one more is needed.
    pub fn sought(&self) -> Result<Selection> {
        let asked = self.selection()?;
        Ok(match asked.predicate {
            Predicate::Knn(k) if self.twins.is_some() => {
                Selection { predicate: Predicate::Knn(k.saturating_add(1)), ..asked }
            }
            _ => asked,
        })
    }

    pub fn waves(&self) -> Waves {
        let rows = self.others().map(|others| others.blocks.len());
        Waves::new(self.keys().blocks.len(), rows, matches!(self.asked, Asked::Knn(_)))
    }

    /// For each key the row that is of the same file; empty if there is none.
    pub fn twins(&self, folder: &PlanFolder) -> Result<Vec<Option<u32>>> {
        let Some(twins) = &self.twins else { return Ok(Vec::new()) };
        let path = folder.file(twins)?;
        let bytes = std::fs::read(&path).map_err(Error::io(&path))?;
        let (numbers, _) = bytes.as_chunks();
        Ok(numbers.iter().map(|bytes| Some(u32::from_le_bytes(*bytes)).filter(|twin| *twin != NONE)).collect())
    }

    /// Pairs that a task looks at.
    pub fn pairs(&self, task: usize) -> u64 {
        let Some(pair) = self.waves().pair(task) else { return 0 };
        let (keys, rows) = (self.keys().rows(pair.keys), self.others().unwrap_or(self.keys()).rows(pair.rows));
        let all = keys.len() as u64 * rows.len() as u64;
        if self.others().is_none() && pair.keys == pair.rows { all / 2 } else { all }
    }
}

impl RowSet {
    /// The numbers of a block's rows, in the order of names of the whole set.
    pub fn rows(&self, block: usize) -> std::ops::Range<usize> {
        let len = |pieces: &Vec<Piece>| pieces.iter().map(|piece| piece.rows).sum::<usize>();
        let first = self.blocks[..block].iter().map(len).sum();
        first..first + len(&self.blocks[block])
    }
}

fn unknown(what: &str, name: &str) -> Error {
    Error::Input(format!("the plan asks for the {what} {name}, which this version of SIMages doesn't know"))
}
