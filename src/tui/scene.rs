//! A scene: something that takes keys and draws itself. A [`Screen`] is the base; [`Layer`]s lie over it and over each
//! other.

use std::any::Any;
use std::path::PathBuf;
use std::sync::Arc;

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Position;

use super::couples::Couples;
use super::jobs::{JoinNews, Searched};
use super::key_pictures::KeyPictures;
use super::keys::{KeyTable, Keys};
use super::marks::{Mark, Origin};
use super::msg::Task;
use super::pairs::Pairs;
use super::pictures::{PictureFile, Slot};
use super::purpose::Purpose;
use super::search::Search;
use super::set::KeyPicture;
use super::settings::{self, Field, Settings};
use super::widgets::panels;
use super::widgets::prompt::Prompt;
use super::world::World;
use crate::duplicates::Verdicts;
use crate::join::Ranking;

/// Where an action leads.
pub enum Go {
    /// Nowhere else.
    Stay,
    /// Nowhere else, with tasks for the loop.
    Start(Vec<Task>),
    /// Out of this scene, to the one below or before, perhaps with tasks for the loop.
    Back(Vec<Task>),
    /// Out of this layer; the scene below handles the key or click.
    Through,
    /// This many screens back.
    BackBy(usize),
    /// To a layer over this scene.
    Over(Box<dyn Layer>),
    /// To another screen, with its tasks.
    Onto(Box<dyn Screen>, Vec<Task>),
    /// To the pictures similar to these keys.
    Similar(Box<(KeyPictures, Settings)>),
    /// This scene doesn't use the key.
    Unbound,
}

impl Go {
    pub fn over(layer: impl Layer + 'static) -> Go {
        Go::Over(Box::new(layer))
    }

    pub fn similar(keys: impl Into<KeyPictures>, settings: &Settings) -> Go {
        Go::Similar(Box::new((keys.into(), settings.clone())))
    }

    pub fn start(task: Task) -> Go {
        Go::Start(vec![task])
    }

    pub fn back() -> Go {
        Go::Back(Vec::new())
    }
}

impl<A: Copy> Keys<A> {
    /// Does what `key` stands for.
    pub fn press(&self, key: KeyEvent, act: impl FnOnce(A) -> Go) -> Go {
        self.action(key).map_or(Go::Unbound, act)
    }
}

/// A screen of pictures, one of which is selected.
pub trait Screen: Any {
    fn keys(&self) -> &'static dyn KeyTable;

    fn press(&mut self, key: KeyEvent, world: &mut World) -> Go;

    /// A click on a picture, or outside all of them.
    fn click(&mut self, at: Position, double: bool, world: &mut World) -> Go;

    /// To the next page, or the previous one.
    fn page(&mut self, forward: bool, world: &mut World);

    /// The right mouse button.
    fn back(&mut self, world: &mut World) -> Go;

    /// The selected picture.
    fn stands_on(&self, world: &World) -> Option<KeyPicture>;

    /// The pictures to copy if none is marked, unless that is the selected one; and what to call them.
    fn all_to_copy(&self, _: &World) -> Option<(&'static str, Vec<PathBuf>)> {
        None
    }

    /// Why its pictures can't be copied or written as a whole yet.
    fn not_yet(&self, _: &World) -> Option<String> {
        None
    }

    /// Marks the pictures of a list written earlier. Returns why it refused some, one reason each.
    fn mark_again(&mut self, marks: Vec<Mark>, world: &mut World) -> Vec<String> {
        let mark = |mark: Mark| match mark.origin {
            Origin::ByHand => world.marks.mark(mark.file, mark.origin).err(),
            Origin::Group(_) => Some("press D, then o: marked in groups".into()),
        };
        marks.into_iter().filter_map(mark).collect()
    }

    /// The marks whose paths `W` writes.
    fn marks_to_write(&self, world: &World) -> Vec<Mark> {
        world.marks.iter().cloned().collect()
    }

    /// Slots now on the screen, the selected one first.
    fn visible(&self, world: &World) -> Vec<Slot>;

