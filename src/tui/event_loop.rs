//! The loop: takes a message, drains the rest, updates, starts the tasks, and draws once if anything changed.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use ratatui::layout::Size;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::app::App;
use super::display::{self, Display};
use super::frames::Frames;
use super::input::{Order, Orders, TerminalReader};
use super::marks::print::checked;
use super::marks::{LeftMarks, Marks, rescued};
use super::msg::{Msg, Task};
use super::pictures::Slot;
use super::pictures::shelf::Admitted;
use super::pictures::wire::Wire;
use super::piped_keys;
use super::screens::Screens;
use super::settings::Settings;
use super::stdout::{Stdout, stdin_for_keys};
use super::workers::Workers;
use crate::cancel::Cancel;
use crate::defects;
use crate::duplicates::VerdictsFile;
use crate::error::Error;
use crate::index::quick::QuickLooks;
use crate::limits;
use crate::map::KeptMaps;
use crate::marks::LastCheck;
use crate::signals;
use crate::terminal::answers::Answers;
use crate::terminal::{Graphics, check_usable, decide, probe, questions, size, tmux};
use crate::vgg16::Network;

/// The most messages in the queue; senders wait beyond that.
const CHANNEL: usize = 1024;
/// How long a resize must rest before pictures are encoded for the new size.
const SETTLE: Duration = Duration::from_millis(150);
/// How often to check which terminals are attached to tmux: for input that comes in bulk, and for keys.
const AT_ONCE: Duration = Duration::from_millis(300);
const NOW_AND_THEN: Duration = Duration::from_secs(2);

/// Runs the screens until the user quits. What was indexed is saved. Marked paths are left to print, unless the screens
/// were stopped by Ctrl-C, a signal, or the loss of the terminal.
pub fn run(screens: Screens) -> anyhow::Result<LeftMarks> {
    check_usable()?;
    let keys = stdin_for_keys()?;
    // If stdout is a pipe or a file, it gets the marked paths; the screens use the terminal itself.
    let (out, separator, folder) = (Stdout::for_marks()?, screens.separator, screens.state().map(Path::to_owned));
    defects::end_after_panics(display::give_back);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let cancel = Cancel::default();
    let marks = runtime.block_on(Loop::run(screens, keys, cancel.clone()))?;
    Ok(LeftMarks { cancel, marks, out, separator, folder, _runtime: runtime })
}

struct Loop {
    display: Display,
    app: App,
    workers: Workers,
    wire: Wire,
    /// The terminal has answered, or has timed out: only then is it known how to show pictures.
    is_probed: bool,
    orders: Orders,
    /// When the terminals attached to tmux were last checked.
    looked: Instant,
    /// When to check for pictures to send.
    pictures_due: Option<Instant>,
    sender: Sender<Msg>,
    /// The slots last requested from the picture workers.
    wanted: Vec<Slot>,
    resized: Option<Instant>,
    /// How the loop ends, once it does.
    end: Option<End>,
    /// The settings at the start, and the file they are saved in.
    begin: Settings,
    last_settings: Option<PathBuf>,
    /// Cancelled by a signal.
    cancel: Cancel,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The user quit and wants the marked paths printed.
    Quit,
    /// The user dropped the marks, if there were any.
    Stopped,
    /// A signal came, or the terminal is gone.
    CutOff,
}

