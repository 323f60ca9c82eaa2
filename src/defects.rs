//! Defects: what is said of a panic, and whether it ends the program.

use std::backtrace::Backtrace;
use std::cell::Cell;
use std::io::Write;
use std::panic::PanicHookInfo;
use std::sync::OnceLock;

use crate::limits::{self, Limit};

/// The exit code of a program that a panic ends, as Rust has it.
const PANICKED: i32 = 101;

thread_local! {
    static FORGIVEN: Cell<bool> = const { Cell::new(false) };
}

/// What is done before a panic is reported, where one ends the program.
static BEFORE_THE_END: OnceLock<fn()> = OnceLock::new();

/// From now on a panic is reported as the defect it is, with what to send us; or as the limit behind it.
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
        let before = BEFORE_THE_END.get();
        before.iter().for_each(|before| before());
        report(panic);
        if before.is_some() {
            std::process::exit(PANICKED);
        }
    }));
}

/// From now on a panic in any thread ends the program: `before` is done first, to give back the terminal, say.
pub fn end_after_panics(before: fn()) {
    // Those who call first have said all there is to do.
    let _ = BEFORE_THE_END.set(before);
    limits::before_the_end(before);
}

/// A panic in this thread is caught by whoever started it, who makes it an error.
pub fn forgive_this_thread() {
    FORGIVEN.set(true);
}

/// Whether a panic in this thread is nobody's concern but that of who started it.
pub fn is_forgiven() -> bool {
    FORGIVEN.get()
}

fn report(panic: &PanicHookInfo) {
    let (version, system, processor) = (env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH);
    let backtrace = Backtrace::force_capture();
    tracing::error!(%panic, %backtrace, "a defect");
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or("unnamed");
    // Where nobody reads it, another panic would help nobody.
    let _ = writeln!(
        std::io::stderr(),
        "\n{panic}\n{backtrace}\nsimages {version} ({system}, {processor}, thread {thread}) stopped: this is a defect. \
         What was computed until a few seconds ago is kept.\nPlease report the lines above and what you did before; \
         with SIMAGES_LOG=FILE, FILE tells what led to it."
    );
}