    /// Slots that may be on it next.
    fn next(&self, world: &World) -> Vec<Slot>;

    /// The layout, if pictures can move without changing: a picture may take another one's place at any time. All
    /// places have changed when this has.
    fn places(&self, _: &World) -> Option<[i64; 4]> {
        None
    }

    /// Draws all but the last two lines.
    fn draw(&self, frame: &mut Frame, world: &World);

    /// Shown in the status line while nothing else is.
    fn remark(&self, _: &World) -> Option<String> {
        None
    }

    /// The current settings.
    fn settings(&self) -> &Settings;

    /// The settings that can be changed.
    fn fields(&self) -> &'static [Field] {
        &settings::ALL
    }

    /// Whether the settings are always visible; else they are one line until opened.
    fn shows_settings(&self) -> bool {
        false
    }

    /// Applies a choice at once, where choices apply before they are confirmed.
    fn choose(&mut self, _: &Settings, _: &mut World) -> Vec<Task> {
        Vec::new()
    }

    /// A range to start from if the user has not set one, for joins of whole datasets. With a single key, the ranking
    /// suggests it.
    fn starting_range(&self, _: &Settings, _: &World) -> Option<f64> {
        None
    }

    /// Applies the settings to everything shown.
    fn apply(&mut self, settings: Settings, world: &mut World) -> Vec<Task>;

    /// The keys of the live count of a range; `choosing`: while the settings are open.
    fn live_keys(&self, choosing: bool, world: &World) -> Option<KeyPictures>;

    /// The ranking for the live count. Joins of whole datasets have none.
    fn ranking<'a>(&self, world: &'a World) -> Option<&'a Ranking> {
        world.live.ranking.as_deref()
    }

    /// Asks for the file to write results to.
    fn ask_where_to_write(&mut self, world: &mut World) -> Go {
        world.error("there are no results to write yet: ⏎ finds similar pictures");
        Go::Stay
    }

    /// Text typed into a prompt, once complete.
    fn typed(&mut self, _: Purpose, _text: &str, _: &mut World) -> Vec<Task> {
        Vec::new()
    }

    /// Text while it is being typed into a prompt.
    fn typing(&mut self, _: Purpose, _: &str, _: &mut World) {}

    /// Whether it waits for the answer to this request.
    fn awaits(&self, _generation: u64) -> bool {
        false
    }

    /// Takes the answer to its search.
    fn searched(&mut self, _: Searched) {}

    /// Takes news of its join.
    fn joining(&mut self, _: JoinNews, _: &mut World) {}

    /// The verdicts have changed.
    fn judged(&mut self, _: &Arc<Verdicts>, _: &mut World) {}

    /// After every screen's `judged`; returns tasks.
    fn judged_anew(&mut self, _: &mut World) -> Vec<Task> {
        Vec::new()
    }

    /// The next task for what it shows; asked after each message.
    fn further(&mut self, _: &mut World) -> Option<Task> {
        None
    }

    /// Pictures were looked at.
    fn looked_at(&mut self, _: &mut World) {}

    /// More of this dataset is indexed.
    fn grown(&mut self, _dataset: usize, _: &mut World) -> Vec<Task> {
        Vec::new()
    }

    /// It is shown again, after other screens.
    fn returned(&mut self, _: &mut World) -> Vec<Task> {
        Vec::new()
    }

    /// The number of pictures that can be viewed one by one.
    fn count(&self) -> usize;

    /// One of them, in the order shown.
    fn picture(&self, at: usize, world: &World) -> Option<KeyPicture>;

    /// Selects one of them.
    fn select(&mut self, at: usize);

    /// The keys walked along, its own last.
    fn walked(&self) -> Vec<KeyPictures> {
        Vec::new()
    }

    /// The search whose results it shows.
    fn search(&self) -> Option<&Search> {
        None
    }

    /// The join whose pairs it shows.
    fn pairs(&self) -> Option<&Pairs> {
        None
    }

    /// The couples that can be viewed side by side.
    fn couples(&self) -> Option<&dyn Couples> {
        None
    }

    fn couples_mut(&mut self) -> Option<&mut dyn Couples> {
        None
    }
}