impl Loop {
    /// `keys`: a pipe or a file that also supplies keys.
    /// A signal also cancels `cancel`.
    async fn run(screens: Screens, keys: Option<File>, cancel: Cancel) -> anyhow::Result<Marks> {
        let network = Arc::new(Network::new(screens.network.clone()));
        // Report wrong weights before taking over the screen.
        network.weights()?;
        let (sender, receiver) = channel(CHANNEL);
        let size = size();
        tracing::info!(?size, datasets = ?screens.datasets, "the screens begin");
        let mut app = App::new(screens.datasets.clone(), Size::new(size.width, size.height));
        let in_tmux = tmux::inside();
        app.world.terminal = decide(screens.terminal, &Answers::default(), in_tmux);
        app.world.verdicts = Some(VerdictsFile::new(&screens.data));
        app.world.looks = Some(QuickLooks { cache: screens.cache.clone(), options: screens.network.clone() });
        app.world.maps = Some(KeptMaps::new(&screens.cache));
        let begin = screens.begin();
        app.trail.key_select.settings = begin.clone();
        app.world.is_first_start = screens.last_settings.as_ref().is_some_and(|path| !path.exists());
        app.world.take_state(screens.state());
        let (last_settings, opened) = (screens.last_settings.clone(), screens.opened.clone());
        let mut display = Display::take()?;
        display.draw(&app)?;

        if in_tmux {
            tmux::allow_passthrough();
        }
        let proof = probe::proof();
        questions::asked();
        display.send(&probe::question(in_tmux, proof.as_deref()))?;
        let (reader, orders) = TerminalReader::new(screens.terminal, in_tmux, proof, sender.clone());
        limits::spawn("input", move || reader.read());
        if let Some(keys) = keys {
            let to = sender.clone();
            let read = move || piped_keys::read(keys, |key| to.blocking_send(Msg::Key(key)).is_ok());
            limits::spawn("piped keys", read);
        }

        let mut workers = Workers::start(screens, network, &sender);
        if let Some(opened) = opened {
            workers.begin(Task::Open(opened));
        }
        #[cfg(debug_assertions)]
        defects::panic_if_asked();
        let wire = Wire::new(&app.world.terminal);
        let this = Loop {
            display,
            app,
            workers,
            wire,
            is_probed: false,
            orders,
            looked: Instant::now(),
            pictures_due: None,
            sender,
            wanted: Vec::new(),
            resized: None,
            end: None,
            begin,
            last_settings,
            cancel,
        };
        this.go(receiver).await
    }

    /// Runs until the end. However that comes, what was indexed is saved.
    async fn go(mut self, mut receiver: Receiver<Msg>) -> anyhow::Result<Marks> {
        let outcome = self.listen(&mut receiver).await;
        tracing::info!(?outcome, "the screens end");
        let settings = self.app.trail.shown().settings().choices();
        if let Some(file) = self.last_settings.as_ref().filter(|_| settings != self.begin.choices())
            && let Err(error) = settings.remember(file)
        {
            tracing::warn!(%error, "settings are not kept");
        }
        // Nobody listens any more: workers that report will stop at once.
        drop(receiver);
        drop(self.display);
        let (world, is_cut_off) = (&self.app.world, !matches!(outcome, Ok(End::Quit | End::Stopped)));
        if is_cut_off && world.marks.changes() != world.marks_taken {
            let folder = self.last_settings.as_deref().and_then(Path::parent);
            // At once: there may be little time.
            self.cancel.cancel();
            rescued::rescue(&checked(&world.marks, LastCheck::silent(&self.cancel)), folder);
        }
        self.workers.finish();
        match outcome? {
            End::Quit => Ok(self.app.world.marks),
            End::Stopped | End::CutOff => Err(Error::Cancelled.into()),
        }
    }

