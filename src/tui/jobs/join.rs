//! Works on whole datasets off the screen's thread, such as joins and writing files. The latest job counts; the one
//! before it is cancelled.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::archive::{ArchiveAnswer, ArchiveJob};
use super::clusters::{ClustersAnswer, ClustersJob};
use super::copy::CopyJob;
use super::dropped::undropped;
use super::duplicates::{DuplicatesAnswer, DuplicatesJob};
use super::findings::{Findings, JoinAnswer};
use super::map::{MapAnswer, MapJob};
use super::order::OrderJob;
use super::write::{MarksToWrite, WrittenMarks, new_file};
use crate::cancel::Cancel;
use crate::duplicates::{Verdicts, VerdictsFile};
use crate::error::{Error, Result};
use crate::join::export::{PairFormat, PairWriter};
use crate::join::{DescriptorKind, Engine, Group, SetJoin};
use crate::marks::LastCheck;
use crate::order::Ordering;
use crate::priority;
use crate::progress::{Pace, PaceMeter, Progress};
use crate::text::count;
use crate::worker::Worker;

/// The time between two reports.
const BETWEEN: Duration = Duration::from_millis(50);

/// A job. Later ones have larger generations.
#[derive(Clone, Debug)]
pub struct JoinJob {
    pub generation: u64,
    pub goal: JoinGoal,
}

#[derive(Clone, Debug)]
pub enum JoinGoal {
    /// A join, for the screen.
    Show(SetJoin),
    /// The pairs in a file, which belong to the joined datasets, for the screen.
    Read(PathBuf, SetJoin),
    /// Near-duplicates, for the screen.
    Duplicates(DuplicatesJob),
    /// "Is it in my archive", for the screen.
    Archive(ArchiveJob),
    /// The map, for the screen.
    Map(MapJob),
    /// Clusters, for the screen.
    Clusters(ClustersJob),
    /// An order of pictures, for the screen.
    Order(OrderJob),
    /// Writes all results of a join, as the command does.
    Write(PathBuf, SetJoin),
    /// Copies pictures into a folder.
    Copy(CopyJob),
    /// Writes the paths of marked pictures.
    WriteMarks(MarksToWrite),
    /// Writes the results shown, with the descriptor that found them, if known.
    WriteShown(PathBuf, Option<DescriptorKind>, Arc<Findings>),
}

/// News of the job of a generation.
#[derive(Debug)]
pub enum JoinNews {
    Step(JoinStep),
    Ended(u64, Result<JoinOutcome>),
}

impl JoinNews {
    /// The generation of the job that it is about.
    pub fn generation(&self) -> u64 {
        match self {
            JoinNews::Step(step) => step.generation,
            JoinNews::Ended(generation, _) => *generation,
        }
    }
}

/// The progress of the job of `generation`.
#[derive(Clone, Copy, Debug)]
pub struct JoinStep {
    pub generation: u64,
    pub progress: Progress,
    /// None before there is anything to measure.
    pub pace: Option<Pace>,
}

/// The outcome of a job.
#[derive(Debug)]
pub enum JoinOutcome {
    Shown(JoinAnswer),
    Duplicates(Arc<DuplicatesAnswer>),
    Archive(Arc<ArchiveAnswer>),
    Map(MapAnswer),
    Clusters(ClustersAnswer),
    Ordered(Ordering),
    /// What was written, in words.
    Written(String),
    Marks(WrittenMarks),
}

/// A thread that does one job at a time.
pub struct Joiner {
    worker: Worker<Running>,
    /// Cancels the latest job.
    cancel: Cancel,
}

#[derive(Clone)]
struct Running {
    job: JoinJob,
    cancel: Cancel,
}

impl PartialEq for Running {
    fn eq(&self, other: &Running) -> bool {
        self.job.generation == other.job.generation
    }
}

impl Joiner {
    pub fn start(name: &str, engine: Engine, tell: impl Fn(JoinNews) + Send + Sync + 'static) -> Joiner {
        let worker = Worker::start(name, 1, move |running: Running| match running.in_background(engine, &tell) {
            // Whoever cancelled it knows.
            Err(Error::Cancelled) => {}
            outcome => tell(JoinNews::Ended(running.job.generation, outcome)),
        });
        Joiner { worker, cancel: Cancel::default() }
    }

