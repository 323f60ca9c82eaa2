//! The workers behind the screens. Each takes tasks, and reports results to the loop.

use std::sync::Arc;
use std::thread;

use tokio::sync::mpsc::Sender;
use tokio::task::spawn_blocking;

use super::jobs::decoded::Decoded;
use super::jobs::encode::PictureEncoder;
use super::jobs::{CompareJob, Indexing, Joiner, SearchJob, Searcher, complete, open, undropped, write};
use super::msg::{Msg, Task};
use super::pictures::Slot;
use super::screens::Screens;
use crate::cancel::Cancel;
use crate::dataset::thumbnails::Thumbnails;
use crate::dataset::{Dataset, decode};
use crate::marks::ListRecords;
use crate::terminal::{Terminal, shared};
use crate::vgg16::Network;
use crate::worker::Worker;

pub struct Workers {
    indexing: Indexing,
    searcher: Worker<SearchJob>,
    /// Searches for the live count.
    counter: Worker<SearchJob>,
    joiner: Joiner,
    /// Orders pictures.
    orderer: Joiner,
    /// Writes joins to files.
    writer: Joiner,
    pictures: Worker<(Slot, Terminal)>,
    comparer: Worker<CompareJob>,
    datasets: Vec<Dataset>,
    records: Option<ListRecords>,
    sender: Sender<Msg>,
}

impl Workers {
    pub fn start(screens: Screens, network: Arc<Network>, sender: &Sender<Msg>) -> Workers {
        let cancel = Cancel::default();
        let searches = Arc::new(Searcher::new(network.clone(), screens.engine, cancel.clone()));
        let search = |name| {
            let (searches, tell) = (searches.clone(), teller(sender, Msg::Searched));
            Worker::start(name, 1, move |job: SearchJob| tell(searches.search(&job)))
        };
        let join = |name| Joiner::start(name, screens.engine, teller(sender, Msg::Joining));
        let thumbnails = Thumbnails::new(&screens.cache);
        prune(thumbnails.clone());
        let decoded = Arc::new(Decoded::new(thumbnails));
        let (encoder, tell) = (PictureEncoder::new(decoded.clone()), teller(sender, |msg| msg));
        let pictures = Worker::start("pictures", 2, move |(slot, terminal): (Slot, Terminal)| {
            let picture = encoder.encode(&slot, &terminal);
            tell(Msg::Picture(slot, picture));
        });
        let tell = teller(sender, |msg| msg);
        let comparer = Worker::start("comparer", 1, move |job: CompareJob| {
            let comparison = job.compare(&decoded);
            tell(Msg::Compared(job, comparison));
        });
        let (searcher, counter) = (search("searcher"), search("counter"));
        let [joiner, orderer, writer] = ["joiner", "orderer", "writer"].map(join);
        let (datasets, records) = (screens.datasets.clone(), screens.state().map(ListRecords::new));
        let tell = teller(sender, Msg::Indexing);
        let indexing = Indexing::start(screens.datasets, screens.cache, network, cancel, tell);
        let sender = sender.clone();
        Workers { indexing, searcher, counter, joiner, orderer, writer, pictures, comparer, datasets, records, sender }
    }

    /// The pictures wanted now, most urgent first, in place of those before.
    pub fn encode(&self, wanted: &[Slot], terminal: &Terminal) {
        self.pictures.replace(wanted.iter().map(|slot| (slot.clone(), terminal.clone())));
    }

    pub fn begin(&mut self, task: Task) {
        match task {
            Task::Prefer(dataset) => self.indexing.prefer(dataset),
            Task::LookAgain { at_all } => self.indexing.look(at_all),
            Task::Search(job) => self.searcher.replace([job]),
            Task::Count(job) => self.counter.replace([job]),
            Task::Compare(job) => self.comparer.replace([job]),
            Task::Join(job) => self.joiner.begin(job),
            Task::Order(job) => self.orderer.begin(job),
            Task::StopJoin => self.joiner.stop(),
            Task::WriteJoin(job) => self.writer.begin(job),
            Task::Open(path) => {
                let (datasets, records) = (self.datasets.clone(), self.records.clone());
                self.answer(move || Msg::Opened(open(&path, &datasets, records.as_ref())));
            }
            Task::ReadHeader(file) => self.answer(move || {
                let header = decode::told(&file.path);
                Msg::Header(file, header)
            }),
            Task::Complete(text) => self.answer(move || Msg::Completed(complete(&text))),
            Task::Write { path, results } => {
                self.answer(move || Msg::Written(write::results(&undropped(path), &results)));
            }
            Task::LookAt { answer, pairs } => self.answer(move || {
                // Not cancellable: it finishes soon.
                let _ = answer.collection.look_at(&pairs, &Cancel::default());
                Msg::LookedAt
            }),
            Task::Judge { file, pairs, undone } => self.answer(move || Msg::Judged(file.add(&pairs, undone))),
            // The loop does these itself.
            Task::Copy(_)
            | Task::Clear
            | Task::Repaint
            | Task::Suspend
            | Task::Resume
            | Task::Quit
            | Task::Stop
            | Task::Terminate => {}
        }
    }

    /// Does some I/O and sends the loop the result.
    fn answer(&self, work: impl FnOnce() -> Msg + Send + 'static) {
        let tell = teller(&self.sender, |msg| msg);
        spawn_blocking(move || tell(work()));
    }

    /// Stops indexing; what was computed is saved.
    pub fn finish(self) {
        self.indexing.finish();
    }
}

/// A function that reports to the loop. Once the loop has ended, nobody listens.
fn teller<T>(sender: &Sender<Msg>, msg: fn(T) -> Msg) -> impl Fn(T) + Send + Sync + use<T> {
    let to = sender.clone();
    move |what| drop(to.blocking_send(msg(what)))
}

/// Deletes thumbnails unused for long, and pictures that a terminal never fetched.
fn prune(old: Thumbnails) {
    let prune = move || {
        old.prune();
        shared::prune();
    };
    if let Err(error) = thread::Builder::new().name("pruner".into()).spawn(prune) {
        tracing::warn!(%error, "nothing is pruned this time");
    }
}
