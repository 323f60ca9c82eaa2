//! Writes files off the screen's thread: never over an existing file, and completely or not at all.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use super::dropped::undropped;
use crate::duplicates::VerdictsFile;
use crate::error::{Error, Result, in_words};
use crate::join::export::{NewFile, ShownFormat, ShownResults};
use crate::marks::{CheckedMarks, LastCheck, ListRecords, Mark, Separator, check, joined};
use crate::text::count;

/// A file that must not exist yet.
pub fn new_file(path: &Path) -> Result<NewFile> {
    NewFile::create(path, false).map_err(|error| match error {
        Error::Io { ref source, .. } if source.kind() == ErrorKind::AlreadyExists => {
            Error::Input(format!("{error}; choose another name"))
        }
        other => other,
    })
}

/// Writes results to a new file. Returns a summary.
pub fn results(path: &Path, results: &ShownResults) -> Result<String> {
    let format = ShownFormat::by_extension(path)?;
    if format == ShownFormat::Paths {
        let paths = results.paths();
        return listed(path, paths.len(), &joined(&paths, Separator::Line)?);
    }
    let mut file = new_file(path)?;
    results.write(format, &mut file).map_err(Error::io(path))?;
    file.keep()?;
    Ok(format!("{} written to {}", count(results.results.len(), "result"), crate::shown::path(path)))
}

/// A list of marked pictures to write.
#[derive(Clone, Debug)]
pub struct MarksToWrite {
    /// As typed, or dropped onto the terminal.
    pub path: PathBuf,
    pub marks: Vec<Mark>,
    pub verdicts: Option<VerdictsFile>,
    pub lists: Arc<Mutex<WrittenLists>>,
}

/// What became of a list of marks.
#[derive(Debug)]
pub struct WrittenMarks {
    /// What was written, in words.
    pub written: Result<String>,
    /// The pictures left out, and why.
    pub left_out: Vec<(PathBuf, String)>,
}

impl MarksToWrite {
    pub fn write(&self, checking: LastCheck) -> Result<WrittenMarks> {
        let cancel = checking.cancel;
        let checked = check(&self.marks, checking);
        cancel.check()?;
        Ok(self.lists.lock().write(&undropped(self.path.clone()), checked))
    }
}

/// The lists of marked pictures written or opened since the program started: the bytes, by path. Such a list is written
/// anew when its marks have changed, unless somebody else has changed the file.
#[derive(Debug, Default)]
pub struct WrittenLists {
    bytes: HashMap<PathBuf, Vec<u8>>,
    /// What is kept of them, to open them again.
    pub records: Option<ListRecords>,
}

impl WrittenLists {
    /// A list that an earlier session wrote was opened: its marks are in this one, so that it may be written anew.
    pub fn opened(&mut self, path: PathBuf, bytes: Vec<u8>) {
        self.bytes.insert(path, bytes);
    }

    /// Writes the paths of unchanged pictures, one per line, to a new file, or in place of the list written before.
    fn write(&mut self, path: &Path, checked: CheckedMarks) -> WrittenMarks {
        let CheckedMarks { mut paths, mut left_out, records, .. } = checked;
        let broken = paths.extract_if(.., |path| !Separator::Line.separates(path));
        left_out.extend(
            broken.map(|path| (path, "has a line break in its path: unmark it, or start with --print0".into())),
        );
        let before = self.bytes.get(path).filter(|before| std::fs::read(path).is_ok_and(|now| now == **before));
        let instead = before.map(|before| before.iter().filter(|byte| **byte == b'\n').count());
        let mut unkept = String::new();
        let written = joined(&paths, Separator::Line).and_then(|bytes| {
            let said = match instead {
                None => listed(path, paths.len(), &bytes)?,
                Some(before) => {
                    NewFile::create(path, true)?.fill(&bytes)?;
                    format!("{}, instead of the {before} before", written_to(path, paths.len()))
                }
            };
            if instead.is_some() || !bytes.is_empty() {
                let kept = self.records.as_ref().map(|kept| kept.keep(&bytes, &paths, &records));
                self.bytes.insert(path.to_owned(), bytes);
                if let Some(Err(error)) = kept {
                    unkept = format!("; o can't open it again: {}", in_words(&error));
                }
            }
            Ok(format!("{said}{}{unkept}", told(&left_out)))
        });
        WrittenMarks { written, left_out }
    }
}

/// Writes a list of so many paths to a new file.
fn listed(path: &Path, paths: usize, bytes: &[u8]) -> Result<String> {
    if paths == 0 {
        return Ok(format!("nothing written to {}", crate::shown::path(path)));
    }
    new_file(path)?.fill(bytes)?;
    Ok(written_to(path, paths))
}

fn written_to(path: &Path, paths: usize) -> String {
    format!("{} written to {}", count(paths, "path"), crate::shown::path(path))
}