    pub fn begin(&mut self, job: JoinJob) {
        self.cancel.cancel();
        self.cancel = Cancel::default();
        self.worker.replace([Running { job, cancel: self.cancel.clone() }]);
    }

    pub fn stop(&mut self) {
        self.cancel.cancel();
        self.worker.replace([]);
    }
}

impl Drop for Joiner {
    /// Half-finished work is useless: it stops at its next check of `cancel`, and the worker waits for that.
    fn drop(&mut self) {
        self.stop();
    }
}

impl Running {
    /// Works on threads of its own, at a lower priority than the screen and searches.
    fn in_background(&self, engine: Engine, tell: &(dyn Fn(JoinNews) + Sync)) -> Result<JoinOutcome> {
        let pool = rayon::ThreadPoolBuilder::new().thread_name(|_| "join".into()).start_handler(|_| priority::lower());
        match pool.build() {
            Ok(pool) => pool.install(|| self.work(engine, tell)),
            // The system has too few threads left: use rayon's own.
            Err(_) => self.work(engine, tell),
        }
    }

    fn work(&self, engine: Engine, tell: &(dyn Fn(JoinNews) + Sync)) -> Result<JoinOutcome> {
        let mut progress = self.progress(tell);
        match &self.job.goal {
            JoinGoal::Show(join) => JoinAnswer::find(join, engine, &self.cancel, &mut progress).map(JoinOutcome::Shown),
            JoinGoal::Read(path, join) => {
                JoinAnswer::read(path, join, &self.cancel, &mut progress).map(JoinOutcome::Shown)
            }
            JoinGoal::Duplicates(job) => job.find(engine, &self.cancel, &mut progress).map(JoinOutcome::Duplicates),
            JoinGoal::Archive(job) => job.find(engine, &self.cancel, &mut progress).map(JoinOutcome::Archive),
            JoinGoal::Map(job) => job.make(engine, &self.cancel, &mut progress).map(JoinOutcome::Map),
            JoinGoal::Clusters(job) => job.find(engine, &self.cancel, &mut progress).map(JoinOutcome::Clusters),
            JoinGoal::Order(job) => job.find(engine, &self.cancel, &mut progress).map(JoinOutcome::Ordered),
            JoinGoal::Copy(job) => job.copy(&self.cancel, &mut progress).map(JoinOutcome::Written),
            JoinGoal::WriteMarks(list) => {
                let progress = Mutex::new(progress);
                let read = |done| progress.lock()(done);
                let verdicts = list.verdicts.as_ref().map_or(Ok(Verdicts::default()), VerdictsFile::read)?;
                let are_parted = |a, b| verdicts.part_contents(a, b);
                let checking = LastCheck { cancel: &self.cancel, progress: &read, are_parted: &are_parted };
                list.write(checking).map(JoinOutcome::Marks)
            }
            JoinGoal::Write(typed, join) => {
                let path = &undropped(typed.clone());
                written(path, Some(join.descriptor), "result", |writer| {
                    let take = &mut |group| writer.take(&group).map_err(Error::io(path));
                    join.run(engine, &self.cancel, &mut progress, take)
                })
            }
            JoinGoal::WriteShown(typed, descriptor, found) => {
                let path = &undropped(typed.clone());
                written(path, *descriptor, "picture", |writer| {
                    let groups = (0..found.len()).filter_map(|at| found.get(at));
                    for (key, neighbours) in groups {
                        self.cancel.check()?;
                        let group = Group { key: key.clone(), neighbours: neighbours.to_vec() };
                        writer.take(&group).map_err(Error::io(path))?;
                    }
                    Ok(())
                })
            }
        }
    }

