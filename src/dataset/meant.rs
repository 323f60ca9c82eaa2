//! Finds the file or folder that a typed path means; or explains why there is none.

use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

use super::names::text;
use crate::error::{Error, in_words};
use crate::limits::Limit;
use crate::shown::as_seen;

/// The message if there is none.
pub const NO_SUCH_FILE: &str = "no such file";

/// The file at `typed`: under that exact name, else one whose name is displayed like that. So any displayed name can be
/// typed, whatever its bytes are.
pub fn meant(typed: &Path) -> io::Result<PathBuf> {
    let error = match typed.metadata() {
        Ok(_) => return Ok(typed.to_owned()),
        Err(error) => error,
    };
    if error.kind() != ErrorKind::NotFound || typed.is_symlink() || typed.as_os_str().is_empty() {
        return Err(error);
    }
    let mut found = PathBuf::new();
    for part in typed.components() {
        let next = found.join(part);
        found = match part {
            Component::Normal(name) if next.symlink_metadata().is_err() => match alike(&found, &text(name))? {
                Some(alike) => alike,
                None => return Err(error),
            },
            _ => next,
        };
    }
    found.metadata().map(|_| found)
}

/// The first name in a folder, in order, that is displayed like `name`.
fn alike(folder: &Path, name: &str) -> io::Result<Option<PathBuf>> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let name = as_seen(name);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if as_seen(&text(&entry.file_name())) == name {
            found.push(entry.file_name());
        }
    }
    let inside = |name| if folder == Path::new(".") { PathBuf::from(name) } else { folder.join(name) };
    Ok(found.into_iter().min().map(inside))
}

/// The contents of the file that `typed` means. `wrong` turns a description of the problem, which follows the file's
/// name, into an error.
pub fn read_meant(typed: &Path, wrong: impl FnOnce(String) -> Error) -> Result<Vec<u8>, Error> {
    let read = meant(typed).and_then(|path| match path.is_dir() {
        true => Err(ErrorKind::IsADirectory.into()),
        false => std::fs::read(path),
    });
    read.map_err(|error| match (Limit::of(&error), error.kind()) {
        (Some(limit), _) => Error::Limit(limit),
        (None, ErrorKind::IsADirectory) => wrong("is a folder, not a file".into()),
        (None, _) => wrong(why_not(typed, &error)),
    })
}

/// Why there is nothing to read, worded to follow the file's name.
pub fn why_not(path: &Path, error: &io::Error) -> String {
    if let Some(limit) = Limit::of(error) {
        return limit.to_string();
    }
    // If a link in the path is broken, the first such link is the problem.
    let mut ways: Vec<_> = path.ancestors().collect();
    ways.reverse();
    let link = ways.iter().find(|way| way.is_symlink() && way.metadata().is_err());
    let target = link.and_then(|link| std::fs::read_link(link).ok()).map(|target| text(target.as_os_str()));
    match (target, error.kind()) {
        (Some(target), ErrorKind::NotFound) => format!("broken link to {target}; is a drive not mounted?"),
        (Some(target), _) if is_loop(error) => format!("a link that leads back to itself (to {target})"),
        (Some(target), ErrorKind::PermissionDenied) => format!("a link to {target}: permission denied"),
        (Some(target), _) => format!("broken link to {target}: {}", in_words(error)),
        (None, ErrorKind::NotFound | ErrorKind::NotADirectory) => NO_SUCH_FILE.into(),
        (None, _) if is_loop(error) => "a link that leads back to itself".into(),
        (None, ErrorKind::PermissionDenied) => match closed(&ways) {
            Some(folder) => {
                format!("the folder {} can't be read (permission denied)", crate::shown::path(folder))
            }
            None => "permission denied".into(),
        },
        (None, _) if path.metadata().is_ok_and(|is| !is.is_file() && !is.is_dir()) => "not a regular file".into(),
        (None, _) => in_words(error),
    }
}

/// Whether links lead in a circle.
fn is_loop(error: &io::Error) -> bool {
    #[cfg(unix)]
    return error.raw_os_error() == Some(libc::ELOOP);
    #[cfg(not(unix))]
    {
        let _ = error;
        false
    }
}

/// The first of these folders that we have no permission to read.
fn closed<'a>(ways: &[&'a Path]) -> Option<&'a Path> {
    let denied = |way: &Path| way.metadata().is_err_and(|error| error.kind() == ErrorKind::PermissionDenied);
    let first = ways.iter().position(|way| denied(way));
    match first {
        Some(at) => ways[..at].last().copied(),
        // It can be entered, but not listed.
        None => {
            let listed = |way: &&&Path| way.is_dir() && std::fs::read_dir(way).is_err();
            ways.iter().find(listed).copied()
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn what_is_shown_of_a_name_finds_it_whatever_its_bytes_are() {
        let folder = tempfile::tempdir().unwrap();
        let names = [&b"caf\xe9/b.jpg"[..], "cafe\u{301}.jpg".as_bytes(), "a\u{202e}b\n.jpg".as_bytes()];
        for name in names {
            let path = folder.path().join(OsStr::from_bytes(name));
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, "").unwrap();
            let shown = crate::shown::printable(&crate::shown::path(&path));
            assert_eq!(meant(shown.as_ref()).unwrap(), path, "{shown}");
        }
        let composed = folder.path().join("caf\u{e9}.jpg");
        assert_eq!(meant(&composed).unwrap(), folder.path().join("cafe\u{301}.jpg"));
        assert_eq!(meant(&folder.path().join("cafe.jpg")).unwrap_err().kind(), ErrorKind::NotFound);
        std::fs::write(&composed, "").unwrap();
        assert_eq!(meant(&composed).unwrap(), composed);
    }

    #[test]
    fn links_that_lead_nowhere_are_called_that() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        symlink("gone.jpg", at("broken.jpg")).unwrap();
        symlink("loop.jpg", at("loop.jpg")).unwrap();
        symlink("gone", at("folder")).unwrap();
        let why = |name: &str| why_not(&at(name), &meant(&at(name)).unwrap_err());
        assert_eq!(why("broken.jpg"), "broken link to gone.jpg; is a drive not mounted?");
        assert_eq!(why("loop.jpg"), "a link that leads back to itself (to loop.jpg)");
        assert_eq!(why("folder/a.jpg"), "broken link to gone; is a drive not mounted?");
        assert_eq!(why("a.jpg"), "no such file");
        if !rustix::process::getuid().is_root() {
            std::fs::create_dir(at("closed")).unwrap();
            std::fs::set_permissions(at("closed"), std::os::unix::fs::PermissionsExt::from_mode(0o000)).unwrap();
            assert!(why("closed/a.jpg").contains("may not be looked into"), "{}", why("closed/a.jpg"));
        }
    }
}
