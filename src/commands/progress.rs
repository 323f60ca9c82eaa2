//! How indexing is told on stderr: a bar with rate and time left on a terminal, lines otherwise.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::say;
use crate::index::indexer::{Event, Summary};
use crate::index::{Pace, Progress};
use crate::text::printable;

/// Between two lines where there is no bar.
pub const BETWEEN_LINES: Duration = Duration::from_secs(10);

/// Tells of one dataset.
pub struct Teller {
    name: String,
    /// Hidden where stderr is no terminal.
    bar: ProgressBar,
    lines: Lines,
    /// When the network's work began.
    working_since: Instant,
    /// When the last line was written.
    last_line: Option<Instant>,
    /// Pictures found.
    images: usize,
    /// Those with a descriptor.
    indexed: usize,
}

/// What is written line by line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// Progress (where there is no bar), skipped pictures and notices.
    All,
    /// Notices.
    Notices,
}

impl Teller {
    pub fn new(name: &str, lines: Lines) -> Teller {
        let bar = bar(name, BAR);
        Teller {
            name: printable(name),
            bar,
            lines,
            working_since: Instant::now(),
            last_line: None,
            images: 0,
            indexed: 0,
        }
    }

    pub fn event(&mut self, event: Event) {
        match event {
            Event::Scanned(scan) => self.images = scan.images.len(),
            Event::Indexed { matrix, progress } => {
                self.indexed = matrix.len();
                self.progress(progress);
            }
            Event::Skipped(skipped) if self.lines == Lines::All => {
                let (file, error) = (printable(&skipped.file), printable(&skipped.error));
                self.line(&format!("skipped {file}: {error}"));
            }
            Event::Skipped(_) => {}
            Event::Waiting => self.line("another process is indexing it; waiting"),
            Event::Notice(text) => self.line(&printable(&text)),
        }
    }

    fn progress(&mut self, progress: Progress) {
        if progress.missing == 0 {
            return;
        }
        if progress.done == 0 {
            self.working_since = Instant::now();
        }
        let pace = progress.pace(self.working_since.elapsed());
        if stderr().is_terminal() {
            self.bar.set_length(progress.missing as u64);
            self.bar.set_position(progress.done as u64);
            self.bar.set_message(pace.map_or_else(String::new, |p| p.to_string()));
        } else if self.lines == Lines::All {
            self.progress_line(progress, pace);
        }
    }

    /// A line at the start, one when the pace is known, and then one now and then.
    fn progress_line(&mut self, progress: Progress, pace: Option<Pace>) {
        let Progress { done, missing } = progress;
        match pace {
            None => {
                self.last_line = None;
                self.line(&format!("{} images, {} indexed, {missing} to compute", self.images, self.indexed));
            }
            Some(pace) if self.last_line.is_none_or(|at| at.elapsed() >= BETWEEN_LINES) => {
                self.last_line = Some(Instant::now());
                self.line(&format!("{done} of {missing}, {pace}"));
            }
            Some(_) => {}
        }
    }

    /// A line about this dataset, above the bar.
    fn line(&self, text: &str) {
        self.bar.suspend(|| say(&format!("{}: {text}", self.name)));
    }

    /// Clears the bar away.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }

    /// The last line: `animals: 144 images, 144 indexed (144 computed) in 81.2 s, 1.8 images/s`.
    pub fn done(&self, summary: &Summary, took: Duration) {
        self.clear();
        let Summary { images, indexed, computed, skipped } = summary;
        let mut text = format!("{images} images, {indexed} indexed ({computed} computed");
        if !skipped.is_empty() {
            text += &format!(", {} skipped", skipped.len());
        }
        text += &format!(") in {:.1} s", took.as_secs_f64());
        if let Some(rate) = rate(summary, took) {
            text += &format!(", {rate:.1} images/s");
        }
        self.line(&text);
    }

    /// What remains of work that was cancelled.
    pub fn kept(&self) -> String {
        self.clear();
        format!("{}: cancelled; {} of {} are kept", self.name, self.indexed, self.images)
    }
}

/// Pictures computed in a second; None if there were none.
pub fn rate(summary: &Summary, took: Duration) -> Option<f64> {
    (summary.computed > 0).then(|| summary.computed as f64 / took.as_secs_f64().max(1e-3))
}

const BAR: &str = "{prefix}  {wide_bar}  {pos}/{len}  {msg}";

/// A bar on stderr, hidden where that is no terminal; `template` is a constant that tests draw.
pub fn bar(name: &str, template: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    bar.set_style(ProgressStyle::with_template(template).expect("a constant that tests draw"));
    bar.set_prefix(printable(name));
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_can_be_drawn() {
        bar("animals", BAR);
    }

    #[test]
    fn there_is_a_rate_only_where_something_was_computed() {
        let mut summary = Summary { images: 9, indexed: 9, computed: 0, skipped: Vec::new() };
        assert_eq!(rate(&summary, Duration::from_secs(2)), None);
        summary.computed = 9;
        assert_eq!(rate(&summary, Duration::from_secs(2)), Some(4.5));
    }
}