    /// Reports progress now and then.
    fn progress<'a>(&self, tell: &'a (dyn Fn(JoinNews) + Sync)) -> impl FnMut(Progress) + Send + 'a {
        let (generation, begun) = (self.job.generation, Instant::now());
        let (mut told, mut meter): (Option<Instant>, _) = (None, PaceMeter::default());
        move |progress| {
            if told.is_none_or(|at| at.elapsed() >= BETWEEN) {
                told = Some(Instant::now());
                let pace = meter.pace(progress, begun.elapsed());
                tell(JoinNews::Step(JoinStep { generation, progress, pace }));
            }
        }
    }
}

/// Writes pairs to a new file, which appears once `fill` has written them all.
fn written(
    path: &Path,
    descriptor: Option<DescriptorKind>,
    what: &str,
    fill: impl FnOnce(&mut PairWriter) -> Result<()>,
) -> Result<JoinOutcome> {
    let format = PairFormat::by_extension(path)?;
    let mut file = new_file(path)?;
    let mut writer = PairWriter::new(format, descriptor, &mut file).map_err(Error::io(path))?;
    fill(&mut writer)?;
    let written = count(writer.written() as usize, what);
    writer.finish().map_err(Error::io(path))?;
    file.keep()?;
    Ok(JoinOutcome::Written(format!("{written} written to {}", crate::shown::path(path))))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;
    use crate::descriptor::{DESCRIPTOR_LEN, Descriptor, FeatureMatrix, Row};
    use crate::join::{JoinedFiles, Metric, Predicate, With};

    fn join(predicate: Predicate) -> SetJoin {
        let row = |i: u8| {
            let mut dense = vec![0.0; DESCRIPTOR_LEN];
            (dense[0], dense[1]) = (10.0, f32::from(i));
            Row::new(format!("{i}.png"), None, Descriptor::from_dense(&dense).unwrap())
        };
        let keys: FeatureMatrix = (0..4).map(row).collect();
        let (descriptor, metric) = (DescriptorKind::Full, Metric::Cosine);
        SetJoin { keys, with: With::Themselves, files: JoinedFiles::default(), descriptor, metric, predicate }
    }

    fn answers(goal: JoinGoal) -> Result<JoinOutcome> {
        let (sender, receiver) = channel();
        let mut joiner = Joiner::start("test", Engine::default(), move |news| sender.send(news).unwrap());
        joiner.begin(JoinJob { generation: 7, goal });
        loop {
            match receiver.recv().expect("the joiner lives") {
                JoinNews::Step(step) => assert_eq!(step.generation, 7),
                JoinNews::Ended(7, outcome) => return outcome,
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn a_range_self_join_is_shown_as_groups_others_as_pairs() {
        let shown = |predicate| match answers(JoinGoal::Show(join(predicate))) {
            Ok(JoinOutcome::Shown(answer)) => answer,
            other => panic!("{other:?}"),
        };
        let groups = shown(Predicate::Range(0.9));
        assert!(
            matches!(&*groups.found, Findings::Groups(groups) if groups.len() == 1 && groups[0].neighbours.len() == 3)
        );
        let pairs = shown(Predicate::Knn(1));
        // Four results; 2 and 3 found each other, and so did 0 and 1, or 1 and 2.
        assert!(matches!(&*pairs.found, Findings::Pairs(pairs) if pairs.len() < 4));
        assert_eq!((pairs.results, pairs.cut), (4, false));
    }

    #[test]
    fn what_is_written_is_never_over_something() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pairs.csv");
        let goal = JoinGoal::Write(path.clone(), join(Predicate::Knn(1)));
        let Ok(JoinOutcome::Written(text)) = answers(goal.clone()) else { panic!("it was not written") };
        assert!(text.starts_with("4 results written to "), "{text}");
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 5);
        assert!(answers(goal).unwrap_err().to_string().contains("exists already"));
        // As terminals type what is dropped.
        let dropped = format!("'{}' ", folder.path().join("it's new.csv").display()).replace("t's", "t'\\''s");
        let Ok(JoinOutcome::Written(text)) = answers(JoinGoal::Write(dropped.into(), join(Predicate::Knn(1)))) else {
            panic!("it was not written")
        };
        assert!(text.ends_with("it's new.csv") && folder.path().join("it's new.csv").exists(), "{text}");
    }
}
