//! Ctrl-C and its kin. In: SIGINT, SIGTERM, SIGHUP, SIGQUIT. Out: a [`Cancel`] that is cancelled, or a call, so that work ends in
//! order. A signal that whoever started us wants ignored stays ignored.

use std::io;

use crate::cancel::Cancel;
use crate::limits;

/// The exit code of a command that was cancelled, as shells have it for Ctrl-C.
pub const CANCELLED: u8 = 130;

/// Cancels `cancel` at the first signal and ends the process at the second. No signal after this call is missed; where
/// signals can't be caught, the first one ends the process, as it does any program.
pub fn cancel_on_signal(cancel: Cancel) {
    let mut signals = 0;
    let arrived = move || {
        signals += 1;
        match signals {
            1 => cancel.cancel(),
            _ => std::process::exit(CANCELLED.into()),
        }
    };
    let _ = listen(arrived);
}

/// Calls `then` at the first signal, on a thread of its own; those after it do nothing. No signal after this call is
/// missed; where signals can't be caught, the first one ends the process, as it does any program.
pub fn at_first_signal(then: impl FnOnce() + Send + 'static) {
    let mut then = Some(then);
    let _ = listen(move || {
        if let Some(then) = then.take() {
            then();
        }
    });
}

/// Calls `arrived` at each signal, on a thread of its own. They are caught from the moment that this returns.
#[cfg(unix)]
fn listen(mut arrived: impl FnMut() + Send + 'static) -> io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    let wanted = [SIGINT, SIGTERM, SIGHUP, SIGQUIT].into_iter().filter(|signal| !is_ignored(*signal));
    let mut signals = signal_hook::iterator::Signals::new(wanted)?;
    limits::spawn("signals", move || signals.forever().for_each(|_| arrived()));
    Ok(())
}

/// A file that grows beyond its limit (`ulimit -f`) is an error, as on a full disk: the signal would end the process at once.
#[cfg(unix)]
pub fn ignore_file_size() {
    // SAFETY: the signal is ignored, nothing runs.
    #[allow(unsafe_code)]
    unsafe {
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
    }
}

/// There is no such signal.
#[cfg(not(unix))]
pub fn ignore_file_size() {}

/// Whether whoever started us wants a signal ignored: `nohup`, or a shell's background job.
#[cfg(unix)]
fn is_ignored(signal: std::ffi::c_int) -> bool {
    // SAFETY: plain data for which zeros are a value; the call only asks, and writes what it is given.
    #[allow(unsafe_code)]
    unsafe {
        let mut now: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, std::ptr::null(), &raw mut now) == 0 && now.sa_sigaction == libc::SIG_IGN
    }
}

/// Only Ctrl-C can be caught, and only a flag be set.
#[cfg(not(unix))]
fn listen(mut arrived: impl FnMut() + Send + 'static) -> io::Result<()> {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    const BETWEEN: std::time::Duration = std::time::Duration::from_millis(20);
    let asked = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGINT, asked.clone())?;
    limits::spawn("signals", move || {
        loop {
            std::thread::sleep(BETWEEN);
            if asked.swap(false, Ordering::SeqCst) {
                arrived();
            }
        }
    });
    Ok(())
}
