//! Keys: each has one meaning in all scenes, listed in docs/keys.md.

use std::collections::BTreeMap;
use std::path::Path;

use super::{app, press, screen};
use crate::tui::keys::{KeyRow, Press, char, name};
use crate::tui::meanings::{ALL, RESERVED};
use crate::tui::scenes::tables;

#[test]
fn no_key_means_two_things() {
    let mut meanings: BTreeMap<String, &str> = BTreeMap::new();
    let mut means = |key: Press, text: &'static str| {
        let before = meanings.insert(name(key), text);
        assert!(before.is_none_or(|before| before == text), "{} means {before:?} and {text:?}", name(key));
    };
    for meaning in ALL {
        meaning.keys.iter().for_each(|key| means(*key, meaning.text));
    }
    for (key, text) in RESERVED {
        means(char(key), text);
    }
    // Scenes bind only these meanings, and each key once per scene.
    for table in tables() {
        let mut bound = Vec::new();
        for row in table.rows() {
            row.meanings.iter().flat_map(|meaning| meaning.keys).for_each(|key| means(*key, meaning_of(&row, *key)));
            bound.extend(row.keys());
        }
        let all = bound.len();
        bound.sort_by_key(|key| name(*key));
        bound.dedup();
        assert_eq!(bound.len(), all, "{}: a key is bound twice", table.title());
    }
}

fn meaning_of(row: &KeyRow, key: Press) -> &'static str {
    row.meanings.iter().find(|meaning| meaning.keys.contains(&key)).unwrap().text
}

/// Where a meaning's keys work.
fn places(text: &str) -> String {
    let binds = |row: &KeyRow| row.meanings.iter().any(|meaning| meaning.text == text);
    let tables = tables().into_iter().filter(|table| table.rows().iter().any(binds));
    tables.map(|table| table.title().to_lowercase()).collect::<Vec<_>>().join(", ")
}

fn document() -> String {
    let mut lines = vec![
        "# Keys".to_owned(),
        String::new(),
        "A key has one meaning, wherever it works. This file is generated from the tables that handle keys (`src/tui/meanings.rs`):".into(),
        "`SIMAGES_WRITE_KEYS=1 cargo test --lib tui::tests::keys` writes it, and a test compares the two. On the screens, `?` lists the".into(),
        "keys of each.".into(),
        String::new(),
        "| key | means | where |".into(),
        "|---|---|---|".into(),
    ];
    let code = |key: String| format!("`{}`", key.replace('|', "\\|"));
    for meaning in ALL {
        let keys = meaning.keys.iter().map(|key| code(name(*key))).collect::<Vec<_>>().join(" ");
        lines.push(format!("| {keys} | {} | {} |", meaning.text, places(meaning.text)));
    }
    lines.extend([
        String::new(),
        "While you type text (a filter, a file name), letters are text: `⏎` accepts it, `esc` or `^C` discards it, `tab` completes a path,".into(),
        "`^U` clears it. In the settings, digits, `.` and backspace edit a number. To a question, `⏎` or `y` says yes, `esc` or `n` no.".into(),
        String::new(),
        "Reserved for later:".into(),
        String::new(),
        "| key | will mean |".into(),
        "|---|---|".into(),
    ]);
    lines.extend(RESERVED.iter().map(|(key, text)| format!("| {} | {text} |", code(key.to_string()))));
    lines.join("\n") + "\n"
}

#[test]
fn the_document_tells_what_the_tables_say() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/keys.md");
    if std::env::var_os("SIMAGES_WRITE_KEYS").is_some() {
        std::fs::write(&file, document()).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(written, document(), "docs/keys.md differs from the tables: SIMAGES_WRITE_KEYS=1 writes it");
}

#[test]
fn every_meaning_works_somewhere() {
    for meaning in ALL {
        assert_ne!(places(meaning.text), "", "{}", meaning.text);
    }
}

#[test]
fn a_key_that_does_nothing_here_says_where_it_works() {
    let mut app = app(120, 40);
    press(&mut app, "<enter>D");
    assert!(screen(&app).contains("D works in: key select"), "{}", screen(&app));
    // It is said until the next key.
    press(&mut app, "<right>");
    assert!(!screen(&app).contains("D works in"), "{}", screen(&app));
    // Nothing uses this one; and one that is used in many places isn't listed with all of them.
    press(&mut app, "Z");
    assert!(screen(&app).contains("Z does nothing here; ? lists the keys"), "{}", screen(&app));
    press(&mut app, "<esc>/D");
    assert!(!screen(&app).contains("works in"), "a letter that is typed is text: {}", screen(&app));
}
