//! A prompt in the last lines of the scene below.

use std::convert::Infallible;
use std::path::PathBuf;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Frame;
use ratatui::layout::Position;

use crate::dataset::formats;
use crate::home::{expanded_path, told_path};
use crate::text::{bytes, count, thousands};
use crate::tui::jobs::{CopyJob, JoinGoal};
use crate::tui::keys::{KeyTable, Keys};
use crate::tui::msg::Task;
use crate::tui::purpose::Purpose;
use crate::tui::scene::{Go, Layer, Screen};
use crate::tui::widgets::prompt::Prompt;
use crate::tui::world::{Entered, Notice, World};

/// Letters are typed, not used as keys.
static KEYS: Keys<Infallible> = Keys { title: "Prompt", bindings: &[] };

pub struct Typing {
    purpose: Purpose,
    prompt: Prompt,
    /// Pictures to copy, if it asks for a folder.
    files: Vec<PathBuf>,
    /// The text that was refused before; entered again, it creates its folder.
    tried: Option<String>,
    /// How often the marks had changed when it said how many there are.
    marks: u64,
    /// Keys pressed while the text is being completed.
    waiting: Option<Vec<KeyEvent>>,
}

impl Typing {
    pub fn new(purpose: Purpose, text: impl Into<String>) -> Typing {
        let label = match purpose {
            Purpose::Filter => "show names containing",
            Purpose::OpenFile => "picture as key, file of pairs, or list of marks",
            Purpose::Write => "write results to",
            Purpose::WriteJoin => "write all to",
            Purpose::CopyInto => "copy into the folder",
            Purpose::WriteMarks | Purpose::WriteTab => "write their paths to",
        };
        let completes = purpose != Purpose::Filter;
        let prompt = Prompt { label, above: None, refused: None, text: text.into(), is_proposed: false, completes };
        Typing { purpose, prompt, files: Vec::new(), tried: None, marks: 0, waiting: None }
    }

    /// With the name of a file that is proposed.
    pub fn proposing(purpose: Purpose, name: impl Into<String>) -> Typing {
        let mut typing = Typing::new(purpose, name);
        typing.prompt.is_proposed = true;
        typing
    }

    /// These pictures.
    pub fn copying(self, files: Vec<PathBuf>) -> Typing {
        Typing { files, ..self }
    }

    /// Again, and why the text was refused.
    pub fn refused(mut self, why: Option<String>) -> Typing {
        self.tried = Some(self.prompt.text.clone());
        self.prompt.refused = why;
        self
    }

    /// With an announcement above the prompt.
    pub fn above(mut self, text: impl Into<String>) -> Typing {
        self.prompt.above = Some(text.into());
        self
    }
}

/// Asks where to write the paths of the marked pictures.
pub fn write_marks(world: &mut World) -> Go {
    if !world.may_write() {
        return Go::Stay;
    }
    if world.marks.is_empty() {
        world.error("no picture is marked; space marks one");
        return Go::Stay;
    }
    if world.marks.is_unsettled() {
        world.error("the join is not done yet: groups and their marks may change");
        return Go::Stay;
    }
    let (marks, size) = (count(world.marks.len(), "marked picture"), bytes(world.marks.bytes()));
    let groups = match world.marks.kept_count() {
        0 => "picked by hand".into(),
        kept => format!("{} kept instead", thousands(kept)),
    };
    let name = world.list_name.clone().unwrap_or_else(|| "simages-marked.txt".into());
    let typing = Typing::proposing(Purpose::WriteMarks, name).above(format!("{marks}, {size}, {groups}"));
    Go::over(Typing { marks: world.marks.changes(), ..typing })
}

/// Asks for a list of marks to open: proposes the one written last, else one that couldn't be printed.
pub fn open_list(world: &World) -> Typing {
    let rescued = world.rescued.as_ref().map(|path| told_path(path));
    match world.list_name.clone().or(rescued) {
        Some(name) => Typing::proposing(Purpose::OpenFile, name),
        None => Typing::new(Purpose::OpenFile, ""),
    }
}

/// Whether the key leaves the prompt: esc, or ^C as in a shell.
fn leaves(key: KeyEvent) -> bool {
    let is_control_c = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
    key.code == KeyCode::Esc || is_control_c
}

