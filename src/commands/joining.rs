//! How a join is told on stderr: a bar with rate and time left on a terminal, a line now and then otherwise.

use std::io::{IsTerminal, stderr};
use std::time::Instant;

use indicatif::ProgressBar;

use super::progress::{self, BETWEEN_LINES};
use super::say;
use crate::join::Progress;
use crate::text::{count, printable};

pub struct Teller {
    name: String,
    /// None where records go to the terminal themselves.
    bar: Option<ProgressBar>,
    began: Instant,
    /// When the last line was written.
    last_line: Instant,
}

impl Teller {
    pub fn new(name: &str, bar: bool) -> Teller {
        let bar = bar.then(|| progress::bar(name, BAR));
        Teller { name: printable(name), bar, began: Instant::now(), last_line: Instant::now() }
    }

    pub fn progress(&mut self, progress: Progress) {
        let pace = progress.pace(self.began.elapsed()).map_or_else(String::new, |pace| pace.to_string());
        match &self.bar {
            Some(bar) if stderr().is_terminal() => {
                bar.set_length(progress.of);
                bar.set_position(progress.done);
                bar.set_message(pace);
            }
            Some(_) if self.last_line.elapsed() >= BETWEEN_LINES => {
                self.last_line = Instant::now();
                say(&format!("{}: {} %, {pace}", self.name, progress.percent()));
            }
            _ => {}
        }
    }

    /// Clears the bar away.
    pub fn clear(&self) {
        self.bar.iter().for_each(ProgressBar::finish_and_clear);
    }

    /// The last line: `animals ⋈ garden: 1,420 results of 142 keys in 0.3 s`.
    pub fn done(&self, results: u64, keys: usize) {
        let (results, keys) = (count(results as usize, "result"), count(keys, "key"));
        say(&format!("{}: {results} of {keys} in {:.1} s", self.name, self.began.elapsed().as_secs_f64()));
    }
}

const BAR: &str = "{prefix}  {wide_bar}  {percent} %  {msg}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_can_be_drawn() {
        progress::bar("animals", BAR);
    }
}
