//! The keys: one table for each place, from which keys are handled, hints drawn and help written.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Left,
    Down,
    Up,
    Right,
    PageUp,
    PageDown,
    Home,
    End,
    /// The main thing to do here: search, apply, make it the key.
    Accept,
    View,
    Shuffle,
    Sort,
    Filter,
    OpenFile,
    NextField,
    PreviousField,
    Larger,
    Smaller,
    Settings,
    Mark,
    /// All pictures of a group but the first; the right one of two.
    MarkOthers,
    /// The left one of two.
    MarkFirst,
    Write,
    WritePaths,
    /// Join the two datasets as a whole.
    JoinAll,
    Flip,
    Fit,
    Facts,
    Why,
    Fold,
    Copy,
    Skipped,
    Back,
    Help,
    Redraw,
    Suspend,
    Quit,
}

/// Where a key was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    KeySelect,
    /// A field of the settings has the focus.
    Settings,
    Results,
    Viewer,
    /// What a join of whole sets found.
    Joined,
    /// Two of these pictures side by side.
    Pair,
    /// Help, or the list of skipped pictures.
    Overlay,
}

pub struct Binding {
    keys: &'static [(KeyModifiers, KeyCode)],
    pub action: Action,
    /// In the last line; bindings in a row with the same hint share it. Empty: only in the help.
    pub hint: &'static str,
    pub help: &'static str,
}

const NONE: KeyModifiers = KeyModifiers::NONE;
const CTRL: KeyModifiers = KeyModifiers::CONTROL;

macro_rules! bindings {
    ($($action:ident [$($key:expr),+] $hint:literal $help:literal;)+) => {
        &[$(Binding { keys: &[$($key),+], action: Action::$action, hint: $hint, help: $help }),+]
    };
}

const fn char(c: char) -> (KeyModifiers, KeyCode) {
    (NONE, KeyCode::Char(c))
}

const fn ctrl(c: char) -> (KeyModifiers, KeyCode) {
    (CTRL, KeyCode::Char(c))
}

const fn code(code: KeyCode) -> (KeyModifiers, KeyCode) {
    (NONE, code)
}

static KEY_SELECT: &[Binding] = bindings! {
    Left [code(KeyCode::Left), char('h')] "move" "previous picture";
    Down [code(KeyCode::Down), char('j')] "move" "picture below";
    Up [code(KeyCode::Up), char('k')] "move" "picture above";
    Right [code(KeyCode::Right), char('l')] "move" "next picture";
    Accept [code(KeyCode::Enter)] "find similar" "find what is similar to the selected picture";
    NextField [code(KeyCode::Tab)] "settings" "to the settings: datasets, metric, predicate, descriptor";
    PreviousField [code(KeyCode::BackTab)] "" "to the settings, last one first";
    View [char('v')] "view" "view the picture, full screen";
    JoinAll [char('J')] "join all" "join the datasets as a whole; one with itself: find near-duplicates";
    Shuffle [char('s')] "shuffle" "shuffle the pictures; again: shuffle anew";
    Sort [char('S')] "" "back to the order by name";
    Filter [char('/')] "filter" "show only pictures whose name contains a text";
    OpenFile [char('o')] "open a file as key" "take any picture file as key";
    PageDown [code(KeyCode::PageDown), ctrl('f')] "" "next page";
    PageUp [code(KeyCode::PageUp), ctrl('b')] "" "previous page";
    Home [code(KeyCode::Home), char('g')] "" "first picture";
    End [code(KeyCode::End), char('G')] "" "last picture";
    Larger [char('+'), char('=')] "" "larger previews";
    Smaller [char('-')] "" "smaller previews";
    Skipped [char('x')] "" "list the pictures that can't be read";
    Back [code(KeyCode::Esc)] "" "drop the filter";
    Help [char('?')] "help" "this help";
};

static SETTINGS: &[Binding] = bindings! {
    Up [code(KeyCode::Up), char('k')] "change" "previous choice; a number: up";
    Down [code(KeyCode::Down), char('j')] "change" "next choice; a number: down";
    Left [code(KeyCode::Left), code(KeyCode::BackTab), char('h')] "field" "field to the left";
    Right [code(KeyCode::Right), code(KeyCode::Tab), char('l')] "field" "field to the right";
    Accept [code(KeyCode::Enter)] "apply" "apply";
    Back [code(KeyCode::Esc)] "back" "back to the pictures";
    PageDown [code(KeyCode::PageDown)] "" "a number: down a lot";
    PageUp [code(KeyCode::PageUp)] "" "a number: up a lot";
    Help [char('?')] "help" "this help";
};

