//! A process that was started for a job: in a group of its own, so that a Ctrl-C in the terminal is the driver's alone, with
//! what it says on stderr kept. It is asked to end before it is made to.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long one that was asked to end may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest between two looks at what goes on elsewhere.
const LONGEST_PAUSE: Duration = Duration::from_millis(20);
/// As much of what was said as is told of an error.
const LAST_LINES: usize = 8;
const LAST_BYTES: u64 = 4 << 10;

pub struct RunningProgram {
    child: Child,
    said: File,
    /// Since when it stands still, if it does.
    still: Option<Instant>,
}

impl RunningProgram {
    /// What it says on stdout is for nobody, unless `command` says otherwise.
    pub fn start(command: &mut Command) -> io::Result<RunningProgram> {
        let said = tempfile::tempfile()?;
        command.stdin(Stdio::null()).stderr(said.try_clone()?);
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        Ok(RunningProgram { child: command.spawn()?, said, still: None })
    }

    pub fn stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// How it has ended; None as long as it runs.
    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Asks it and all that it started to end, and waits until it has.
    pub fn end(&mut self) {
        self.signal(false);
        let mut pause = Pause::default();
        let begun = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) {
            if begun.elapsed() > PATIENCE {
                return self.kill();
            }
            pause.rest();
        }
    }

    pub fn kill(&mut self) {
        self.signal(true);
        let _ = self.child.wait();
    }

    /// For how long it stands still, because somebody stopped it (SIGSTOP). Known on Linux only.
    pub fn still(&mut self) -> Duration {
        match self.is_stopped() {
            true => self.still.get_or_insert_with(Instant::now).elapsed(),
            false => {
                self.still = None;
                Duration::ZERO
            }
        }
    }

    /// The end of what it said on stderr.
    pub fn last_words(&mut self) -> String {
        let len = self.said.seek(SeekFrom::End(0)).unwrap_or(0);
        let mut bytes = Vec::new();
        let _ = self.said.seek(SeekFrom::Start(len.saturating_sub(LAST_BYTES)));
        let _ = self.said.read_to_end(&mut bytes);
        last_lines(&String::from_utf8_lossy(&bytes))
    }

    #[cfg(unix)]
    fn signal(&mut self, kill: bool) {
        use rustix::process::{Pid, Signal, kill_process_group};
        let signal = if kill { Signal::KILL } else { Signal::TERM };
        // Its number is its own as long as nobody has waited for it.
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = kill_process_group(Pid::from_child(&self.child), signal);
        }
    }

    /// It can't be asked.
    #[cfg(not(unix))]
    fn signal(&mut self, _kill: bool) {
        let _ = self.child.kill();
    }

    #[cfg(target_os = "linux")]
    fn is_stopped(&self) -> bool {
        let text = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        // The name before it may hold anything.
        text.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('T'))
    }

    #[cfg(not(target_os = "linux"))]
    fn is_stopped(&self) -> bool {
        false
    }
}

impl Drop for RunningProgram {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.kill();
        }
    }
}

/// Between two looks: short at first, so that what is quick isn't held up.
pub struct Pause(Duration);

impl Default for Pause {
    fn default() -> Pause {
        Pause(Duration::from_millis(1))
    }
}

impl Pause {
    pub fn rest(&mut self) {
        thread::sleep(self.0);
        self.0 = (self.0 * 2).min(LONGEST_PAUSE);
    }
}

/// As much of the end of a log as is told of an error.
pub fn last_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    // In one line: it stands in the middle of another one.
    lines[lines.len().saturating_sub(LAST_LINES)..].join(" | ")
}
