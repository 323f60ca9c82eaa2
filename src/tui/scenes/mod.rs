//! The scenes: what takes keys and shows itself, each in a file of its own; and the keys that all of them have.

mod archive;
mod clusters;
mod duplicates;
mod further_keys;
mod help;
mod joined;
mod key_select;
mod list;
mod map;
mod marks;
mod nothing;
mod part_picker;
mod prompt;
mod results;
mod settings_panel;
mod side_by_side;
mod verdicts;
mod viewer;

use crossterm::event::KeyEvent;

use super::keys::{KeyTable, Keys, all_rows, hints, keys};
use super::meanings as on;
use super::scene::Go;
use super::world::World;

#[cfg(test)]
pub use archive::ArchiveTabs;
#[cfg(test)]
pub use clusters::ClustersScreen;
#[cfg(test)]
pub use duplicates::Duplicates;
use help::Help;
pub use joined::Joined;
pub use key_select::KeySelect;
use list::List;
#[cfg(test)]
pub use map::MapScreen;
use marks::MarksList;
pub use prompt::Typing;
use prompt::write_marks;
pub use results::Results;
pub use settings_panel::SettingsPanel;

/// In the order of the help.
static SCENES: [&dyn KeyTable; 16] = [
    &key_select::KEYS,
    &settings_panel::KEYS,
    &results::KEYS,
    &viewer::KEYS,
    &part_picker::KEYS,
    &duplicates::KEYS,
    &duplicates::BY_RULE_KEYS,
    &duplicates::RANGE_KEYS,
    &archive::KEYS,
    &map::KEYS,
    &clusters::KEYS,
    &verdicts::KEYS,
    &joined::KEYS,
    &side_by_side::KEYS,
    &marks::KEYS,
    &list::KEYS,
];

#[derive(Clone, Copy, Debug)]
pub enum Always {
    /// A scene; given are the keys of what one looks at.
    Open(fn(&'static dyn KeyTable, &mut World) -> Go),
    /// And tell the paths of marked pictures.
    Quit,
    /// And tell nothing.
    Stop,
    CopyPath,
    CopyInto,
    Redraw,
    LookAgain,
    Suspend,
}

/// In every scene that has not taken the key for something else.
static ALWAYS: Keys<Always> = keys! { "Everywhere"
    Always::Open(|_, _| Go::over(MarksList::new())) => [on::MARKS] "marks" "";
    Always::Open(|_, world| write_marks(world)) => [on::WRITE_MARKED] "write marked" "";
    Always::CopyInto => [on::COPY_INTO] "copy" "";
    Always::Open(|here, _| Go::over(help(here))) => [on::HELP] "help" "this help";
    Always::Quit => [on::QUIT] "quit" "quit and print the paths of marked pictures; what was indexed is kept";
    Always::Stop => [on::STOP] "" "quit and print nothing; what was indexed is kept";
    Always::CopyPath => [on::COPY] "" "copy the picture's path to the clipboard (OSC 52); again: a line for scp";
    Always::LookAgain => [on::LOOK_AGAIN] "" "";
    Always::Redraw => [on::REDRAW] "" "";
    Always::Suspend => [on::SUSPEND] "" "suspend (fg comes back)";
};

/// Those that work everywhere, and those of each scene.
#[cfg(test)]
pub fn tables() -> Vec<&'static dyn KeyTable> {
    let always: [&'static dyn KeyTable; 1] = [&ALWAYS];
    always.into_iter().chain(SCENES).collect()
}

/// What a key asks for that the scene hasn't taken.
pub fn always(key: KeyEvent) -> Option<Always> {
    ALWAYS.action(key)
}

/// The keys of all scenes, those of `here` first.
fn help(here: &dyn KeyTable) -> List {
    let mut scenes = SCENES.to_vec();
    scenes.sort_by_key(|scene| scene.title() != here.title());
    // Those that work everywhere come second, once.
    scenes.insert(1, &ALWAYS);
    List::help(Help::new(scenes))
}

/// The last line's hints.
pub fn hints_of(here: &dyn KeyTable) -> Vec<(String, &'static str)> {
    hints(&all_rows(here, &ALWAYS))
}
