//! Saves computed rows now and then, while work goes on.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::store::Store;
use crate::descriptor::Row;
use crate::error::Result;

/// The time between two appends.
const CHECKPOINT: Duration = Duration::from_secs(3);

/// Appends rows on a thread of its own, one append at a time, while the network goes on.
pub struct Checkpoint<'scope> {
    kept: Instant,
    /// Rows that are only in memory.
    rows: Vec<Arc<Row>>,
    keeping: Option<thread::ScopedJoinHandle<'scope, Result<()>>>,
}

impl Default for Checkpoint<'_> {
    fn default() -> Self {
        Checkpoint { kept: Instant::now(), rows: Vec::new(), keeping: None }
    }
}

impl<'scope> Checkpoint<'scope> {
    /// Takes rows, and appends all it has if the last append is long enough ago. Returns the error of a failed append.
    pub fn add<'env>(
        &mut self,
        rows: Vec<Arc<Row>>,
        scope: &'scope thread::Scope<'scope, 'env>,
        store: &Store,
    ) -> Result<()> {
        self.rows.extend(rows);
        let busy = self.keeping.as_ref().is_some_and(|keeping| !keeping.is_finished());
        if self.kept.elapsed() < CHECKPOINT || busy {
            return Ok(());
        }
        if let Some(finished) = self.keeping.take() {
            finished.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        }
        let (rows, store) = (std::mem::take(&mut self.rows), store.clone());
        self.kept = Instant::now();
        let (append, again) = (store.clone(), rows.clone());
        match thread::Builder::new().spawn_scoped(scope, move || append.append(&rows)) {
            Ok(keeping) => self.keeping = Some(keeping),
            // Without a thread it is only slower.
            Err(_) => store.append(&again)?,
        }
        Ok(())
    }

    /// The rows that are only in memory.
    pub fn rest(self) -> Vec<Arc<Row>> {
        self.rows
    }
}
