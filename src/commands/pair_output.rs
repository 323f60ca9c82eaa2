//! Where and how the results of a join are written.

use std::io::{self, BufWriter, Stdout, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::output::may_be_written;
use super::words::one_of;
use crate::cancel::Cancel;
use crate::error::{Error, Result};
use crate::join::export::{NewFile, PairFormat};
use crate::shown::ShownOn;

#[derive(Debug, Args)]
pub struct OutputArgs {
    /// The output format: csv, jsonl or parquet [default: by FILE's extension, else csv]
    #[arg(long, value_parser = one_of(PairFormat::ALL.map(|f| (f.name(), f))), hide_possible_values = true)]
    format: Option<PairFormat>,

    /// Write to FILE, which appears when complete [default: stdout]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Replace FILE if it exists
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug)]
pub struct Output {
    pub format: PairFormat,
    /// None: stdout.
    pub path: Option<PathBuf>,
    /// Whether neither place nor format was given: if a page was, no records are written.
    pub is_by_default: bool,
    /// Whether an existing file may be replaced.
    force: bool,
}

impl OutputArgs {
    /// `only_keys`: write keys instead of pairs.
    pub fn resolve(self, only_keys: bool) -> Result<Output> {
        let format = self.format()?;
        if only_keys && format == PairFormat::Parquet {
            return Err(Error::Input("--without needs the format csv or jsonl".into()));
        }
        if let Some(output) = &self.output {
            may_be_written(output, self.force)?;
        }
        let is_by_default = self.output.is_none() && self.format.is_none();
        Ok(Output { format, path: self.output, is_by_default, force: self.force })
    }

    /// The format asked for, or by the output's extension.
    fn format(&self) -> Result<PairFormat> {
        match (self.format, &self.output) {
            (Some(PairFormat::Parquet), None) => {
                Err(Error::Input("parquet needs a file, not stdout: give --output FILE".into()))
            }
            (Some(format), _) => Ok(format),
            (None, Some(output)) => {
                PairFormat::by_extension(output).map_err(|e| Error::Input(format!("{e}, or give --format")))
            }
            (None, None) => Ok(PairFormat::Csv),
        }
    }
}

impl Output {
    /// The name of the output in error messages.
    pub fn place(&self) -> &Path {
        self.path.as_deref().unwrap_or(Path::new("stdout"))
    }

    pub fn open(&self) -> Result<Destination> {
        Ok(match &self.path {
            None => Destination::Stdout(BufWriter::with_capacity(1 << 16, ShownOn::stdout())),
            Some(path) => Destination::File(NewFile::create(path, self.force)?),
        })
    }
}

/// Where records go.
pub enum Destination {
    Stdout(BufWriter<ShownOn<Stdout>>),
    File(NewFile),
}

impl Destination {
    /// Call after the last record: moves a file into place, unless the join was cancelled.
    pub fn keep(self, cancel: &Cancel) -> Result<()> {
        match self {
            Destination::Stdout(_) => Ok(()),
            Destination::File(file) => {
                cancel.check()?;
                file.keep()
            }
        }
    }
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Destination::Stdout(to) => to.write(bytes),
            Destination::File(to) => to.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Destination::Stdout(to) => to.flush(),
            Destination::File(to) => to.flush(),
        }
    }
}
