//! The kernel: a child process that runs one task.

use std::io;
use std::path::PathBuf;
use std::pin::pin;
use std::process::{Command, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};

/// How many lines of a kernel's stderr to keep.
const LAST_LINES: usize = 5;
const LAST_BYTES: usize = 2000;
const REST: Duration = Duration::from_millis(200);

/// A program, and the plan whose tasks it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kernel {
    pub program: PathBuf,
    pub plan: PathBuf,
}

impl Kernel {
    /// Runs one task; returns its last words if it fails. If dropped, kills the process.
    pub async fn run(&self, task: u32) -> Result<(), String> {
        let failed = |error: io::Error| format!("can't run {}: {error}", self.program.display());
        let mut child = tokio::process::Command::from(self.command(task).map_err(failed)?)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        let stderr = child.stderr.take().expect("stderr is piped");
        let mut said = Vec::new();
        let status = {
            let mut listening = pin!(listen(stderr, &mut said));
            tokio::select! {
                status = child.wait() => {
                    // Reads the rest, unless a process that the kernel left behind keeps its stderr open.
                    let _ = tokio::time::timeout(REST, listening).await;
                    status
                }
                () = &mut listening => child.wait().await,
            }
        }
        .map_err(failed)?;
        if status.success() {
            return Ok(());
        }
        Err(format!(
            "{} grid task {} {task}: {status}\n{}",
            self.program.display(),
            self.plan.display(),
            last_lines(&said)
        ))
    }

    /// Started through a small program beside this one, so that it ends with the worker. Otherwise it would run on,
    /// which is harmless but wastes time.
    fn command(&self, task: u32) -> io::Result<Command> {
        let guard = std::env::current_exe()?.with_file_name("simages-cluster-kernel");
        let mut command = Command::new(&self.program);
        if guard.is_file() {
            command = Command::new(guard);
            command.arg(std::process::id().to_string()).arg(&self.program);
        }
        command.args(["grid", "task"]).arg(&self.plan).arg(task.to_string());
        Ok(command)
    }
}

/// Keeps the end of the output, up to a number of bytes.
async fn listen(mut stderr: impl AsyncRead + Unpin, said: &mut Vec<u8>) {
    let mut piece = [0; 4096];
    while let Ok(length @ 1..) = stderr.read(&mut piece).await {
        said.extend_from_slice(&piece[..length]);
        said.drain(..said.len().saturating_sub(LAST_BYTES));
    }
}

fn last_lines(said: &[u8]) -> String {
    let text = String::from_utf8_lossy(said);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(LAST_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_last_lines_are_kept_and_no_more() {
        let text: String = (0..10_000).map(|n| format!("line {n}\n")).collect();
        let mut said = Vec::new();
        listen(text.as_bytes(), &mut said).await;
        assert_eq!(said.len(), LAST_BYTES);
        assert_eq!(last_lines(&said), "line 9995\nline 9996\nline 9997\nline 9998\nline 9999");
        assert_eq!(last_lines(b"no end"), "no end");
        assert_eq!(last_lines(b""), "");
    }
}