/// The first picture left out, by name, and how many more.
fn told(left_out: &[(PathBuf, String)]) -> String {
    let Some((path, why)) = left_out.first() else { return String::new() };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let more = match left_out.len() - 1 {
        0 => String::new(),
        more => format!(", and {more} more (m lists them)"),
    };
    format!("; left out: {name} {why}{more}")
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::sync::Arc;

    use parquet::file::reader::{FileReader, SerializedFileReader};

    use super::*;
    use crate::cancel::Cancel;
    use crate::dataset::{FileId, Stamp, ctime_ns};
    use crate::descriptor::{Descriptor, Row};
    use crate::join::export::RankedResult;
    use crate::join::{DescriptorKind, Metric, Neighbour};
    use crate::marks::{MarkedFile, Origin};

    #[test]
    fn results_are_written_as_the_name_says_and_not_at_all_where_it_says_nothing() {
        let folder = tempfile::tempdir().unwrap();
        // Not UTF-8: a list of paths has its bytes, the rest its name as displayed.
        let bytes = PathBuf::from(OsStr::from_bytes(b"/pictures/sub/du\xffck.jpg"));
        let row = Arc::new(Row::new(r"sub/du\xffck.jpg", None, Descriptor::default()));
        let found = ShownResults {
            like: vec!["/keys/drake.jpg".into()],
            unlike: Vec::new(),
            contents: vec![None],
            descriptor: DescriptorKind::Regions,
            metric: Metric::Cosine,
            root: "/pictures".into(),
            results: vec![RankedResult { rank: 1, path: bytes, found: Neighbour::new(row, 0.5) }],
        };
        for name in ["results", "results.xlsx"] {
            let message = results(&folder.path().join(name), &found).unwrap_err().to_string();
            assert!(message.ends_with("the name must end in .csv, .json, .parquet or .txt"), "{message}");
        }
        assert_eq!(folder.path().read_dir().unwrap().count(), 0);
        let written = |name: &str| {
            let path = folder.path().join(name);
            assert!(results(&path, &found).unwrap().contains(" written to "));
            assert!(results(&path, &found).unwrap_err().to_string().contains("exists already; choose another name"));
            std::fs::read(path).unwrap()
        };
        assert_eq!(
            String::from_utf8(written("a.json")).unwrap(),
            "{\"key\":\"/keys/drake.jpg\",\"metric\":\"cosine\",\"descriptor\":\"best\",\"dataset\":\"/pictures\",\
             \"results\":[{\"rank\":1,\"file\":\"sub/du\\\\xffck.jpg\",\
             \"path\":\"/pictures/sub/du\\\\xffck.jpg\",\"value\":0.5}]}\n"
        );
        assert_eq!(written("a.csv"), b"rank,file,value\n1,sub/du\\xffck.jpg,0.5\n");
        assert_eq!(written("a.txt"), b"/pictures/sub/du\xffck.jpg\n");
        let path = folder.path().join("a.parquet");
        assert_eq!(results(&path, &found).unwrap(), format!("1 result written to {}", path.display()));
        let file = SerializedFileReader::new(std::fs::File::open(&path).unwrap()).unwrap();
        let rows: Vec<String> = file.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect();
        assert_eq!(rows, ["{key: \"/keys/drake.jpg\", rank: 1, file: \"sub/du\\xffck.jpg\", value: 0.5}"]);
    }

    #[test]
    fn a_list_is_written_anew_where_only_we_have_written() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        ["a.jpg", "b.jpg"].iter().for_each(|name| std::fs::write(at(name), name).unwrap());
        let mark = |name: &str| {
            let (path, of) = (at(name), at(name).metadata().unwrap());
            let (stamp, id, ctime_ns) = (Stamp::of(&of), FileId::of(&path, &of), ctime_ns(&of));
            let file = MarkedFile { path, name: name.to_owned(), dataset: 0, stamp, id, ctime_ns, content: None };
            Mark { file, origin: Origin::ByHand }
        };
        let silently = |marks: &[Mark]| check(marks, LastCheck::silent(&Cancel::default()));
        let (list, mut lists) = (at("list.txt"), WrittenLists::default());
        let said = |lists: &mut WrittenLists, names: &[&str]| {
            let marks: Vec<_> = names.iter().map(|name| mark(name)).collect();
            lists.write(&list, silently(&marks)).written.map_err(|error| error.to_string())
        };
        assert!(said(&mut lists, &["a.jpg", "b.jpg"]).unwrap().starts_with("2 paths written to "));
        let again = said(&mut lists, &["b.jpg"]).unwrap();
        assert!(again.starts_with("1 path written to ") && again.ends_with(", instead of the 2 before"), "{again}");
        assert_eq!(std::fs::read_to_string(&list).unwrap(), format!("{}\n", at("b.jpg").display()));
        // No line of a list.
        std::fs::write(at("two\nlines.jpg"), "c").unwrap();
        let checked = silently(&[mark("a.jpg"), mark("two\nlines.jpg")]);
        let WrittenMarks { written, left_out } = lists.write(&list, checked);
        assert!(written.unwrap().starts_with("1 path written to ") && left_out[0].0 == at("two\nlines.jpg"));
        assert_eq!(std::fs::read_to_string(&list).unwrap(), format!("{}\n", at("a.jpg").display()));
        // Somebody else's by now.
        std::fs::write(&list, "mine").unwrap();
        assert!(said(&mut lists, &["a.jpg"]).unwrap_err().contains("exists already"));
        assert_eq!(std::fs::read_to_string(&list).unwrap(), "mine");
    }
}
