//! Takes over the terminal's screen and restores it: on exit, an error, a panic in any thread, a signal.

use std::collections::BTreeSet;
use std::io::{self, BufWriter, Stdout, Write, stdout};
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste, EnableFocusChange,
    EnableMouseCapture,
};
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute, queue};
use parking_lot::Mutex;
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Rect};
use rustix::termios::{LocalModes, tcgetattr};

use super::app::App;
use super::backend::CellWriter;
use super::draw;
use crate::terminal::{gnu_screen, graphics, is_in_foreground, questions};
use crate::{limits, signals};

/// The write buffer's size: a frame is sent in one piece.
const BUFFER: usize = 1 << 20;

/// What [`give_back`] sends: the end of a frame, of pastes, focus and mouse, the usual screen, the cursor.
const LEAVE: &[u8] =
    b"\x1b[?2026l\x1b[?2004l\x1b[?1004l\x1b[?1006l\x1b[?1015l\x1b[?1003l\x1b[?1002l\x1b[?1000l\x1b[?1049l\x1b[?25h";

/// Whether we have taken over the terminal.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// Ids of the pictures that kitty stores for us.
static PICTURES: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

/// The terminal to draw on. Dropping it restores the terminal.
pub struct Display {
    /// Never dropped: its own drop writes to the terminal and panics if that is gone.
    terminal: ManuallyDrop<ratatui::Terminal<CellWriter<BufWriter<Stdout>>>>,
    /// The contents of the screen may be lost.
    stale: bool,
    /// The screen shows painted pictures, which text must overwrite.
    painted: bool,
}

impl Display {
    pub fn take() -> io::Result<Display> {
        // Pictures carry their ids in colours; our own styles honour NO_COLOR.
        crossterm::style::force_color_output(true);
        take()?;
        let writer = BufWriter::with_capacity(BUFFER, stdout());
        match ratatui::Terminal::new(CellWriter::new(writer)) {
            Ok(terminal) => Ok(Display { terminal: ManuallyDrop::new(terminal), stale: false, painted: false }),
            Err(error) => {
                give_back();
                Err(error)
            }
        }
    }

    /// Draws the state in one synchronized update.
    pub fn draw(&mut self, app: &App) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        let drawn = self.draw_inside(app);
        // Even after an error: a terminal left inside an update shows nothing more.
        execute!(self.terminal.backend_mut(), EndSynchronizedUpdate)?;
        drawn
    }

    fn draw_inside(&mut self, app: &App) -> io::Result<()> {
        self.terminal.backend_mut().colours = app.world.terminal.colours;
        self.terminal.backend_mut().has_join_sign = app.world.terminal.has_join_sign;
        let painted = std::mem::take(&mut self.painted);
        if std::mem::take(&mut self.stale) {
            // Not `clear`: that queries the cursor's position, and the answer would go to the input thread.
            let area = Rect::from((Position::ORIGIN, self.terminal.size()?));
            self.terminal.resize(area)?;
        } else if painted {
            // No cell of ours equals this one, so every cell is written.
            self.terminal.current_buffer_mut().content.fill(Cell::new("\u{e000}"));
            self.terminal.swap_buffers();
        }
        self.terminal.draw(|frame| draw::draw(frame, app)).map(|_| ())
    }

    /// Sends bytes that aren't part of a frame.
    pub fn send(&mut self, bytes: &str) -> io::Result<()> {
        self.terminal.backend_mut().write_all(bytes.as_bytes())?;
        Write::flush(self.terminal.backend_mut())
    }

    /// Redraws everything with the next frame.
    pub fn clear(&mut self) {
        self.stale = true;
    }

    /// Writes every cell with the next frame, over painted pictures, without the flash that clearing causes.
    pub fn repaint(&mut self) {
        self.painted = true;
    }

    /// Suspends the process, as ctrl-z does elsewhere; returns when it resumes.
    pub fn suspend(&mut self) -> io::Result<()> {
        give_back();
        signals::stop();
        self.clear();
        take()
    }

    /// Takes the terminal again if it was given to a shell without our doing, as SIGSTOP does. Whether that was so.
    pub fn resume(&mut self) -> io::Result<bool> {
        let tty = rustix::stdio::stdin();
        let is_taken = tcgetattr(tty)?.local_modes.contains(LocalModes::ICANON) && is_in_foreground(tty);
        if is_taken {
            // Only so that it is set again.
            disable_raw_mode()?;
            self.clear();
            take()?;
        }
        Ok(is_taken)
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        give_back();
    }
}

fn take() -> io::Result<()> {
    enable_raw_mode()?;
    questions::begin();
    TAKEN.store(true, Ordering::SeqCst);
    let modes = (EnterAlternateScreen, EnableMouseCapture, EnableFocusChange, EnableBracketedPaste, cursor::Hide);
    execute!(stdout(), modes.0, modes.1, modes.2, modes.3, modes.4)
}

/// Records that kitty is about to receive the picture `id`.
pub fn remember(id: u32) {
    PICTURES.lock().insert(id);
}

/// The sequence that makes kitty delete the picture `id`.
pub fn forget(id: u32) -> String {
    PICTURES.lock().remove(&id);
    graphics::forgotten(id)
}

/// Ends a program that hangs; restores the terminal as far as that goes.
pub fn abandon() {
    let within = |work: fn(), time: Duration| {
        let (done, wait) = mpsc::channel();
        let work = move || {
            work();
            let _ = done.send(());
        };
        if limits::start("abandon", work).is_ok() {
            let _ = wait.recv_timeout(time);
        }
    };
    within(give_back, Duration::from_secs(1));
    // Without locks: what hangs may hold them.
    let leave = || {
        let _ = rustix::io::write(rustix::stdio::stdout(), LEAVE);
    };
    within(leave, Duration::from_millis(200));
    let _ = disable_raw_mode();
    std::process::exit(signals::CANCELLED.into())
}

/// Restores the terminal; only the first call does anything. Deletes kitty's pictures, which nobody else would.
pub fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = stdout();
    // Don't wait: a thread that panics may hold the lock.
    if let Some(mut pictures) = PICTURES.try_lock() {
        let all: String = std::mem::take(&mut *pictures).into_iter().map(graphics::forgotten).collect();
        let _ = out.write_all(all.as_bytes());
    }
    let _ = execute!(out, EndSynchronizedUpdate, DisableBracketedPaste, DisableFocusChange, DisableMouseCapture);
    // Still in raw mode: answers on their way are for us, not for the shell.
    questions::end(|question| {
        let _ = out.write_all(question.as_bytes()).and_then(|()| out.flush());
    });
    if gnu_screen::inside() {
        // Without altscreen there is no other screen to return to.
        let _ = execute!(out, Clear(ClearType::All), cursor::MoveTo(0, 0));
    }
    let _ = execute!(out, LeaveAlternateScreen, cursor::Show);
    let _ = disable_raw_mode();
}
