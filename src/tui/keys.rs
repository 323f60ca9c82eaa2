//! Keys: tables from which they are handled, hints drawn and help written. Each scene's stands in its own file.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key as it is pressed.
pub type Press = (KeyModifiers, KeyCode);

/// What some keys mean, wherever they work: a key has one meaning in all scenes.
pub struct Meaning {
    pub keys: &'static [Press],
    pub text: &'static str,
}

pub struct Binding<A: 'static> {
    pub meanings: &'static [&'static Meaning],
    /// What they ask for.
    pub action: A,
    /// In the last line; bindings in a row with the same hint share it. Empty: only in the help.
    pub hint: &'static str,
    /// Empty: what the keys mean everywhere says it.
    pub help: &'static str,
}

/// The keys of a scene.
pub struct Keys<A: 'static> {
    /// What the scene is called in the help.
    pub title: &'static str,
    pub bindings: &'static [Binding<A>],
}

/// `Move(Left) => [on::LEFT] "move" "previous picture";` what is asked for, meanings of keys, hint, help.
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

pub const fn char(c: char) -> Press {
    (NONE, KeyCode::Char(c))
}

pub const fn ctrl(c: char) -> Press {
    (CTRL, KeyCode::Char(c))
}

pub const fn shift(code: KeyCode) -> Press {
    (KeyModifiers::SHIFT, code)
}

pub const fn code(code: KeyCode) -> Press {
    (NONE, code)
}

impl<A: Copy> Keys<A> {
    /// What `key` asks for, if it is one of these.
    pub fn action(&self, key: KeyEvent) -> Option<A> {
        let asked_by = |pressed: Press| {
            let asks = |b: &&Binding<A>| b.meanings.iter().any(|meaning| meaning.keys.contains(&pressed));
            self.bindings.iter().find(asks).map(|b| b.action)
        };
        // A capital letter says that shift was held; where nothing else is meant by it, so does any other key.
        asked_by((key.modifiers, key.code)).or_else(|| asked_by((key.modifiers - KeyModifiers::SHIFT, key.code)))
    }
}

/// A table of keys, whatever they ask for.
pub trait KeyTable: Sync {
    fn title(&self) -> &'static str;

    fn rows(&self) -> Vec<KeyRow>;
}

/// Some keys that ask for the same.
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

/// The keys of a scene, then those of `always` that it has not taken for something else.
pub fn all_rows(here: &dyn KeyTable, always: &dyn KeyTable) -> Vec<KeyRow> {
    let mut rows = here.rows();
    let taken: Vec<Press> = rows.iter().flat_map(KeyRow::keys).collect();
    rows.extend(always.rows().into_iter().filter(|row| !row.keys().any(|key| taken.contains(&key))));
    rows
}

/// The last line's hints: keys and what they do.
pub fn hints(rows: &[KeyRow]) -> Vec<(String, &'static str)> {
    let mut hints: Vec<(String, &'static str)> = Vec::new();
    for row in rows.iter().filter(|row| !row.hint.is_empty()) {
        let key = row.keys().next().map(name).unwrap_or_default();
        match hints.last_mut() {
            Some((keys, hint)) if *hint == row.hint => keys.push_str(&key),
            _ => hints.push((key, row.hint)),
        }
    }
    hints
}

impl KeyRow {
    pub fn keys(&self) -> impl Iterator<Item = Press> + use<> {
        self.meanings.iter().flat_map(|meaning| meaning.keys).copied()
    }

    /// All its keys, as help shows them.
    pub fn names(&self) -> String {
        self.keys().map(name).collect::<Vec<_>>().join(" ")
    }
}

/// A key as it is written.
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
        KeyModifiers::SHIFT => format!("shift-{name}"),
        _ => name,
    }
}
