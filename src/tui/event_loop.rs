//! The loop: take a message, drain the rest, update, start the tasks, draw once if anything changed.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::app::App;
use super::frames::Frames;
use super::indexing::Indexing;
use super::input;
use super::joining::Joiner;
use super::msg::{Msg, Task};
use super::pictures::encode::Encoder;
use super::pictures::shelf::Admitted;
use super::pictures::wire::Wire;
use super::pictures::{Slot, shared};
use super::probe::{self, Graphics, Terminal};
use super::search::{SearchJob, Searcher};
use super::terminal::{self, Screen};
use super::tmux;
use super::widgets::prompt::expanded;
use crate::cancel::Cancel;
use crate::config::Screens;
use crate::dataset::thumbnails::Thumbnails;
use crate::defects;
use crate::join::export::{NewFile, ResultFormat};
use crate::join::{Metric, Neighbour};
use crate::text::printable;
use crate::vgg16::Network;
use crate::worker::Worker;

/// Messages that wait, at most; who sends more waits too.
const CHANNEL: usize = 1024;
/// A window that is being resized settles before pictures are made for its new size.
const SETTLE: Duration = Duration::from_millis(150);

/// Runs the screens until the user quits; what was indexed is saved. Marked paths are printed at the end.
pub fn run(config: Screens) -> anyhow::Result<()> {
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        anyhow::bail!("the screens need a terminal; simages index and simages query do without (simages --help)");
    }
    defects::end_after_panics(terminal::give_back);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let marked = runtime.block_on(Loop::run(config))?;
    let mut out = std::io::stdout();
    for path in marked {
        writeln!(out, "{}", printable(&path.to_string_lossy()))?;
    }
    Ok(())
}

struct Loop {
    screen: Screen,
    app: App,
    indexing: Indexing,
    searcher: Worker<SearchJob>,
    counter: Worker<SearchJob>,
    joiner: Joiner,
    writer: Joiner,
    pictures: Worker<(Slot, Terminal)>,
    wire: Wire,
    /// When to see whether there are pictures to send.
    pictures_due: Option<Instant>,
    sender: Sender<Msg>,
    /// What the picture workers were last asked for.
    wanted: Vec<Slot>,
    resized: Option<Instant>,
    quit: bool,
}

impl Loop {
    async fn run(config: Screens) -> anyhow::Result<Vec<PathBuf>> {
        let network = Arc::new(Network::new(config.network));
        // A wrong file is better told before the screen is taken.
        network.weights()?;
        let (sender, receiver) = channel(CHANNEL);
        let size = crossterm::terminal::size()?;
        tracing::info!(?size, datasets = ?config.datasets, "the screens begin");
        let app = App::new(config.datasets.clone(), size.into());
        let mut screen = Screen::take()?;
        screen.draw(&app)?;

        let in_tmux = tmux::inside();
        if in_tmux {
            tmux::allow_passthrough();
        }
        let proof = probe::proof();
        screen.send(&probe::question(in_tmux, proof.as_deref()))?;
        let to = sender.clone();
        let read = move || input::read(config.protocol, in_tmux, proof, to);
        std::thread::Builder::new().name("input".into()).spawn(read)?;

        let cancel = Cancel::default();
        let searches = Arc::new(Searcher::new(network.clone(), config.engine, cancel.clone()));
        let start = |name| {
            let (searches, to) = (searches.clone(), sender.clone());
            Worker::start(name, 1, move |job| {
                let _ = to.blocking_send(Msg::Found(searches.search(&job)));
            })
        };
        let (searcher, counter) = (start("searcher"), start("counter"));
        let (joiner, writer) = (
            Joiner::start("joiner", config.engine, sender.clone()),
            Joiner::start("writer", config.engine, sender.clone()),
        );
        let thumbnails = Thumbnails::new(&config.cache);
        let old = thumbnails.clone();
        std::thread::Builder::new().name("pruner".into()).spawn(move || {
            old.prune();
            shared::prune();
        })?;
        let encoder = Encoder::new(thumbnails);
        let to = sender.clone();
        let pictures = Worker::start("pictures", 2, move |(slot, terminal): (Slot, Terminal)| {
            let picture = encoder.encode(&slot, &terminal);
            let _ = to.blocking_send(Msg::Picture(slot, picture));
        });
        let indexing = Indexing::start(config.datasets, config.cache, network, cancel, sender.clone());
        let wanted = Vec::new();
        #[cfg(debug_assertions)]
        panic_if_asked();
        let this = Loop {
            screen,
            app,
            indexing,
            searcher,
            counter,
            joiner,
            writer,
            pictures,
            wire: Wire::new(&Terminal::default()),
            pictures_due: None,
            sender,
            wanted,
            resized: None,
            quit: false,
        };
        this.go(receiver).await
    }

