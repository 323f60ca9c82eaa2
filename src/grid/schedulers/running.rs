//! A process started for a job: in its own process group, so that Ctrl-C in the terminal reaches only the driver. Keeps
//! its stderr. Asks it to end before killing it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a process may take to end when asked.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest interval between checks.
const LONGEST_PAUSE: Duration = Duration::from_millis(20);
/// How many lines of a log an error quotes.
const LAST_LINES: usize = 8;
const LAST_BYTES: u64 = 4 << 10;

pub struct RunningProgram {
    child: Child,
    said: File,
    /// When it was first seen stopped, if it is.
    still: Option<Instant>,
}

impl RunningProgram {
    /// Discards its stdout, unless `command` says otherwise.
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

    /// Its exit status; None while it runs.
    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Asks it and everything that it started to end, and waits until it has.
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

    /// For how long it has been stopped (SIGSTOP). Known on Linux only.
    pub fn still(&mut self) -> Duration {
        match self.is_stopped() {
            true => self.still.get_or_insert_with(Instant::now).elapsed(),
            false => {
                self.still = None;
                Duration::ZERO
            }
        }
    }

    /// The last lines of its stderr.
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
        // Its id can't be reused until somebody waits for it.
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = kill_process_group(Pid::from_child(&self.child), signal);
        }
    }

    /// Killed at once: there is no way to ask.
    #[cfg(not(unix))]
    fn signal(&mut self, _kill: bool) {
        let _ = self.child.kill();
    }

    #[cfg(target_os = "linux")]
    fn is_stopped(&self) -> bool {
        let text = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        // The name before it may contain anything.
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

/// The interval between checks: short at first, so that quick processes aren't delayed.
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

/// The last lines of a log, as errors quote them.
pub fn last_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    // In one line, because it is quoted inside a message.
    lines[lines.len().saturating_sub(LAST_LINES)..].join(" | ")
}
