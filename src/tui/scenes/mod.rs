//! The scenes, each in a file of its own: they take keys and draw themselves. And the keys that all of them share.

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
mod question;
mod results;
mod settings_panel;
mod side_by_side;
mod verdicts;
mod viewer;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::keys::{Hint, KeyTable, Keys, all_rows, hints, keys, name};
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
static SCENES: [&dyn KeyTable; 18] = [
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
    &side_by_side::OF_GROUPS,
    &side_by_side::OF_CARD,
    &marks::KEYS,
    &marks::UNMARK_KEYS,
    &list::KEYS,
];

#[derive(Clone, Copy, Debug)]
pub enum Always {
    /// Opens a scene, given the keys of the current one.
    Open(fn(&'static dyn KeyTable, &mut World) -> Go),
    /// And print the marked paths.
    Quit,
    /// And print nothing.
    Stop,
    CopyPath,
    CopyInto,
    Redraw,
    LookAgain,
    Suspend,
}

/// Available in every scene that doesn't use the key itself.
static ALWAYS: Keys<Always> = keys! { "Everywhere"
    Always::Open(|_, _| Go::over(MarksList::new())) => [on::MARKS] "marks" "";
    Always::Open(|_, world| write_marks(world)) => [on::WRITE_MARKED] "write marked" "";
    Always::CopyInto => [on::COPY_INTO] "copy" "";
    Always::Open(|here, _| Go::over(help(here))) => [on::HELP] "help" "this help";
    Always::Quit => [on::QUIT] "quit" "quit and print the paths of marked pictures; indexed pictures are kept";
    Always::Stop => [on::STOP] "" "quit and print nothing; indexed pictures are kept";
    Always::CopyPath => [on::COPY] "" "copy the picture's path to the clipboard (OSC 52); again: an scp command";
    Always::LookAgain => [on::LOOK_AGAIN] "" "";
    Always::Redraw => [on::REDRAW] "" "";
    Always::Suspend => [on::SUSPEND] "" "suspend (fg resumes)";
};

/// The keys available everywhere, and those of each scene.
#[cfg(test)]
pub fn tables() -> Vec<&'static dyn KeyTable> {
    let always: [&'static dyn KeyTable; 1] = [&ALWAYS];
    always.into_iter().chain(SCENES).collect()
}

/// The meaning of a key that the scene doesn't use.
pub fn always(key: KeyEvent) -> Option<Always> {
    ALWAYS.action(key)
}

/// What to say of a key that does nothing here: where it works. None for keys that do nothing by themselves, which some
/// terminals report.
pub fn unused(key: KeyEvent) -> Option<String> {
    if matches!(key.code, KeyCode::Modifier(_) | KeyCode::CapsLock | KeyCode::NumLock | KeyCode::ScrollLock) {
        return None;
    }
    let pressed = [(key.modifiers, key.code), (key.modifiers - KeyModifiers::SHIFT, key.code)];
    let works = |scene: &&&dyn KeyTable| scene.rows().iter().any(|row| row.keys().any(|key| pressed.contains(&key)));
    let titles: Vec<_> = SCENES.iter().filter(works).map(|scene| scene.title().to_lowercase()).collect();
    // The keys that move work nearly everywhere, each in its way.
    Some(match titles.len() {
        1..=3 => format!("{} works in: {}", name(pressed[1]), titles.join(", ")),
        _ => format!("{} does nothing here; ? lists the keys", name(pressed[1])),
    })
}

/// The keys of all scenes, those of `here` first.
fn help(here: &dyn KeyTable) -> List {
    let mut scenes = SCENES.to_vec();
    scenes.sort_by_key(|scene| scene.title() != here.title());
    // The keys available everywhere come second, once.
    scenes.insert(1, &ALWAYS);
    List::help(Help::new(scenes))
}

/// The last line's hints.
pub fn hints_of(here: &dyn KeyTable) -> Vec<Hint> {
    hints(&all_rows(here, &ALWAYS))
}
