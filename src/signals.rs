//! Ctrl-C and its kin. In: SIGINT, SIGTERM, SIGHUP, SIGQUIT; SIGTSTP for the screens. Out: a [`Cancel`] that is cancelled, or a call,
//! so that work ends, or stops, in order. A signal that whoever started us wants ignored stays ignored.

use std::ffi::c_int;
use std::io;

use crate::cancel::Cancel;
use crate::limits;

/// The exit code of a command that was cancelled, as shells have it for Ctrl-C.
pub const CANCELLED: u8 = 130;

/// Cancels `cancel` at the first signal and ends the process at the second. No signal after this call is missed; where
/// signals can't be caught, the first one ends the process, as it does any program.
pub fn cancel_on_signal(cancel: Cancel) {
    let mut signals = 0;
    let arrived = move |_| {
        signals += 1;
        match signals {
            1 => cancel.cancel(),
            _ => std::process::exit(CANCELLED.into()),
        }
    };
    let _ = listen(&END, arrived);
}

/// Calls `end` at the first signal, on a thread of its own; those after it do nothing. Calls `stop` when the process is to stop,
/// which [`stop`] does then. No signal after this call is missed; where signals can't be caught, the first one ends the process, as it
/// does any program.
pub fn for_screens(end: impl FnOnce() + Send + 'static, mut stop: impl FnMut() + Send + 'static) {
    let mut end = Some(end);
    let _ = listen(&[&END[..], &STOP].concat(), move |signal| match STOP.contains(&signal) {
        true => stop(),
        false => end.take().into_iter().for_each(|end| end()),
    });
}

#[cfg(unix)]
const END: [c_int; 4] = [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT];
#[cfg(unix)]
const STOP: [c_int; 1] = [libc::SIGTSTP];
#[cfg(not(unix))]
const END: [c_int; 1] = [signal_hook::consts::SIGINT];
#[cfg(not(unix))]
const STOP: [c_int; 0] = [];

/// Calls `arrived` at each signal, on a thread of its own. They are caught from the moment that this returns.
#[cfg(unix)]
fn listen(wanted: &[c_int], mut arrived: impl FnMut(c_int) + Send + 'static) -> io::Result<()> {
    use signal_hook::iterator::Signals;
    let wanted: Vec<c_int> = wanted.iter().copied().filter(|signal| !is_ignored(*signal)).collect();
    // The thread first: without one, nothing is caught.
    let (to, caught) = std::sync::mpsc::channel::<Signals>();
    let listening = move || {
        if let Ok(mut signals) = caught.recv() {
            signals.forever().for_each(&mut arrived);
        }
    };
    limits::start("signals", listening).map_err(io::Error::other)?;
    to.send(Signals::new(wanted)?).map_err(|_| io::ErrorKind::BrokenPipe.into())
}

/// Stops the process as Ctrl-Z does other programs; returns when it goes on. Where nobody could let it go on, or whoever started us
/// wants no stops, it does nothing.
#[cfg(unix)]
pub fn stop() {
    if is_ignored(libc::SIGTSTP) {
        return;
    }
    // SAFETY: plain data for which zeros are a value; what is done at the signal is the system's default meanwhile, and nothing of ours
    // runs. It is this thread's, so it has happened when `raise` returns.
    #[allow(unsafe_code)]
    unsafe {
        let (mut ours, mut default): (libc::sigaction, libc::sigaction) = (std::mem::zeroed(), std::mem::zeroed());
        default.sa_sigaction = libc::SIG_DFL;
        libc::sigaction(libc::SIGTSTP, &raw const default, &raw mut ours);
        libc::raise(libc::SIGTSTP);
        libc::sigaction(libc::SIGTSTP, &raw const ours, std::ptr::null_mut());
    }
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
fn is_ignored(signal: c_int) -> bool {
    // SAFETY: plain data for which zeros are a value; the call only asks, and writes what it is given.
    #[allow(unsafe_code)]
    unsafe {
        let mut now: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, std::ptr::null(), &raw mut now) == 0 && now.sa_sigaction == libc::SIG_IGN
    }
}

/// Only Ctrl-C can be caught, and only a flag be set.
#[cfg(not(unix))]
fn listen(_: &[c_int], mut arrived: impl FnMut(c_int) + Send + 'static) -> io::Result<()> {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    const BETWEEN: std::time::Duration = std::time::Duration::from_millis(20);
    let asked = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGINT, asked.clone())?;
    limits::spawn("signals", move || {
        loop {
            std::thread::sleep(BETWEEN);
            if asked.swap(false, Ordering::SeqCst) {
                arrived(signal_hook::consts::SIGINT);
            }
        }
    });
    Ok(())
}

/// There are no such stops.
#[cfg(not(unix))]
pub fn stop() {}
