//! Checks that the code follows docs/architecture.md: imports only go down, no import circles, small files, unique type
//! names. Reads the source itself, so that errors name the file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The floors from top to bottom: each imports only from later lines.
const FLOORS: [&[&str]; 15] = [
    &["main"],
    &["cli"],
    &["commands"],
    &["tui"],
    &["terminal"],
    &["clusters", "order"],
    &["archive", "map", "preferences"],
    &["duplicates", "grid"],
    &["join", "index", "marks"],
    &["storage", "page"],
    &["vgg16"],
    &["descriptor"],
    &["dataset"],
    // The ground floor: these may import each other, but nothing above.
    &[
        "worker",
        "signals",
        "log",
        "defects",
        "progress",
        "mapped",
        "whole_file",
        "kept_files",
        "priority",
        "parallel",
        "checksum",
        "simd",
        "cpu_time",
        "home",
    ],
    &["text", "cancel", "error", "limits", "shown"],
];
const LONGEST_FILE: usize = 400;
/// A library, and the only module that may use it.
const LIBRARIES: [(&str, &str); 4] =
    [("ratatui", "tui"), ("ratatui_image", "tui"), ("candle_core", "vgg16"), ("candle_nn", "vgg16")];

/// A module: its file without test code, and its re-exports.
struct Module {
    file: String,
    code: String,
    children: BTreeSet<String>,
    /// Name to path, of `pub use`.
    handed_on: BTreeMap<String, Vec<String>>,
}

struct House(BTreeMap<Vec<String>, Module>);

