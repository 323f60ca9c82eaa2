//! Makes a plan for a join: writes the rows as pieces into the shared folder, together with the query.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::folder::PlanFolder;
use super::join_plan::{Asked, JoinPlan, NONE, RowSet};
use super::manifest::{InputFile, Manifest, Work};
use super::pieces::{self, MOST_ROWS};
use super::shared_file::{self, SharedFile};
use crate::cancel::Cancel;
use crate::descriptor::FeatureMatrix;
use crate::error::{Error, Result};
use crate::join::{Engine, Predicate, SetJoin, With};
use crate::progress::Progress;
use crate::text::hex;

/// Fewer rows aren't worth a process.
const LEAST_BLOCK: usize = 512;
/// The most rows per block: a task then takes about 3 GB of memory.
pub const MOST_BLOCK: usize = 1 << 16;
/// The input of a plan besides the join.
pub struct Making<'a> {
    pub shared: &'a Path,
    /// Identifies the network that the descriptors were computed with: of the keys, and of the rows they are joined
    /// with.
    pub models: [&'a str; 2],
    /// Rows per block.
    pub block: usize,
    /// The files of the datasets.
    pub inputs: Vec<PathBuf>,
    pub engine: &'a Engine,
}

/// The number of rows per block that gives at least `tasks` tasks, if the set is large enough.
pub fn block(rows: usize, tasks: usize) -> usize {
    let blocks = (1..).find(|blocks| blocks * (blocks + 1) / 2 >= tasks).expect("there are enough numbers");
    rows.div_ceil(blocks).clamp(LEAST_BLOCK, MOST_BLOCK)
}

/// Writes a join's plan and its pieces into the shared folder. `told` receives progress.
pub fn plan_join(
    join: &SetJoin,
    making: Making,
    cancel: &Cancel,
    told: &mut dyn FnMut(Progress),
) -> Result<PlanFolder> {
    let Making { shared, models, block, inputs, engine } = making;
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
    let mut manifest = Manifest::new(work, inputs.into_iter().filter_map(InputFile::new).collect());
    manifest.engine_plan = join.plan(engine).map(|plan| plan.name().into());
    PlanFolder::create(shared, &name, manifest)
}

/// The class of instructions of the rows that state one. If classes differ, the last bits of the same picture's rows
/// may differ.
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
        "the rows of a plan must be computed with the same class of instructions, because their last bits differ: {a} \
         were computed with {class}, {b} with {other}. Index one of them again with SIMAGES_CPU set"
    ))
}

fn write_twins(shared: &Path, name: &str, twins: &[Option<u32>]) -> Result<Option<SharedFile>> {
    let bytes: Vec<u8> = twins.iter().flat_map(|twin| twin.unwrap_or(NONE).to_le_bytes()).collect();
    (!twins.is_empty()).then(|| shared_file::write(shared, format!("{name}/twins"), &bytes)).transpose()
}
