//! The terminal's screen, taken over and given back: on a normal end, an error, a panic in any thread, a signal.

use std::collections::BTreeSet;
use std::io::{self, BufWriter, Stdout, Write, stdout};
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicBool, Ordering};

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

use super::app::App;
use super::backend::CellWriter;
use super::draw;
use crate::signals;
use crate::terminal::{gnu_screen, graphics, questions};

/// Bytes written at once, at most: a frame goes out in one piece.
const BUFFER: usize = 1 << 20;

/// Whether the terminal is ours at the moment.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// Numbers of the pictures that kitty keeps for us.
static PICTURES: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

/// What is drawn on; the terminal is as it was when this is dropped.
pub struct Display {
    /// Not dropped: its own drop writes to the terminal, which may be gone, and panics then.
    terminal: ManuallyDrop<ratatui::Terminal<CellWriter<BufWriter<Stdout>>>>,
    /// What is on the screen may be gone.
    stale: bool,
    /// Pictures are on the screen that text has to be written over.
    painted: bool,
}

impl Display {
    pub fn take() -> io::Result<Display> {
        // Pictures carry their numbers in colours; NO_COLOR is honoured by our own styles.
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

    /// Draws the state, as one synchronized update.
    pub fn draw(&mut self, app: &App) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        let drawn = self.draw_inside(app);
        // Also after an error: a terminal left inside an update shows nothing more.
        execute!(self.terminal.backend_mut(), EndSynchronizedUpdate)?;
        drawn
    }

    fn draw_inside(&mut self, app: &App) -> io::Result<()> {
        self.terminal.backend_mut().colours = app.world.terminal.colours;
        self.terminal.backend_mut().has_join_sign = app.world.terminal.has_join_sign;
        let painted = std::mem::take(&mut self.painted);
        if std::mem::take(&mut self.stale) {
            // Not `clear`: that asks for the cursor's position, and the answer would go to the input thread.
            let area = Rect::from((Position::ORIGIN, self.terminal.size()?));
            self.terminal.resize(area)?;
        } else if painted {
            // No cell of ours is like this one, so all are written.
            self.terminal.current_buffer_mut().content.fill(Cell::new("\u{e000}"));
            self.terminal.swap_buffers();
        }
        self.terminal.draw(|frame| draw::draw(frame, app)).map(|_| ())
    }

    /// Sends bytes that aren't part of the picture on the screen.
    pub fn send(&mut self, bytes: &str) -> io::Result<()> {
        self.terminal.backend_mut().write_all(bytes.as_bytes())?;
        Write::flush(self.terminal.backend_mut())
    }

    /// Everything is drawn anew the next time.
    pub fn clear(&mut self) {
        self.stale = true;
    }

    /// Every cell is written the next time, over what was painted there, without the blank screen that clearing shows.
    pub fn repaint(&mut self) {
        self.painted = true;
    }

    /// Stops the process as ctrl-z does elsewhere; returns when it goes on.
    pub fn suspend(&mut self) -> io::Result<()> {
        give_back();
        signals::stop();
        self.clear();
        take()
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

/// Kitty is about to be sent the picture `id`.
pub fn remember(id: u32) {
    PICTURES.lock().insert(id);
}

/// What makes kitty delete the picture `id`.
pub fn forget(id: u32) -> String {
    PICTURES.lock().remove(&id);
    graphics::forgotten(id)
}

/// Gives the terminal back, once, whoever calls first. Kitty's pictures are deleted: nobody else would.
pub fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = stdout();
    // Not waited for: whoever panics may hold it.
    if let Some(mut pictures) = PICTURES.try_lock() {
        let all: String = std::mem::take(&mut *pictures).into_iter().map(graphics::forgotten).collect();
        let _ = out.write_all(all.as_bytes());
    }
    let _ = execute!(out, EndSynchronizedUpdate, DisableBracketedPaste, DisableFocusChange, DisableMouseCapture);
    // In raw mode still: what is on its way here is for us, not for the shell.
    questions::end(|question| {
        let _ = out.write_all(question.as_bytes()).and_then(|()| out.flush());
    });
    if gnu_screen::inside() {
        // It has no other screen to go back to, unless it is told to (altscreen on).
        let _ = execute!(out, Clear(ClearType::All), cursor::MoveTo(0, 0));
    }
    let _ = execute!(out, LeaveAlternateScreen, cursor::Show);
    let _ = disable_raw_mode();
}
