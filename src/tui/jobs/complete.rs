//! Paths as they are typed: completion, and `~`.

use std::path::MAIN_SEPARATOR;

use super::dropped::undropped;
use crate::dataset::meant;
use crate::home::expanded_path;
use crate::shown::{as_seen, text};

/// `typed`, completed as far as the names in its folder agree.
pub fn complete(typed: &str) -> String {
    let undropped = undropped(typed.into()).to_string_lossy().into_owned();
    let typed = undropped.as_str();
    let (folder, begun) = match typed.rfind(MAIN_SEPARATOR) {
        Some(at) => (&typed[..=at], &typed[at + 1..]),
        None => ("", typed),
    };
    let read = expanded_path(if folder.is_empty() { "." } else { folder });
    let (read, begun) = (meant(&read).unwrap_or(read), as_seen(begun));
    let names = std::fs::read_dir(read).into_iter().flatten().flatten();
    let mut matching = names.filter_map(|entry| {
        // Compare names as displayed: what is typed that way is found, whatever the bytes are.
        let name = text(&entry.file_name());
        let name = as_seen(&name);
        let shown = name.starts_with(&*begun) && (!name.starts_with('.') || begun.starts_with('.'));
        shown.then(|| if entry.path().is_dir() { format!("{name}{MAIN_SEPARATOR}") } else { name.into_owned() })
    });
    let Some(first) = matching.next() else { return typed.into() };
    let common = matching.fold(first, |common, name| {
        common.chars().zip(name.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
    });
    format!("{folder}{common}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_completed_as_far_as_names_agree() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["holiday_1.jpg", "holiday_2.jpg", ".hidden"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        std::fs::create_dir(folder.path().join("work")).unwrap();
        let at = |text: &str| {
            let base = format!("{}/", folder.path().display());
            complete(&format!("{base}{text}")).replace(&base, "")
        };
        assert_eq!(at("ho"), "holiday_");
        assert_eq!(at("w"), "work/");
        assert_eq!(at("zzz"), "zzz");
        assert_eq!(at(".h"), ".hidden");
        // Decomposed on the disk, composed where it is typed.
        std::fs::create_dir(folder.path().join("e\u{301}te\u{301}")).unwrap();
        std::fs::write(folder.path().join("e\u{301}te\u{301}/plage.jpg"), "").unwrap();
        assert_eq!(at("\u{e9}t"), "\u{e9}t\u{e9}/");
        assert_eq!(at("\u{e9}t\u{e9}/pl"), "\u{e9}t\u{e9}/plage.jpg");
        let dropped = format!("'{}/work'", folder.path().display());
        assert_eq!(complete(&dropped), format!("{}/work/", folder.path().display()));
    }
}