#[test]
fn imports_run_down_and_never_in_a_circle() {
    let house = House::read();
    let floor = |file: &str| {
        let top = file.split(['/', '.']).next().unwrap();
        FLOORS.iter().position(|floor| floor.contains(&top)).unwrap_or_else(|| panic!("{file} stands on no floor"))
    };
    let imports = house.imports();
    let mut wrong = Vec::new();
    for (from, all) in &imports {
        for to in all.iter().filter(|to| floor(to) < floor(from)) {
            wrong.push(format!("{from} imports {to}, which stands above it"));
        }
    }
    wrong.extend(circles(&imports).into_iter().map(|circle| format!("a circle: {}", circle.join(" -> "))));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_are_small_and_libraries_are_known_in_one_place() {
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        let lines = text.lines().count();
        if lines > LONGEST_FILE {
            wrong.push(format!("{file} has {lines} lines, more than {LONGEST_FILE}"));
        }
        for (library, place) in LIBRARIES {
            let known = file.starts_with(&format!("{place}/"));
            if !known && words(&without_comments(&text)).any(|word| word == library) {
                wrong.push(format!("{file} knows {library}, which is {place}'s"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_name_of_a_type_means_one_thing() {
    let mut defined: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for module in House::read().0.values() {
        for line in module.code.lines().filter(|line| !line.starts_with(' ')) {
            let mut words = words(line.trim_start_matches("pub")).skip_while(|word| word.starts_with("crate"));
            if let (Some("struct" | "enum" | "trait" | "type"), Some(name)) = (words.next(), words.next()) {
                defined.entry(name.to_owned()).or_default().push(module.file.clone());
            }
        }
    }
    let twice = defined.iter().filter(|(_, files)| files.iter().collect::<BTreeSet<_>>().len() > 1);
    let wrong: Vec<_> = twice.map(|(name, files)| format!("{name} is {}", files.join(" and "))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

impl House {
    fn read() -> House {
        let mut modules = BTreeMap::new();
        let sources = sources();
        let only_for_tests = only_for_tests(&sources);
        for (file, text) in sources.into_iter().filter(|(file, _)| !only_for_tests.contains(file)) {
            let text = without_comments(&text);
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned();
            let mut handed_on = BTreeMap::new();
            let path = path_of(&file);
            for (public, tree) in uses(&code) {
                // The file that defines a macro re-exports it.
                for (name, full) in leaves(&tree).into_iter().filter(|(_, full)| public && full.len() > 1) {
                    handed_on.insert(name, absolute(&path, &full));
                }
            }
            modules.insert(path, Module { file, code, children: BTreeSet::new(), handed_on });
        }
        let all: Vec<_> = modules.keys().cloned().collect();
        for path in all.iter().filter(|path| !path.is_empty()) {
            let (name, parent) = path.split_last().unwrap();
            if let Some(parent) = modules.get_mut(parent) {
                parent.children.insert(name.clone());
            }
        }
        House(modules)
    }

    /// Each file, with the files it imports from.
    fn imports(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut imports: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (path, module) in &self.0 {
            let to = imports.entry(module.file.clone()).or_default();
            let used = uses(&module.code).into_iter().filter(|(public, _)| !public);
            let used = used.flat_map(|(_, tree)| leaves(&tree)).map(|(_, full)| full);
            let named = inline_paths(&module.code);
            for full in used.chain(named) {
                let full = absolute(path, &full);
                if let Some(file) = self.defined_in(&full, 0).filter(|file| *file != module.file) {
                    to.insert(file);
                }
            }
        }
        imports
    }

    /// The file that defines the item at this path; None if it isn't ours.
    fn defined_in(&self, path: &[String], depth: usize) -> Option<String> {
        assert!(depth < 20, "{path:?} is handed on in a circle");
        let mut at = Vec::new();
        for (i, name) in path.iter().enumerate() {
            let module = self.0.get(&at)?;
            if module.children.contains(name) {
                at.push(name.clone());
            } else if let Some(elsewhere) = module.handed_on.get(name) {
                let full: Vec<_> = elsewhere.iter().chain(&path[i + 1..]).cloned().collect();
                return self.defined_in(&full, depth + 1);
            } else {
                break;
            }
        }
        // The crate root defines nothing.
        self.0.get(&at).map(|module| module.file.clone()).filter(|_| !at.is_empty())
    }
}

/// All files below src, by relative path.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            match entry.extension().and_then(|e| e.to_str()) {
                _ if entry.is_dir() => folders.push(entry),
                Some("rs") => files.push(entry),
                _ => {}
            }
        }
    }
    files.sort();
    let name = |file: &PathBuf| file.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
    files.iter().map(|file| (name(file), std::fs::read_to_string(file).unwrap())).collect()
}

/// Files of modules used only by tests or the fuzzer.
fn only_for_tests(sources: &[(String, String)]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (file, text) in sources {
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next() {
            let test = line.starts_with("#[cfg(test)]") || line.starts_with("#[cfg(any(test, fuzzing))]");
            let Some(next) = lines.peek().filter(|_| test) else { continue };
            let Some(name) = next.trim_start_matches("pub ").strip_prefix("mod ").and_then(|n| n.strip_suffix(';'))
            else {
                continue;
            };
            let path: Vec<_> = path_of(file).into_iter().chain([name.to_owned()]).collect();
            let below = path.join("/");
            found.extend(
                sources
                    .iter()
                    .map(|(f, _)| f)
                    .filter(|f| path_of(f).join("/") == below || f.starts_with(&format!("{below}/")))
                    .cloned(),
            );
        }
    }
    found
}

fn path_of(file: &str) -> Vec<String> {
    let path = file.trim_end_matches(".rs").trim_end_matches("/mod");
    if path == "lib" { Vec::new() } else { path.split('/').map(str::to_owned).collect() }
}

fn without_comments(text: &str) -> String {
    let line = |line: &str| if line.trim_start().starts_with("//") { String::new() } else { line.to_owned() };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// Each `use`: whether it is public, and its tree.
fn uses(code: &str) -> Vec<(bool, String)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("use ") {
        let line = &code[code[..at].rfind('\n').map_or(0, |n| n + 1)..at];
        let public = line.trim().starts_with("pub");
        if line.trim().is_empty() || (public && line.trim().len() < 20) {
            let tree = code[at + 4..].split(';').next().unwrap();
            found.push((public, tree.split_whitespace().collect::<Vec<_>>().join(" ")));
        }
    }
    found
}

/// The names in a `use` tree, each with its path.
fn leaves(tree: &str) -> Vec<(String, Vec<String>)> {
    let Some((before, inside)) = tree.split_once('{') else {
        let (path, name) = tree.split_once(" as ").map_or((tree, None), |(path, name)| (path, Some(name)));
        let path: Vec<_> = path.split("::").map(|part| part.trim().to_owned()).collect();
        let path: Vec<_> = path.into_iter().filter(|part| part != "self" && part != "*").collect();
        let name = name.map(str::to_owned).or(path.last().cloned()).unwrap_or_default();
        return vec![(name, path)];
    };
    let inside = inside.trim_end().strip_suffix('}').unwrap_or(inside);
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for c in inside.chars() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        match c {
            ',' if depth == 0 => parts.push(String::new()),
            c => parts.last_mut().unwrap().push(c),
        }
    }
    let parts = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty());
    parts.flat_map(|part| leaves(&format!("{before}{part}"))).collect()
}

/// Paths used inline.
fn inline_paths(code: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for begin in ["crate::", "super::", "simages::"] {
        for (at, _) in code.match_indices(begin) {
            let path: String = code[at..].chars().take_while(|c| c.is_alphanumeric() || "_:".contains(*c)).collect();
            found.push(path.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect());
        }
    }
    found
}

/// Resolves a path from the crate's root.
fn absolute(module: &[String], path: &[String]) -> Vec<String> {
    let mut at = module.to_vec();
    let mut rest = path;
    match path.first().map(String::as_str) {
        Some("crate" | "simages") => {
            at.clear();
            rest = &path[1..];
        }
        _ => {
            while rest.first().is_some_and(|part| part == "super") {
                at.pop();
                rest = &rest[1..];
            }
        }
    }
    at.extend(rest.iter().cloned());
    at
}

/// Circular imports, one circle per tangle.
fn circles(imports: &BTreeMap<String, BTreeSet<String>>) -> Vec<Vec<String>> {
    let mut left = imports.clone();
    // Files without remaining imports are in no circle; nor are those that no remaining file imports.
    loop {
        let free: BTreeSet<_> =
            left.iter().filter(|(_, to)| to.iter().all(|to| !left.contains_key(to))).map(|(f, _)| f.clone()).collect();
        if free.is_empty() {
            break;
        }
        left.retain(|file, _| !free.contains(file));
    }
    let mut found = Vec::new();
    while let Some(begin) = left.keys().next().cloned() {
        let mut path = vec![begin];
        let circle = loop {
            let next = left[path.last().unwrap()].iter().find(|to| left.contains_key(*to)).unwrap().clone();
            if let Some(at) = path.iter().position(|file| *file == next) {
                break [&path[at..], &[next]].concat();
            }
            path.push(next);
        };
        left.retain(|file, _| !circle.contains(file));
        found.push(circle);
        let kept = left.clone();
        left.retain(|_, to| to.iter().any(|to| kept.contains_key(to)));
        loop {
            let kept = left.clone();
            left.retain(|_, to| to.iter().any(|to| kept.contains_key(to)));
            if left.len() == kept.len() {
                break;
            }
        }
    }
    found
}
