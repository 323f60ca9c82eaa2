//! Events ([`Msg`]) and the work that follows ([`Task`]): the two sides of `App::update`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use crossterm::event::{KeyEvent, MouseEvent};

use super::jobs::{
    CompareJob, Compared, DuplicatesAnswer, IndexNews, JoinJob, JoinNews, OpenedFile, SearchJob, Searched,
};
use super::pictures::{Picture, PictureFile, Slot};
use crate::dataset::{Exif, Facts};
use crate::duplicates::{JudgedPair, Verdicts, VerdictsFile};
use crate::error::Result;
use crate::join::export::ShownResults;
use crate::terminal::Terminal;

#[derive(Debug)]
pub enum Msg {
    Key(KeyEvent),
    /// With its time, to detect a double click.
    Mouse(MouseEvent, Instant),
    Paste(String),
    Resize(u16, u16),
    /// The terminal has the focus again: painted pictures may be gone (tmux drops them between windows).
    Focus,
    /// The process resumes after a stop: everything drawn or sent may be lost.
    Redraw,
    /// What the terminal can show.
    Probed(Terminal),
    /// The terminal reported its name: everything sent before the question has arrived.
    Answered,
    /// Another terminal may be attached by now: ask it what it can show.
    AskAgain,
    Indexing(IndexNews),
    Searched(Searched),
    Picture(Slot, Result<Picture>),
    Compared(CompareJob, Result<Compared>),
    /// What the header of a picture's file says.
    Header(PictureFile, Result<(Facts, Exif)>),
    /// The file named by the user.
    Opened(Result<OpenedFile>),
    Written(Result<String>),
    /// A typed path, completed.
    Completed(String),
    Joining(JoinNews),
    /// The requested pairs of pictures were looked at.
    LookedAt,
    /// The current verdicts: pairs declared not duplicates.
    Judged(Result<Verdicts>),
    /// The process is asked to stop, and may be resumed.
    Stop,
    /// The process goes on after a stop.
    Resumed,
    /// The process is asked to end.
    Terminate,
}

impl Msg {
    /// Whether the user waits for the result.
    pub fn is_by_user(&self) -> bool {
        matches!(self, Msg::Key(_) | Msg::Mouse(..) | Msg::Paste(_))
    }
}

#[derive(Debug)]
pub enum Task {
    /// Index this dataset before the others.
    Prefer(usize),
    /// Check whether a named file can be opened.
    Open(PathBuf),
    /// Complete the path being typed.
    Complete(String),
    Search(SearchJob),
    /// Search for the live count, which runs beside ordinary searches.
    Count(SearchJob),
    /// Compare two pictures, in place of an earlier request.
    Compare(CompareJob),
    ReadHeader(PictureFile),
    /// Write results (with their ranks) to a new file.
    Write {
        path: PathBuf,
        results: Box<ShownResults>,
    },
    /// Join whole datasets for the screen, in place of an earlier join.
    Join(JoinJob),
    /// Order pictures, in place of an earlier order; joins continue.
    Order(JoinJob),
    /// The join is no longer wanted.
    StopJoin,
    /// Write a join to a new file.
    WriteJoin(JoinJob),
    /// Read the folders again: all of them, or those whose changes aren't reported.
    LookAgain {
        at_all: bool,
    },
    /// Check whether pictures are crops of each other.
    LookAt {
        answer: Arc<DuplicatesAnswer>,
        pairs: Vec<(u32, u32)>,
    },
    /// Remember that these pairs are not duplicates; or forget it.
    Judge {
        file: VerdictsFile,
        pairs: Vec<JudgedPair>,
        undone: bool,
    },
    /// Copy to the clipboard.
    Copy(Vec<u8>),
    /// Clear the terminal and redraw everything.
    Clear,
    /// Write every cell, to overwrite painted pictures with text.
    Repaint,
    Suspend,
    /// Take the terminal again, if it isn't ours any more.
    Resume,
    /// End, and print the marked paths.
    Quit,
    /// End, and print nothing.
    Stop,
    /// End at once, and keep the marks in a file.
    Terminate,
}
