//! What happens ([`Msg`]) and what is to be done ([`Task`]): the two sides of `App::update`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use crossterm::event::{KeyEvent, MouseEvent};

use super::jobs::{
    CompareJob, Compared, DuplicatesAnswer, IndexNews, JoinJob, JoinNews, OpenedPicture, SearchJob, Searched,
};
use super::marks::Mark;
use super::pictures::{Picture, Slot};
use crate::duplicates::{JudgedPair, Verdicts, VerdictsFile};
use crate::error::Result;
use crate::join::export::ShownResults;
use crate::terminal::Terminal;

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
    /// Another terminal may show us by now: it is to be asked what it can show.
    AskAgain,
    Indexing(IndexNews),
    Searched(Searched),
    Picture(Slot, Result<Picture>),
    Compared(CompareJob, Result<Compared>),
    /// The picture asked for as key.
    Opened(Result<OpenedPicture>),
    Written(Result<String>),
    /// The paths of marked pictures were written, but for these, each with the reason.
    WrittenMarks(Result<String>, Vec<(PathBuf, String)>),
    /// A path that is being typed, completed.
    Completed(String),
    Joining(JoinNews),
    /// The pairs of pictures were looked at that this was asked for.
    LookedAt,
    /// What are no duplicates, by now.
    Judged(Result<Verdicts>),
    /// The process is asked to stop, and may be asked to go on.
    Stop,
    /// The process is asked to end.
    Terminate,
}

impl Msg {
    /// Whether the user waits for what comes of it.
    pub fn is_by_user(&self) -> bool {
        matches!(self, Msg::Key(_) | Msg::Mouse(..) | Msg::Paste(_))
    }
}

#[derive(Debug)]
pub enum Task {
    /// Index this dataset before the others.
    Prefer(usize),
    /// See whether there is a file to take as key.
    Open(PathBuf),
    /// Complete the path that is being typed.
    Complete(String),
    Search(SearchJob),
    /// For the live count: neither waits for the other, nor takes its place.
    Count(SearchJob),
    /// Find out which of two pictures is the better one, in place of those asked for before.
    Compare(CompareJob),
    /// Write results (with their ranks) to a file that doesn't exist yet.
    Write {
        path: PathBuf,
        results: Box<ShownResults>,
    },
    /// Join whole sets for the screen, in place of the join before.
    Join(JoinJob),
    /// Order pictures, in place of the order before; joins go on meanwhile.
    Order(JoinJob),
    /// The join is no longer wanted.
    StopJoin,
    /// Write a join to a file that doesn't exist yet.
    WriteJoin(JoinJob),
    /// Write the paths of marked pictures, one a line, to a file that doesn't exist yet.
    WriteMarks {
        path: PathBuf,
        marks: Vec<Mark>,
    },
    /// Read the folders anew: all, or where nobody tells of changes.
    LookAgain {
        at_all: bool,
    },
    /// See whether pictures are cut from each other.
    LookAt {
        answer: Arc<DuplicatesAnswer>,
        pairs: Vec<(u32, u32)>,
    },
    /// Remember that these pairs are no duplicates; or forget it.
    Judge {
        file: VerdictsFile,
        pairs: Vec<JudgedPair>,
        undone: bool,
    },
    /// Copy to the clipboard.
    Copy(Vec<u8>),
    /// Clear the terminal, so that everything is drawn anew.
    Clear,
    /// Write every cell anew: text drives away what was painted.
    Repaint,
    Suspend,
    /// End, and tell the paths of marked pictures.
    Quit,
    /// End, and tell nothing.
    Stop,
}
