//! Marks that couldn't be printed, because a signal or a lost terminal cut the session off, or the output failed: their
//! paths are kept in a file, and the next sessions name it until it is deleted.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::print::print;
use crate::error::{Error, Result};
use crate::join::export::NewFile;
use crate::marks::{CheckedMarks, Separator};
use crate::text::count;

const BEGINS: &str = "marked-";

/// Rescues marks, if there are any, into a file in `folder`, and says where on stderr.
pub fn rescue(checked: &CheckedMarks, folder: Option<&Path>) {
    let rescued = match folder {
        Some(folder) => keep(checked, folder),
        None if checked.paths.is_empty() => Ok(None),
        None => Err(Error::Input("there is no folder to keep them in".into())),
    };
    let mut said = match rescued {
        Ok(None) if checked.left_out.is_empty() => return,
        Ok(None) => "no marks are kept".to_owned(),
        Ok(Some(path)) => format!("the paths of marked pictures are kept in {}", crate::shown::path(&path)),
        Err(error) => format!("the marks are lost: {error}"),
    };
    if let Some(first) = checked.doubts().next() {
        let more = checked.left_out.len() - 1;
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        said = format!("{said}; {first}{more}");
    }
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
        more => format!(" and {}", count(more, "other list")),
    };
    Some(format!("marks of an interrupted session: {first}{more}; delete a list when you no longer need it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_kept_in_files_of_their_own_which_are_named_until_they_are_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let picture = PathBuf::from("/there/a.jpg");
        let state = folder.path().join("state/simages");
        assert_eq!(told(&state), None);
        assert!(keep(&CheckedMarks::default(), &state).unwrap().is_none());
        let checked = CheckedMarks { paths: vec![picture.clone()], left_out: Vec::new() };
        let kept = [(); 2].map(|()| keep(&checked, &state).unwrap().unwrap());
        for path in &kept {
            assert_eq!(fs::read_to_string(path).unwrap(), format!("{}\n", picture.display()));
        }
        assert!(told(&state).unwrap().contains("marked-1.txt and 1 other list; "));
        fs::remove_file(&kept[0]).unwrap();
        assert!(told(&state).unwrap().contains("marked-2.txt; "));
        // A list of lines can't hold it.
        let odd = CheckedMarks { paths: vec!["/there/two\nlines.jpg".into()], left_out: Vec::new() };
        let kept = keep(&odd, &state).unwrap().unwrap();
        assert_eq!(fs::read_to_string(kept).unwrap(), "/there/two\nlines.jpg\0");
    }
}
