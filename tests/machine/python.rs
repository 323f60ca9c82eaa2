//! Python with packages: the machine's, or one made below `target/`.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::missing::Missing;

/// Runs a script by a Python that has numpy; what it printed.
pub fn python(script: &str, arguments: &[&Path]) -> Result<String, Missing> {
    static PYTHON: OnceLock<Result<PathBuf, Missing>> = OnceLock::new();
    let python = PYTHON.get_or_init(|| python_with(&["numpy"])).as_ref().map_err(Missing::clone)?;
    let output = Command::new(python).arg("-c").arg(script).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout).unwrap())
}

/// A Python that has these packages.
pub fn python_with(packages: &[&str]) -> Result<PathBuf, Missing> {
    let machines = PathBuf::from("python3");
    if has(&machines, packages) {
        return Ok(machines);
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("python-{}", packages.join("-")));
    // One process makes it while others wait; the lock goes with its file.
    let lock = File::create(folder.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    let ours = folder.join("bin/python3");
    if !has(&ours, packages) {
        // Half a one, or one whose Python has gone.
        let _ = fs::remove_dir_all(&folder);
        run(Command::new(machines).args(["-m", "venv"]).arg(&folder))?;
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1"];
        run(Command::new(&ours).args(install).args(packages))?;
    }
    Ok(ours)
}

fn has(python: &Path, packages: &[&str]) -> bool {
    let import = format!("import {}", packages.join(", "));
    Command::new(python).args(["-c", &import]).output().is_ok_and(|output| output.status.success())
}

fn run(command: &mut Command) -> Result<(), Missing> {
    let output = match command.output() {
        Ok(output) if output.status.success() => return Ok(()),
        Ok(output) => output,
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(Missing("there is no python3".into())),
        Err(error) => return Err(Missing(format!("{command:?}: {error}"))),
    };
    let said = [output.stdout, output.stderr].concat();
    let said: Vec<_> = String::from_utf8_lossy(&said).split_whitespace().map(str::to_owned).collect();
    Err(Missing(format!("a package of Python can't be had: {}", said.join(" "))))
}
