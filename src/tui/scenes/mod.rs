//! The scenes: what takes keys and shows itself, each in a file of its own; and the keys that all of them have.

mod joined;
mod key_select;
mod list;
mod prompt;
mod results;
mod settings_panel;
mod side_by_side;
mod viewer;

use crossterm::event::KeyEvent;

use super::keys::{KeyTable, Keys, all_rows, char, ctrl, hints, keys};

pub use key_select::KeySelect;
pub use list::List;
pub use results::Results;
pub use settings_panel::SettingsPanel;

/// In the order of the help.
static SCENES: [&dyn KeyTable; 7] = [
    &key_select::KEYS,
    &settings_panel::KEYS,
    &results::KEYS,
    &viewer::KEYS,
    &joined::KEYS,
    &side_by_side::KEYS,
    &list::KEYS,
];

#[derive(Clone, Copy, Debug)]
pub enum Always {
    Help,
    Quit,
    Redraw,
    Suspend,
}

/// In every scene that has not taken the key for something else.
static ALWAYS: Keys<Always> = keys! { "Everywhere"
    Always::Help => [char('?')] "help" "this help";
    Always::Quit => [char('q'), ctrl('c')] "quit" "quit; what was indexed is kept";
    Always::Redraw => [ctrl('l')] "" "draw the screen anew";
    Always::Suspend => [ctrl('z')] "" "suspend (fg comes back)";
};

/// What a key asks for that the scene hasn't taken.
pub fn always(key: KeyEvent) -> Option<Always> {
    ALWAYS.action(key)
}

/// The keys of all scenes, those of `here` first.
pub fn help(here: &dyn KeyTable) -> List {
    let mut scenes = SCENES.to_vec();
    scenes.sort_by_key(|scene| scene.title() != here.title());
    List::help(scenes.into_iter().map(|scene| (scene.title(), all_rows(scene, &ALWAYS))).collect())
}

/// The last line's hints.
pub fn hints_of(here: &dyn KeyTable) -> Vec<(String, &'static str)> {
    hints(&all_rows(here, &ALWAYS))
}
