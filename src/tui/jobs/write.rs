//! Writes files off the screen's thread: never over an existing file, and completely or not at all.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::join::export::{NewFile, ShownFormat, ShownResults};
use crate::marks::{CheckedMarks, Mark, Separator, check, joined};
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
        return listed(path, &results.paths());
    }
    let mut file = new_file(path)?;
    results.write(format, &mut file).map_err(Error::io(path))?;
    file.keep()?;
    Ok(format!("{} written to {}", count(results.results.len(), "result"), crate::shown::path(path)))
}

/// Checks marked pictures once more and writes the paths of the unchanged ones, one per line, to a new file. Returns a
/// summary, and the pictures left out with the reasons.
pub fn marks(path: &Path, marks: &[Mark]) -> (Result<String>, Vec<(PathBuf, String)>) {
    let CheckedMarks { paths, left_out } = check(marks);
    (listed(path, &paths).map(|written| format!("{written}{}", told(&left_out))), left_out)
}

fn listed(path: &Path, paths: &[PathBuf]) -> Result<String> {
    let bytes = joined(paths, Separator::Line)?;
    if paths.is_empty() {
        return Ok(format!("nothing written to {}", crate::shown::path(path)));
    }
    let mut file = new_file(path)?;
    file.write_all(&bytes).map_err(Error::io(path))?;
    file.keep()?;
    Ok(format!("{} written to {}", count(paths.len(), "path"), crate::shown::path(path)))
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
    use std::sync::Arc;

    use parquet::file::reader::{FileReader, SerializedFileReader};

    use super::*;
    use crate::descriptor::{Descriptor, Row};
    use crate::join::{DescriptorKind, Metric, Neighbour};

    #[test]
    fn results_are_written_as_the_name_says_and_not_at_all_where_it_says_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let row = Arc::new(Row::new("sub/duck.jpg", None, Descriptor::default()));
        let found = ShownResults {
            like: vec!["/keys/drake.jpg".into()],
            unlike: Vec::new(),
            contents: vec![None],
            descriptor: DescriptorKind::Regions,
            metric: Metric::Cosine,
            root: "/pictures".into(),
            results: vec![(1, Neighbour::new(row, 0.5))],
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
            std::fs::read_to_string(path).unwrap()
        };
        assert_eq!(
            written("a.json"),
            "{\"key\":\"/keys/drake.jpg\",\"metric\":\"cosine\",\"descriptor\":\"best\",\"dataset\":\"/pictures\",\
             \"results\":[{\"rank\":1,\"file\":\"sub/duck.jpg\",\"path\":\"/pictures/sub/duck.jpg\",\"value\":0.5}]}\n"
        );
        assert_eq!(written("a.csv"), "rank,file,value\n1,sub/duck.jpg,0.5\n");
        assert_eq!(written("a.txt"), "/pictures/sub/duck.jpg\n");
        let path = folder.path().join("a.parquet");
        assert_eq!(results(&path, &found).unwrap(), format!("1 result written to {}", path.display()));
        let file = SerializedFileReader::new(std::fs::File::open(&path).unwrap()).unwrap();
        let rows: Vec<String> = file.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect();
        assert_eq!(rows, ["{key: \"/keys/drake.jpg\", rank: 1, file: \"sub/duck.jpg\", value: 0.5}"]);
    }
}
