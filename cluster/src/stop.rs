//! Signals to stop.

use anyhow::Result;
use tokio::signal::unix::{SignalKind, signal};

/// Waits for SIGINT or SIGTERM, from the time of this call.
pub fn asked() -> Result<impl Future<Output = ()>> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
