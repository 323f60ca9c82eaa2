//! What the phases of a join have cost.

/// Core-seconds of this process.
#[derive(Default)]
pub struct Spent {
    /// To prepare rows.
    pub code: f64,
    /// At all pairs, of keys prepared for it.
    pub look: f64,
    /// For exact values of what was left.
    pub exact: f64,
}

impl Spent {
    /// Puts it into the log.
    pub fn tell(&self) {
        let [code, look, exact] = [self.code, self.look, self.exact].map(|seconds| format!("{seconds:.3}"));
        tracing::info!(code, look, exact, "looked at all pairs; core-seconds");
    }
}