static RESULTS: &[Binding] = bindings! {
    Left [code(KeyCode::Left), char('h')] "move" "previous result";
    Down [code(KeyCode::Down), char('j')] "move" "result below";
    Up [code(KeyCode::Up), char('k')] "move" "result above";
    Right [code(KeyCode::Right), char('l')] "move" "next result";
    View [char('v')] "view" "view the result, full screen";
    Accept [code(KeyCode::Enter)] "make it the key" "make the result the key: walk on from it";
    Back [char('b'), code(KeyCode::Esc), code(KeyCode::Backspace)] "back" "walk back: to the key before, at last to key select";
    Settings [char('e'), code(KeyCode::Tab)] "settings" "change dataset, metric, predicate, descriptor";
    Mark [char(' ')] "mark" "mark or unmark the result";
    Write [char('w')] "write" "write the results to a file: the marked ones, or all";
    Fold [char('d')] "fold" "fold near-identical results into one (duplicates); again: unfold";
    OpenFile [char('o')] "" "take any picture file as key";
    PageDown [code(KeyCode::PageDown), ctrl('f')] "" "next page";
    PageUp [code(KeyCode::PageUp), ctrl('b')] "" "previous page";
    Home [code(KeyCode::Home), char('g')] "" "first result";
    End [code(KeyCode::End), char('G')] "" "last result";
    Larger [char('+'), char('=')] "" "larger previews";
    Smaller [char('-')] "" "smaller previews";
    Skipped [char('x')] "" "list the pictures that can't be read";
    Help [char('?')] "help" "this help";
};

static VIEWER: &[Binding] = bindings! {
    Left [code(KeyCode::Left), char('h')] "previous, next" "previous picture; zoomed: to the left";
    Right [code(KeyCode::Right), char('l')] "previous, next" "next picture; zoomed: to the right";
    Up [code(KeyCode::Up), char('k')] "" "zoomed: up";
    Down [code(KeyCode::Down), char('j')] "" "zoomed: down";
    Flip [char(' ')] "key/result" "flip between key and result, in the same place";
    Larger [char('+'), char('=')] "zoom" "zoom in";
    Smaller [char('-')] "zoom" "zoom out";
    Fit [char('0')] "zoom" "whole picture";
    PageDown [code(KeyCode::PageDown), char('n')] "" "next picture, also when zoomed";
    PageUp [code(KeyCode::PageUp), char('p')] "" "previous picture, also when zoomed";
    Facts [char('i')] "facts" "facts: path, size, rank, values";
    Why [char('w')] "why" "why it is like the key: a heat map of what they have in common, over both";
    Copy [char('y')] "copy path" "copy the path to the clipboard (OSC 52)";
    Mark [char('m')] "" "mark or unmark the result";
    Accept [code(KeyCode::Enter)] "make it the key" "make it the key: find what is similar to it";
    Back [code(KeyCode::Esc), char('b'), char('v'), code(KeyCode::Backspace)] "back" "back to the pictures";
    Help [char('?')] "help" "this help";
};

static JOINED: &[Binding] = bindings! {
    Left [code(KeyCode::Left), char('h')] "move" "picture to the left";
    Down [code(KeyCode::Down), char('j')] "move" "pair or group below";
    Up [code(KeyCode::Up), char('k')] "move" "pair or group above";
    Right [code(KeyCode::Right), char('l')] "move" "picture to the right; more of a large group";
    View [code(KeyCode::Enter), char('v')] "compare" "view the pair side by side: the first picture and the selected one";
    Back [char('b'), code(KeyCode::Esc), code(KeyCode::Backspace)] "back" "back to key select; a join under way is cancelled";
    Mark [char(' ')] "mark" "mark or unmark the picture";
    MarkOthers [char('m')] "others" "mark or unmark all pictures of the pair or group but the first";
    Write [char('w')] "write" "write the pairs, or groups, to a file: .csv, .jsonl or .parquet";
    Settings [char('e'), code(KeyCode::Tab)] "settings" "change datasets, metric, predicate, descriptor";
    WritePaths [char('W')] "" "write the paths of all marked pictures to a file";
    PageDown [code(KeyCode::PageDown), ctrl('f')] "" "next page";
    PageUp [code(KeyCode::PageUp), ctrl('b')] "" "previous page";
    Home [code(KeyCode::Home), char('g')] "" "first pair or group";
    End [code(KeyCode::End), char('G')] "" "last pair or group";
    Larger [char('+'), char('=')] "" "larger previews";
    Smaller [char('-')] "" "smaller previews";
    Skipped [char('x')] "" "list the pictures that can't be read";
    Help [char('?')] "help" "this help";
};

static PAIR: &[Binding] = bindings! {
    Left [code(KeyCode::Left), char('h'), char('p')] "previous, next" "previous pair, or picture of the group";
    Right [code(KeyCode::Right), char('l'), char('n')] "previous, next" "next pair, or picture of the group";
    Up [code(KeyCode::Up), code(KeyCode::PageUp), char('k')] "" "previous pair or group";
    Down [code(KeyCode::Down), code(KeyCode::PageDown), char('j')] "" "next pair or group";
    Flip [char(' ')] "flip" "flip the two: what differs jumps to the eye";
    MarkOthers [char('m')] "mark right" "mark or unmark the picture on the right";
    Back [code(KeyCode::Esc), char('b'), char('v'), code(KeyCode::Enter), code(KeyCode::Backspace)] "back" "back to the list";
    MarkFirst [char('M')] "mark left" "mark or unmark the picture on the left";
    WritePaths [char('W')] "" "write the paths of all marked pictures to a file";
    Copy [char('y')] "" "copy the path of the right picture to the clipboard (OSC 52)";
    Help [char('?')] "help" "this help";
};

