//! Progress on stderr: a bar with speed and time left on a terminal, a line now and then elsewhere.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use parking_lot::Mutex;

use super::output::say;
use crate::progress::{Due, PaceMeter, Progress};
use crate::text::{count, printable};

/// The time between two lines where there is no bar.
const BETWEEN_LINES: Duration = Duration::from_secs(10);

/// For reading a folder, where the total is unknown.
const SCAN: &str = "{prefix}  {msg}";

/// What stands to the right of a bar.
#[derive(Clone, Copy)]
pub enum Count {
    /// `62/98`
    Each,
    /// `63 %`
    Percent,
}

impl Count {
    fn template(self) -> &'static str {
        match self {
            Count::Each => "{prefix}  {wide_bar}  {pos}/{len}  {msg}",
            Count::Percent => "{prefix}  {wide_bar}  {percent} %  {msg}",
        }
    }
}

/// Reports one piece of work.
pub struct Teller {
    name: String,
    /// Hidden where stderr isn't a terminal. None if nothing is to be reported.
    bar: Option<ProgressBar>,
    count: Count,
    /// Whether the bar shows a scan.
    scans: bool,
    began: Instant,
    /// When the last line was printed.
    last_line: Option<Instant>,
    /// What an earlier run had done.
    before: Option<u64>,
    meter: PaceMeter,
}

impl Teller {
    pub fn new(name: &str, count: Count) -> Teller {
        Teller { bar: Some(bar(name, count)), count, ..Teller::silent(name) }
    }

    /// Reports no progress: other output on the terminal shows it.
    pub fn silent(name: &str) -> Teller {
        Teller {
            name: printable(name),
            bar: None,
            count: Count::Each,
            scans: false,
            began: Instant::now(),
            last_line: None,
            before: None,
            meter: PaceMeter::default(),
        }
    }

    /// Starts the clock.
    pub fn begin(&mut self) {
        self.began = Instant::now();
        self.meter = PaceMeter::default();
    }

    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// Updates the bar; where there is none, prints `line` at this speed.
    pub fn progress(&mut self, progress: Progress, line: impl FnOnce(&str) -> String) {
        let Progress { done, of, .. } = progress;
        let before = self.before.unwrap_or_default();
        let this_run = Progress { done: done.saturating_sub(before), of: of.saturating_sub(before), ..progress };
        let pace = self.meter.pace(this_run, self.began.elapsed()).map_or_else(String::new, |pace| pace.to_string());
        match &self.bar {
            Some(bar) if stderr().is_terminal() => {
                bar.set_length(of);
                bar.set_position(done);
                bar.set_message(pace);
            }
            Some(_) if self.last_line.is_none_or(|at| at.elapsed() >= BETWEEN_LINES) => {
                self.last_line = Some(Instant::now());
                self.line(&line(&pace));
            }
            _ => {}
        }
    }

    /// How many files were looked at.
    pub fn looking(&mut self, progress: Progress) {
        self.progress(progress, |pace| {
            let pace = if pace.is_empty() { String::new() } else { format!(", {pace}") };
            format!("{} of {} files looked at{pace}", progress.done, progress.of)
        });
    }

    /// How many pictures a slow scan has found so far.
    pub fn scanning(&mut self, pictures: usize) {
        let text = format!("scanning: {}", count(pictures, "picture"));
        match &self.bar {
            Some(bar) if stderr().is_terminal() => {
                if !self.scans {
                    bar.set_style(style(SCAN));
                    self.scans = true;
                }
                bar.set_message(text);
            }
            Some(_) if self.last_line.is_none_or(|at| at.elapsed() >= BETWEEN_LINES) => {
                self.last_line = Some(Instant::now());
                self.line(&text);
            }
            _ => {}
        }
    }

    /// The scan has ended; the actual work begins.
    pub fn scanned(&mut self) {
        self.last_line = None;
        if let Some(bar) = self.bar.as_ref().filter(|_| std::mem::take(&mut self.scans)) {
            bar.set_message("");
            bar.set_style(style(self.count.template()));
        }
    }

    /// Progress of work whose total means nothing to users, such as a join. It may be done before a line is worthwhile.
    pub fn share(&mut self, progress: Progress) {
        self.before.get_or_insert(progress.done);
        self.last_line.get_or_insert(self.began);
        self.progress(progress, |pace| format!("{} %, {pace}", progress.percent()));
    }

    /// Prints a line about this work, above the bar.
    pub fn line(&self, text: &str) {
        let line = || say(&format!("{}: {text}", self.name));
        match &self.bar {
            Some(bar) => bar.suspend(line),
            None => line(),
        }
    }

    /// Clears the bar.
    pub fn clear(&self) {
        self.bar.iter().for_each(ProgressBar::finish_and_clear);
    }
}

/// Reports work of several threads that is usually quick: only once it has taken a while.
pub struct SharedTeller {
    name: String,
    count: Count,
    began: Instant,
    /// Made when there is something to report: it draws its bar at once.
    teller: Mutex<Option<Teller>>,
    due: Mutex<Due>,
}

impl SharedTeller {
    pub fn new(name: &str, count: Count) -> SharedTeller {
        let (teller, due) = (Mutex::new(None), Mutex::new(Due::new()));
        SharedTeller { name: name.to_owned(), count, began: Instant::now(), teller, due }
    }

    /// [`Teller::looking`].
    pub fn looking(&self, progress: Progress) {
        self.tell(|teller| teller.looking(progress));
    }

    /// [`Teller::share`].
    pub fn share(&self, progress: Progress) {
        self.tell(|teller| teller.share(progress));
    }

    pub fn clear(&self) {
        self.teller.lock().iter().for_each(Teller::clear);
    }

    fn tell(&self, tell: impl FnOnce(&mut Teller)) {
        if self.due.lock().is_now() {
            let mut teller = self.teller.lock();
            tell(teller.get_or_insert_with(|| Teller { began: self.began, ..Teller::new(&self.name, self.count) }));
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("a constant that tests draw")
}

/// A bar on stderr, hidden if that isn't a terminal.
fn bar(name: &str, count: Count) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    bar.set_style(style(count.template()));
    bar.set_prefix(printable(name));
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_can_be_drawn() {
        bar("animals", Count::Each);
        bar("animals", Count::Percent);
        style(SCAN);
    }
}
