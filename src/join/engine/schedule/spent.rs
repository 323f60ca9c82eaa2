//! The cost of a join's phases.

/// Core-seconds of this process.
#[derive(Default)]
pub struct Spent {
    /// Preparing rows.
    pub code: f64,
    /// Comparing all pairs, including preparing keys.
    pub look: f64,
    /// Exact values of the remaining candidates.
    pub exact: f64,
}

impl Spent {
    /// Writes it to the log.
    pub fn tell(&self) {
        let [code, look, exact] = [self.code, self.look, self.exact].map(|seconds| format!("{seconds:.3}"));
        tracing::info!(code, look, exact, "looked at all pairs; core-seconds");
    }
}
