//! Kills a tmux pane.

use std::process::Command;

use simages::storage::sparse;

use crate::common::{BINARY, unindexed, wait_for};
use crate::missing::Missing;

pub fn a_killed_pane_of_tmux_keeps_what_was_computed() -> Result<(), Missing> {
    // More than a release build indexes before the check.
    let place = unindexed(400);
    let socket = place.path().join("tmux.socket");
    let tmux = |arguments: &[&str]| {
        let mut command = Command::new("tmux");
        command.arg("-S").arg(&socket).args(["-f", "/dev/null"]).args(arguments);
        command.current_dir(place.path()).env("XDG_CACHE_HOME", place.path().join("cache"));
        command.env_remove("TMUX").output()
    };
    if tmux(&["-V"]).is_err() {
        return Err(Missing("there is no tmux".into()));
    }
    // A second window, so that the server keeps running.
    let started =
        tmux(&["new-session", "-d", "-x", "120", "-y", "40", "sleep 100", ";", "new-window", BINARY]).unwrap();
    assert!(started.status.success(), "{}", String::from_utf8_lossy(&started.stderr));
    wait_for("descriptors are kept", || sparse::open(&place.sparse()).is_some_and(|s| !s.matrix.is_empty()));
    let lock = place.animals().join(".features.npz.lock");
    assert!(lock.exists());
    tmux(&["kill-window"]).unwrap();
    wait_for("it has ended in order", || !lock.exists());
    assert!(!place.names().is_empty());
    tmux(&["kill-server"]).unwrap();
    Ok(())
}
