//! What happens, in a file, if somebody wants to know; and what is said of a defect. Never on the screen.

use std::backtrace::Backtrace;
use std::fs::File;
use std::io::Write;
use std::panic::PanicHookInfo;
use std::path::Path;
use std::sync::Mutex;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::layer;
use tracing_subscriber::prelude::*;

use crate::dataset::decode;
use crate::error::{Error, Result};

/// From now on what happens is appended to the file at `path`.
pub fn to_file(path: &Path) -> Result<()> {
    let file = File::options().append(true).create(true).open(path).map_err(Error::io(path))?;
    let ours = Targets::new().with_target(env!("CARGO_PKG_NAME"), LevelFilter::DEBUG);
    let lines = layer().with_ansi(false).with_thread_names(true).with_writer(Mutex::new(file)).with_filter(ours);
    // A second logger in one process would be a defect of ours; the first one goes on.
    let _ = tracing_subscriber::registry().with(lines).try_init();
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    tracing::info!(version = env!("CARGO_PKG_VERSION"), pid = std::process::id(), ?arguments, "begins");
    Ok(())
}

/// A panic is a defect: it is told what to report. One in a decoder is its picture's error, which is told as such.
/// `before` is done first, to give back the terminal, say.
pub fn tell_defects(before: fn()) {
    std::panic::set_hook(Box::new(move |panic| {
        if decode::is_decoding() {
            tracing::warn!(%panic, "caught");
            return;
        }
        before();
        report(panic);
    }));
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
