//! Paths as they are typed: completing them, and what `~` stands for.

use std::path::{MAIN_SEPARATOR, PathBuf};

use super::dropped::meant;

/// A path as typed, `~` standing for the home folder.
pub fn expanded_path(text: &str) -> PathBuf {
    match text.strip_prefix("~/").zip(std::env::home_dir()) {
        Some((inside, home)) => home.join(inside),
        None => text.into(),
    }
}

/// `text` completed as far as the names in its folder agree.
pub fn complete(text: &str) -> String {
    let meant = meant(text.into()).to_string_lossy().into_owned();
    let text = meant.as_str();
    let (folder, begun) = match text.rfind(MAIN_SEPARATOR) {
        Some(at) => (&text[..=at], &text[at + 1..]),
        None => ("", text),
    };
    let read = expanded_path(if folder.is_empty() { "." } else { folder });
    let names = std::fs::read_dir(read).into_iter().flatten().flatten();
    let mut matching = names.filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let shown = name.starts_with(begun) && (!name.starts_with('.') || begun.starts_with('.'));
        shown.then(|| if entry.path().is_dir() { format!("{name}{MAIN_SEPARATOR}") } else { name })
    });
    let Some(first) = matching.next() else { return text.into() };
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
        let dropped = format!("'{}/work'", folder.path().display());
        assert_eq!(complete(&dropped), format!("{}/work/", folder.path().display()));
    }
}
