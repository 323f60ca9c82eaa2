//! The job arrays of one run: their files, and waiting for their end.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::commands::Commands;
use crate::error::{Error, Result};
use crate::grid::schedulers::running::{Pause, last_lines};
use crate::grid::schedulers::{Job, failed};

/// Most sites limit arrays to about this many elements.
const ELEMENTS: usize = 1000;
/// The interval between looks at the queue, which all users share.
const BETWEEN: Duration = Duration::from_secs(2);
/// How late a shared folder may show files written elsewhere.
const LATE: Duration = Duration::from_secs(5);

const ELEMENT: &str = include_str!("element.sh");

pub struct SlurmRun<'a> {
    job: &'a Job<'a>,
    commands: &'a Commands<'a>,
    name: String,
    folder: PathBuf,
    /// The number of elements of each wave that has tasks.
    elements: Vec<usize>,
}

impl SlurmRun<'_> {
    /// Writes the files of a run into `all`.
    pub fn begin<'a>(job: &'a Job<'a>, all: PathBuf, commands: &'a Commands<'a>) -> Result<SlurmRun<'a>> {
        let name = format!("simages-{:016x}", fastrand::u64(..));
        let folder = all.join(&name);
        fs::create_dir(&folder).map_err(Error::io(&folder))?;
        let write = |name: String, text: &str| {
            let file = folder.join(name);
            fs::write(&file, text).map_err(Error::io(&file))
        };
        write("element.sh".into(), ELEMENT)?;
        let mut elements = Vec::new();
        for wave in job.waves.iter().filter(|wave| !wave.is_empty()) {
            let lines = lines(wave);
            write(elements.len().to_string(), &(lines.join("\n") + "\n"))?;
            elements.push(lines.len());
        }
        Ok(SlurmRun { job, commands, name, folder, elements })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Submits an array for each wave.
    pub fn submit(&self, options: &[OsString]) -> Result<()> {
        let mut before: Option<String> = None;
        for (wave, elements) in self.elements.iter().enumerate() {
            let number = self.commands.submit(|command| {
                command.args(["--job-name", &self.name, "--requeue", "--open-mode=append"]);
                command.arg(format!("--array=0-{}", elements - 1));
                // Relative, so that a % in the folder's name isn't expanded.
                command.arg("--chdir").arg(self.job.plan);
                command.arg(format!("--output=slurm/{}/{wave}.%a.log", self.name));
                if let Some(before) = &before {
                    command.arg(format!("--dependency=afterok:{before}")).arg("--kill-on-invalid-dep=yes");
                }
                command.args(options).arg(self.folder.join("element.sh"));
                command.arg(self.job.program).arg(self.job.plan).arg(self.folder.join(wave.to_string()));
            })?;
            tracing::info!(wave, elements, job = number, "submitted to Slurm");
            before = Some(number);
        }
        Ok(())
    }

    /// Waits until all elements are done, or one has failed.
    pub fn wait(&self) -> Result<()> {
        let mut looked: Option<Instant> = None;
        let mut gone = None;
        let mut pause = Pause::default();
        loop {
            self.commands.check()?;
            if looked.is_none_or(|looked| looked.elapsed() > BETWEEN) {
                let marks = self.marks()?;
                if let Some((wave, element)) = self.all().find(|it| marks.contains(&mark(*it, "failed"))) {
                    return Err(self.failure(wave, element, "failed five times"));
                }
                let Some((wave, element)) = self.all().find(|it| !marks.contains(&mark(*it, "done"))) else {
                    return Ok(());
                };
                let is_queued = self.commands.is_queued(&self.name)?;
                match (is_queued, gone) {
                    (true, _) => gone = None,
                    (false, None) => gone = Some(Instant::now()),
                    (false, Some(since)) if since.elapsed() > LATE => {
                        return Err(self.failure(wave, element, "was ended by Slurm"));
                    }
                    (false, Some(_)) => {}
                }
                looked = Some(Instant::now());
            }
            pause.rest();
        }
    }

    /// All elements, by wave.
    fn all(&self) -> impl Iterator<Item = (usize, usize)> {
        let waves = self.elements.iter().enumerate();
        waves.flat_map(|(wave, elements)| (0..*elements).map(move |element| (wave, element)))
    }

    /// The names of all files; they include the marks that elements leave when they end.
    fn marks(&self) -> Result<BTreeSet<String>> {
        let files = fs::read_dir(&self.folder).map_err(Error::io(&self.folder))?;
        Ok(files.flatten().map(|file| file.file_name().to_string_lossy().into_owned()).collect())
    }

    fn failure(&self, wave: usize, element: usize, how: &str) -> Error {
        let log = self.folder.join(format!("{wave}.{element}.log"));
        // The last lines of a log may appear late, too.
        let said = (0..5).find_map(|tried| {
            thread::sleep(Duration::from_millis(200) * tried.min(1));
            fs::read(&log).ok().filter(|said| !said.is_empty())
        });
        let said = said.map_or("nothing".into(), |said| last_lines(&String::from_utf8_lossy(&said)));
        let tasks = fs::read_to_string(self.folder.join(wave.to_string())).unwrap_or_default();
        let tasks = tasks.lines().nth(element).unwrap_or_default();
        let log = crate::shown::path(&log);
        failed(self.job, format!("the element with tasks {tasks} {how}; its log {log} ends: {said}"))
    }
}

/// The task numbers of each element. Element e of n gets every nth from e on, so all get about the same number.
fn lines(wave: &[usize]) -> Vec<String> {
    let elements = wave.len().min(ELEMENTS);
    let line = |element| {
        let tasks = wave.iter().skip(element).step_by(elements);
        tasks.map(usize::to_string).collect::<Vec<_>>().join(" ")
    };
    (0..elements).map(line).collect()
}

fn mark((wave, element): (usize, usize), how: &str) -> String {
    format!("{wave}.{element}.{how}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_has_a_thousand_elements_at_most() {
        assert_eq!(lines(&[7, 5, 3]), ["7", "5", "3"]);
        let wave: Vec<_> = (0..2500).collect();
        let lines = lines(&wave);
        assert_eq!(lines.len(), 1000);
        assert_eq!((lines[0].as_str(), lines[999].as_str()), ("0 1000 2000", "999 1999"));
    }
}
