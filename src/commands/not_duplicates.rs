//! `simages not-duplicates`: what the user says are no duplicates, listed, added to and taken back.

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

/// Say that pictures are no duplicates of each other, or list what was said
///
/// Of the FILEs no two are duplicates. It is remembered by what they hold, whatever they are called later. Without FILEs all that
/// is remembered is listed: both names as they were, and the BLAKE3 of both files.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub struct NotDuplicatesArgs {
    /// Pictures, two or more
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Take it back: they may be duplicates
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
            return Err(Error::Input("two pictures at least are no duplicates of each other".into()));
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
                if content == other {
                    let text =
                        format!("{name} and {other_name} are the same to the byte: duplicates whatever one says");
                    return Err(Error::Input(text).into());
                }
                pairs.push(([*content, *other], [name.clone(), other_name.clone()]));
            }
        }
        let all = self.verdicts.add(&pairs, self.undo)?;
        let done = if self.undo { "taken back" } else { "remembered" };
        say(&format!("{} {done}; {} in all", count(pairs.len(), "pair"), count(all.len(), "pair")));
        Ok(ExitCode::SUCCESS)
    }
}

const HELP: &str = "\
Examples:
  simages not-duplicates a.jpg b.jpg
  simages not-duplicates --undo a.jpg b.jpg
  simages not-duplicates

It is kept in not-duplicates.jsonl in ~/.local/share/simages ($XDG_DATA_HOME/simages if that is set): lines are only \
ever added, so several programs may write at once.

Exit codes:
  0    done
  1    it failed, and the message names the file; also if two of them are the same to the byte
  2    bad arguments";
