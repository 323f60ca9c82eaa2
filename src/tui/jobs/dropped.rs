//! Files dropped onto a terminal. Each terminal types their paths in its own way: quoted or with backslashes as for a
//! shell, or as a URI.

use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

/// The path meant by typed or dropped text: the text itself if such a file exists or could exist; else the reading by a
/// shell or as a URI.
pub fn undropped(typed: PathBuf) -> PathBuf {
    let readings = readings(&typed);
    let all = || readings.iter();
    let is_there = |path: &&PathBuf| path.symlink_metadata().is_ok();
    let may_be_made = |path: &&PathBuf| match path.parent() {
        Some(folder) => folder.as_os_str().is_empty() || folder.is_dir(),
        None => true,
    };
    all().find(is_there).or_else(|| all().find(may_be_made)).unwrap_or(&typed).clone()
}

/// All possible readings, the text itself first.
pub fn readings(typed: &Path) -> Vec<PathBuf> {
    let others = typed.to_str().map(|text| [of_uri(text), of_shell(text)]).into_iter().flatten().flatten();
    std::iter::once(typed.to_owned()).chain(others).collect()
}

/// `file:///a%20b.jpg`, or with this machine's name.
fn of_uri(text: &str) -> Option<PathBuf> {
    let rest = text.trim().strip_prefix("file://")?;
    let path = percent_decode_str(&rest[rest.find('/')?..]).collect::<Vec<u8>>();
    #[cfg(unix)]
    return Some(std::os::unix::ffi::OsStringExt::from_vec(path)).map(|path: std::ffi::OsString| path.into());
    #[cfg(not(unix))]
    return String::from_utf8(path).ok().map(PathBuf::from);
}

/// The first word, as a shell would read it.
fn of_shell(text: &str) -> Option<PathBuf> {
    let first = shell_words::split(text).ok()?.into_iter().next()?;
    (Path::new(&first) != Path::new(text)).then(|| first.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_understood_as_terminals_type_it() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("drop dir");
        std::fs::create_dir(&folder).unwrap();
        let at = |name: &str| folder.join(name);
        for name in ["my duck (1).jpg", "it's.jpg", "100%25.jpg", "plain.jpg"] {
            std::fs::write(at(name), "").unwrap();
        }
        let begin = place.path().to_str().unwrap();
        for (typed, name) in [
            ("{}/drop dir/my duck (1).jpg", "my duck (1).jpg"),
            ("'{}/drop dir/my duck (1).jpg'", "my duck (1).jpg"),
            ("\"{}/drop dir/my duck (1).jpg\"", "my duck (1).jpg"),
            ("{}/drop\\ dir/my\\ duck\\ \\(1\\).jpg", "my duck (1).jpg"),
            ("'{}/drop dir/it'\\''s.jpg'", "it's.jpg"),
            ("{}/drop dir/it's.jpg", "it's.jpg"),
            ("file://{}/drop%20dir/my%20duck%20(1).jpg", "my duck (1).jpg"),
            ("file://localhost{}/drop%20dir/it's.jpg", "it's.jpg"),
            ("{}/drop dir/100%25.jpg", "100%25.jpg"),
            ("file://{}/drop%20dir/100%2525.jpg", "100%25.jpg"),
            // The first of several.
            ("'{}/drop dir/plain.jpg' '{}/drop dir/it'\\''s.jpg'", "plain.jpg"),
        ] {
            assert_eq!(undropped(typed.replace("{}", begin).into()), at(name), "{typed}");
        }
        // A new file in an existing folder.
        assert_eq!(undropped(format!("'{begin}/drop dir/new.csv'").into()), at("new.csv"));
        assert_eq!(undropped("a\\ b.csv".into()), Path::new("a\\ b.csv"));
    }

    #[test]
    fn a_file_that_is_really_called_so_goes_first() {
        let place = tempfile::tempdir().unwrap();
        for name in ["a\\ b.jpg", "a b.jpg", "'q'.jpg", "q.jpg"] {
            std::fs::write(place.path().join(name), "").unwrap();
            let path = place.path().join(name);
            assert_eq!(undropped(path.clone()), path);
        }
    }
}
