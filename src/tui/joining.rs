//! Work on whole sets, off the screen's thread: a join, or writing one to a file. The latest one counts, the one before
//! it is cancelled.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::Sender;

use super::msg::Msg;
use crate::cancel::Cancel;
use crate::descriptor::Row;
use crate::error::{Error, Result};
use crate::join::export::{NewFile, PairFormat, PairWriter};
use crate::join::{BestPairs, Engine, Group, Neighbour, Pair, Predicate, Progress, SetJoin, With, stars};
use crate::priority;
use crate::text::count;
use crate::worker::Worker;

/// Results kept for the screen: 32 MB.
const KEPT: usize = 1_000_000;
/// Between two reports.
const BETWEEN: Duration = Duration::from_millis(50);

/// What is to be done. Later ones have larger generations.
#[derive(Clone, Debug)]
pub struct Work {
    pub generation: u64,
    pub goal: Goal,
}

#[derive(Clone, Debug)]
pub enum Goal {
    /// For the screen.
    Show(SetJoin),
    /// All results of a join, as the command writes them.
    Write(PathBuf, SetJoin),
    /// What is shown.
    WriteFound(PathBuf, Arc<Found>),
}

/// What a join found, best first.
#[derive(Debug)]
pub enum Found {
    Pairs(Vec<Pair>),
    /// Near-duplicates: the results of a range self-join.
    Groups(Vec<Group>),
}

/// The answer to [`Goal::Show`].
#[derive(Clone, Debug)]
pub struct Answer {
    pub found: Arc<Found>,
    /// Results in all; more than were kept, perhaps.
    pub results: u64,
    /// Whether some results were not kept.
    pub cut: bool,
    /// Whether each group needs a row of its own.
    pub in_rows: bool,
    pub took: Duration,
}

/// How far the work of `generation` is.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    pub generation: u64,
    pub progress: Progress,
    pub elapsed: Duration,
}

impl Found {
    /// Pairs, or groups.
    pub fn len(&self) -> usize {
        match self {
            Found::Pairs(pairs) => pairs.len(),
            Found::Groups(groups) => groups.len(),
        }
    }

    /// Whether each group needs a row of its own: some have more than two pictures.
    fn in_rows(&self) -> bool {
        matches!(self, Found::Groups(groups) if groups.iter().any(|group| group.neighbours.len() > 1))
    }

    /// A pair or a group: the key (or centre), and what is like it.
    pub fn get(&self, at: usize) -> Option<(&Arc<Row>, &[Neighbour])> {
        match self {
            Found::Pairs(pairs) => pairs.get(at).map(|pair| (&pair.key, std::slice::from_ref(&pair.neighbour))),
            Found::Groups(groups) => groups.get(at).map(|group| (&group.key, &group.neighbours[..])),
        }
    }
}

impl Answer {
    pub fn to(
        join: &SetJoin,
        engine: Engine,
        cancel: &Cancel,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Answer> {
        let begun = Instant::now();
        let mut best = BestPairs::new(join, KEPT);
        join.run(engine, cancel, progress, &mut |group| {
            best.take(&group);
            Ok(())
        })?;
        let (results, pairs) = (best.taken(), best.into_pairs());
        let found = match (&join.with, join.predicate) {
            (With::Themselves, Predicate::Range(_)) => Found::Groups(stars(&pairs, join.metric)),
            _ => Found::Pairs(pairs),
        };
        let (cut, in_rows) = (results > KEPT as u64, found.in_rows());
        Ok(Answer { found: Arc::new(found), results, cut, in_rows, took: begun.elapsed() })
    }
}

/// A thread that does one piece of work at a time.
pub struct Joiner {
    worker: Worker<Job>,
    /// Of the latest work.
    cancel: Cancel,
}

#[derive(Clone)]
struct Job {
    work: Work,
    cancel: Cancel,
}

impl PartialEq for Job {
    fn eq(&self, other: &Job) -> bool {
        self.work.generation == other.work.generation
    }
}

impl Joiner {
    pub fn start(name: &str, engine: Engine, to: Sender<Msg>) -> Joiner {
        let worker = Worker::start(name, 1, move |job: Job| {
            let msg = match job.in_background(engine, &to) {
                // Whoever cancelled it knows.
                Err(Error::Cancelled) => return,
                outcome => Msg::Worked(job.work.generation, outcome.map_err(|e| e.to_string())),
            };
            let _ = to.blocking_send(msg);
        });
        Joiner { worker, cancel: Cancel::default() }
    }

    pub fn begin(&mut self, work: Work) {
        self.cancel.cancel();
        self.cancel = Cancel::default();
        self.worker.replace([Job { work, cancel: self.cancel.clone() }]);
    }

