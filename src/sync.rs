//! Locks that don't outlive a panic.

use std::sync::{Mutex, MutexGuard};

/// Locks `mutex`. That a thread panicked while it held the lock is told elsewhere; what we guard is never left half
/// changed, so the others go on.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
