//! What the user excludes: with `--exclude`, and with `.simagesignore` files in any folder. Both use the syntax of
//! `.gitignore`.

use std::path::Path;
use std::sync::Arc;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::left_out::LeftOutBy;
use crate::error::{Error, Result};

/// In any folder: what to exclude from it and from the folders below.
pub const IGNORE_FILE: &str = ".simagesignore";

/// Globs of `--exclude`, like lines of a `.gitignore` in the dataset's folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exclude(Arc<[String]>);

/// The rules that apply in a folder.
#[derive(Clone)]
pub struct Rules {
    exclude: Arc<Gitignore>,
    /// The nearest file.
    file: Option<Arc<IgnoreFile>>,
}

struct IgnoreFile {
    /// Path inside the dataset.
    name: String,
    globs: Gitignore,
    /// The next one above.
    above: Option<Arc<IgnoreFile>>,
}

/// What the rules say about a file or folder.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// Nothing.
    None,
    /// Explicitly included.
    Wanted,
    /// Excluded: by whom, and the glob or file responsible.
    LeftOut(LeftOutBy, &'a str),
}

impl Exclude {
    /// A malformed glob is an error.
    pub fn new(globs: &[String]) -> Result<Exclude> {
        let exclude = Exclude(globs.into());
        exclude.globs(Path::new("/")).map_err(|error| Error::Input(format!("--exclude: {error}")))?;
        match globs.iter().find(|glob| glob.trim().is_empty()) {
            Some(_) => Err(Error::Input("--exclude: expected a glob, such as *.tif or raw/".into())),
            None => Ok(exclude),
        }
    }

    fn globs(&self, root: &Path) -> std::result::Result<Gitignore, ignore::Error> {
        let mut builder = GitignoreBuilder::new(root);
        for glob in self.0.iter() {
            builder.add_line(None, &line(glob, root))?;
        }
        builder.build()
    }

    /// The rules in the dataset's folder `root`.
    pub fn rules(&self, root: &Path) -> Rules {
        let globs = self.globs(root).expect("they were read when they were given");
        Rules { exclude: Arc::new(globs), file: None }
    }
}

/// Turns a glob into a line of an ignore file: a leading `#` is no comment, and a path that the shell made absolute is
/// relative to the dataset.
fn line(glob: &str, root: &Path) -> String {
    if let Some(inside) = root.to_str().and_then(|root| glob.strip_prefix(root)).filter(|i| i.starts_with('/')) {
        return inside.to_owned();
    }
    if glob.starts_with('#') { format!("\\{glob}") } else { glob.to_owned() }
}

impl Rules {
    /// These rules, preceded by those in the file at `path`, called `name` in the dataset; and an error for lines that
    /// can't be parsed.
    pub fn with_file(&self, path: &Path, name: String) -> (Rules, Option<ignore::Error>) {
        let mut builder = GitignoreBuilder::new(path.parent().unwrap_or(path));
        let error = builder.add(path);
        let (globs, error) = match builder.build() {
            Ok(globs) => (globs, error),
            Err(other) => (Gitignore::empty(), Some(other)),
        };
        let file = Arc::new(IgnoreFile { name, globs, above: self.file.clone() });
        (Rules { exclude: self.exclude.clone(), file: Some(file) }, error)
    }

    /// The verdict on `path`. `--exclude` comes first, then the nearest file.
    pub fn verdict(&self, path: &Path, is_folder: bool) -> Verdict<'_> {
        match self.exclude.matched(path, is_folder) {
            Match::Ignore(glob) => return Verdict::LeftOut(LeftOutBy::Exclude, glob.original()),
            Match::Whitelist(_) => return Verdict::Wanted,
            Match::None => {}
        }
        let mut file = self.file.as_deref();
        while let Some(IgnoreFile { name, globs, above }) = file {
            match globs.matched(path, is_folder) {
                Match::Ignore(_) => return Verdict::LeftOut(LeftOutBy::IgnoreFile, name),
                Match::Whitelist(_) => return Verdict::Wanted,
                Match::None => file = above.as_deref(),
            }
        }
        Verdict::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_are_those_of_gitignore_below_the_dataset() {
        let globs = ["*.tif", "!keep.tif", "#recycled", "/top.jpg", "/set/raw/"].map(String::from);
        let rules = Exclude::new(&globs).unwrap().rules(Path::new("/set"));
        let verdict = |path: &str, is_folder| rules.verdict(path.as_ref(), is_folder);
        let left_out = |glob| Verdict::LeftOut(LeftOutBy::Exclude, glob);
        assert_eq!(verdict("/set/a/b.tif", false), left_out("*.tif"));
        assert_eq!(verdict("/set/keep.tif", false), Verdict::Wanted);
        assert_eq!(verdict("/set/a/#recycled", true), left_out("\\#recycled"));
        assert_eq!(verdict("/set/top.jpg", false), left_out("/top.jpg"));
        assert_eq!(verdict("/set/raw", true), left_out("/raw/"));
        for path in ["/set/raw", "/set/a/top.jpg", "/set/a.jpg"] {
            assert_eq!(verdict(path, false), Verdict::None);
        }
    }

    #[test]
    fn a_glob_that_cannot_be_read_is_named() {
        let message = |glob: &str| Exclude::new(&[glob.to_owned()]).unwrap_err().to_string();
        assert!(message("a{b").contains("a{b"), "{}", message("a{b"));
        assert!(message("").contains("expected a glob"));
    }
}
