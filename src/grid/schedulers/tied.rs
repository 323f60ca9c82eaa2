//! A task whose driver is killed ends too, instead of going on unseen. In: the number of whoever
//! starts a task and waits for it, in its environment: the driver, or the element of an array of Slurm. Others have ways of
//! their own.

use std::process::Command;

const DRIVER: &str = "SIMAGES_DRIVER";

/// The program that is started ends with this process, if it calls [`end_with_driver`]. To be started by the thread that waits
/// for it: the system sends the signal when that one ends.
pub fn tie(command: &mut Command) {
    command.env(DRIVER, std::process::id().to_string());
}

/// To be called by a task before it begins.
pub fn end_with_driver() {
    #[cfg(target_os = "linux")]
    if let Some(driver) = std::env::var(DRIVER).ok().and_then(|text| text.parse().ok()) {
        use rustix::process::{Pid, Signal, getppid, set_parent_process_death_signal};
        // One that was started by another is none of ours: it has the variable by inheritance only.
        if getppid().map(|parent| parent.as_raw_nonzero().get()) != Some(driver) {
            return;
        }
        let asked = set_parent_process_death_signal(Some(Signal::KILL));
        // It may have ended in between.
        if asked.is_ok() && getppid().map(Pid::as_raw_nonzero).map(i32::from) != Some(driver) {
            std::process::exit(1);
        }
    }
}