static OVERLAY: &[Binding] = bindings! {
    Down [code(KeyCode::Down), char('j')] "scroll" "down";
    Up [code(KeyCode::Up), char('k')] "scroll" "up";
    PageDown [code(KeyCode::PageDown), char(' ')] "" "down a page";
    PageUp [code(KeyCode::PageUp)] "" "up a page";
    Back [code(KeyCode::Esc), char('?'), char('x'), char('b'), code(KeyCode::Enter)] "close" "close";
};

/// In every place.
static ALWAYS: &[Binding] = bindings! {
    Quit [char('q'), ctrl('c')] "quit" "quit; what was indexed is kept";
    Redraw [ctrl('l')] "" "draw the screen anew";
    Suspend [ctrl('z')] "" "suspend (fg comes back)";
};

impl Place {
    pub const ALL: [Place; 7] =
        [Place::KeySelect, Place::Settings, Place::Results, Place::Viewer, Place::Joined, Place::Pair, Place::Overlay];

    pub fn title(self) -> &'static str {
        match self {
            Place::KeySelect => "Key select",
            Place::Settings => "Settings",
            Place::Results => "Results",
            Place::Viewer => "Viewer",
            Place::Joined => "Joined sets",
            Place::Pair => "Side by side",
            Place::Overlay => "Help and lists",
        }
    }

    pub fn bindings(self) -> impl Iterator<Item = &'static Binding> {
        let here = match self {
            Place::KeySelect => KEY_SELECT,
            Place::Settings => SETTINGS,
            Place::Results => RESULTS,
            Place::Viewer => VIEWER,
            Place::Joined => JOINED,
            Place::Pair => PAIR,
            Place::Overlay => OVERLAY,
        };
        here.iter().chain(ALWAYS)
    }

    /// What `key` asks for here.
    pub fn action(self, key: KeyEvent) -> Option<Action> {
        // A capital letter says that shift was held.
        let modifiers = key.modifiers - KeyModifiers::SHIFT;
        let pressed = (modifiers, key.code);
        self.bindings().find(|b| b.keys.contains(&pressed)).map(|b| b.action)
    }

    /// The last line's hints: keys and what they do.
    pub fn hints(self) -> Vec<(String, &'static str)> {
        let mut hints: Vec<(String, &'static str)> = Vec::new();
        for binding in self.bindings().filter(|b| !b.hint.is_empty()) {
            let key = name(binding.keys[0]);
            match hints.last_mut() {
                Some((keys, hint)) if *hint == binding.hint => keys.push_str(&key),
                _ => hints.push((key, binding.hint)),
            }
        }
        hints
    }
}

impl Binding {
    /// All its keys, as help shows them.
    pub fn names(&self) -> String {
        self.keys.iter().map(|key| name(*key)).collect::<Vec<_>>().join(" ")
    }
}

fn name((modifiers, code): (KeyModifiers, KeyCode)) -> String {
    let name = match code {
        KeyCode::Char(' ') => "space".into(),
        KeyCode::Char(c) => c.to_string(),
        KeyCode::Left => "←".into(),
        KeyCode::Down => "↓".into(),
        KeyCode::Up => "↑".into(),
        KeyCode::Right => "→".into(),
        KeyCode::Enter => "⏎".into(),
        KeyCode::BackTab => "shift-tab".into(),
        other => other.to_string().to_lowercase(),
    };
    if modifiers.contains(CTRL) { format!("^{}", name.to_uppercase()) } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things_in_one_place() {
        for place in Place::ALL {
            let keys: Vec<_> = place.bindings().flat_map(|b| b.keys).collect();
            for (i, key) in keys.iter().enumerate() {
                assert!(!keys[..i].contains(key), "{key:?} twice in {place:?}");
            }
        }
    }

    #[test]
    fn hints_come_from_the_table() {
        let hints = Place::KeySelect.hints();
        assert_eq!(hints[0], ("←↓↑→".into(), "move"));
        assert_eq!(hints[1], ("⏎".into(), "find similar"));
        for place in Place::ALL {
            assert!(place.action(KeyEvent::new(KeyCode::Char('q'), NONE)) == Some(Action::Quit));
            assert!(place.action(KeyEvent::new(KeyCode::Char('c'), CTRL)) == Some(Action::Quit));
        }
        assert_eq!(Place::KeySelect.action(KeyEvent::new(KeyCode::Char('S'), KeyModifiers::SHIFT)), Some(Action::Sort));
    }
}