    async fn listen(&mut self, receiver: &mut Receiver<Msg>) -> anyhow::Result<End> {
        let mut frames = Frames::new();
        let ([to_end, to_stop, to_go_on], cancel) = ([(); 3].map(|()| self.sender.clone()), self.cancel.clone());
        signals::for_screens(
            move || {
                cancel.cancel();
                drop(to_end.blocking_send(Msg::Terminate));
            },
            move || {
                // Once the screens have ended: as in any program.
                if let Err(TrySendError::Closed(_)) = to_stop.try_send(Msg::Stop) {
                    signals::stop();
                }
            },
            move || drop(to_go_on.try_send(Msg::Resumed)),
            display::abandon,
        );
        loop {
            let settled = self.resized.map(|at| at + SETTLE);
            tokio::select! {
                msg = receiver.recv() => {
                    let Some(msg) = msg else { return Ok(End::Stopped) };
                    // A limited number: a flood of messages must not hold up the screen.
                    let more = std::iter::from_fn(|| receiver.try_recv().ok()).take(CHANNEL);
                    for msg in std::iter::once(msg).chain(more) {
                        if matches!(msg, Msg::Answered) {
                            self.wire.answered();
                            self.pictures_due = Some(Instant::now());
                            continue;
                        }
                        if matches!(msg, Msg::AskAgain) {
                            self.ask_again()?;
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
            if let Some(end) = self.end {
                return Ok(end);
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
            if self.resized.is_none() && self.is_probed {
                self.want();
            }
        }
    }

    fn take(&mut self, msg: Msg) -> anyhow::Result<()> {
        if matches!(msg, Msg::Resize(..)) {
            self.resized = Some(Instant::now());
        }
        if let Msg::Picture(_, Ok(picture)) = &msg {
            picture.strips.iter().filter_map(|strip| strip.kept.as_ref()).for_each(|kept| display::remember(kept.id));
        }
        if let Msg::Probed(terminal) = &msg {
            tracing::info!(?terminal, "probed");
            self.is_probed = true;
            self.wire = Wire::new(terminal);
            // Measure the line before sending the first picture.
            self.ask(0, Duration::ZERO)?;
        }
        let (is_by_user, may_be_new) = (msg.is_by_user(), matches!(msg, Msg::Focus | Msg::Resize(..)));
        let tasks = self.app.update(msg);
        let is_redrawn = is_by_user && tasks.iter().any(|task| matches!(task, Task::Clear));
        self.look(may_be_new || is_redrawn, is_by_user);
        for task in tasks {
            self.start(task)?;
        }
        Ok(())
    }

    /// A tmux session can be attached from another terminal at any time, without notice. Checks when that is likely,
    /// and now and then at a key.
    fn look(&mut self, is_likely: bool, is_by_user: bool) {
        let since = self.looked.elapsed();
        if self.app.world.terminal.tmux && (is_likely && since > AT_ONCE || is_by_user && since > NOW_AND_THEN) {
            self.looked = Instant::now();
            self.orders.send(Order::Look { asks: is_likely });
        }
    }

    /// Asks the terminal what it can show.
    fn ask_again(&mut self) -> anyhow::Result<()> {
        let proof = probe::proof();
        let question = probe::question(self.app.world.terminal.tmux, proof.as_deref());
        questions::asked();
        // Before the first answer can arrive.
        self.orders.send(Order::Asked(proof));
        Ok(self.display.send(&question)?)
    }

    /// Catches a resize from before we listened for them (foot resizes at once).
    fn notice_size(&mut self) -> anyhow::Result<()> {
        let size = size();
        if (size.width, size.height) != (self.app.world.size.width, self.app.world.size.height) {
            self.take(Msg::Resize(size.width, size.height))?;
        }
        Ok(())
    }

    /// Requests the pictures wanted now, if they have changed.
    fn want(&mut self) {
        let wanted = self.app.wanted();
        if wanted != self.wanted {
            self.workers.encode(&wanted, &self.app.world.terminal);
            self.wanted = wanted;
        }
    }

    /// Allows the next pictures to be drawn, if it is time.
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
            let admitted = self.app.world.shelf.admit(&visible, quality, self.wire.burst());
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
        self.display.send(&admitted.transmissions)?;
        self.display.draw(&self.app)?;
        self.ask(admitted.bytes, begun.elapsed())?;
        self.forget_dropped()
    }

    /// `bytes` of pictures were written in this time; asks the terminal, whose answer shows when they have arrived.
    fn ask(&mut self, bytes: usize, took: Duration) -> anyhow::Result<()> {
        let asks = self.wire.asks(bytes);
        if asks {
            let name = tmux::passed_through(probe::NAME.into(), self.app.world.terminal.tmux);
            self.display.send(&name)?;
        }
        self.wire.sent(bytes, took, asks);
        Ok(())
    }

    /// Deletes pictures that kitty stores and we have dropped.
    fn forget_dropped(&mut self) -> anyhow::Result<()> {
        for id in self.app.world.shelf.take_dropped() {
            if self.app.world.terminal.graphics == Graphics::Kitty {
                let delete = display::forget(id);
                self.display.send(&delete)?;
            }
        }
        Ok(())
    }

    fn start(&mut self, task: Task) -> anyhow::Result<()> {
        match task {
            Task::Copy(text) => {
                let encoded = base64::engine::general_purpose::STANDARD.encode(text);
                self.display.send(&format!("\x1b]52;c;{encoded}\x07"))?;
            }
            Task::Clear => self.display.clear(),
            Task::Repaint => self.display.repaint(),
            Task::Suspend => {
                self.display.suspend()?;
                self.take(Msg::Redraw)?;
            }
            Task::Resume if self.display.resume()? => self.take(Msg::Redraw)?,
            Task::Resume => {}
            Task::Quit => self.end = self.end.or(Some(End::Quit)),
            Task::Stop => self.end = self.end.or(Some(End::Stopped)),
            Task::Terminate => self.end = self.end.or(Some(End::CutOff)),
            work => self.workers.begin(work),
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