    /// Until the end; however that comes, what was indexed is saved.
    async fn go(mut self, mut receiver: Receiver<Msg>) -> anyhow::Result<Vec<PathBuf>> {
        let outcome = self.listen(&mut receiver).await;
        tracing::info!(?outcome, "the screens end");
        // Nobody listens any more: workers that report end at once.
        drop(receiver);
        drop(self.screen);
        self.indexing.finish();
        outcome?;
        Ok(self.app.marked.into_iter().collect())
    }

    async fn listen(&mut self, receiver: &mut Receiver<Msg>) -> anyhow::Result<()> {
        let mut frames = Frames::new();
        tokio::spawn(terminate(self.sender.clone()));
        loop {
            let settled = self.resized.map(|at| at + SETTLE);
            tokio::select! {
                msg = receiver.recv() => {
                    let Some(msg) = msg else { return Ok(()) };
                    // A bounded number: what keeps coming must not keep the screen waiting.
                    let more = std::iter::from_fn(|| receiver.try_recv().ok()).take(CHANNEL);
                    for msg in std::iter::once(msg).chain(more) {
                        if matches!(msg, Msg::Answered) {
                            self.wire.answered();
                            self.pictures_due = Some(Instant::now());
                            continue;
                        }
                        frames.happened(msg.is_by_user());
                        if msg.is_by_user() {
                            self.wire.pressed();
                        }
                        self.take(msg)?;
                    }
                }
                () = until(frames.due()) => {}
                () = until(settled) => self.resized = None,
                () = until(self.pictures_due) => {}
            }
            if self.quit {
                return Ok(());
            }
            let due = frames.is_due();
            if due {
                self.notice_size()?;
            }
            if due || self.pictures_due.is_some_and(|at| at <= Instant::now()) {
                let admitted = self.admit();
                if due || admitted.bytes > 0 {
                    self.draw(&admitted)?;
                }
            }
            if due {
                frames.drawn();
            }
            if self.resized.is_none() {
                self.want();
            }
        }
    }

    fn take(&mut self, msg: Msg) -> anyhow::Result<()> {
        if matches!(msg, Msg::Resize(..)) {
            self.resized = Some(Instant::now());
        }
        if let Msg::Picture(_, Ok(picture)) = &msg {
            picture.strips.iter().filter_map(|strip| strip.kept.as_ref()).for_each(|kept| terminal::remember(kept.id));
        }
        if let Msg::Probed(terminal) = &msg {
            tracing::info!(?terminal, "probed");
            self.wire = Wire::new(terminal);
            // Before the first picture: how long is the way?
            self.ask(0, Duration::ZERO)?;
        }
        for task in self.app.update(msg) {
            self.start(task)?;
        }
        Ok(())
    }

    /// A window resized before we listened (foot does so at once) is never told of.
    fn notice_size(&mut self) -> anyhow::Result<()> {
        let (width, height) = crossterm::terminal::size()?;
        if (width, height) != (self.app.size.width, self.app.size.height) {
            self.take(Msg::Resize(width, height))?;
        }
        Ok(())
    }

    /// Asks for the pictures that are wanted now, if they are others than before.
    fn want(&mut self) {
        let wanted = self.app.wanted();
        if wanted != self.wanted {
            let terminal = &self.app.terminal;
            self.pictures.replace(wanted.iter().map(|slot| (slot.clone(), terminal.clone())));
            self.wanted = wanted;
        }
    }

    /// Lets the next pictures be drawn, if it is time for some.
    fn admit(&mut self) -> Admitted {
        let now = Instant::now();
        self.pictures_due = None;
        let visible = self.app.visible();
        for &quality in self.wire.order() {
            let free = self.wire.free(quality);
            if free > now {
                self.pictures_due = Some(self.pictures_due.map_or(free, |due| due.min(free)));
                continue;
            }
            let admitted = self.app.shelf.admit(&visible, quality, self.wire.burst());
            if admitted.bytes > 0 {
                // There may be more of them.
                self.pictures_due = Some(now);
                return admitted;
            }
        }
        Admitted::default()
    }

    fn draw(&mut self, admitted: &Admitted) -> anyhow::Result<()> {
        let begun = Instant::now();
        self.screen.send(&admitted.transmissions)?;
        self.screen.draw(&self.app)?;
        self.ask(admitted.bytes, begun.elapsed())?;
        self.forget_dropped()
    }

