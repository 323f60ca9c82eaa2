//! Finds a scheduler's programs: first beside this program, then on PATH as a shell would.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use crate::error::{Error, Result};

#[derive(Clone)]
pub struct SearchPath(OsString);

impl Default for SearchPath {
    fn default() -> SearchPath {
        let beside = env::current_exe().ok().and_then(|exe| Some(exe.parent()?.to_owned()));
        let path = env::var_os("PATH").unwrap_or_default();
        let all = beside.into_iter().chain(env::split_paths(&path));
        SearchPath(env::join_paths(all).unwrap_or(path))
    }
}

impl SearchPath {
    /// Searches only these folders, written as in `PATH`.
    pub fn of(folders: impl Into<OsString>) -> SearchPath {
        SearchPath(folders.into())
    }

    /// The full path of a program; the error says how to get it.
    pub fn find(&self, program: &str, remedy: &str) -> Result<PathBuf> {
        let named = format!("{program}{}", env::consts::EXE_SUFFIX);
        let found = env::split_paths(&self.0).map(|folder| folder.join(&named)).find(|file| file.is_file());
        found.ok_or_else(|| Error::Input(format!("{program} is not on PATH; {remedy}")))
    }
}
