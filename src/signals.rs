//! Ctrl-C and other signals. Input: SIGINT, SIGTERM, SIGHUP, SIGQUIT, and for the screens SIGTSTP and SIGCONT. Output: a
//! [`Cancel`] that is cancelled, or a call, so that work ends or pauses cleanly. A signal that the parent process set to
//! be ignored stays ignored.

use std::ffi::c_int;
use std::io;
use std::time::{Duration, Instant};

use crate::cancel::Cancel;
use crate::limits;

/// The exit code of a cancelled command, as shells have it for Ctrl-C.
pub const CANCELLED: u8 = 130;

/// A second signal this soon is the same request: `timeout` signals a process and its group, a terminal and a shell may
/// both pass on Ctrl-C.
const SAME: Duration = Duration::from_millis(500);

/// Cancels `cancel` at the first signal and ends the process at the next, unless it comes at once. No signal after this
/// call is missed. Where signals can't be caught, the first ends the process, as with any program.
pub fn cancel_on_signal(cancel: Cancel) {
    let mut first: Option<Instant> = None;
    let arrived = move |_| match first {
        None => {
            first = Some(Instant::now());
            cancel.cancel();
        }
        Some(first) if first.elapsed() < SAME => {}
        Some(_) => std::process::exit(CANCELLED.into()),
    };
    let _ = listen(&END, arrived);
}

/// Calls `end` at the first signal, on a thread of its own; at the next, unless it comes at once, `give_up`: something
/// hangs. Calls `stop` when the process is asked to pause, and then [`stop`] pauses it, and `resumed` when it
/// goes on, also after SIGSTOP. No signal after this call is missed. Where signals can't be caught, the first ends the
/// process, as with any program.
pub fn for_screens(
    end: impl FnOnce() + Send + 'static,
    mut stop: impl FnMut() + Send + 'static,
    mut resumed: impl FnMut() + Send + 'static,
    give_up: impl Fn() + Send + 'static,
) {
    let (mut end, mut first) = (Some(end), None::<Instant>);
    let _ = listen(&[&END[..], &STOP, &GO_ON].concat(), move |signal| match first {
        _ if STOP.contains(&signal) => stop(),
        _ if GO_ON.contains(&signal) => resumed(),
        None => {
            first = Some(Instant::now());
            // On its own, in case it waits.
            end.take().into_iter().for_each(|end| drop(limits::start("end", end)));
        }
        Some(first) if first.elapsed() < SAME => {}
        Some(_) => give_up(),
    });
}

#[cfg(unix)]
const END: [c_int; 4] = [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT];
#[cfg(unix)]
const STOP: [c_int; 1] = [libc::SIGTSTP];
#[cfg(unix)]
const GO_ON: [c_int; 1] = [libc::SIGCONT];
#[cfg(not(unix))]
const END: [c_int; 1] = [signal_hook::consts::SIGINT];
#[cfg(not(unix))]
const STOP: [c_int; 0] = [];
#[cfg(not(unix))]
const GO_ON: [c_int; 0] = [];

/// Calls `arrived` at each signal, on a thread of its own. Signals are caught from the moment this returns.
#[cfg(unix)]
fn listen(wanted: &[c_int], mut arrived: impl FnMut(c_int) + Send + 'static) -> io::Result<()> {
    use signal_hook::iterator::Signals;
    let wanted: Vec<c_int> = wanted.iter().copied().filter(|signal| !is_ignored(*signal)).collect();
    // Start the thread first: without it, nothing is caught.
    let (to, caught) = std::sync::mpsc::channel::<Signals>();
    let listening = move || {
        if let Ok(mut signals) = caught.recv() {
            signals.forever().for_each(&mut arrived);
        }
    };
    limits::start("signals", listening).map_err(io::Error::other)?;
    to.send(Signals::new(wanted)?).map_err(|_| io::ErrorKind::BrokenPipe.into())
}

/// Pauses the process as Ctrl-Z does with other programs; returns when it resumes. Does nothing where no shell could
/// resume it, or where the parent ignores the signal.
#[cfg(unix)]
pub fn stop() {
    if is_ignored(libc::SIGTSTP) {
        return;
    }
    // SAFETY: zeros are valid for this plain data. During the signal the system's default action applies and none of
    // our code runs. The signal goes to this thread, so it has happened when `raise` returns.
    #[allow(unsafe_code)]
    unsafe {
        let (mut ours, mut default): (libc::sigaction, libc::sigaction) = (std::mem::zeroed(), std::mem::zeroed());
        default.sa_sigaction = libc::SIG_DFL;
        libc::sigaction(libc::SIGTSTP, &raw const default, &raw mut ours);
        libc::raise(libc::SIGTSTP);
        libc::sigaction(libc::SIGTSTP, &raw const ours, std::ptr::null_mut());
    }
}

/// Turns a file beyond its size limit (`ulimit -f`) into an error, like a full disk; the signal would kill the process.
#[cfg(unix)]
pub fn ignore_file_size() {
    // SAFETY: the signal is ignored, so no handler runs.
    #[allow(unsafe_code)]
    unsafe {
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
    }
}

/// There is no such signal here.
#[cfg(not(unix))]
pub fn ignore_file_size() {}

/// Whether the parent process ignores a signal, as `nohup` and background jobs do.
#[cfg(unix)]
fn is_ignored(signal: c_int) -> bool {
    // SAFETY: zeros are valid for this plain data; the call only reads the current action into it.
    #[allow(unsafe_code)]
    unsafe {
        let mut now: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, std::ptr::null(), &raw mut now) == 0 && now.sa_sigaction == libc::SIG_IGN
    }
}

/// Only Ctrl-C can be caught, and the handler can only set a flag.
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

/// Processes can't be paused here.
#[cfg(not(unix))]
pub fn stop() {}