    /// `bytes` of pictures were written in this time: when will they have arrived?
    fn ask(&mut self, bytes: usize, took: Duration) -> anyhow::Result<()> {
        let asks = self.wire.asks(bytes);
        if asks {
            self.screen.send(probe::NAME)?;
        }
        self.wire.sent(bytes, took, asks);
        Ok(())
    }

    /// Nobody but us deletes pictures that kitty keeps.
    fn forget_dropped(&mut self) -> anyhow::Result<()> {
        for id in self.app.shelf.take_dropped() {
            if self.app.terminal.graphics == Graphics::Kitty {
                let delete = terminal::forget(id);
                self.screen.send(&delete)?;
            }
        }
        Ok(())
    }

    fn start(&mut self, task: Task) -> anyhow::Result<()> {
        let to = self.sender.clone();
        match task {
            Task::Prefer(dataset) => self.indexing.prefer(dataset),
            Task::Search(job) => self.searcher.replace([job]),
            Task::Count(job) => self.counter.replace([job]),
            Task::Open(path) => {
                answer(to, move || Msg::Opened(open(path)));
            }
            Task::Write { path, results, metric } => {
                answer(to, move || Msg::Written(write(path, &results, metric)));
            }
            Task::Join(work) => self.joiner.begin(work),
            Task::StopJoin => self.joiner.stop(),
            Task::WriteJoin(work) => self.writer.begin(work),
            Task::WritePaths { path, paths } => {
                answer(to, move || Msg::Written(write_paths(&path, &paths).map_err(|e| e.to_string())));
            }
            Task::Copy(text) => {
                let encoded = base64::engine::general_purpose::STANDARD.encode(text);
                self.screen.send(&format!("\x1b]52;c;{encoded}\x07"))?;
            }
            Task::Clear => self.screen.clear(),
            Task::Repaint => self.screen.repaint(),
            Task::Suspend => {
                self.screen.suspend()?;
                self.take(Msg::Redraw)?;
            }
            Task::Quit => self.quit = true,
        }
        Ok(())
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

/// Does I/O off the screen's thread; the loop is told what came of it.
fn answer(to: Sender<Msg>, work: impl FnOnce() -> Msg + Send + 'static) {
    tokio::task::spawn_blocking(move || {
        // Nobody listens any more when the loop has ended.
        let _ = to.blocking_send(work());
    });
}

/// Tells the loop when the process is asked to end.
async fn terminate(to: Sender<Msg>) {
    crate::signals::asked_to_end().await;
    let _ = to.send(Msg::Terminate).await;
}

fn open(path: PathBuf) -> Result<PathBuf, String> {
    let path = expanded(&path.to_string_lossy());
    let found = path.canonicalize().map_err(|e| format!("{}: {e}", path.display()))?;
    if !found.is_file() {
        return Err(format!("{}: not a file; a key is one picture", path.display()));
    }
    Ok(found)
}

/// Writes results to a file that isn't there yet: nothing is overwritten.
fn write(path: PathBuf, results: &[(usize, Neighbour)], metric: Metric) -> Result<String, String> {
    let named = |e: std::io::Error| match e.kind() {
        std::io::ErrorKind::AlreadyExists => format!("{}: is there already; take another name", path.display()),
        _ => format!("{}: {e}", path.display()),
    };
    let format = ResultFormat::by_extension(&path).map_err(|e| e.to_string())?;
    let mut file = std::fs::File::create_new(&path).map_err(named)?;
    let ranked: Vec<_> = results.iter().map(|(rank, n)| (*rank, n)).collect();
    format.write(&ranked, metric, &mut file).map_err(named)?;
    Ok(format!("{} written to {}", crate::text::count(ranked.len(), "result"), path.display()))
}

/// Writes paths, their bytes as they are, to a file that isn't there yet.
fn write_paths(path: &Path, paths: &[PathBuf]) -> crate::Result<String> {
    let mut file = NewFile::create(path, false)?;
    let mut line = |p: &PathBuf| file.write_all(p.as_os_str().as_encoded_bytes()).and_then(|()| file.write_all(b"\n"));
    paths.iter().try_for_each(&mut line).map_err(crate::Error::io(path))?;
    file.keep()?;
    Ok(format!("{} written to {}", crate::text::count(paths.len(), "path"), path.display()))
}

/// For the tests of what a panic leaves behind: `SIMAGES_TEST_PANIC` is `screen` or `worker`. Not in release builds.
#[cfg(debug_assertions)]
fn panic_if_asked() {
    match std::env::var("SIMAGES_TEST_PANIC").as_deref() {
        Ok("screen") => panic!("asked to panic on the screen's thread"),
        Ok("worker") => drop(std::thread::spawn(|| panic!("asked to panic on a worker")).join()),
        _ => {}
    }
}
