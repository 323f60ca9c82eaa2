//! Marks of a session that was cut off, by a signal or because its terminal is gone: their paths are kept in a file, and
//! the next sessions name it until it is deleted.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::list::Marks;
use super::print::{checked, print};
use crate::cancel::Cancel;
use crate::error::{Error, Result};
use crate::join::export::NewFile;
use crate::marks::{CheckedMarks, LastCheck, Separator};
use crate::text::count;

const BEGINS: &str = "marked-";

/// Keeps marks, if there are any, in a file in `folder`, and says where on stderr. Once cancelled, pictures that would
/// have to be read first are left out.
pub fn keep_and_tell(marks: &Marks, folder: Option<&Path>, cancel: &Cancel) {
    let checked = checked(marks, LastCheck::silent(cancel));
    let left_out = match checked.left_out.len() {
        0 => String::new(),
        left_out => format!("; {} left out: their files have changed, or weren't read again", count(left_out, "mark")),
    };
    let said = match folder.map(|folder| keep(&checked, folder)) {
        None | Some(Ok(None)) if left_out.is_empty() => return,
        None | Some(Ok(None)) => format!("no marks are kept{left_out}"),
        Some(Ok(Some(path))) => {
            format!("the paths of marked pictures are kept in {}{left_out}", crate::shown::path(&path))
        }
        Some(Err(error)) => format!("the marks are lost: {error}"),
    };
    tracing::warn!("{said}");
    // The terminal may be gone.
    let _ = writeln!(std::io::stderr(), "{said}");
}

/// Writes the paths to a new file in `folder`, which is created. Returns its path; None if there are none.
fn keep(checked: &CheckedMarks, folder: &Path) -> Result<Option<PathBuf>> {
    let listed = |separator| {
        let mut paths = Vec::new();
        print(checked, separator, &mut paths, &mut std::io::sink()).map(|()| paths)
    };
    // A name with a line break can't be in a list of lines.
    let paths = listed(Separator::Line).or_else(|_| listed(Separator::Null))?;
    if paths.is_empty() {
        return Ok(None);
    }
    fs::create_dir_all(folder).map_err(Error::io(folder))?;
    // Another session may be cut off at the same moment.
    let mut names = (1..).map(|number: u32| folder.join(format!("{BEGINS}{number}.txt")));
    names
        .find_map(|path| match NewFile::create(&path, false).and_then(|file| file.fill(&paths)) {
            Err(Error::Io { source, .. }) if source.kind() == ErrorKind::AlreadyExists => None,
            written => Some(written.map(|()| Some(path))),
        })
        .expect("numbers don't end")
}

/// What to say at the start, if there are such files in `folder`.
pub fn told(folder: &Path) -> Option<String> {
    let entries = fs::read_dir(folder).ok()?.flatten();
    let mut names: Vec<_> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.retain(|name| name.starts_with(BEGINS) && name.ends_with(".txt"));
    names.sort();
    let first = crate::shown::path(folder.join(names.first()?));
    let more = match names.len() - 1 {
        0 => String::new(),
        more => format!(" and {}", count(more, "other")),
    };
    Some(format!("marks of an interrupted session: {first}{more}; delete what you have used"))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::dataset::{FileId, Stamp, ctime_ns};
    use crate::marks::{MarkedFile, Origin};

    #[test]
    fn marks_are_kept_in_files_of_their_own_which_are_named_until_they_are_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let picture = folder.path().join("a.jpg");
        fs::write(&picture, "a").unwrap();
        let of = picture.metadata().unwrap();
        let (stamp, id, ctime_ns) = (Stamp::of(&of), FileId::of(&picture, &of), ctime_ns(&of));
        let mut marks = Marks::default();
        let file =
            MarkedFile { dataset: 0, name: "a.jpg".into(), path: picture.clone(), stamp, id, ctime_ns, content: None };
        marks.mark(file, Origin::ByHand).unwrap();

        let state = folder.path().join("state/simages");
        assert_eq!(told(&state), None);
        let checked = |marks: &Marks| checked(marks, LastCheck::silent(&Cancel::default()));
        assert!(keep(&checked(&Marks::default()), &state).unwrap().is_none());
        let kept = [(); 2].map(|()| keep(&checked(&marks), &state).unwrap().unwrap());
        for path in &kept {
            assert_eq!(fs::read_to_string(path).unwrap(), format!("{}\n", picture.display()));
        }
        assert!(told(&state).unwrap().contains("marked-1.txt and 1 other; "));
        fs::remove_file(&kept[0]).unwrap();
        assert!(told(&state).unwrap().contains("marked-2.txt; "));
    }
}
