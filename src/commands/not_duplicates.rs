//! `simages not-duplicates`: records pictures that the user declares not duplicates; lists and undoes such records.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::options::{GlobalOptions, data};
use super::output::{print, say};
use super::run::Run;
use crate::dataset::hash_file;
use crate::duplicates::{JudgedPair, VerdictsFile};
use crate::error::{Error, Result};
use crate::text::{count, hex, printable};

/// Declare pictures not to be duplicates of each other, or list such pairs
///
/// Declares that no two of the FILEs are duplicates. This is remembered by content, so renaming makes no difference.
/// Without FILEs, all remembered pairs are listed: both file names at the time, and both BLAKE3 hashes.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub struct NotDuplicatesArgs {
    /// Two or more pictures
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Undo it: they may be duplicates
    #[arg(long, requires = "files")]
    undo: bool,
}

#[derive(Debug)]
pub struct NotDuplicates {
    files: Vec<PathBuf>,
    undo: bool,
    verdicts: VerdictsFile,
}

impl NotDuplicatesArgs {
    pub fn resolve(self, _: &GlobalOptions) -> Result<NotDuplicates> {
        if self.files.len() == 1 {
            return Err(Error::Input("give at least two pictures".into()));
        }
        Ok(NotDuplicates { files: self.files, undo: self.undo, verdicts: VerdictsFile::new(&data()) })
    }
}

impl Run for NotDuplicates {
    fn run(self: Box<Self>) -> anyhow::Result<ExitCode> {
        if self.files.is_empty() {
            let verdicts = self.verdicts.read()?;
            for (contents, names) in verdicts.iter() {
                let [a, b] = names.each_ref().map(|name| printable(name));
                let [first, second] = contents.map(|content| hex(&content.0));
                print(format!("{a}\t{b}\t{first}\t{second}\n").as_bytes())?;
            }
            say(&format!("{} in {}", count(verdicts.len(), "pair"), crate::shown::path(self.verdicts.path())));
            return Ok(ExitCode::SUCCESS);
        }
        let hashed = self.files.iter().map(|file| {
            let name = crate::shown::path(std::path::absolute(file).unwrap_or_else(|_| file.clone()));
            Ok((hash_file(file)?, name))
        });
        let hashed: Vec<_> = hashed.collect::<Result<_>>()?;
        let mut pairs: Vec<JudgedPair> = Vec::new();
        for (at, (content, name)) in hashed.iter().enumerate() {
            for (other, other_name) in &hashed[at + 1..] {
                if name == other_name {
                    return Err(Error::Input(format!("{name} is given twice")).into());
                }
                if content == other {
                    let text = format!("{name} and {other_name} are byte-identical, so they are duplicates");
                    return Err(Error::Input(text).into());
                }
                pairs.push(([*content, *other], [name.clone(), other_name.clone()]));
            }
        }
        let before = self.verdicts.read()?.len();
        let all = self.verdicts.add(&pairs, self.undo)?;
        let done = if self.undo { "removed" } else { "added" };
        let changed = before.abs_diff(all.len());
        say(&format!("{} {done}; {} in all", count(changed, "pair"), count(all.len(), "pair")));
        Ok(ExitCode::SUCCESS)
    }
}

const HELP: &str = "\
Examples:
  simages not-duplicates a.jpg b.jpg
  simages not-duplicates --undo a.jpg b.jpg
  simages not-duplicates

The pairs are in not-duplicates.jsonl in ~/.local/share/simages (or $XDG_DATA_HOME/simages). Lines are only ever \
added, so several programs may write at once.

Exit codes:
  0    done
  1    failed; the message names the file; also if two of them are byte-identical
  2    bad arguments";
