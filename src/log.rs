//! The log file, if the user asks for one. Nothing is ever logged to the screen.

use std::fs::File;
use std::path::Path;
use std::sync::Mutex;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::layer;
use tracing_subscriber::prelude::*;

use crate::error::{Error, Result};

/// Appends all log records to the file at `path` from now on.
pub fn to_file(path: &Path) -> Result<()> {
    let file = File::options().append(true).create(true).open(path).map_err(Error::io(path))?;
    let ours = Targets::new().with_target(env!("CARGO_PKG_NAME"), LevelFilter::DEBUG);
    let lines = layer().with_ansi(false).with_thread_names(true).with_writer(Mutex::new(file)).with_filter(ours);
    // A second logger in one process would be a defect of ours; keep the first.
    let _ = tracing_subscriber::registry().with(lines).try_init();
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    tracing::info!(version = env!("CARGO_PKG_VERSION"), pid = std::process::id(), ?arguments, "begins");
    Ok(())
}
