//! Marks that couldn't be printed, because a signal or a lost terminal cut the session off, or the output failed: their
//! paths are kept in files, and the next sessions tell of them until they are deleted; if that fails, they go to stderr.
//! Identical pictures that weren't compared any more are in a file of their own, whose name says so, and so are those
//! whose groups were being recomputed.

use std::collections::HashMap;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::home::told_path;
use crate::join::export::NewFile;
use crate::marks::{CheckedMarks, ListRecords, MarkRecord, Separator, joined};
use crate::text::{count, printable};

const BEGINS: &str = "marked-";
const END: &str = ".txt";
const NOT_COMPARED: &str = "-not-compared";
const IN_DOUBT: &str = "-in-doubt";

/// Rescues marks, if there are any, into files in `folder`, and says where on stderr.
pub fn rescue(checked: &CheckedMarks, folder: Option<&Path>) {
    let lists = [
        (&checked.paths, "", ""),
        (&checked.not_compared, NOT_COMPARED, " of identical pictures, which weren't compared again,"),
        (&checked.unsettled, IN_DOUBT, " whose groups were being recomputed"),
    ];
    let mut said: Vec<_> = lists
        .into_iter()
        .filter(|(paths, ..)| !paths.is_empty())
        .map(|(paths, what, which)| {
            let marks = count(paths.len(), "mark");
            let no_folder = || Error::Input("there is no folder for them".into());
            match folder.ok_or_else(no_folder).and_then(|to| keep(paths, what, &checked.records, to)) {
                Ok(path) => format!("{marks}{which} kept in {}", crate::shown::path(&path)),
                Err(error) => {
                    let listed: Vec<_> = paths.iter().map(|path| printable(&crate::shown::path(path))).collect();
                    format!("{marks}{which} not kept: {error}; here they are:\n{}", listed.join("\n"))
                }
            }
        })
        .collect();
    said.extend(checked.doubts());
    for line in said {
        tracing::warn!("{line}");
        // The terminal may be gone.
        let _ = writeln!(std::io::stderr(), "{line}");
    }
}

/// Writes the paths to a new file in `folder`, which is created. Returns its path.
fn keep(paths: &[PathBuf], what: &str, records: &HashMap<PathBuf, MarkRecord>, folder: &Path) -> Result<PathBuf> {
    // A name with a line break can't be in a list of lines.
    let list = joined(paths, Separator::Line).or_else(|_| joined(paths, Separator::Null))?;
    fs::create_dir_all(folder).map_err(Error::io(folder))?;
    if let Err(error) = ListRecords::new(folder).keep(&list, paths, records) {
        tracing::warn!(%error, "no records of these marks");
    }
    // Another session may be cut off at the same moment.
    let mut names = (1..).map(|number: u32| folder.join(format!("{BEGINS}{number}{what}{END}")));
    names
        .find_map(|path| match NewFile::create(&path, false).and_then(|file| file.fill(&list)) {
            Err(Error::Io { source, .. }) if source.kind() == ErrorKind::AlreadyExists => None,
            written => Some(written.map(|()| path)),
        })
        .expect("numbers don't end")
}

/// What to say at the start, if there are such files in `folder`; and the one to open first, the latest of whole lists.
pub fn told(folder: &Path) -> Option<(String, PathBuf)> {
    let entries = fs::read_dir(folder).ok()?.flatten();
    let mut names: Vec<_> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.retain(|name| name.starts_with(BEGINS) && name.ends_with(END));
    let number = |name: &String| name.strip_prefix(BEGINS)?.strip_suffix(END)?.parse::<u32>().ok();
    let first = folder.join(names.iter().max_by_key(|name| number(name))?);
    let (lists, open) = (count(names.len(), "list"), if names.len() == 1 { "it" } else { "one" });
    Some((format!("{lists} of unprinted marks in {}: D, then o, opens {open}", told_path(folder)), first))
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
        let kept = [(); 2].map(|()| keep(std::slice::from_ref(&picture), "", &HashMap::new(), &state).unwrap());
        for path in &kept {
            assert_eq!(fs::read_to_string(path).unwrap(), format!("{}\n", picture.display()));
        }
        assert_eq!(
            told(&state).unwrap(),
            (format!("2 lists of unprinted marks in {}: D, then o, opens one", state.display()), kept[1].clone())
        );
        fs::remove_file(&kept[0]).unwrap();
        assert!(told(&state).unwrap().0.starts_with("1 list of unprinted marks in "));
        // Marks whose groups were being recomputed have a list of their own.
        rescue(&CheckedMarks { unsettled: vec![picture], ..CheckedMarks::default() }, Some(&state));
        assert_eq!(fs::read_to_string(state.join("marked-1-in-doubt.txt")).unwrap(), "/there/a.jpg\n");
        // A list of lines can't hold it.
        let kept = keep(&["/there/two\nlines.jpg".into()], NOT_COMPARED, &HashMap::new(), &state).unwrap();
        assert!(kept.ends_with("marked-1-not-compared.txt"));
        assert_eq!(fs::read_to_string(kept).unwrap(), "/there/two\nlines.jpg\0");
    }
}
