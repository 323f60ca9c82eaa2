//! Tables of keys, used to handle keys, draw hints and write the help. Each scene has its own, in its file.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use unicode_width::UnicodeWidthStr;

/// A key as pressed.
pub type Press = (KeyModifiers, KeyCode);

/// What some keys mean. A key has one meaning in all scenes.
pub struct Meaning {
    pub keys: &'static [Press],
    pub text: &'static str,
}

pub struct Binding<A: 'static> {
    pub meanings: &'static [&'static Meaning],
    /// The action they trigger.
    pub action: A,
    /// The hint in the last line; adjacent bindings with the same hint share it. Empty: shown in the help only.
    pub hint: &'static str,
    /// The help text. Empty: the keys' general meaning applies.
    pub help: &'static str,
}

/// The keys of a scene.
pub struct Keys<A: 'static> {
    /// The scene's name in the help.
    pub title: &'static str,
    pub bindings: &'static [Binding<A>],
}

/// `Move(Left) => [on::LEFT] "move" "previous picture";`: action, meanings of keys, hint, help.
macro_rules! keys {
    ($title:literal $($action:expr => [$($meaning:expr),+] $hint:literal $help:literal;)+) => {
        Keys {
            title: $title,
            bindings: &[$(crate::tui::keys::Binding {
                meanings: &[$(&$meaning),+],
                action: $action,
                hint: $hint,
                help: $help,
            }),+],
        }
    };
}
pub(super) use keys;

const NONE: KeyModifiers = KeyModifiers::NONE;
const CTRL: KeyModifiers = KeyModifiers::CONTROL;
const SHIFT: KeyModifiers = KeyModifiers::SHIFT;

pub const fn char(c: char) -> Press {
    (NONE, KeyCode::Char(c))
}

pub const fn ctrl(c: char) -> Press {
    (CTRL, KeyCode::Char(c))
}

/// For keys that aren't characters: a capital letter already implies shift.
pub const fn shift(code: KeyCode) -> Press {
    (SHIFT, code)
}

pub const fn code(code: KeyCode) -> Press {
    (NONE, code)
}

impl<A: Copy> Keys<A> {
    /// The action of `key`, if it is in the table.
    pub fn action(&self, key: KeyEvent) -> Option<A> {
        let asked = |pressed: Press| {
            let asks = |b: &&Binding<A>| b.meanings.iter().any(|meaning| meaning.keys.contains(&pressed));
            self.bindings.iter().find(asks).map(|b| b.action)
        };
        // A capital letter implies shift; unless the table tells the two apart, ignore it.
        asked((key.modifiers, key.code)).or_else(|| asked((key.modifiers - SHIFT, key.code)))
    }
}

/// A table of keys, whatever its action type.
pub trait KeyTable: Sync {
    fn title(&self) -> &'static str;

    fn rows(&self) -> Vec<KeyRow>;
}

/// Keys with the same action.
#[derive(Clone, Copy)]
pub struct KeyRow {
    pub meanings: &'static [&'static Meaning],
    pub hint: &'static str,
    pub help: &'static str,
}

impl<A> Binding<A> {
    fn help(&self) -> &'static str {
        if self.help.is_empty() { self.meanings[0].text } else { self.help }
    }
}

impl<A: Sync> KeyTable for Keys<A> {
    fn title(&self) -> &'static str {
        self.title
    }

    fn rows(&self) -> Vec<KeyRow> {
        self.bindings.iter().map(|b| KeyRow { meanings: b.meanings, hint: b.hint, help: b.help() }).collect()
    }
}

/// The keys of a scene, then those of `always` that the scene doesn't use itself.
pub fn all_rows(here: &dyn KeyTable, always: &dyn KeyTable) -> Vec<KeyRow> {
    let mut rows = here.rows();
    let taken: Vec<Press> = rows.iter().flat_map(KeyRow::keys).collect();
    rows.extend(always.rows().into_iter().filter(|row| !row.keys().any(|key| taken.contains(&key))));
    rows
}

/// Keys, and what they do, in the last line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    pub keys: String,
    pub text: &'static str,
    /// Shown however narrow the screen is: the way back, help, and quit.
    pub always: bool,
}

impl Hint {
    /// Its columns, with the gap to the next.
    pub fn width(&self) -> usize {
        self.keys.width() + self.text.width() + 3
    }
}

/// The last line's hints.
pub fn hints(rows: &[KeyRow]) -> Vec<Hint> {
    let mut hints: Vec<Hint> = Vec::new();
    for row in rows.iter().filter(|row| !row.hint.is_empty()) {
        let keys = row.keys().next().map(name).unwrap_or_default();
        let always = row.keys().any(|key| [code(KeyCode::Esc), char('?'), char('q')].contains(&key));
        match hints.last_mut() {
            Some(last) if last.text == row.hint => last.keys.push_str(&keys),
            _ => hints.push(Hint { keys, text: row.hint, always }),
        }
    }
    hints
}

impl KeyRow {
    pub fn keys(&self) -> impl Iterator<Item = Press> + use<> {
        self.meanings.iter().flat_map(|meaning| meaning.keys).copied()
    }

    /// All its keys, as the help shows them.
    pub fn names(&self) -> String {
        self.keys().map(name).collect::<Vec<_>>().join(" ")
    }
}

/// A key's name.
pub fn name((modifiers, code): Press) -> String {
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
    match modifiers {
        CTRL => format!("^{}", name.to_uppercase()),
        SHIFT => format!("shift-{name}"),
        NONE => name,
        // None of these is a key of ours.
        _ if modifiers.contains(KeyModifiers::ALT) => format!("alt-{name}"),
        _ => format!("{}-{name}", modifiers.to_string().to_lowercase()),
    }
}
