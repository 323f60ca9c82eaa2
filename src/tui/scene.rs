//! A scene: one thing that takes keys and shows itself. A [`Screen`] is the ground that one stands on; a [`Layer`] lies over
//! it, and over other layers.

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
    /// Nowhere else; the loop has something to do.
    Start(Vec<Task>),
    /// Out of this scene, to what it lies over or came from; the loop has something to do, perhaps.
    Back(Vec<Task>),
    /// Out of this layer, and what lies below takes what was pressed or clicked.
    Through,
    /// So many screens back.
    BackBy(usize),
    /// To a layer over this scene.
    Over(Box<dyn Layer>),
    /// To another screen; the loop has something to do for it.
    Onto(Box<dyn Screen>, Vec<Task>),
    /// To the pictures that are similar to this one, or to these.
    Similar(Box<(KeyPictures, Settings)>),
    /// The key isn't one of this scene's.
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
    /// Does what `key` asks for.
    pub fn press(&self, key: KeyEvent, act: impl FnOnce(A) -> Go) -> Go {
        self.action(key).map_or(Go::Unbound, act)
    }
}

/// A screen of pictures, on which one stands.
pub trait Screen: Any {
    fn keys(&self) -> &'static dyn KeyTable;

    fn press(&mut self, key: KeyEvent, world: &mut World) -> Go;

    /// A click on a picture, or beside all of them.
    fn click(&mut self, at: Position, double: bool, world: &mut World) -> Go;

    /// To the next page, or the one before.
    fn page(&mut self, forward: bool, world: &mut World);

    /// What the right mouse button does.
    fn back(&mut self, world: &mut World) -> Go;

    /// The picture that one stands on.
    fn stands_on(&self, world: &World) -> Option<KeyPicture>;

    /// What is copied if nothing is marked, where that isn't the picture that one stands on; and which pictures these are, in words.
    fn all_to_copy(&self, _: &World) -> Option<(&'static str, Vec<PathBuf>)> {
        None
    }

    /// Why what it lists can't be taken away as a whole yet.
    fn not_yet(&self, _: &World) -> Option<String> {
        None
    }

    /// Slots on the screen now, the selected one first.
    fn visible(&self, world: &World) -> Vec<Slot>;

    /// Slots that may be on it next.
    fn next(&self, world: &World) -> Vec<Slot>;

    /// Where its pictures are, if that isn't told by which ones they are: a picture may take another one's place at any time, and all
    /// places are others when this is.
    fn places(&self, _: &World) -> Option<[i64; 4]> {
        None
    }

    /// Draws all but the last two lines.
    fn draw(&self, frame: &mut Frame, world: &World);

    /// Said in the status line while nothing else is.
    fn remark(&self, _: &World) -> Option<String> {
        None
    }

    /// What is chosen.
    fn settings(&self) -> &Settings;

    /// What can be chosen.
    fn fields(&self) -> &'static [Field] {
        &settings::ALL
    }

    /// Whether the settings are always seen; else they are a line until one opens them.
    fn shows_settings(&self) -> bool {
        false
    }

    /// A choice that holds at once, if any does before it is applied.
    fn choose(&mut self, _: &Settings, _: &mut World) -> Vec<Task> {
        Vec::new()
    }

    /// A range to start from where one is asked for that nobody has said: of whole sets. A single key's ranking tells.
    fn starting_range(&self, _: &Settings, _: &World) -> Option<f64> {
        None
    }

    /// Takes the settings: everything shown is to be by them.
    fn apply(&mut self, settings: Settings, world: &mut World) -> Vec<Task>;

    /// The key that a range would be counted for; `choosing`: while the settings are open.
    fn live_keys(&self, choosing: bool, world: &World) -> Option<KeyPictures>;

    /// The ranking that tells how many a range lets pass. There is none where whole sets are joined.
    fn ranking<'a>(&self, world: &'a World) -> Option<&'a Ranking> {
        world.live.ranking.as_deref()
    }

    /// Asks for the file that what is shown is to be written to.
    fn ask_where_to_write(&mut self, world: &mut World) -> Go {
        world.error("there are no results to write yet: ⏎ finds what is similar");
        Go::Stay
    }

    /// What was typed into a prompt, to its end.
    fn typed(&mut self, purpose: Purpose, text: &str, world: &mut World) -> Vec<Task>;

    /// What is being typed into a prompt.
    fn typing(&mut self, _: Purpose, _: &str, _: &mut World) {}

    /// Whether it waits for the answer to this request.
    fn awaits(&self, _generation: u64) -> bool {
        false
    }

    /// Takes the answer to its search.
    fn searched(&mut self, _: Searched) {}

    /// Takes what there is to tell of its join.
    fn joining(&mut self, _: JoinNews, _: &mut World) {}

    /// What are no duplicates has changed.
    fn judged(&mut self, _: &Arc<Verdicts>, _: &mut World) {}

    /// The same, once that is known everywhere; what is to be done.
    fn judged_anew(&mut self, _: &mut World) -> Vec<Task> {
        Vec::new()
    }

    /// What is still to be done for what it shows; asked after each message.
    fn further(&mut self, _: &mut World) -> Option<Task> {
        None
    }

    /// Pictures were looked at.
    fn looked_at(&mut self, _: &mut World) {}

    /// More of this dataset is indexed.
    fn grown(&mut self, _dataset: usize, _: &mut World) -> Vec<Task> {
        Vec::new()
    }

    /// It is shown again, after others.
    fn returned(&mut self, _: &mut World) -> Vec<Task> {
        Vec::new()
    }

    /// How many pictures can be viewed one by one.
    fn count(&self) -> usize;

    /// One of them, in the order shown.
    fn picture(&self, at: usize, world: &World) -> Option<KeyPicture>;

    /// Selects one of them.
    fn select(&mut self, at: usize);

    /// The keys that one has walked along, its own last.
    fn walked(&self) -> Vec<KeyPictures> {
        Vec::new()
    }

    /// The search whose results are shown.
    fn search(&self) -> Option<&Search> {
        None
    }

    /// The join whose pairs are shown.
    fn pairs(&self) -> Option<&Pairs> {
        None
    }

    /// What can be looked at side by side.
    fn couples(&self) -> Option<&dyn Couples> {
        None
    }

    fn couples_mut(&mut self) -> Option<&mut dyn Couples> {
        None
    }
}