impl Typing {
    fn type_key(&mut self, key: KeyEvent, below: &mut dyn Screen, world: &mut World) -> Go {
        let text = &self.prompt.text;
        match key.code {
            KeyCode::Tab if self.prompt.completes => {
                self.waiting = Some(Vec::new());
                return Go::start(Task::Complete(text.clone()));
            }
            _ if leaves(key) => {
                below.typing(self.purpose, "", world);
                return Go::back();
            }
            KeyCode::Enter => {
                let text = text.trim().to_owned();
                return self.agree(&text, below, world);
            }
            _ => self.prompt.type_key(key),
        }
        below.typing(self.purpose, &self.prompt.text, world);
        Go::Stay
    }
}

impl Typing {
    /// Does what it is for. If that is refused at once, the text stays.
    fn agree(&mut self, text: &str, below: &mut dyn Screen, world: &mut World) -> Go {
        if text.is_empty() {
            if self.purpose == Purpose::Filter {
                return Go::back();
            }
            world.error("nothing is typed; esc closes the prompt");
            return Go::Stay;
        }
        let tasks = match self.purpose {
            Purpose::WriteMarks => {
                let (marks, changes) = (below.marks_to_write(world), world.marks.changes());
                if self.marks != changes && self.tried.is_none() && !marks.is_empty() {
                    self.marks = changes;
                    self.prompt.above = Some(format!("the marks have changed: now {}", count(marks.len(), "picture")));
                    return Go::Stay;
                }
                if marks.is_empty() {
                    world.error("no picture is marked any more");
                    return Go::Stay;
                }
                vec![Task::WriteJoin(world.write_marks(expanded_path(text), marks))]
            }
            Purpose::OpenFile => vec![Task::Open(text.into())],
            Purpose::CopyInto => {
                let folder = expanded_path(text);
                if formats::is_picture(&folder) && !folder.is_dir() {
                    world.error(format!("{} has the name of a picture; give a folder", crate::shown::path(&folder)));
                    return Go::Stay;
                }
                let (creates, files) = (self.tried.as_deref() == Some(text), std::mem::take(&mut self.files));
                let job = CopyJob { folder: folder.clone(), creates, files };
                vec![Task::WriteJoin(world.write(folder, JoinGoal::Copy(job)))]
            }
            purpose => below.typed(purpose, text, world),
        };
        if tasks.is_empty() && matches!(world.notice, Some(Notice::Error(_))) {
            return Go::Stay;
        }
        if self.purpose != Purpose::Filter {
            let (purpose, changes) = (self.purpose, world.marks.changes());
            world.take_entered(&[purpose]);
            world.entered.push(Entered { purpose, text: text.to_owned(), changes });
        }
        Go::Back(tasks)
    }
}

impl Layer for Typing {
    fn keys(&self) -> &'static dyn KeyTable {
        &KEYS
    }

    fn press(&mut self, key: KeyEvent, below: &mut dyn Screen, world: &mut World) -> Go {
        match &mut self.waiting {
            Some(keys) if !leaves(key) => {
                keys.push(key);
                Go::Stay
            }
            _ => self.type_key(key, below, world),
        }
    }

    /// The prompt has the focus.
    fn click(&mut self, _: Position, _: bool, _: &mut dyn Screen, _: &mut World) -> Go {
        Go::Stay
    }

    fn wheel(&mut self, _: Position, _: bool, _: &mut dyn Screen, _: &mut World) -> Go {
        Go::Stay
    }

    fn back(&mut self, _: &mut dyn Screen, _: &mut World) -> Go {
        Go::Stay
    }

    fn paste(&mut self, text: &str, below: &mut dyn Screen, world: &mut World) {
        self.prompt.paste(text);
        below.typing(self.purpose, &self.prompt.text, world);
    }

    fn covers(&self) -> bool {
        false
    }

    fn stays(&self) -> bool {
        true
    }

    fn draw(&self, _: &mut Frame, _: &dyn Screen, _: &World) {}

    fn prompt(&self) -> Option<&Prompt> {
        Some(&self.prompt)
    }

    fn completed(&mut self, completed: String, below: &mut dyn Screen, world: &mut World) -> Go {
        let Some(keys) = self.waiting.take() else { return Go::Stay };
        self.prompt.text = completed;
        // Replay them as if pressed now. Any after the one that closes the prompt are dropped.
        let gone = keys.into_iter().map(|key| self.press(key, below, world));
        gone.into_iter().find(|go| !matches!(go, Go::Stay)).unwrap_or(Go::Stay)
    }
}