/// The screen as its concrete type, if it is that.
pub fn as_screen_mut<S: Screen>(screen: &mut dyn Screen) -> Option<&mut S> {
    (screen as &mut dyn Any).downcast_mut()
}

/// A layer over a screen, covering it wholly or partly.
pub trait Layer {
    fn keys(&self) -> &'static dyn KeyTable;

    fn press(&mut self, key: KeyEvent, below: &mut dyn Screen, world: &mut World) -> Go;

    fn click(&mut self, at: Position, double: bool, below: &mut dyn Screen, world: &mut World) -> Go;

    fn wheel(&mut self, at: Position, forward: bool, below: &mut dyn Screen, world: &mut World) -> Go;

    /// The mouse moved with its button held.
    fn drag(&mut self, _to: Position, _: &World) {}

    /// The right mouse button.
    fn back(&mut self, below: &mut dyn Screen, world: &mut World) -> Go;

    /// Pasted text.
    fn paste(&mut self, _: &str, _: &mut dyn Screen, _: &mut World) {}

    /// The selected picture.
    fn stands_on(&self, below: &dyn Screen, world: &World) -> Option<KeyPicture> {
        if self.covers() { None } else { below.stands_on(world) }
    }

    /// Whether it hides everything below.
    fn covers(&self) -> bool;

    /// Whether it stays when another screen is shown.
    fn stays(&self) -> bool {
        false
    }

    /// It closes, because another screen is shown.
    fn close(&mut self, _below: &mut dyn Screen, _: &mut World) {}

    /// Of a layer that covers the screen: slots now visible, and those that may be next.
    fn visible(&self, _below: &dyn Screen, _: &World) -> Vec<Slot> {
        Vec::new()
    }
    fn next(&self, _below: &dyn Screen, _: &World) -> Vec<Slot> {
        Vec::new()
    }

    /// Two pictures that it wants compared.
    fn compares(&self, _below: &dyn Screen, _: &World) -> Option<[PictureFile; 2]> {
        None
    }

    /// The picture whose facts it shows.
    fn tells_of(&self, _below: &dyn Screen, _: &World) -> Option<PictureFile> {
        None
    }

    /// Draws all but the last line, or over the scene below.
    fn draw(&self, frame: &mut Frame, below: &dyn Screen, world: &World);

    /// The prompt, shown instead of hints.
    fn prompt(&self) -> Option<&Prompt> {
        None
    }

    /// Shown in the status line while nothing else is.
    fn remark(&self) -> Option<String> {
        None
    }

    /// The question that it asks: only its own keys do anything.
    fn question(&self) -> Option<&str> {
        None
    }

    /// Whether a notice replaces the hints in its last line.
    fn shows_notices(&self) -> bool {
        true
    }

    /// The settings being edited, if it edits them.
    fn settings(&self) -> Option<&Settings> {
        None
    }

    /// The scene below may have changed.
    fn follow(&mut self, _below: &dyn Screen) {}

    /// The typed text, completed.
    fn completed(&mut self, _completed: String, _below: &mut dyn Screen, _: &mut World) -> Go {
        Go::Stay
    }
}

/// The field whose panel is at a place on the screen, and the option there.
pub fn field_at(
    screen: &dyn Screen,
    settings: &Settings,
    at: Position,
    world: &World,
) -> Option<(Field, Option<usize>)> {
    let area = world.parts(screen.shows_settings()).settings;
    if !screen.shows_settings() && !world.settings_are_open {
        // Collapsed: a click on the line opens it.
        return area.contains(at).then_some((Field::Dataset, None));
    }
    let (field, panel) = panels::panels(area, screen.fields()).find(|(_, panel)| panel.contains(at))?;
    let labels = world.labels();
    let (options, taken) = settings.options(field, &labels);
    Some((field, panels::option_at(panel, at.y, options.len(), taken)))
}
