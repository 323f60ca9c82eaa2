//! A request from a screen to a worker. Newer requests have larger numbers, and only the answer to the last one counts.

use crate::error::Result;

/// Waits for an answer of type `A`, and keeps the previous one until then.
pub struct Request<A> {
    generation: u64,
    /// Whether the last request is unanswered.
    waits: bool,
    outcome: Option<Result<A>>,
}

impl<A> Request<A> {
    /// The request with this number.
    pub fn new(generation: u64) -> Request<A> {
        Request { generation, waits: true, outcome: None }
    }

    /// Asks the same again, under this number.
    pub fn again(&mut self, generation: u64) {
        (self.generation, self.waits) = (generation, true);
    }

    /// The answer is no longer valid.
    pub fn forget(&mut self) {
        self.outcome = None;
    }

    /// Whether it has this number.
    pub fn is(&self, generation: u64) -> bool {
        self.generation == generation
    }

    pub fn take(&mut self, outcome: Result<A>) {
        (self.waits, self.outcome) = (false, Some(outcome));
    }

    /// Whether the last request is unanswered.
    pub fn waits(&self) -> bool {
        self.waits
    }

    pub fn answer(&self) -> Option<&A> {
        self.outcome.as_ref()?.as_ref().ok()
    }

    /// Why there is no answer, in words.
    pub fn error(&self) -> Option<String> {
        self.outcome.as_ref()?.as_ref().err().map(ToString::to_string)
    }

    /// Whether there has been no answer at all.
    pub fn is_open(&self) -> bool {
        self.outcome.is_none()
    }
}
