//! What happens ([`Msg`]) and what is to be done ([`Task`]): the two sides of `App::update`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossterm::event::{KeyEvent, MouseEvent};

use super::joining::{Outcome, Step, Work};
use super::pictures::{Picture, Slot};
use super::probe::Terminal;
use super::search::SearchJob;
use crate::descriptor::Descriptor;
use crate::index::indexer::{Event, Summary};
use crate::join::{Neighbour, Ranking};

#[derive(Debug)]
pub enum Msg {
    Key(KeyEvent),
    /// With its time, to tell a double click.
    Mouse(MouseEvent, Instant),
    Paste(String),
    Resize(u16, u16),
    /// The terminal has the focus again: pictures painted on it may be gone (tmux drops them between windows).
    Focus,
    /// The process goes on after a stop: what was drawn and sent may be gone.
    Redraw,
    /// What the terminal can show.
    Probed(Terminal),
    /// The terminal told its name: what was sent before the question has arrived.
    Answered,
    /// The turn of this dataset has come to be indexed.
    Begun(usize, Instant),
    /// Dataset (by number) being surveyed or indexed.
    Indexing(usize, Event, Instant),
    Indexed(usize, Result<Summary, String>),
    Found(Found),
    Picture(Slot, Result<Picture, String>),
    /// The file asked for as key: its path, links resolved.
    Opened(Result<PathBuf, String>),
    Written(Result<String, String>),
    /// How far a join is, or writing one.
    Working(Step),
    /// What came of the work of this generation.
    Worked(u64, Result<Outcome, String>),
    /// The process is asked to end.
    Terminate,
}

impl Msg {
    /// Whether the user waits for what comes of it.
    pub fn is_by_user(&self) -> bool {
        matches!(self, Msg::Key(_) | Msg::Mouse(..) | Msg::Paste(_))
    }
}

/// The answer to a [`SearchJob`].
#[derive(Debug)]
pub struct Found {
    pub generation: u64,
    /// The key's descriptor and all its neighbours.
    pub outcome: Result<(Arc<Descriptor>, Arc<Ranking>), String>,
    pub took: Duration,
}

#[derive(Debug)]
pub enum Task {
    /// Index this dataset before the others.
    Prefer(usize),
    /// See whether there is a file to take as key.
    Open(PathBuf),
    Search(SearchJob),
    /// For the live count: neither waits for the other, nor takes its place.
    Count(SearchJob),
    /// Write results (with their ranks) to a file that doesn't exist yet.
    Write {
        path: PathBuf,
        results: Vec<(usize, Neighbour)>,
        metric: crate::join::Metric,
    },
    /// Join whole sets for the screen, in place of the join before.
    Join(Work),
    /// The join is no longer wanted.
    StopJoin,
    /// Write a join to a file that doesn't exist yet.
    WriteJoin(Work),
    /// Write paths, one a line, to a file that doesn't exist yet.
    WritePaths {
        path: PathBuf,
        paths: Vec<PathBuf>,
    },
    /// Copy to the clipboard.
    Copy(String),
    /// Clear the terminal, so that everything is drawn anew.
    Clear,
    /// Write every cell anew: text drives away what was painted.
    Repaint,
    Suspend,
    Quit,
}
