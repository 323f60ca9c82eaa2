//! Saving now and then while the work goes on.

use std::thread;
use std::time::{Duration, Instant};

use crate::error::Result;

/// Between two saves.
const CHECKPOINT: Duration = Duration::from_secs(20);

/// Saves on a thread of its own, one save at a time, while the network goes on.
pub struct Checkpoint<'scope> {
    saved: Instant,
    saving: Option<thread::ScopedJoinHandle<'scope, Result<()>>>,
}

impl Default for Checkpoint<'_> {
    fn default() -> Self {
        Checkpoint { saved: Instant::now(), saving: None }
    }
}

impl<'scope> Checkpoint<'scope> {
    /// Starts a save if the last one is long enough ago; an earlier one that failed is this call's error.
    pub fn save_if_due<'env, S>(
        &mut self,
        scope: &'scope thread::Scope<'scope, 'env>,
        save: impl FnOnce() -> S,
    ) -> Result<()>
    where
        S: FnOnce() -> Result<()> + Send + 'scope,
    {
        if self.saved.elapsed() < CHECKPOINT {
            return Ok(());
        }
        match self.saving.take() {
            Some(running) if !running.is_finished() => self.saving = Some(running),
            finished => {
                if let Some(finished) = finished {
                    finished.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
                }
                self.saved = Instant::now();
                self.saving = Some(scope.spawn(save()));
            }
        }
        Ok(())
    }
}
