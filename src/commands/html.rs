//! `--html`: results as a page for a browser.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;

use super::options::cache;
use super::output::{may_be_written, say};
use super::teller::{Count, Teller};
use crate::cancel::Cancel;
use crate::dataset::thumbnails::Thumbnails;
use crate::error::{Error, Result};
use crate::join::export::NewFile;
use crate::page::{self, HtmlPage, PageLimit, PageLimits, PageWritten};
use crate::progress::Due;
use crate::text::{bytes, clock, count, date, thousands};

#[derive(Debug, Args)]
pub struct HtmlArgs {
    /// Also write a page for a browser: small pictures, values and settings in a single, self-contained FILE
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,

    /// The most that the page may hold: a number of pictures, a size such as 50MB, or none; may be given twice
    /// [default: 1000 and 20MB]
    #[arg(long, value_name = "LIMIT", requires = "html", value_parser = PageLimit::parse)]
    html_limit: Vec<PageLimit>,
}

/// With [`HtmlArgs`], for commands that write no other file.
#[derive(Debug, Args)]
pub struct ForceArgs {
    /// Replace the page's FILE if it exists
    #[arg(long, requires = "html")]
    pub force: bool,
}

/// A page to write.
#[derive(Debug)]
pub struct HtmlOutput {
    pub path: PathBuf,
    pub limits: PageLimits,
    /// Whether an existing file may be replaced.
    force: bool,
    cache: PathBuf,
}

impl HtmlArgs {
    /// None if no page is wanted.
    pub fn resolve(self, force: bool) -> Result<Option<HtmlOutput>> {
        let Some(path) = self.html else { return Ok(None) };
        may_be_written(&path, force)?;
        Ok(Some(HtmlOutput { path, limits: PageLimits::new(&self.html_limit), force, cache: cache() }))
    }
}

impl HtmlOutput {
    /// Checks that the file can be made, before any work is done.
    pub fn check(&self) -> Result<()> {
        NewFile::can_be_made(&self.path)
    }

    /// Writes the page, which appears when complete, and sums it up on stderr.
    pub fn write(&self, mut page: HtmlPage, cancel: &Cancel) -> Result<()> {
        page.facts.push(("made", made()));
        let mut file = NewFile::create(&self.path, self.force)?;
        let thumbnails = Thumbnails::new(&self.cache);
        let name = crate::shown::path(&self.path);
        let mut teller = Teller::new(&name, Count::Each);
        let mut due = Due::new();
        let tell = &mut |progress| {
            if due.is_now() {
                teller.looking(progress);
            }
        };
        let written =
            page::write(&page, self.limits, &thumbnails, cancel, tell, &mut file, |error| Error::io(&self.path)(error));
        teller.clear();
        let written = written?;
        cancel.check()?;
        file.keep()?;
        thumbnails.prune();
        self.tell(written);
        Ok(())
    }

    fn tell(&self, PageWritten { shown, of, is_full, bytes: size }: PageWritten) {
        let name = crate::shown::path(&self.path);
        say(&format!("{name}: {}, {}", count(shown, "picture"), bytes(size)));
        if shown < of {
            let limits = self.limits;
            let reached = if is_full { bytes(limits.bytes) } else { count(limits.pictures, "picture") };
            let left_out = count(of - shown, "picture");
            let of = thousands(of);
            say(&format!(
                "note: {left_out} of {of} left out of the page, whose limit is {reached}; --html-limit changes it"
            ));
        }
    }
}

/// `2026-11-27 09:14 UTC, by SIMages 0.2.0`. SOURCE_DATE_EPOCH replaces the time for reproducible pages
/// (reproducible-builds.org).
fn made() -> String {
    let said = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|seconds| seconds.parse::<i64>().ok());
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64);
    let time = said.unwrap_or_else(now).saturating_mul(1_000_000_000);
    let clock = clock(time);
    let version = env!("CARGO_PKG_VERSION");
    format!("{} {} UTC, by SIMages {version}", date(time), &clock[..5])
}