/// The screen as what it is, if it is that.
pub fn as_screen_mut<S: Screen>(screen: &mut dyn Screen) -> Option<&mut S> {
    (screen as &mut dyn Any).downcast_mut()
}

/// What lies over a screen: all of it, or a part.
pub trait Layer {
    fn keys(&self) -> &'static dyn KeyTable;

    fn press(&mut self, key: KeyEvent, below: &mut dyn Screen, world: &mut World) -> Go;

    fn click(&mut self, at: Position, double: bool, below: &mut dyn Screen, world: &mut World) -> Go;

    fn wheel(&mut self, at: Position, forward: bool, below: &mut dyn Screen, world: &mut World) -> Go;

    /// The mouse is moved with its button held.
    fn drag(&mut self, _to: Position, _: &World) {}

    /// What the right mouse button does.
    fn back(&mut self, below: &mut dyn Screen, world: &mut World) -> Go;

    /// Text that was pasted.
    fn paste(&mut self, _: &str, _: &mut dyn Screen, _: &mut World) {}

    /// The picture that one stands on.
    fn stands_on(&self, below: &dyn Screen, world: &World) -> Option<KeyPicture> {
        if self.covers() { None } else { below.stands_on(world) }
    }

    /// Whether nothing of what lies below is seen.
    fn covers(&self) -> bool;

    /// Whether it stays when one goes to another screen.
    fn stays(&self) -> bool {
        false
    }

    /// It goes, because one goes to another screen.
    fn close(&mut self, _below: &mut dyn Screen, _: &mut World) {}

    /// Of a layer that covers: slots on the screen now, and those that may be next.
    fn visible(&self, _below: &dyn Screen, _: &World) -> Vec<Slot> {
        Vec::new()
    }
    fn next(&self, _below: &dyn Screen, _: &World) -> Vec<Slot> {
        Vec::new()
    }

    /// Two pictures of which it wants to know what tells the better one.
    fn compares(&self, _below: &dyn Screen, _: &World) -> Option<[PictureFile; 2]> {
        None
    }

    /// Draws all but the last line, or over what lies below.
    fn draw(&self, frame: &mut Frame, below: &dyn Screen, world: &World);

    /// What is being typed, shown instead of hints.
    fn prompt(&self) -> Option<&Prompt> {
        None
    }

    /// Said in the status line while nothing else is.
    fn remark(&self) -> Option<String> {
        None
    }

    /// Whether a notice takes the place of hints in its last line.
    fn shows_notices(&self) -> bool {
        true
    }

    /// The settings as they are being changed, if this is where.
    fn settings(&self) -> Option<&Settings> {
        None
    }

    /// What lies below may have changed.
    fn follow(&mut self, _below: &dyn Screen) {}

    /// The text that was typed goes on like this.
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
        // Collapsed: the line opens it.
        return area.contains(at).then_some((Field::Dataset, None));
    }
    let (field, panel) = panels::panels(area, screen.fields()).find(|(_, panel)| panel.contains(at))?;
    let labels = world.labels();
    let (options, taken) = settings.options(field, &labels);
    Some((field, panels::option_at(panel, at.y, options.len(), taken)))
}
