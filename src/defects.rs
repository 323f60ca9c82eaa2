//! Defects: how a panic is reported, and whether it ends the program.

use std::backtrace::Backtrace;
use std::cell::Cell;
use std::io::Write;
use std::panic::PanicHookInfo;
use std::sync::OnceLock;

use parking_lot::Mutex;

use crate::limits::{self, Limit};

/// Rust's exit code for a panic.
const PANICKED: i32 = 101;

thread_local! {
    static FORGIVEN: Cell<bool> = const { Cell::new(false) };
}

/// Held by the thread that reports a panic.
static REPORTING: Mutex<()> = Mutex::new(());

/// Called before a fatal panic is reported.
static BEFORE_THE_END: OnceLock<fn()> = OnceLock::new();

/// Reports every panic from now on: as a defect, with instructions for a bug report, or as the limit that caused it.
pub fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        if is_forgiven() {
            tracing::warn!(%panic, "caught");
            return;
        }
        if let Some(limit) = Limit::now() {
            tracing::error!(%panic, ?limit, "ended");
            limits::end(limit);
        }
        // One at a time: what a second one prints before the screens are left would be lost.
        let _one = REPORTING.lock();
        let before = BEFORE_THE_END.get();
        before.iter().for_each(|before| before());
        report(panic);
        if before.is_some() {
            std::process::exit(PANICKED);
        }
    }));
}

/// From now on a panic in any thread ends the program. `before` runs first, for example to restore the terminal.
pub fn end_after_panics(before: fn()) {
    // The first caller wins.
    let _ = BEFORE_THE_END.set(before);
    limits::before_the_end(before);
}

/// Marks this thread's panics as caught: whoever started the thread turns them into errors.
pub fn forgive_this_thread() {
    FORGIVEN.set(true);
}

/// Whether whoever started this thread catches its panics.
pub fn is_forgiven() -> bool {
    FORGIVEN.get()
}

fn report(panic: &PanicHookInfo) {
    let (version, system, processor) = (env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH);
    let backtrace = Backtrace::force_capture();
    tracing::error!(%panic, %backtrace, "a defect");
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or("unnamed");
    // If nobody reads stderr, another panic wouldn't help.
    let _ = writeln!(
        std::io::stderr(),
        "\n{panic}\n{backtrace}\nsimages {version} ({system}, {processor}, thread {thread}) crashed: this is a defect. \
         Everything computed until a few seconds ago is kept.\nPlease report the lines above and what you did; \
         SIMAGES_LOG=FILE writes a log that shows what led to it."
    );
}

/// For tests of panics: `SIMAGES_TEST_PANIC` is `screen` or `worker`. Not in release builds.
#[cfg(debug_assertions)]
pub fn panic_if_asked() {
    match std::env::var("SIMAGES_TEST_PANIC").as_deref() {
        Ok("screen") => panic!("asked to panic on the screen's thread"),
        Ok("worker") => drop(std::thread::spawn(|| panic!("asked to panic on a worker")).join()),
        _ => {}
    }
}
