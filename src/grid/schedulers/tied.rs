//! Ends a task when its driver is killed, instead of leaving it running unnoticed. Whoever starts a task and waits for
//! it, the driver or an element of a Slurm array, passes its process id in the environment. Other schedulers have their
//! own ways.

use std::process::Command;

const DRIVER: &str = "SIMAGES_DRIVER";

/// Makes the started program end with this process, if it calls [`end_with_driver`]. Start it on the thread that waits
/// for it: the system sends the signal when that thread ends.
pub fn tie(command: &mut Command) {
    command.env(DRIVER, std::process::id().to_string());
}

/// A task calls this before it begins.
pub fn end_with_driver() {
    #[cfg(target_os = "linux")]
    if let Some(driver) = std::env::var(DRIVER).ok().and_then(|text| text.parse().ok()) {
        use rustix::process::{Pid, Signal, getppid, set_parent_process_death_signal};
        // Started by another process, which merely inherited the variable.
        if getppid().map(|parent| parent.as_raw_nonzero().get()) != Some(driver) {
            return;
        }
        let asked = set_parent_process_death_signal(Some(Signal::KILL));
        // The driver may have ended in between.
        if asked.is_ok() && getppid().map(Pid::as_raw_nonzero).map(i32::from) != Some(driver) {
            std::process::exit(1);
        }
    }
}
