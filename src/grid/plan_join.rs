//! From a join to its plan: rows are put below the shared folder in pieces, and what is asked beside them.

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

/// Fewer aren't worth a process.
const LEAST_BLOCK: usize = 512;
/// Rows of a block at most: a task then takes about 3 GB.
pub const MOST_BLOCK: usize = 1 << 16;
/// What a plan is made of besides the join.
pub struct Making<'a> {
    pub shared: &'a Path,
    /// What the descriptors were computed with: of the keys, and of what they are joined with.
    pub models: [&'a str; 2],
    /// Rows of a block.
    pub block: usize,
    /// The datasets' files.
    pub inputs: Vec<PathBuf>,
    pub engine: &'a Engine,
}

/// Rows of a block, so that `tasks` of them or more come of a set of so many rows, if it is large enough.
pub fn block(rows: usize, tasks: usize) -> usize {
    let blocks = (1..).find(|blocks| blocks * (blocks + 1) / 2 >= tasks).expect("there are enough numbers");
    rows.div_ceil(blocks).clamp(LEAST_BLOCK, MOST_BLOCK)
}

/// Puts the plan of a join, and the pieces that it reads, below the shared folder. `told` hears how far that is.
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

fn write_twins(shared: &Path, name: &str, twins: &[Option<u32>]) -> Result<Option<SharedFile>> {
    let bytes: Vec<u8> = twins.iter().flat_map(|twin| twin.unwrap_or(NONE).to_le_bytes()).collect();
    (!twins.is_empty()).then(|| shared_file::write(shared, format!("{name}/twins"), &bytes)).transpose()
}