    pub fn stop(&mut self) {
        self.cancel.cancel();
        self.worker.replace([]);
    }
}

impl Drop for Joiner {
    /// What is half done is of no use: it ends at its next look at `cancel`, which the worker waits for.
    fn drop(&mut self) {
        self.stop();
    }
}

/// What came of some work.
#[derive(Debug)]
pub enum Outcome {
    Shown(Answer),
    /// What was written, in words.
    Written(String),
}

impl Job {
    /// Works on threads of its own, behind the screen and searches.
    fn in_background(&self, engine: Engine, to: &Sender<Msg>) -> Result<Outcome> {
        let pool = rayon::ThreadPoolBuilder::new().thread_name(|_| "join".into()).start_handler(|_| priority::lower());
        match pool.build() {
            Ok(pool) => pool.install(|| self.work(engine, to)),
            // Too few threads left in the system: rayon's own do.
            Err(_) => self.work(engine, to),
        }
    }

    fn work(&self, engine: Engine, to: &Sender<Msg>) -> Result<Outcome> {
        let mut progress = self.progress(to);
        match &self.work.goal {
            Goal::Show(join) => Answer::to(join, engine, &self.cancel, &mut progress).map(Outcome::Shown),
            Goal::Write(path, join) => {
                let mut writer = writer(path)?;
                join.run(engine, &self.cancel, &mut progress, &mut |group| {
                    writer.take(&group).map_err(Error::io(path))
                })?;
                kept(path, writer, "result")
            }
            Goal::WriteFound(path, found) => {
                let mut writer = writer(path)?;
                let groups = (0..found.len()).filter_map(|at| found.get(at));
                for (key, neighbours) in groups {
                    self.cancel.check()?;
                    let group = Group { key: key.clone(), neighbours: neighbours.to_vec() };
                    writer.take(&group).map_err(Error::io(path))?;
                }
                kept(path, writer, "picture")
            }
        }
    }

    /// Tells the loop now and then how far the work is.
    fn progress(&self, to: &Sender<Msg>) -> impl FnMut(Progress) {
        let (generation, to, begun) = (self.work.generation, to.clone(), Instant::now());
        let mut told: Option<Instant> = None;
        move |progress| {
            if told.is_none_or(|at| at.elapsed() >= BETWEEN) {
                told = Some(Instant::now());
                let _ = to.blocking_send(Msg::Working(Step { generation, progress, elapsed: begun.elapsed() }));
            }
        }
    }
}

/// Writes to a file that isn't there yet.
fn writer(path: &Path) -> Result<PairWriter<NewFile>> {
    PairWriter::new(PairFormat::by_extension(path)?, NewFile::create(path, false)?).map_err(Error::io(path))
}

fn kept(path: &Path, writer: PairWriter<NewFile>, what: &str) -> Result<Outcome> {
    let written = count(writer.written() as usize, what);
    writer.finish().map_err(Error::io(path))?.keep()?;
    Ok(Outcome::Written(format!("{written} written to {}", path.display())))
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc::channel;

    use super::*;
    use crate::descriptor::{DESCRIPTOR_LEN, Descriptor, FeatureMatrix};
    use crate::join::{DescriptorKind, Metric};

    fn join(predicate: Predicate) -> SetJoin {
        let row = |i: u8| {
            let mut dense = vec![0.0; DESCRIPTOR_LEN];
            (dense[0], dense[1]) = (10.0, f32::from(i));
            Row { name: format!("{i}.png"), stamp: None, descriptor: Descriptor::from_dense(&dense).unwrap() }
        };
        let keys: FeatureMatrix = (0..4).map(row).collect();
        SetJoin { keys, with: With::Themselves, descriptor: DescriptorKind::Full, metric: Metric::Cosine, predicate }
    }

    fn answers(goal: Goal) -> std::result::Result<Outcome, String> {
        let (sender, mut receiver) = channel(16);
        let mut joiner = Joiner::start("test", Engine::default(), sender);
        joiner.begin(Work { generation: 7, goal });
        loop {
            match receiver.blocking_recv().expect("the joiner lives") {
                Msg::Working(step) => assert_eq!(step.generation, 7),
                Msg::Worked(7, outcome) => return outcome,
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn a_range_self_join_is_shown_as_groups_others_as_pairs() {
        let shown = |predicate| match answers(Goal::Show(join(predicate))) {
            Ok(Outcome::Shown(answer)) => answer,
            other => panic!("{other:?}"),
        };
        let groups = shown(Predicate::Range(0.9));
        assert!(
            matches!(&*groups.found, Found::Groups(groups) if groups.len() == 1 && groups[0].neighbours.len() == 3)
        );
        let pairs = shown(Predicate::Knn(1));
        // Four results; 2 and 3 found each other, and so did 0 and 1, or 1 and 2.
        assert!(matches!(&*pairs.found, Found::Pairs(pairs) if pairs.len() < 4));
        assert_eq!((pairs.results, pairs.cut), (4, false));
    }

    #[test]
    fn what_is_written_is_never_over_something() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pairs.csv");
        let goal = Goal::Write(path.clone(), join(Predicate::Knn(1)));
        let Ok(Outcome::Written(text)) = answers(goal.clone()) else { panic!("it was not written") };
        assert!(text.starts_with("4 results written to "), "{text}");
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 5);
        assert!(answers(goal).unwrap_err().contains("is there already"));
    }
}
