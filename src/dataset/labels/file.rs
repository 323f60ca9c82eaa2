//! A file with the class of each picture: CSV, with a header.
//!
//! ```csv
//! file,class
//! 2024/a.jpg,beach
//! ```

use std::collections::btree_map::{BTreeMap, Entry};
use std::path::{Path, PathBuf};

use csv::StringRecord;

use crate::dataset::meant::read_meant;
use crate::error::{Error, Result};
use crate::text::count;

/// The columns, in this order, and no others.
const HEADER: [&str; 2] = ["file", "class"];
const SHOULD_BE: &str = "it should be file,class, followed by a line for each picture: 2024/a.jpg,beach";
/// The most characters quoted of a wrong header: a file that isn't CSV may be one long line.
const HEADER_TOLD: usize = 100;

/// A parsed file of labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelsFile {
    pub path: PathBuf,
    /// By picture name: as written, later as named in a dataset ([`LabelsFile::fit`]).
    labels: BTreeMap<String, Label>,
}

/// A line's statement about its picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The line where it begins; the first line of the file is 1.
    pub line: usize,
    pub class: String,
}

impl LabelsFile {
    /// Reads the file at `path`. A wrong header or line is an error, and so is a name with two classes.
    pub fn read(path: &Path) -> Result<LabelsFile> {
        let file = crate::shown::path(path);
        let remedy = "--labels takes folder, prefix, or a CSV file";
        let bytes = read_meant(path, |why| Error::Input(format!("{file}: {why}; {remedy}")))?;
        let wrong = |line: usize, what: &str| Error::Input(format!("{file}, line {line}: {what}"));
        let text = str::from_utf8(&bytes).map_err(|error| {
            let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            wrong(1 + line_ends(&before), "not UTF-8; save it as CSV in UTF-8")
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut csv = csv::ReaderBuilder::new();
        let csv = csv.has_headers(false).flexible(true).trim(csv::Trim::All);
        let mut labels = LabelsFile::empty(path);
        let (mut has_header, mut at, mut line) = (false, 0, 1);
        for record in csv.from_reader(text.as_bytes()).records() {
            let record = record.map_err(|error| Error::Input(format!("{file}: {error}")))?;
            let begin = begin(text, &record);
            line += line_ends(&text[at..begin]);
            at = begin;
            if record.iter().all(str::is_empty) {
                continue;
            }
            if !has_header {
                has_header = true;
                check_header(path, &record)?;
                continue;
            }
            let (name, class) = fields(&record).map_err(|what| wrong(line, &what))?;
            labels.add(name, Label { line, class })?;
        }
        match (has_header, labels.is_empty()) {
            (true, false) => Ok(labels),
            (true, true) => Err(Error::Input(format!("{file}: nothing follows the header; {SHOULD_BE}"))),
            (false, _) => Err(Error::Input(format!("{file}: there is no header; {SHOULD_BE}"))),
        }
    }

    /// A file without labels.
    pub fn empty(path: &Path) -> LabelsFile {
        LabelsFile { path: path.to_owned(), labels: BTreeMap::new() }
    }

    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    pub fn class(&self, name: &str) -> Option<&str> {
        Some(&self.labels.get(name)?.class)
    }

    /// Names and labels, in the order of the lines.
    pub fn labels(&self) -> Vec<(&str, &Label)> {
        let mut labels: Vec<_> = self.labels.iter().map(|(name, label)| (name.as_str(), label)).collect();
        labels.sort_by_key(|(_, label)| label.line);
        labels
    }

    /// Keeps the first label of a picture. A different class for the same picture is an error.
    pub fn add(&mut self, name: String, label: Label) -> Result<()> {
        match self.labels.entry(name) {
            Entry::Vacant(new) => {
                new.insert(label);
            }
            Entry::Occupied(known) if known.get().class == label.class => {}
            Entry::Occupied(known) => {
                let (file, name, first) = (crate::shown::path(&self.path), known.key(), known.get());
                let first = format!("of class {} (line {})", first.class, first.line);
                let second = format!("of class {} (line {})", label.class, label.line);
                return Err(Error::Input(format!("{file}: {name} is {first} and {second}; remove one line")));
            }
        }
        Ok(())
    }
}

/// The byte where `record` begins. The reader counts blank lines and the rest of a line end before it as part of it.
fn begin(text: &str, record: &StringRecord) -> usize {
    let read_from = record.position().map_or(0, |position| position.byte() as usize);
    text.len() - text[read_from..].trim_start_matches(['\r', '\n']).len()
}

fn line_ends(text: &str) -> usize {
    text.replace("\r\n", "\n").matches(['\r', '\n']).count()
}

fn check_header(path: &Path, record: &StringRecord) -> Result<()> {
    if record.iter().eq(HEADER) {
        return Ok(());
    }
    let found: String = record.iter().collect::<Vec<_>>().join(",").chars().take(HEADER_TOLD).collect();
    Err(Error::Input(format!("{}: the header is {found}; {SHOULD_BE}", crate::shown::path(path))))
}

/// The file and the class in a line, or what is wrong with the line.
fn fields(record: &StringRecord) -> std::result::Result<(String, String), String> {
    match record.iter().collect::<Vec<_>>()[..] {
        ["", class] => Err(format!("class {class} has no file; add one, or remove the line")),
        [name, ""] => Err(format!("{name} has no class; add one, or remove the line")),
        [_, class] if class.contains(['\r', '\n']) => {
            Err("the class continues on the next line; is a quote (\") missing?".into())
        }
        [name, class] => Ok((name.to_owned(), class.to_owned())),
        ref other => {
            let fields = count(other.len(), "field");
            Err(format!(
                "{fields}; there should be two, a file and its class: a.jpg,beach (with a comma: \"a, b.jpg\",beach)"
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: impl AsRef<[u8]>) -> Result<LabelsFile> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("labels.csv");
        std::fs::write(&path, bytes).unwrap();
        LabelsFile::read(&path)
    }

    /// The error, after the file's name.
    #[track_caller]
    fn error(bytes: impl AsRef<[u8]>) -> String {
        let message = read(bytes).unwrap_err().to_string();
        message.split_once("labels.csv").unwrap().1.to_owned()
    }

    fn told(file: &LabelsFile) -> Vec<(&str, &str, usize)> {
        file.labels().into_iter().map(|(name, label)| (name, label.class.as_str(), label.line)).collect()
    }

    #[test]
    fn names_have_the_classes_and_lines_that_the_file_says() {
        let file = read("file,class\nz.jpg,x\n\"b, c.jpg\", y \n").unwrap();
        assert_eq!(told(&file), [("z.jpg", "x", 2), ("b, c.jpg", "y", 3)]);
        assert_eq!([file.class("z.jpg"), file.class("d.jpg")], [Some("x"), None]);
        assert!(LabelsFile::read("/nowhere.csv".as_ref()).unwrap_err().to_string().contains("/nowhere.csv"));
    }

    #[test]
    fn line_ends_a_byte_order_mark_and_blank_lines_do_not_disturb() {
        for end in ["\n", "\r\n", "\r"] {
            let text = "\u{feff}\n\"file\",class\n\na.jpg,x\n  \n,\n\n\"b\nc.jpg\",y\nd.jpg,z".replace('\n', end);
            let file = read(text).unwrap();
            let name = format!("b{end}c.jpg");
            assert_eq!(told(&file), [("a.jpg", "x", 4), (&name, "y", 8), ("d.jpg", "z", 10)]);
        }
        assert!(error("file,class\r\n\r\na.jpg,x\r\n\r\nb.jpg\r\n").starts_with(", line 5: 1 field;"));
    }

    #[test]
    fn another_header_is_told_with_the_one_that_is_expected() {
        for header in ["file", "path,label", "class,file", "file,class,size", "file;class", "a.jpg,x", "File,Class"] {
            let message = error(format!("{header}\na.jpg,x\n"));
            assert_eq!(message, format!(": the header is {header}; {SHOULD_BE}"));
        }
        assert!(error(format!("[{}]", "{},".repeat(9000))).len() < 300);
        assert_eq!(error(""), format!(": there is no header; {SHOULD_BE}"));
        assert_eq!(error("\r\n\r\n"), error(""));
        assert!(error("file,class\n\n").starts_with(": nothing follows the header; "));
    }

    #[test]
    fn a_line_that_is_not_as_it_should_be_is_named() {
        let error = |line: &str| error(format!("file,class\na.jpg,x\n{line}\nc.jpg,x\n"));
        assert!(error("b.jpg").starts_with(", line 3: 1 field; there should be two"));
        assert!(error("b.jpg,x,").starts_with(", line 3: 3 fields; there should be two"));
        assert_eq!(error("b.jpg,"), ", line 3: b.jpg has no class; add one, or remove the line");
        assert_eq!(error("b.jpg, "), error("b.jpg,"));
        assert_eq!(error(" ,x"), ", line 3: class x has no file; add one, or remove the line");
        assert!(error("b.jpg,\"x").starts_with(", line 3: the class continues on the next line"));
    }

    #[test]
    fn what_is_not_utf_8_is_told_with_its_line() {
        assert_eq!(error(b"file,class\r\na.jpg,x\r\nb\xe9.jpg,x\r\n"), ", line 3: not UTF-8; save it as CSV in UTF-8");
        assert!(error(b"\xff\xfef\0i\0l\0e\0").starts_with(", line 1: not UTF-8"));
    }

    #[test]
    fn one_name_has_one_class() {
        let message = error("file,class\na.jpg,x\nb.jpg,x\na.jpg,y\n");
        assert_eq!(message, ": a.jpg is of class x (line 2) and of class y (line 4); remove one line");
        assert_eq!(told(&read("file,class\na.jpg,x\na.jpg,x\n").unwrap()), [("a.jpg", "x", 2)]);
    }
}
