//! Ctrl-C and its kin. In: SIGINT, SIGTERM, SIGHUP. Out: a [`Cancel`] that is cancelled, so that work ends in order.

use std::io;

use crate::cancel::Cancel;

/// The exit code of a command that was cancelled, as shells have it for Ctrl-C.
pub const CANCELLED: u8 = 130;

/// Cancels `cancel` at the first signal and ends the process at the second. Where signals can't be caught, the first
/// one ends it, as it does any program.
pub fn cancel_on_signal(cancel: Cancel) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
    // Registered before this returns, so that no signal after it is missed.
    let signals = {
        let _inside = runtime.enter();
        Signals::new()
    };
    let Ok(mut signals) = signals else { return };
    std::thread::spawn(move || {
        runtime.block_on(async {
            signals.next().await;
            cancel.cancel();
            signals.next().await;
            std::process::exit(CANCELLED.into());
        })
    });
}

#[cfg(unix)]
struct Signals(Vec<tokio::signal::unix::Signal>);

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let wanted = kinds.into_iter().filter(|kind| !is_ignored(kind.as_raw_value()));
        Ok(Signals(wanted.map(signal).collect::<io::Result<_>>()?))
    }

    /// The next signal of any kind.
    async fn next(&mut self) {
        std::future::poll_fn(|cx| {
            // All are asked, so that each wakes us.
            let arrived = self.0.iter_mut().filter_map(|s| s.poll_recv(cx).is_ready().then_some(())).count();
            if arrived > 0 { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await
    }
}

/// Whether whoever started us wants a signal ignored: `nohup`, or a shell's background job.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    // Only Linux tells without `unsafe`.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask >> (signal - 1) & 1 == 1
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Signals> {
        Ok(Signals)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Returns at the first signal. Inside a runtime only.
pub async fn asked_to_end() {
    match Signals::new() {
        Ok(mut signals) => signals.next().await,
        // It ends the process then, as it does any program.
        Err(_) => std::future::pending().await,
    }
}
