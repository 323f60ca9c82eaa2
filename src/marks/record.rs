//! What a list of paths doesn't say: the contents of the marked pictures, and which pictures stay in their place. It is
//! kept in a file of its own, named after the list's bytes, so that the list can be opened again with all of that.

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::mark::Mark;
use super::paths::{path_of, split};
use crate::dataset::ContentHash;
use crate::kept_files::{delete_older, private_folder};
use crate::text::{hex, unhex};
use crate::whole_file::{self, WholeFile};

/// How long the records of a list are kept.
const KEPT: Duration = Duration::from_secs(366 * 24 * 60 * 60);
const PREFIX: &str = ".simages-list.";

/// A mark as it was when its path was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkRecord {
    /// Of its bytes, if it was indexed.
    pub content: Option<ContentHash>,
    /// The picture that stays in its place, if it was marked in a group.
    pub kept: Option<KeptRecord>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRecord {
    pub path: PathBuf,
    pub content: Option<ContentHash>,
}

/// A line of the file; the lines are in the order of the list. Bytes as hexadecimal digits.
#[derive(Serialize, Deserialize)]
struct RecordLine {
    content: Option<String>,
    kept: Option<String>,
    kept_content: Option<String>,
}

impl MarkRecord {
    pub fn of(mark: &Mark) -> MarkRecord {
        let kept = mark.kept().map(|kept| KeptRecord { path: kept.path.clone(), content: kept.content });
        MarkRecord { content: mark.file.content, kept }
    }

    fn line(&self) -> RecordLine {
        let content = |content: Option<ContentHash>| content.map(|content| hex(&content.0));
        let kept = self.kept.as_ref();
        RecordLine {
            content: content(self.content),
            kept: kept.map(|kept| hex(kept.path.as_os_str().as_encoded_bytes())),
            kept_content: content(kept.and_then(|kept| kept.content)),
        }
    }
}

impl RecordLine {
    /// None if it isn't as we write it.
    fn record(self) -> Option<MarkRecord> {
        let content = |text: Option<String>| match text {
            Some(text) => Some(Some(ContentHash(unhex(&text)?.try_into().ok()?))),
            None => Some(None),
        };
        let kept = match self.kept {
            Some(path) => Some(KeptRecord { path: path_of(&unhex(&path)?), content: content(self.kept_content)? }),
            None => None,
        };
        Some(MarkRecord { content: content(self.content)?, kept })
    }
}

/// The records of lists.
#[derive(Clone, Debug)]
pub struct ListRecords(PathBuf);

impl ListRecords {
    /// In this folder of the user's state.
    pub fn new(state: &Path) -> ListRecords {
        ListRecords(state.join("lists"))
    }

    fn file(&self, list: &[u8]) -> PathBuf {
        self.0.join(format!("{}.jsonl", blake3::hash(list).to_hex()))
    }

    /// Keeps the records of a list of these paths. If an earlier list had the same bytes, a picture marked by hand in
    /// this one, but in a group in that one, stays one of a group, unless it has changed or the kept picture has gone.
    pub fn keep(&self, list: &[u8], paths: &[PathBuf], records: &HashMap<PathBuf, MarkRecord>) -> io::Result<()> {
        let before: HashMap<PathBuf, MarkRecord> = self.of(list).into_iter().flatten().collect();
        private_folder(&self.0)?;
        delete_older(&self.0, KEPT);
        let mut file = WholeFile::create(&self.file(list), PREFIX)?;
        let mut lines = Vec::new();
        for path in paths {
            let record = records.get(path).ok_or(io::ErrorKind::NotFound)?;
            let of_group = before.get(path).filter(|before| {
                before.content == record.content && before.kept.as_ref().is_some_and(|kept| kept.path.exists())
            });
            let record = of_group.filter(|_| record.kept.is_none()).unwrap_or(record);
            serde_json::to_writer(&mut lines, &record.line())?;
            lines.push(b'\n');
        }
        file.write_all(&lines)?;
        file.replace()
    }

    /// The paths in a list, and the record of each. None if there are no records of this list.
    pub fn of(&self, list: &[u8]) -> Option<Vec<(PathBuf, MarkRecord)>> {
        let (paths, lines) = (split(list), whole_file::read(&self.file(list)).ok()?);
        let lines = lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let record = |line: &[u8]| serde_json::from_slice::<RecordLine>(line).ok()?.record();
        let records: Vec<MarkRecord> = lines.map(record).collect::<Option<_>>()?;
        (records.len() == paths.len()).then(|| paths.into_iter().zip(records).collect())
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use super::*;
    use crate::marks::{Separator, joined};

    #[test]
    fn a_list_is_known_again_by_its_bytes_with_all_that_it_does_not_say() {
        let folder = tempfile::tempdir().unwrap();
        let records = ListRecords::new(folder.path());
        let odd = PathBuf::from(OsStr::from_bytes(b"/a/caf\xe9.jpg"));
        let original = folder.path().join("original.jpg");
        std::fs::write(&original, "").unwrap();
        let kept = KeptRecord { path: original.clone(), content: Some(ContentHash([7; 32])) };
        let all = [
            (PathBuf::from("/a/b.jpg"), MarkRecord { content: Some(ContentHash([9; 32])), kept: Some(kept) }),
            (odd, MarkRecord { content: None, kept: None }),
            (PathBuf::from("/a/two\nlines.jpg"), MarkRecord { content: None, kept: None }),
        ];
        let paths: Vec<_> = all.iter().map(|(path, _)| path.clone()).collect();
        let list = joined(&paths, Separator::Null).unwrap();
        assert_eq!(records.of(&list), None);
        records.keep(&list, &paths, &all.iter().cloned().collect()).unwrap();
        assert_eq!(records.of(&list).unwrap(), all);
        // The same paths, all marked by hand: what was kept stays known.
        let by_hand =
            |(path, record): &(PathBuf, MarkRecord)| (path.clone(), MarkRecord { kept: None, ..record.clone() });
        records.keep(&list, &paths, &all.iter().map(by_hand).collect()).unwrap();
        assert_eq!(records.of(&list).unwrap(), all);
        // Unless it is there no more.
        std::fs::remove_file(original).unwrap();
        records.keep(&list, &paths, &all.iter().map(by_hand).collect()).unwrap();
        assert_eq!(records.of(&list).unwrap(), all.each_ref().map(by_hand));
        assert_eq!(records.of(b"/a/b.jpg\n"), None, "another list");
        // Damaged records are none.
        std::fs::write(records.file(&list), "{}\n").unwrap();
        assert_eq!(records.of(&list), None);
    }
}
